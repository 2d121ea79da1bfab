-- NOT over NULL is not true.
SELECT COUNT(*) AS persons FROM bureau.persons WHERE NOT (education = 'low');
