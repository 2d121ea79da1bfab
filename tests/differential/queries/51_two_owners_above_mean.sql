-- Claims above the mean of their patients' education.
SELECT education, COUNT(*) AS claims FROM (
  SELECT s.education AS education, c.amount AS amount, AVG(c.amount) OVER (PARTITION BY s.education) AS mean
  FROM insurer.claims c JOIN bureau.persons s ON s.bsn = c.bsn) t
WHERE amount > mean GROUP BY education ORDER BY education;
