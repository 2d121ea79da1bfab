-- Days between a patient's dates at two owners, and their places.
SELECT COUNT(*) AS dates, COUNT(gap) AS gaps, SUM(gap) AS days, SUM(place) AS places, MAX(seen) AS most FROM (
  SELECT bsn, day - LAG(day) OVER by_patient AS gap, RANK() OVER by_patient AS place, COUNT(*) OVER by_patient AS seen FROM (
    SELECT bsn, index_date AS day FROM hospital.patients UNION ALL SELECT bsn, day FROM insurer.claims) d
  WINDOW by_patient AS (PARTITION BY bsn ORDER BY day)) t;
