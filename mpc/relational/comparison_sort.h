// mpc/relational/comparison_sort.h
//
// Puts rows in order by comparing pairs of them, many pairs at a time: the public half of sorting
// (sort.h asks the comparisons in secret sharing). Quicksort by sampled splitters: a sample of each segment is
// compared all with all, and some of it split the segment, the middle one first, then one for each half, and so on;
// then each part has a sample of its own. Segments of all sizes go on in the same batch. It asks about 20.5 comparisons
// a row for a million rows, where log2(n!) / n is 18.6, in about 30 batches.
//
// Rows move with each answer, so that a segment is consecutive rows and a question is a run of them with one splitter:
// nothing is looked up in memory row by row.
//
// What is asked next depends on the answers so far and on nothing else, so where the rows stand in uniformly
// random order and no two are equal, questions and answers are those of a random order, whatever the values.
//
//   Source    sample sort: Frazer and McKellar, J. ACM 1970; quicksort on shuffled rows in secure computation:
//             Hamada, Kikuchi, Ikarashi, Chida, Takahashi, ICISC 2012.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/share/bit_planes.h"
#include "mpc/share/compared_rows.h"
#include "mpc/share/row_split.h"

namespace care::mpc {

// One plane: bit i says whether the row of pair i comes before the row that its run is compared with. The order must be
// total and strict.
using LessBatch = std::function<absl::StatusOr<BitPlanes>(std::span<const RowRun>)>;

// Called after each batch, for whoever answers to move the rows.
struct RowMoves {
  // From now on row first + i is what row source[i] was; the sources are these same rows.
  std::function<void(std::size_t first, std::span<const std::uint32_t> source)> reorder;
  // The same for a segment of many rows.
  std::function<void(const RowSplit& split)> split;
};

struct ComparisonSortOptions {
  // Only ranks 0 .. first_ranks - 1 are put in order; who comes later stands behind in any order. Public.
  std::size_t first_ranks = std::numeric_limits<std::size_t>::max();
  // When all that is left takes at most this many comparisons all with all, it is done so, in one batch. Fewer
  // batches for more comparisons: large where a round trip is dear.
  std::size_t finish_pairs = 0;
};

// order[r] is the row of rank r, as numbered before any move. In the end the rows stand in this order.
absl::StatusOr<std::vector<std::uint32_t>> ComparisonSort(std::size_t rows, const LessBatch& less,
                                                          const RowMoves& row_moves,
                                                          const ComparisonSortOptions& options = {});

}  // namespace care::mpc
