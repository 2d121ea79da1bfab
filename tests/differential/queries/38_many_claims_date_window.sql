-- A residual over both owners' columns: a window around each patient's own date.
SELECT p.uses_app, COUNT(*) AS claims, SUM(c.amount) AS total FROM hospital.patients p
JOIN insurer.claims c ON c.bsn = p.bsn AND c.day >= p.index_date AND c.day < p.index_date + INTERVAL '6 months'
GROUP BY p.uses_app ORDER BY p.uses_app;
