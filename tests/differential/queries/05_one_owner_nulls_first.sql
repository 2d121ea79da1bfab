-- Explicit NULLS FIRST.
SELECT education, COUNT(*) AS persons FROM bureau.persons GROUP BY education ORDER BY education NULLS FIRST;
