-- Arithmetic over aggregates, after release.
SELECT kind, COUNT(*) * 100 AS hundredfold, COUNT(*) + 1 AS more, -COUNT(*) AS less FROM hospital.visits GROUP BY kind ORDER BY kind;
