-- How much more did cost fall for app users than for others, by education?
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
SELECT education,
       COUNT(*) FILTER (WHERE uses_app) AS users,
       COUNT(*) FILTER (WHERE NOT uses_app) AS others,
       AVG(after - before) FILTER (WHERE uses_app)
         - AVG(after - before) FILTER (WHERE NOT uses_app) AS effect
FROM cost GROUP BY education ORDER BY education;
