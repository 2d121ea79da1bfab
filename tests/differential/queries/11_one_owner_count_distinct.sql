-- Persons, not rows.
SELECT kind, COUNT(DISTINCT bsn) AS persons, COUNT(*) AS visits FROM hospital.visits GROUP BY kind ORDER BY kind;
