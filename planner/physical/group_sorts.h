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

#include "mpc/cost/link_speed.h"
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

// COUNT(*), COUNT and SUM without DISTINCT.
bool IsSumOrCount(const AggregateCall& call);
// Whether the call wants the least of its values: MIN, and AND of booleans.
bool WantsLeast(AggregateFunction function);
bool WantsExtreme(AggregateFunction function);

// A flag a row and cell costs as much as a sort at about so many; of a value to be compared in each cell at about so many.
inline constexpr std::uint64_t kMostFlaggedCells = 64;
inline constexpr std::uint64_t kMostTournaments = 8;

// Whether a sum of values of `width` bits in each of the cells is cheaper digit by digit than in the ring.
bool SumsByBits(std::uint64_t cells, unsigned width);

// How sums in the ring go over cells, numbered left * across + right: the flags of each left, under each of the calls' flags, and the
// values times them enter or travel in the ring, and the flags of the rights. The cells themselves: one value a cell travels, no
// product. `sums_of_flag`: how many values there are under each of the calls' flags.
std::uint64_t CellsAcross(std::uint64_t cells, const std::vector<std::uint64_t>& sums_of_flag);

// Rows whose flags are in the ring at a time: few, so that they fit in a cache; all where rounds are dear.
std::uint64_t FoldBlockRows(std::uint64_t slots, const mpc::LinkSpeed& link);

std::uint64_t CellsOf(const GroupTableNode& group);
GroupSorts SortsOf(const GroupTableNode& group);
// Rows of each sort: kDense adds one for each cell.
std::uint64_t SortedRowsOf(const GroupTableNode& group, std::uint64_t input_slots);

// The column that an argument or a filter is; nullopt for null.
std::optional<ColumnId> ColumnOf(const ExpressionPtr& expression);

}  // namespace care::planner
