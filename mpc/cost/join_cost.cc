#include "mpc/cost/join_cost.h"

namespace care::mpc {

Cost RowsThatNobodyFoundCost(const LookupSize& size) {
  LookupSize reversed = size;
  reversed.arm_bound = size.spine_rows;
  reversed.spine_rows = size.arm_bound;
  reversed.payload_bits = 0;
  reversed.payload_rings = 0;
  return LookupCost(reversed);
}

Cost LookupJoinRowsCost(const LookupSize& keys, std::uint64_t rows) {
  return LookupJoinCost(keys) +
         SpreadCost(keys.spine_rows, rows, 1 + keys.payload_bits, keys.payload_rings);
}

Cost PairSumsCost(std::uint64_t keys, unsigned columns) {
  return columns == 0 ? Cost{} : InputRingCost(keys * columns) + MultiplyCost(keys * columns);
}

Cost StarJoinCost(std::span<const LookupSize> arms, unsigned inner) {
  Cost cost;
  for (const LookupSize& arm : arms) cost += LookupJoinCost(arm);
  for (unsigned i = 1; i < inner; ++i) cost += AndCost(arms[0].spine_rows, 1);
  return cost;
}

}  // namespace care::mpc
