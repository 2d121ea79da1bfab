-- A sum of the other owner's column.
SELECT p.uses_app, SUM(s.birth_year) AS years, AVG(s.birth_year) AS mean FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn
GROUP BY p.uses_app ORDER BY p.uses_app;
