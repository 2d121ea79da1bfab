-- The same with patients that have none.
SELECT p.uses_app, COUNT(*) AS patients, AVG(COALESCE(t.claims, 0)) AS mean
FROM hospital.patients p LEFT JOIN (SELECT bsn, COUNT(*) AS claims FROM insurer.claims WHERE category = 'pharmacy' GROUP BY bsn) t ON t.bsn = p.bsn
GROUP BY p.uses_app ORDER BY p.uses_app;
