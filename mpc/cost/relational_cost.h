// mpc/cost/relational_cost.h
//
// What the operators on sorted rows cost, apart from cost.h because they build on each other. Pure functions
// of public shapes that the tests of each operator compare with the meters, byte for byte; where an operator
// sorts, the cost is that of all else, because the number of comparisons varies with the shuffle (SortCost is
// their expectation).
#pragma once

#include "mpc/cost/cost.h"

namespace care::mpc {

// --- segments.h
Cost ContinuesSegmentCost(std::uint64_t rows, unsigned key_bits);
Cost LagCost(std::uint64_t rows, unsigned width, unsigned distance);  // also Lead

// --- segmented_scan.h
Cost CopyDownCost(std::uint64_t rows, unsigned width);
Cost RunningOrCost(std::uint64_t rows);
Cost RunningMinimumCost(std::uint64_t rows, unsigned width);  // also RunningMaximum
Cost RunningSumsCost(std::uint64_t rows, unsigned columns, unsigned ring_width = 64);

// --- any_row.h
std::uint64_t AnyRowHalf(std::uint64_t rows);  // the rows that are left after one fold: whole words while there are some
Cost AnyRowCost(std::uint64_t rows, unsigned planes = 1);

// --- sort_join.h: what follows the sort of left_rows + right_rows rows. `key_bits` counts the validity bit,
// if either side has one.
struct SortJoinSize {
  std::uint64_t left_rows = 0;
  std::uint64_t right_rows = 0;
  unsigned key_bits = 0;
  unsigned payload_bits = 0;
  unsigned most_matches = 1;
  bool checks_bound = true;  // false: JoinBound::repeats_are_fine
};
Cost SortJoinCost(const SortJoinSize& size);

// --- compact.h; the opening under `disclosure` included. `bound`: null, or the rows kept. All rings of one width.
Cost CompactCost(std::uint64_t rows, unsigned width, unsigned rings, const std::uint64_t* bound = nullptr,
                 unsigned ring_width = 64);

// --- group_by_sort.h: what follows the sort. `key_bits` without the validity bit; `some_invalid`: there is
// one.
Cost GroupRowsCost(std::uint64_t rows, unsigned key_bits, bool some_invalid, unsigned values,
                   unsigned ring_width = 64);
Cost GroupRowsToCost(std::uint64_t rows, std::uint64_t bound, unsigned key_bits, bool some_invalid,
                     unsigned values, unsigned ring_width = 64);
Cost CountDistinctCost(std::uint64_t rows, unsigned key_bits, unsigned value_bits, bool some_invalid,
                       bool some_null = false);

// --- order_by.h: what follows the sort.
Cost DistinctRowsCost(std::uint64_t rows, unsigned key_bits, bool some_invalid);
Cost RowOfRankCost(std::uint64_t rows, unsigned width, unsigned rank_bits);

// --- sum_by_sorted_codes.h: without the sort of rows + domain + 1 rows. `code_bits`: of the codes as they come.
Cost SumBySortedCodesCost(std::uint64_t rows, unsigned code_bits, std::uint64_t domain, unsigned values,
                          unsigned ring_width = 64);

}  // namespace care::mpc
