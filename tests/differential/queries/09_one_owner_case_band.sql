-- A computed group key whose values are literals.
SELECT CASE WHEN birth_year >= 1990 THEN 'young' WHEN birth_year >= 1960 THEN 'middle' ELSE 'old' END AS band, COUNT(*) AS persons
FROM bureau.persons GROUP BY 1 ORDER BY band;
