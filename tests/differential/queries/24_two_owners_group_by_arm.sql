-- The group key is the other owner's.
SELECT s.education, COUNT(*) AS patients FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn
GROUP BY s.education ORDER BY s.education;
