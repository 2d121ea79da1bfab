-- Grouped by a column of the many rows.
SELECT c.category, COUNT(*) AS claims, COUNT(DISTINCT c.bsn) AS patients, SUM(c.amount) AS total
FROM hospital.patients p JOIN insurer.claims c ON c.bsn = p.bsn GROUP BY c.category ORDER BY c.category;
