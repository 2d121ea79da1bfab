-- NULL minus something is NULL, not minus something: COALESCE of what is computed over two owners' columns.
SELECT p.uses_app, COUNT(*) AS patients,
       SUM(COALESCE(s.birth_year - q.total, 0)) AS difference,
       SUM(CASE WHEN (q.total < s.birth_year) IS UNKNOWN THEN 1 ELSE 0 END) AS unknown
FROM hospital.patients p
JOIN bureau.persons s ON s.bsn = p.bsn
LEFT JOIN (SELECT bsn, SUM(score) AS total FROM hospital.quality WHERE score > 60 GROUP BY bsn) q ON q.bsn = p.bsn
GROUP BY p.uses_app ORDER BY p.uses_app;
