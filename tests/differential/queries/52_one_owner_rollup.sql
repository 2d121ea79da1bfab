-- Totals beside their parts; averages of averages would be wrong.
SELECT sex, uses_app, GROUPING(sex, uses_app) AS level, COUNT(*) AS patients, COUNT(index_date) AS dated
FROM hospital.patients GROUP BY ROLLUP (sex, uses_app) ORDER BY level, sex, uses_app;
