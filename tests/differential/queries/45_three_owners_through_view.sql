-- The view, joined further.
SELECT v.education, COUNT(*) AS claims, SUM(c.amount) AS total FROM patient_care v JOIN insurer.claims c ON c.bsn = v.bsn
WHERE v.uses_app GROUP BY v.education ORDER BY v.education;
