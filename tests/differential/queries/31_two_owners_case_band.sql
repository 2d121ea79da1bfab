-- A band of the other owner's column.
SELECT CASE WHEN s.birth_year >= 1986 THEN 'under 36' WHEN s.birth_year >= 1961 THEN '36 to 60' ELSE 'over 60' END AS band,
       p.uses_app, COUNT(*) AS patients
FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn GROUP BY 1, 2 ORDER BY 1, 2;
