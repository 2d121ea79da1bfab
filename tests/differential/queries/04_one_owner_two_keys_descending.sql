-- Two keys, descending, NULLs first by default.
SELECT education, region, COUNT(*) AS persons FROM bureau.persons GROUP BY education, region ORDER BY education DESC, region DESC;
