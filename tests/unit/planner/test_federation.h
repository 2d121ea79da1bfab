// tests/unit/planner/test_federation.h
//
// The demonstration's federation in small: a hospital, an insurer and a statistics bureau that share the key
// `bsn`. Tests of the planner bind against it.
#pragma once

#include <string>

namespace care::planner {

inline std::string TestFederation() {
  return R"toml(name = "ibd-coaching"
version = 1
compute = ["hospital", "insurer", "bureau"]
authority_sha256 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

[[party]]
name = "hospital"
address = "127.0.0.1:7401"
[[party]]
name = "insurer"
address = "127.0.0.1:7402"
[[party]]
name = "bureau"
address = "127.0.0.1:7403"

[[table]]
name = "hospital.patients"
subject = "bsn"
primary_key = ["bsn"]
row_bound = 5000
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false
  [[table.column]]
  name = "uses_app"
  type = "boolean"
  nullable = false
  [[table.column]]
  name = "index_date"
  type = "date"
  min = "2021-01-01"
  max = "2023-12-31"
  [[table.column]]
  name = "birth_year"
  type = "integer"
  min = 1900
  max = 2020
  [[table.column]]
  name = "sex"
  type = "text"
  domain = ["f", "m", "x"]

[[table]]
name = "hospital.visits"
subject = "bsn"
primary_key = ["visit_id"]
row_bound = 100000
  [[table.column]]
  name = "visit_id"
  type = "bigint"
  nullable = false
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false
  [[table.column]]
  name = "day"
  type = "date"
  nullable = false
  min = "2018-01-01"
  max = "2026-12-31"
  [[table.column]]
  name = "kind"
  type = "text"
  nullable = false
  domain = ["outpatient", "inpatient", "phone", "emergency"]

[[table]]
name = "hospital.quality"
subject = "bsn"
row_bound = 50000
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false
  [[table.column]]
  name = "day"
  type = "date"
  nullable = false
  min = "2018-01-01"
  max = "2026-12-31"
  [[table.column]]
  name = "score"
  type = "integer"
  min = 0
  max = 100

[[table]]
name = "insurer.insured"
subject = "bsn"
primary_key = ["bsn"]
row_bound = 250000
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false

[[table]]
name = "insurer.enrolment"
subject = "bsn"
row_bound = 400000
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false
  [[table.column]]
  name = "from_day"
  type = "date"
  nullable = false
  min = "2018-01-01"
  max = "2026-12-31"
  [[table.column]]
  name = "to_day"
  type = "date"
  nullable = false
  min = "2018-01-01"
  max = "2026-12-31"

[[table]]
name = "insurer.claims"
subject = "bsn"
primary_key = ["claim_id"]
row_bound = 2000000
  [[table.column]]
  name = "claim_id"
  type = "bigint"
  nullable = false
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false
  [[table.column]]
  name = "day"
  type = "date"
  nullable = false
  min = "2018-01-01"
  max = "2026-12-31"
  [[table.column]]
  name = "amount"
  type = "numeric(12,2)"
  min = "0"
  max = "1000000.00"
  [[table.column]]
  name = "category"
  type = "text"
  domain = ["c01", "c02", "c03", "c04", "c05", "c06", "c07", "c08", "c09", "c10",
            "c11", "c12", "c13", "c14", "c15", "c16", "c17", "c18", "c19", "c20"]

[[table]]
name = "bureau.persons"
subject = "bsn"
unique = [["bsn"]]
row_bound = 400000
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false
  [[table.column]]
  name = "education"
  type = "text"
  domain = ["low", "middle", "high"]
  [[table.column]]
  name = "birth_date"
  type = "date"
  min = "1900-01-01"
  max = "2020-12-31"
  [[table.column]]
  name = "income_band"
  type = "integer"
  min = 1
  max = 10
  use = ["aggregate", "extreme"]
  [[table.column]]
  name = "note"
  type = "text"
  use = []

[[view]]
name = "patient_care"
sql = '''
SELECT p.bsn, p.uses_app, s.education, p.index_date, c.day, c.amount
FROM hospital.patients p
JOIN bureau.persons s ON s.bsn = p.bsn
LEFT JOIN insurer.claims c ON c.bsn = p.bsn
'''
[[view]]
name = "broken"
sql = "SELECT p.bsn, p.educaton FROM hospital.patients p"
)toml";
}

// Cost before and after a patient's index date, by education and app use, over patients who were insured for
// the whole window.
inline std::string CoachingQuestion() {
  return R"sql(WITH cost AS (
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
FROM cost GROUP BY education, uses_app ORDER BY education, uses_app)sql";
}

}  // namespace care::planner
