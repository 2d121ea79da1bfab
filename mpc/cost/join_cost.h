// mpc/cost/join_cost.h
//
// What the forms of mpc/relational/join.h cost beyond LookupJoinCost (cost.h); bytes of all parties, and
// rounds.
#pragma once

#include <span>

#include "mpc/cost/cost.h"

namespace care::mpc {

Cost RowsThatNobodyFoundCost(const LookupSize& size);  // of the join whose other half it is
Cost LookupJoinRowsCost(const LookupSize& keys, std::uint64_t rows);
Cost PairSumsCost(std::uint64_t keys, unsigned columns);
// `inner`: how many of the arms do not keep rows that they do not match.
Cost StarJoinCost(std::span<const LookupSize> arms, unsigned inner);

}  // namespace care::mpc
