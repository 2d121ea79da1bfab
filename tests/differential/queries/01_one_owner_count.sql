-- One owner, one cell.
SELECT COUNT(*) AS patients FROM hospital.patients;
