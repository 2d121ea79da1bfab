-- unordered
SELECT p.uses_app, s.education, COUNT(*) AS patients, AVG(s.birth_year) AS year, SUM(s.birth_year) FILTER (WHERE p.sex = 'F') AS women
FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn GROUP BY CUBE (p.uses_app, s.education);
