-- In a subquery the sets are rows like any others.
SELECT t.level, COUNT(*) AS rows, SUM(t.visits) AS visits
FROM (SELECT bsn, kind, GROUPING(kind) AS level, COUNT(*) AS visits FROM hospital.visits GROUP BY bsn, ROLLUP (kind)) t
GROUP BY t.level ORDER BY t.level;
