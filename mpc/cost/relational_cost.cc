#include "mpc/cost/relational_cost.h"

#include <algorithm>

namespace care::mpc {
namespace {

// The tree of segmented_scan.h: `pair(rows, wants_flag)` prices one batch of combinations.
template <typename PairCost>
Cost ScanCost(std::uint64_t rows, const PairCost& pair) {
  Cost cost;
  for (; rows > 1; rows /= 2) {
    const std::uint64_t pairs = rows / 2;
    const std::uint64_t later = rows - pairs - 1;
    cost += pair(pairs, pairs > 1);
    if (later > 0) cost += pair(later, false);
  }
  return cost;
}

}  // namespace

Cost ContinuesSegmentCost(std::uint64_t rows, unsigned key_bits) {
  return rows <= 1 ? Cost{} : EqualBitsCost(rows - 1, key_bits);
}

Cost LagCost(std::uint64_t rows, unsigned width, unsigned distance) {
  Cost cost = AndCost(rows, width);
  for (unsigned step = 1; step < distance; ++step) cost += AndCost(rows, 1);
  return cost;
}

Cost CopyDownCost(std::uint64_t rows, unsigned width) {
  return ScanCost(rows, [&](std::uint64_t pairs, bool wants_flag) {
    return AndCost(pairs, width + (wants_flag ? 1 : 0));
  });
}

Cost RunningOrCost(std::uint64_t rows) { return AndCost(rows, 1) + CopyDownCost(rows, 1); }

Cost RunningMinimumCost(std::uint64_t rows, unsigned width) {
  return ScanCost(rows, [&](std::uint64_t pairs, bool wants_flag) {
    return LessThanBitsCost(pairs, width) + AndCost(pairs, wants_flag ? 2 : 1) + AndCost(pairs, width);
  });
}

Cost RunningSumsCost(std::uint64_t rows, unsigned columns) {
  if (columns == 0 || rows <= 1) return {};
  std::uint64_t flags = 0;
  Cost cost;
  for (std::uint64_t level = rows; level > 1; level /= 2) {
    flags += level - 1;
    if (level / 2 > 1) cost += AndCost(level / 2, 1);
  }
  cost += BitsToRingCost(flags, 1);
  return cost + ScanCost(rows, [&](std::uint64_t pairs, bool) { return MultiplyCost(pairs * columns); });
}

Cost SortJoinCost(const SortJoinSize& size) {
  const std::uint64_t rows = size.left_rows + size.right_rows;
  const unsigned slots = size.most_matches * (size.payload_bits + 1);
  Cost cost = ContinuesSegmentCost(rows, size.key_bits) + AndCost(rows, 1);
  for (unsigned d = 1; d <= size.most_matches; ++d) cost += AndCost(rows, d < size.most_matches ? 2 : 1);
  cost += CopyDownCost(rows, slots) + ShuffleCost(rows, slots + 1, 0);
  if (size.payload_bits > 0) cost += AndCost(size.right_rows, size.most_matches * size.payload_bits);
  return cost;
}

}  // namespace care::mpc
