-- 0 where every row is the bare 0, 0.00 where some row had an amount.
SELECT category, SUM(CASE WHEN amount > 90000 THEN amount ELSE 0 END) AS high, SUM(COALESCE(amount, 0)) AS total,
       SUM(CASE WHEN category = 'pharmacy' THEN amount * 2 ELSE 1 END) AS twice
FROM insurer.claims GROUP BY category ORDER BY category;
