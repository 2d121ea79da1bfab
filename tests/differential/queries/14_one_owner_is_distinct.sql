-- IS DISTINCT FROM counts NULLs.
SELECT COUNT(*) AS persons FROM bureau.persons WHERE education IS DISTINCT FROM 'low';
