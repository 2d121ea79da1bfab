-- How many of the hospital's patients are insured at the insurer?
SELECT COUNT(*) AS patients
FROM hospital.patients p
JOIN insurer.insured i ON i.bsn = p.bsn;
