-- Three owners.
SELECT s.education, i.policy, COUNT(*) AS patients FROM hospital.patients p
JOIN bureau.persons s ON s.bsn = p.bsn JOIN insurer.insured i ON i.bsn = p.bsn
GROUP BY s.education, i.policy ORDER BY s.education, i.policy;
