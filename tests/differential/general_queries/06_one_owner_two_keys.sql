-- One owner's groups beside another release, regrouped into their cells.
SELECT p.sex AS a, p.diagnosis AS b, COUNT(*) AS n FROM hospital.patients p GROUP BY p.sex, p.diagnosis
UNION ALL
SELECT NULL, NULL, COUNT(*) FROM bureau.persons s
ORDER BY a, b, n;
