-- Patients without claims count too.
SELECT p.uses_app, COUNT(*) AS rows, SUM(c.amount) AS total FROM hospital.patients p LEFT JOIN insurer.claims c ON c.bsn = p.bsn
GROUP BY p.uses_app ORDER BY p.uses_app;
