-- USING.
SELECT COUNT(*) AS patients FROM hospital.patients JOIN bureau.persons USING (bsn);
