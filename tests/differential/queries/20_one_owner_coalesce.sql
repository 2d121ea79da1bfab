-- COALESCE under an aggregate.
SELECT SUM(COALESCE(amount, 0)) AS total, AVG(COALESCE(score_free, 1)) AS ones
FROM (SELECT amount, NULL::integer AS score_free FROM insurer.claims) c;
