-- Years of a date, in a FILTER.
SELECT COUNT(*) FILTER (WHERE EXTRACT(YEAR FROM day) = 2022) AS in_2022, COUNT(*) AS claims FROM insurer.claims;
