// planner/physical/fragment_checks.h
//
// What the validator proves about a fragment, from its scans upwards and from the federation file alone:
// where a column comes from, which columns tell rows apart, and that the fragment is well formed.
// Deliberately not the code that placement decides by (join_block.h): a mistake there must not excuse itself
// here.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

// Every expression uses columns of its inputs only, no column is defined twice in one node, scans name
// existing columns of tables of `owner`, at least one of them, and nothing can raise. Internal, otherwise.
absl::Status CheckFragment(const LogicalNode& fragment, PartyId owner, const std::vector<ColumnInfo>& columns,
                           const Catalog& catalog);

// The base column whose values a column of the node holds, unchanged; nothing if it is computed.
struct BaseColumn {
  int table = -1;
  int table_column = -1;
};
std::optional<BaseColumn> TraceColumn(const LogicalNode& node, ColumnId column, const Catalog& catalog);

// Whether no two rows of the node agree on all of `columns` (NULLs aside).
bool TellsRowsApart(const LogicalNode& node, std::set<ColumnId> columns, const Catalog& catalog);

// Whether the column is NULL in no row: the table declares it, or a filter of the node sees to it.
bool NeverNull(const LogicalNode& node, ColumnId column, const Catalog& catalog);

}  // namespace care::planner
