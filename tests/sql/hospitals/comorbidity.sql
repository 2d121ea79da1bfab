SELECT d.diag, COUNT(*) AS cnt
FROM diagnosis d
WHERE d.pid IN (SELECT pid FROM cdiff_cohort)
GROUP BY d.diag
ORDER BY cnt DESC, d.diag
LIMIT 10;
