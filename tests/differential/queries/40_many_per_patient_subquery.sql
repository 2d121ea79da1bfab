-- Per patient first, then over patients.
SELECT p.uses_app, COUNT(*) AS patients, AVG(t.total) AS mean, SUM(t.claims) AS claims
FROM hospital.patients p JOIN (SELECT bsn, SUM(amount) AS total, COUNT(*) AS claims FROM insurer.claims GROUP BY bsn) t ON t.bsn = p.bsn
GROUP BY p.uses_app ORDER BY p.uses_app;
