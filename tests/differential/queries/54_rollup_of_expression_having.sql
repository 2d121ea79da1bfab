-- A computed group, a list in ROLLUP, HAVING over totals, and a set that stands twice.
SELECT CASE WHEN s.birth_year >= 1980 THEN 'young' ELSE 'old' END AS age, p.sex, p.uses_app, COUNT(*) AS patients
FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn
GROUP BY GROUPING SETS (ROLLUP (age, (p.sex, p.uses_app)), (age)) HAVING COUNT(*) > 2 ORDER BY 1, 2, 3, 4;
