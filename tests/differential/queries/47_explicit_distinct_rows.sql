-- Not sorted: compared as a bag.
-- unordered
SELECT s.education, COUNT(*) AS patients FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn GROUP BY s.education;
