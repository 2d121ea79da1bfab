-- Three owners, one of them optional.
SELECT i.policy, COUNT(*) AS patients, COUNT(*) FILTER (WHERE s.education = 'high') AS high FROM hospital.patients p
JOIN bureau.persons s ON s.bsn = p.bsn LEFT JOIN insurer.insured i ON i.bsn = p.bsn
GROUP BY i.policy ORDER BY i.policy;
