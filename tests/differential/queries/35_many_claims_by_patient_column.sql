-- Many rows a key at the other owner, grouped by the spine's column.
SELECT p.uses_app, COUNT(*) AS claims, SUM(c.amount) AS total, COUNT(c.amount) AS amounts
FROM hospital.patients p JOIN insurer.claims c ON c.bsn = p.bsn GROUP BY p.uses_app ORDER BY p.uses_app;
