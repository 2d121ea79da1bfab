-- Enrolment periods with gaps and overlaps around a patient's date.
SELECT COUNT(*) AS periods, COUNT(DISTINCT p.bsn) AS patients FROM hospital.patients p
JOIN insurer.enrolment e ON e.bsn = p.bsn AND e.from_day <= p.index_date AND e.to_day >= p.index_date;
