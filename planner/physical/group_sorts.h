// planner/physical/group_sorts.h
//
// How the calls of a GroupTableNode share sorts. Sorting is what grouping costs, so every call that needs no order of its own
// rides on the first sort. COUNT and SUM with DISTINCT and percentiles need their value behind the group's key; so does a MIN or
// MAX that can have it for nothing, because nobody else wants the first sort.
//
// Without keys, and over few cells of public domains, there is no sort but for the values that need one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "planner/physical/table_nodes.h"

namespace care::planner {

struct GroupSort {
  std::optional<ColumnId> value;  // behind the group's key, where it is not NULL and the filter is true
  std::optional<ColumnId> filter;
  std::vector<std::size_t> calls;  // positions in GroupTableNode::calls
};

struct GroupSorts {
  std::vector<GroupSort> sorts;
  std::vector<std::size_t> folded;  // calls without a sort, of kOneGroup and of few cells
  bool by_cells = false;            // kDense: a flag a cell instead of a sort
};

// A flag a row and cell is 16 bytes of memory at each party, and 24 on the links: with more cells rows are sorted.
inline constexpr std::uint64_t kMostFlaggedCells = 64;

std::uint64_t CellsOf(const GroupTableNode& group);
GroupSorts SortsOf(const GroupTableNode& group);
// Rows of each sort: kDense adds one for each cell.
std::uint64_t SortedRowsOf(const GroupTableNode& group, std::uint64_t input_slots);

// The column that an argument or a filter is; nullopt for null.
std::optional<ColumnId> ColumnOf(const ExpressionPtr& expression);

}  // namespace care::planner
