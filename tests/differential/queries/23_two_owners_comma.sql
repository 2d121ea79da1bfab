-- A comma join with its equality in WHERE.
SELECT COUNT(*) AS patients FROM hospital.patients p, insurer.insured i WHERE i.bsn = p.bsn;
