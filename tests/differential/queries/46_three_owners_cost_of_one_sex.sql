-- The flagship's shape with further filters.
WITH cost AS (
  SELECT p.bsn, s.education, COALESCE(SUM(c.amount) FILTER (WHERE c.day >= p.index_date), 0.00) AS after
  FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn JOIN insurer.insured i ON i.bsn = p.bsn LEFT JOIN insurer.claims c ON c.bsn = p.bsn
  WHERE p.sex = 'F' GROUP BY p.bsn, s.education)
SELECT education, COUNT(*) AS patients, SUM(after) AS total, AVG(after) AS mean FROM cost GROUP BY education ORDER BY education;
