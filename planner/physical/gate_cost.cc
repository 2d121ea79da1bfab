#include "planner/physical/gate_cost.h"

#include <algorithm>
#include <bit>

namespace care::planner {
namespace {

using namespace mpc;  // every line below is a cost of mpc/cost

constexpr std::uint64_t kThreshold = 10;
// ANDs that fold `counts` columns of `rows` into one.
Cost FoldCost(std::uint64_t rows, unsigned counts) {
  Cost cost;
  for (; counts > 1; counts -= counts / 2) cost += AndCost(counts / 2 * rows, 1);
  return cost;
}

// The same of planes of one column.
Cost AllPlanesCost(std::uint64_t rows, unsigned planes) {
  Cost cost;
  for (; planes > 1; planes -= planes / 2) cost += AndCost(rows, planes / 2);
  return cost;
}

Cost OpenLinesCost(std::uint64_t cells, std::uint64_t positions, unsigned count_bits, unsigned counts,
                   bool person_in_one_cell) {
  const std::uint64_t all = cells * counts;
  const std::uint64_t rows = all / positions;
  const auto position_bits = static_cast<unsigned>(std::bit_width(positions));
  const unsigned width = person_in_one_cell ? std::min(63u, count_bits + position_bits) : position_bits;
  Cost cost = AndCost(all, person_in_one_cell ? 1 : 2) + BitsToRingCost(all, 2) + RingToBitsCost(2 * rows, width);
  if (person_in_one_cell) cost += MultiplyCost(all);
  cost += LessThanPublicCost(rows, width, 1) + LessThanPublicCost(rows, width, person_in_one_cell ? kThreshold : 1);
  return cost + AndCost(rows, 1) + EqualBitsCost(rows, width) + OrCost(rows, 1);
}

Cost CloseMarginsCost(std::uint64_t cells, std::uint64_t positions, unsigned count_bits, unsigned counts,
                      bool person_in_one_cell) {
  const std::uint64_t rows = cells * counts / positions;
  Cost cost = OpenLinesCost(cells, positions, count_bits, counts, person_in_one_cell);
  for (std::uint64_t left = positions; left > 1; left -= left / 2) {
    const std::uint64_t pairs = left / 2 * rows;
    cost += LessThanBitsCost(pairs, count_bits + 1) + MuxCost(pairs, count_bits + 1) + AndCost(pairs, 1);
  }
  return cost + FoldCost(cells, counts) + AndCost(cells, 1);
}

}  // namespace

Cost GateCost(const std::vector<std::uint32_t>& dimensions, unsigned count_bits, unsigned counts,
              bool person_in_one_cell) {
  std::uint64_t cells = 1;
  std::uint64_t real_dimensions = 0;
  for (std::uint32_t size : dimensions) {
    cells *= size;
    real_dimensions += size > 1 ? 1 : 0;
  }
  const std::uint64_t all = cells * counts;
  Cost cost = RingToBitsCost(all, count_bits) + LessThanPublicCost(all, count_bits, kThreshold);
  cost += LessThanPublicCost(all, count_bits, 1) + FoldCost(cells, counts);
  if (real_dimensions == 0) return cost;
  const unsigned passes = real_dimensions > 1 ? 3 : (counts == 1 ? 1 : 2);
  for (std::uint32_t size : dimensions) {
    if (size < 2) continue;
    for (unsigned pass = 0; pass < passes; ++pass) {
      cost += CloseMarginsCost(cells, size, count_bits, counts, person_in_one_cell);
    }
  }
  if (real_dimensions == 1) return cost;
  for (std::uint32_t size : dimensions) {
    if (size > 1) cost += OpenLinesCost(cells, size, count_bits, counts, person_in_one_cell) + AndCost(all, 1);
  }
  const std::uint64_t flags = all * real_dimensions;
  const auto flag_bits = static_cast<unsigned>(std::bit_width(flags));
  cost += BitsToRingCost(flags, 1) + RingToBitsCost(1, flag_bits) + LessThanPublicCost(1, flag_bits, 1);
  return cost + AndCost(cells, 1);
}

Cost MarginCost(std::uint64_t rows, unsigned count_bits, unsigned counts, bool person_in_one_cell) {
  Cost cost;
  for (unsigned c = 0; c < counts; ++c) {
    cost += LessThanPublicCost(rows, count_bits, kThreshold) + LessThanPublicCost(rows, count_bits, 1);
  }
  cost += AllPlanesCost(rows, counts);
  if (rows < 2) return cost;
  const std::vector<unsigned> less = LessThanCircuit(count_bits + 1, CompareDepth::kTree).AndsByRound();
  const unsigned rows_bits = static_cast<unsigned>(std::bit_width(rows));
  const unsigned sum_bits = std::min(63u, (person_in_one_cell ? count_bits : 0) + rows_bits);
  const unsigned passes = counts == 1 ? 1 : 2;
  for (unsigned pass = 0; pass < passes; ++pass) {
    cost += AndCost(rows, counts);
    for (unsigned c = 0; c < counts; ++c) {
      cost += BitsToRingCost(rows, 1);
      if (person_in_one_cell) {
        cost += AndCost(rows, count_bits);
        cost += count_bits <= 3 ? BitsToRingCost(rows, count_bits) : IntegersToRingCost(rows, count_bits, 64, CompareDepth::kTree);
      } else {
        cost += AndCost(rows, 1) + BitsToRingCost(rows, 1);
      }
      cost += RingToBitsCost(2, sum_bits) + LessThanPublicCost(1, sum_bits, 1) + LessThanPublicCost(1, sum_bits, 2) +
              LessThanPublicCost(1, sum_bits, person_in_one_cell ? kThreshold : 1) + AndCost(1, 1) + AndCost(1, 1);
    }
    for (std::uint64_t left = rows; left > 1; left -= left / 2) {
      for (const unsigned ands : less) cost += AndCost(left / 2, counts * ands);
      cost += AndCost(left / 2, counts * (count_bits + 1)) + AndCost(left / 2, counts);
    }
    cost += AllPlanesCost(rows, counts) + AndCost(rows, 1);
  }
  return cost;
}

}  // namespace care::planner
