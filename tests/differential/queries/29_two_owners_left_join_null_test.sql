-- A test for what was not matched.
SELECT p.uses_app, COUNT(*) AS unknown FROM hospital.patients p LEFT JOIN bureau.persons s ON s.bsn = p.bsn
WHERE s.birth_year IS NULL GROUP BY p.uses_app ORDER BY p.uses_app;
