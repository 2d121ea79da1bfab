-- HAVING and ORDER BY an aggregate.
SELECT s.region, COUNT(*) AS patients FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn
GROUP BY s.region HAVING COUNT(*) >= 3 ORDER BY COUNT(*) DESC, s.region LIMIT 5;
