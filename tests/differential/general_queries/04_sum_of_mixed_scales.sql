-- 0 where every row is the bare 0, 0.00 where some row had an amount.
SELECT p.sex, SUM(CASE WHEN c.amount > 90000 THEN c.amount ELSE 0 END) AS none, SUM(COALESCE(c.amount, 0)) AS total
FROM hospital.patients p LEFT JOIN insurer.claims c ON c.bsn = p.bsn GROUP BY p.sex ORDER BY p.sex;
