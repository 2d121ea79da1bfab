-- Two keys of public domains and a call that does not add up: cells, with the lines along which the gate hides.
SELECT p.sex, s.education, COUNT(*) AS claims, COUNT(DISTINCT c.category) AS categories
FROM hospital.patients p
JOIN bureau.persons s ON s.bsn = p.bsn
JOIN insurer.claims c ON c.bsn = p.bsn
WHERE EXISTS (SELECT 1 FROM insurer.insured i WHERE i.bsn = p.bsn)
GROUP BY p.sex, s.education
ORDER BY p.sex, s.education;
