-- A boolean group key.
SELECT uses_app, COUNT(*) AS patients, COUNT(index_date) AS dated FROM hospital.patients GROUP BY uses_app ORDER BY uses_app;
