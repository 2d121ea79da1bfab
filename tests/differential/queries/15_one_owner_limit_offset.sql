-- LIMIT and OFFSET over released groups.
SELECT region, COUNT(*) AS persons FROM bureau.persons GROUP BY region ORDER BY persons DESC, region LIMIT 3 OFFSET 1;
