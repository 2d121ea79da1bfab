-- Sets without a group in common, each released by itself, so what does not add up may be asked as well.
SELECT p.uses_app, s.education, GROUPING(s.education) AS by_use, COUNT(DISTINCT p.diagnosis) AS diagnoses, COUNT(*) AS patients
FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn
GROUP BY GROUPING SETS ((p.uses_app), (s.education)) ORDER BY by_use, p.uses_app, s.education;
