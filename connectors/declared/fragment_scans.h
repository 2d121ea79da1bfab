// connectors/declared/fragment_scans.h
//
// Which tables a local fragment reads, and whether it fetches one of them whole: then its cells are checked as
// they arrive, and no statement need check them first.
#pragma once

#include <map>
#include <vector>

#include "planner/logical/logical_plan.h"

namespace care::connectors {

void CollectScans(const planner::LogicalNode& node, std::vector<const planner::ScanNode*>& scans);

// The scan that a fragment fetches whole, every row of it and every column as stored, perhaps with constants;
// null if it does more or less. `origin` then maps the fragment's stored columns to the table's.
const planner::ScanNode* WholeScan(const planner::LogicalNode& node, const planner::Catalog& catalog,
                                   std::map<planner::ColumnId, int>& origin);

bool ReadsSubject(const planner::ScanNode& scan, const planner::CatalogTable& table);

}  // namespace care::connectors
