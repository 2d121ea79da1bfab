-- Dates and calendar months.
SELECT kind, COUNT(*) AS visits FROM hospital.visits
WHERE day >= DATE '2022-02-28' - INTERVAL '12 months' AND day < DATE '2024-02-29' + INTERVAL '1 month'
GROUP BY kind ORDER BY kind;
