// planner/physical/group_domains.h
//
// The public list of values that a GROUP BY column may take: declared domains, booleans, and short declared
// integer ranges. Cells are opened in this order, so that the answer's shape says nothing of the data.
#pragma once

#include <optional>

#include "planner/logical/logical_plan.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

inline constexpr std::int64_t kMaxIntegerDomain = 1024;
inline constexpr std::uint64_t kMaxCells = 4096;

// Nothing if the column has no public domain.
std::optional<GroupDomain> DomainOf(ColumnId column, const ColumnInfo& info);

// For groups of shared tables, which know a column's stored integers whatever their type: dates and NUMERIC of few values, too,
// and what DATE_TRUNC makes of dates and timestamps of a declared range.
std::optional<GroupDomain> SlotDomainOf(ColumnId column, const ColumnInfo& info);

}  // namespace care::planner
