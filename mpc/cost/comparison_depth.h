// mpc/cost/comparison_depth.h
//
// Which circuit compares the order of many rows soonest over a given link: the same choice at every party.
#pragma once

#include "mpc/circuit/compare_circuits.h"
#include "mpc/cost/cost.h"
#include "mpc/cost/link_speed.h"

namespace care::mpc {

inline CompareDepth ChooseDepth(std::uint64_t rows, unsigned width, const LinkSpeed& link) {
  CompareDepth best = CompareDepth::kTree;
  for (const CompareDepth depth : {CompareDepth::kBlock4, CompareDepth::kRipple}) {
    if (Microseconds(LessThanBitsCost(rows, width, depth), link) <
        Microseconds(LessThanBitsCost(rows, width, best), link)) {
      best = depth;
    }
  }
  return best;
}

}  // namespace care::mpc
