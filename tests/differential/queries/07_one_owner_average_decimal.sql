-- AVG and SUM of numeric(12,2).
SELECT category, AVG(amount) AS mean, SUM(amount) AS total FROM insurer.claims GROUP BY category ORDER BY category;
