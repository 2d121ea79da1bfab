// connectors/check_data.h
//
// An owner's own look at its data before anyone asks: every table that the federation file gives it, read whole, as a
// query over all its columns would read it.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "connectors/cleaning/cleaning_report.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

// One report for each table of the party, in the federation file's order; its status says why a query over it would
// end. Where rows count as they are, only rows and the first broken rule are known; counts by rule come from tables
// that are cleaned, and CSV files always are. Fails only if the database cannot be opened.
absl::StatusOr<std::vector<TableReport>> CheckData(const planner::Catalog& catalog, PartyId party,
                                                   const planner::NodeConfig& config);

}  // namespace care::connectors
