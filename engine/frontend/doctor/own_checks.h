// engine/frontend/doctor/own_checks.h
//
// What can be checked without a peer: files and who may read them, certificates, the data directory, the
// ledger's chain, the database and its mapped tables.
#pragma once

#include "engine/frontend/doctor/report.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::engine {

void CheckFiles(const planner::NodeConfig& config, const std::string& node_path, DoctorReport& report);
void CheckCertificates(const planner::NodeConfig& config, const planner::Catalog& catalog,
                       DoctorReport& report);
void CheckDataDirectory(const planner::NodeConfig& config, DoctorReport& report);
// Reads all rows, here and nowhere else, and says which table breaks which declared rule; never a value.
void CheckOwnRows(const planner::NodeConfig& config, const planner::Catalog& catalog, DoctorReport& report);
void CheckOwnDatabase(const planner::NodeConfig& config, const planner::Catalog& catalog,
                      DoctorReport& report);

}  // namespace care::engine
