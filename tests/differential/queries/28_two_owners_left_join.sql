-- Unmatched rows stay, with NULLs.
SELECT s.education, COUNT(*) AS patients FROM hospital.patients p LEFT JOIN bureau.persons s ON s.bsn = p.bsn
GROUP BY s.education ORDER BY s.education;
