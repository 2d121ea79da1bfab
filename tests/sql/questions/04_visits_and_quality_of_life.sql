-- How often do patients visit the outpatient clinic, and how do they score their life, by app use and age?
WITH care AS (
  SELECT p.bsn, p.uses_app,
         CASE WHEN s.birth_year >= 1986 THEN 'under 36'
              WHEN s.birth_year >= 1961 THEN '36 to 60'
              ELSE 'over 60' END AS age_band,
         COALESCE(v.visits, 0) AS visits,
         q.total AS score, q.measurements
  FROM hospital.patients p
  JOIN bureau.persons s ON s.bsn = p.bsn
  LEFT JOIN (SELECT bsn, COUNT(*) AS visits
             FROM hospital.visits WHERE kind = 'outpatient' GROUP BY bsn) v ON v.bsn = p.bsn
  LEFT JOIN (SELECT bsn, SUM(score) AS total, COUNT(score) AS measurements
             FROM hospital.quality GROUP BY bsn) q ON q.bsn = p.bsn)
SELECT uses_app, age_band, COUNT(*) AS patients,
       AVG(visits) AS visits_per_patient,
       SUM(score) / NULLIF(SUM(measurements), 0) AS quality_of_life
FROM care GROUP BY uses_app, age_band ORDER BY uses_app, age_band;
