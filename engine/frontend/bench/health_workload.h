// engine/frontend/bench/health_workload.h
//
// Three medical queries on which secure query engines are compared in print (they come from SMCQL: Bater et
// al., VLDB 2017), over the events of two owners, with every column secret-shared, written by hand as pipelines of
// operators, without a gate: what a plan from SQL (health_query.h) can be compared with.
//
//   comorbidity   SELECT code, COUNT(*) FROM diagnoses WHERE patient IN (SELECT patient FROM cohort)
//                 GROUP BY code ORDER BY COUNT(*) DESC, code LIMIT 10;  a tenth as many in the cohort as
//                 diagnoses
//   aspirin       SELECT COUNT(DISTINCT d.patient) FROM diagnoses d JOIN medications m ON d.patient =
//   m.patient
//                 WHERE d.code = heart disease AND m.code = aspirin AND d.day <= m.day;  half of the rows
//                 each
//   rcdiff        WITH infections AS (SELECT patient, day, ROW_NUMBER() OVER (PARTITION BY patient ORDER BY
//   day) AS r
//                 FROM diagnoses WHERE code = clostridium difficile)
//                 SELECT COUNT(DISTINCT a.patient) FROM infections a JOIN infections b ON a.patient =
//                 b.patient WHERE b.r = a.r + 1 AND b.day - a.day BETWEEN 15 AND 56
//
// Joins of a table with itself by patient need one sort by (patient, day): a diagnosis before an aspirin is a
// running OR, and row r + 1 beside row r is LAG.
#pragma once

#include <memory>

#include "engine/frontend/bench/operator_workload.h"

namespace care::engine {

std::unique_ptr<OperatorWorkload> MakeComorbidity(const OperatorSetting& setting);
std::unique_ptr<OperatorWorkload> MakeAspirin(const OperatorSetting& setting);
std::unique_ptr<OperatorWorkload> MakeRecurrentInfection(const OperatorSetting& setting);

}  // namespace care::engine
