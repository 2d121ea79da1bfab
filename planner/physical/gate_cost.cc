#include "planner/physical/gate_cost.h"

#include <algorithm>
#include <bit>

namespace care::planner {
namespace {

using namespace mpc;  // every line below is a cost of mpc/cost

constexpr std::uint64_t kThreshold = 10;
constexpr unsigned kPasses = 3;

// All lines along one dimension, looked at by one count.
Cost LinesCost(std::uint64_t cells, std::uint64_t positions, unsigned count_bits, bool hide) {
  const std::uint64_t lines = cells / positions;
  const auto position_bits = static_cast<unsigned>(std::bit_width(positions));
  const unsigned person_bits = std::min(63u, count_bits + position_bits);
  Cost cost = AndCost(cells, 1) + BitsToRingCost(cells, 2) + MultiplyCost(cells);
  cost += RingToBitsCost(lines, person_bits) + RingToBitsCost(lines, position_bits);
  cost += LessThanPublicCost(lines, person_bits, 1) + LessThanPublicCost(lines, person_bits, kThreshold);
  cost += AndCost(lines, 1) + EqualBitsCost(lines, position_bits) + OrCost(lines, 1);
  for (std::uint64_t j = 0; j < positions; ++j) {
    cost += AndCost(lines, 1);  // open, and this position survives or is the smallest
    if (!hide) continue;
    cost += AndCost(lines, 1);  // keep
    if (j == 0) continue;
    cost += LessThanBitsCost(lines, count_bits + 1) + MuxCost(lines, count_bits + 1);
    const Cost not_smallest = AndCost(lines, 1);  // of each position before
    cost += Cost{j * not_smallest.bytes, j * not_smallest.rounds};
  }
  return cost;
}

}  // namespace

Cost GateCost(const std::vector<std::uint32_t>& dimensions, unsigned count_bits, unsigned counts) {
  std::uint64_t cells = 1;
  std::uint64_t real_dimensions = 0;
  for (std::uint32_t size : dimensions) {
    cells *= size;
    real_dimensions += size > 1 ? 1 : 0;
  }
  Cost cost;
  for (unsigned c = 0; c < counts; ++c) {
    cost += RingToBitsCost(cells, count_bits) + LessThanPublicCost(cells, count_bits, kThreshold);
    cost += LessThanPublicCost(cells, count_bits, 1);
    if (c > 0) cost += AndCost(cells, 1);
  }
  const bool closes_at_once = real_dimensions <= 1 && counts == 1;
  std::uint64_t flags = 0;
  for (std::uint32_t size : dimensions) {
    if (size < 2) continue;
    for (unsigned c = 0; c < counts; ++c) {
      for (unsigned pass = 0; pass < (closes_at_once ? 1 : kPasses); ++pass) cost += LinesCost(cells, size, count_bits, true);
      if (!closes_at_once) cost += LinesCost(cells, size, count_bits, false);
      flags += cells;
    }
  }
  if (closes_at_once || flags == 0) return cost;
  const auto flag_bits = static_cast<unsigned>(std::bit_width(flags));
  cost += BitsToRingCost(flags, 1) + RingToBitsCost(1, flag_bits) + LessThanPublicCost(1, flag_bits, 1);
  return cost + AndCost(cells, 1);
}

}  // namespace care::planner
