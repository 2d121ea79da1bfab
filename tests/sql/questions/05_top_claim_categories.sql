-- Which ten categories of claims cost the insurer most for the hospital's patients?
SELECT c.category, COUNT(DISTINCT c.bsn) AS patients, COUNT(*) AS claims, SUM(c.amount) AS total
FROM hospital.patients p
JOIN insurer.claims c ON c.bsn = p.bsn
GROUP BY c.category
ORDER BY total DESC, c.category
LIMIT 10;
