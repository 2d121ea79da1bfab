-- No row survives.
SELECT COUNT(*) AS n, SUM(s.birth_year) AS years, AVG(s.birth_year) AS mean FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn
WHERE s.birth_year > 2023 AND p.uses_app;
