-- How many patients of high education are insured at the insurer, by province and app use, asked of a view?
SELECT p.region, p.uses_app, COUNT(*) AS patients
FROM patient_care p
JOIN insurer.insured i ON i.bsn = p.bsn
WHERE p.education = 'high'
GROUP BY p.region, p.uses_app
ORDER BY p.region, p.uses_app;
