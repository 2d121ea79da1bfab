-- COALESCE under an aggregate: NULL amounts count as nothing, and are averaged in.
SELECT SUM(COALESCE(amount, 0.00)) AS total, AVG(COALESCE(amount, 0)) AS mean, AVG(amount) AS mean_of_known FROM insurer.claims;
