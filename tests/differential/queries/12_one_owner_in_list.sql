-- IN, BETWEEN, LIKE, IS NULL and OR.
SELECT COUNT(*) AS persons FROM bureau.persons
WHERE region IN ('zeeland', 'utrecht') OR birth_year BETWEEN 1950 AND 1960 OR region LIKE 'noord%' OR education IS NULL;
