-- Two tables with many rows a key: every pair counts.
SELECT COUNT(*) AS pairs FROM hospital.visits v JOIN insurer.claims c ON c.bsn = v.bsn;
