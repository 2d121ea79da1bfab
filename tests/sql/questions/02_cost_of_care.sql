-- What did a patient's care cost in the year before and the year after the app, by education and app use?
WITH cost AS (
  SELECT p.bsn, p.uses_app, s.education,
         COALESCE(SUM(c.amount) FILTER (WHERE c.day >= p.index_date - INTERVAL '12 months'
                                          AND c.day <  p.index_date), 0) AS before,
         COALESCE(SUM(c.amount) FILTER (WHERE c.day >= p.index_date
                                          AND c.day <  p.index_date + INTERVAL '12 months'), 0) AS after
  FROM hospital.patients p
  JOIN bureau.persons s ON s.bsn = p.bsn
  JOIN insurer.enrolment e ON e.bsn = p.bsn
       AND e.from_day <= p.index_date - INTERVAL '12 months'
       AND e.to_day   >= p.index_date + INTERVAL '12 months'
  LEFT JOIN insurer.claims c ON c.bsn = p.bsn
  GROUP BY p.bsn, p.uses_app, s.education)
SELECT education, uses_app, COUNT(*) AS patients,
       AVG(before) AS cost_before, AVG(after) AS cost_after, AVG(after - before) AS change
FROM cost GROUP BY education, uses_app ORDER BY education, uses_app;
