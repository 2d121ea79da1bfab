-- A group key with NULLs and a declared domain; NULLs sort last.
SELECT education, COUNT(*) AS persons FROM bureau.persons GROUP BY education ORDER BY education;
