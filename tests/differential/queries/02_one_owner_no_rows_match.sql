-- A filter that nothing passes: COUNT is 0, SUM and AVG are NULL.
SELECT COUNT(*) AS n, SUM(amount) AS total, AVG(amount) AS mean FROM insurer.claims WHERE amount > 99999.99;
