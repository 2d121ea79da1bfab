-- A condition over both owners' columns.
SELECT COUNT(*) AS patients FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn
WHERE p.uses_app OR s.education = 'high';
