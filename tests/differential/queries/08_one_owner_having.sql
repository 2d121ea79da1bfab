-- HAVING over released groups.
SELECT category, COUNT(*) AS claims FROM insurer.claims GROUP BY category HAVING COUNT(*) > 20 ORDER BY claims DESC, category;
