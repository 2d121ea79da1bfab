// mpc/cost/sort_plan.h
//
// How to sort rows over a given link. Sorting asks batches of comparisons (mpc/relational/comparison_sort.h);
// a batch either ripples (few bits) or folds a tree (few rounds), and a last batch compares all that is left
// with all. The longer a round trip takes, the larger that last batch and the more batches fold.
//
// Sizes are those of a sort in which every segment splits evenly. A run's vary by some percent around them,
// with its shuffle.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "mpc/cost/cost.h"
#include "mpc/cost/link_speed.h"

namespace care::mpc {

// How a segment is split: 2^levels - 1 splitters, every `spacing`-th row of a sample in order.
struct SortSplit {
  unsigned levels = 1;
  std::uint64_t spacing = 1;

  std::uint64_t parts() const { return std::uint64_t{1} << levels; }
  std::uint64_t sample() const { return spacing * parts() - 1; }
};
// The more splitters, the fewer samples a row is compared with; the sample's own comparisons stay below a
// fourth of the rows, where there are more than some.
SortSplit SortSplitFor(std::uint64_t rows);

// Segments up to this size are compared all with all.
inline constexpr std::uint64_t kAllPairsRows = 4;

// The last batch compares at most this many pairs, however dear a round trip is.
inline constexpr std::uint64_t kMostFinishPairs = std::uint64_t{1} << 22;

// The order of two rows of `bits`, opened to all: by the cheaper of the two ways over the link.
struct ComparisonBatch {
  bool ripples = false;
  Cost cost;
};
ComparisonBatch PlanComparisons(std::uint64_t pairs, unsigned bits, const LinkSpeed& link);

struct SortPlan {
  enum class Method : std::uint8_t { kComparisons, kRadix };
  Method method = Method::kComparisons;
  LinkSpeed link;
  // When all that is left takes at most this many comparisons all with all, it is done so, in one batch.
  std::uint64_t finish_pairs = 0;
  std::uint64_t comparisons = 0;
  std::uint64_t batches = 0;
  std::uint64_t rippling = 0;  // of the batches
  Cost cost;                   // the shuffle too

  std::string Describe() const;
};

// The order of rows by a radix sort (mpc/relational/radix_sort.h), exactly.
Cost RadixOrderCost(std::uint64_t rows, unsigned key_bits);

inline constexpr std::uint64_t kAllRanks = std::numeric_limits<std::uint64_t>::max();

// `width` and `rings` of the columns beside the key; only rows of the first ranks are put in order.
SortPlan PlanSort(std::uint64_t rows, unsigned key_bits, unsigned width, unsigned rings,
                  const LinkSpeed& link = {}, std::uint64_t first_ranks = kAllRanks);

// Pairs in each batch of an even sort.
std::vector<std::uint64_t> SortBatches(std::uint64_t rows, std::uint64_t finish_pairs, std::uint64_t first_ranks = kAllRanks);

}  // namespace care::mpc
