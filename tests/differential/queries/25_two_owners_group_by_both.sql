-- Group keys of both owners.
SELECT p.uses_app, s.education, COUNT(*) AS patients FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn
GROUP BY p.uses_app, s.education ORDER BY 1, 2;
