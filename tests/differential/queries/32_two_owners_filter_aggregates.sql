-- FILTER with each owner's condition.
SELECT COUNT(*) FILTER (WHERE p.uses_app) AS users, COUNT(*) FILTER (WHERE s.education = 'low') AS low,
       COUNT(*) FILTER (WHERE p.uses_app AND s.education = 'low') AS low_users
FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn;
