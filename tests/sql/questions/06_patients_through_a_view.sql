-- How many patients of each education use the app, asked of the virtual view patient_care?
SELECT education, uses_app, COUNT(*) AS patients
FROM patient_care
GROUP BY education, uses_app
ORDER BY education, uses_app;
