#include "mpc/cost/relational_cost.h"

#include <algorithm>
#include <bit>
#include <vector>

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
  const std::vector<unsigned> less = LessThanCircuit(width, CompareDepth::kTree).AndsByRound();
  return ScanCost(rows, [&](std::uint64_t pairs, bool wants_flag) {
    Cost compared;
    for (const unsigned ands : less) compared += AndCost(pairs, ands);
    return compared + AndCost(pairs, wants_flag ? 2 : 1) + AndCost(pairs, width);
  });
}

Cost RunningSumsCost(std::uint64_t rows, unsigned columns, unsigned ring_width) {
  if (columns == 0 || rows <= 1) return {};
  std::uint64_t flags = 0;
  Cost cost;
  for (std::uint64_t level = rows; level > 1; level /= 2) {
    flags += level - 1;
    if (level / 2 > 1) cost += AndCost(level / 2, 1);
  }
  cost += BitsToRingCost(flags, 1, ring_width);
  return cost + ScanCost(rows, [&](std::uint64_t pairs, bool) { return MultiplyCost(pairs * columns, ring_width); });
}

std::uint64_t AnyRowHalf(std::uint64_t rows) { return rows <= 128 ? (rows + 1) / 2 : (rows + 127) / 128 * 64; }

Cost AnyRowCost(std::uint64_t rows, unsigned planes) {
  Cost cost;
  for (; rows > 1; rows = AnyRowHalf(rows)) cost += AndCost(AnyRowHalf(rows), planes);
  return cost;
}

Cost SortJoinCost(const SortJoinSize& size) {
  const std::uint64_t rows = size.left_rows + size.right_rows;
  const unsigned slots = size.most_matches * (size.payload_bits + 1);
  Cost cost = ContinuesSegmentCost(rows, size.key_bits) + AndCost(rows, 1);
  for (unsigned d = 1; d <= size.most_matches; ++d) cost += AndCost(rows, 2);
  if (size.checks_bound) cost += AnyRowCost(rows) + OpenBitsCost(1, 1, 3);
  cost += CopyDownCost(rows, slots) + ShuffleCost(rows, slots + 1, 0);
  if (size.payload_bits > 0) cost += AndCost(size.right_rows, size.most_matches * size.payload_bits);
  return cost;
}

Cost CompactCost(std::uint64_t rows, unsigned width, unsigned rings, const std::uint64_t* bound, unsigned ring_width) {
  if (rows == 0) return {};
  Cost cost = BitsToRingCost(rows, 1) + MultiplyCost(rows) + ShuffleCost(rows, width + 1, rings, ring_width) +
              Cost{ShuffleCost(rows, 0, 1).bytes, 0} + OpenRingCost(rows, 3);
  if (bound == nullptr) return cost;
  const unsigned total_bits = static_cast<unsigned>(std::bit_width(rows));
  return cost + RingToBitsCost(1, total_bits) + LessThanPublicCost(1, total_bits, *bound + 1) +
         OpenBitsCost(1, 1, 3);
}

namespace {

Cost GroupEndsCost(std::uint64_t rows, unsigned key_bits, bool some_invalid) {
  Cost cost = ContinuesSegmentCost(rows, key_bits + (some_invalid ? 1 : 0));
  return some_invalid ? cost + AndCost(rows, 1) : cost;
}

}  // namespace

Cost GroupRowsCost(std::uint64_t rows, unsigned key_bits, bool some_invalid, unsigned values, unsigned ring_width) {
  return GroupEndsCost(rows, key_bits, some_invalid) + RunningSumsCost(rows, values + 1, ring_width);
}

Cost GroupRowsToCost(std::uint64_t rows, std::uint64_t bound, unsigned key_bits, bool some_invalid,
                     unsigned values, unsigned ring_width) {
  const std::uint64_t kept = std::min(rows, bound);
  return GroupEndsCost(rows, key_bits, some_invalid) + CompactCost(rows, key_bits, values + 1, &bound, ring_width) +
         AndCost(kept, key_bits) + BitsToRingCost(kept, 1, ring_width) +
         MultiplyEachCost(kept, values + 1, ring_width);
}

Cost CountDistinctCost(std::uint64_t rows, unsigned key_bits, unsigned value_bits, bool some_invalid,
                       bool some_null) {
  return GroupEndsCost(rows, key_bits, some_invalid) + ContinuesSegmentCost(rows, value_bits) +
         AndCost(rows, 1) + (some_null ? AndCost(rows, 1) : Cost{}) + BitsToRingCost(rows, 1) + RunningSumsCost(rows, 2);
}

Cost DistinctRowsCost(std::uint64_t rows, unsigned key_bits, bool some_invalid) {
  return GroupEndsCost(rows, key_bits, some_invalid);
}

Cost RowOfRankCost(std::uint64_t rows, unsigned width, unsigned rank_bits) {
  return rows == 0 ? Cost{} : EqualBitsCost(rows, rank_bits) + AndCost(rows, width);
}

Cost SumBySortedCodesCost(std::uint64_t rows, unsigned code_bits, std::uint64_t domain, unsigned values,
                          unsigned ring_width) {
  const std::uint64_t all = rows + domain + 1;
  Cost check;
  if (code_bits >= static_cast<unsigned>(std::bit_width(domain))) {
    check = LessThanPublicCost(rows, code_bits, domain) + AndCost(rows, 1);
  }
  const unsigned sorted_bits = static_cast<unsigned>(std::bit_width(domain));
  const unsigned number_bits = static_cast<unsigned>(std::bit_width(all));
  return check + AndCost(rows, sorted_bits) + ContinuesSegmentCost(all, sorted_bits) +
         ShuffleCost(all, sorted_bits + number_bits + 1, values, ring_width) + OpenBitsCost(all, 1, 3) +
         OpenBitsCost(domain + 1, sorted_bits, 3) + BitsToRingCost(domain, number_bits);
}

}  // namespace care::mpc
