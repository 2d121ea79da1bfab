-- Numbered rows joined with the next but one.
WITH dates AS (
  SELECT bsn, day, ROW_NUMBER() OVER (PARTITION BY bsn ORDER BY day) AS n
  FROM (SELECT bsn, index_date AS day FROM hospital.patients UNION ALL SELECT bsn, day FROM insurer.claims) d)
SELECT COUNT(*) AS pairs, COUNT(DISTINCT a.bsn) AS patients, SUM(later.day - a.day) AS days, MAX(later.n) AS most
FROM dates a JOIN dates later ON later.bsn = a.bsn AND later.n = a.n + 2 WHERE later.day - a.day > 10;
