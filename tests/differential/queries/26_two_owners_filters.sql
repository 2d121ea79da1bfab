-- Filters of each owner.
SELECT s.region, COUNT(*) AS patients FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn
WHERE p.uses_app AND s.birth_year < 1980 GROUP BY s.region ORDER BY s.region;
