-- A statistic of each person's rows, compared in the query around it.
SELECT COUNT(*) AS high FROM hospital.quality q
WHERE q.score > 5 * (SELECT STDDEV_POP(r.score) FROM hospital.quality r WHERE r.bsn = q.bsn)
  AND q.score <> (SELECT VAR_SAMP(r.score) FROM hospital.quality r WHERE r.bsn = q.bsn);
