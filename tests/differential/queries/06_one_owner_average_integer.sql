-- AVG of an integer with NULLs: numeric, PostgreSQL's scale.
SELECT AVG(score) AS mean, SUM(score) AS total, COUNT(score) AS scores, COUNT(*) AS rows FROM hospital.quality;
