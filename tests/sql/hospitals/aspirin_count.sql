SELECT COUNT(DISTINCT d.pid) AS patients
FROM diagnosis d JOIN medication m ON d.pid = m.pid
WHERE d.diag = 'heart disease' AND m.med = 'aspirin' AND d.time <= m.time;
