WITH rcd AS (
  SELECT pid, time, ROW_NUMBER() OVER (PARTITION BY pid ORDER BY time) AS r
  FROM diagnosis
  WHERE diag = 'cdiff'
)
SELECT COUNT(DISTINCT r1.pid) AS patients
FROM rcd r1 JOIN rcd r2 ON r1.pid = r2.pid
WHERE r2.time - r1.time BETWEEN 15 AND 56 AND r2.r = r1.r + 1;
