// mpc/relational/radix_sort.h
//
// The order of rows by a short secret key, in few rounds: a stable pass for each two bits, lowest first. A pass
// computes every row's place (how many rows have a smaller digit, and how many before it the same), and moves the
// rows there as secret_order.h says. For long keys or near parties comparisons send less (sort.h chooses).
//
//   Shape     key[n] of w bits -> row numbers[n] of k = ceil(log2 n) bits: the row of each rank.
//   Units     places in a ring of k bits.
//   Rounds    a pass of two bits: 1 for the digits, 2 into the ring, 1 for the places, 3 to move; of one bit 1 less.
//   Traffic   bits a row: a pass of two bits 3 + 9 k + 3 k + 4 (W + k) + 3 k, with W = k and what is left of the key;
//             of one bit 3 k + 3 k + 4 (W + k) + 3 k (RadixOrderCost).
//   Leakage   n and w. What is opened, to all parties, is a uniformly random permutation a pass.
//   Security  the Protocol's own.
//   Source    Chida et al., ePrint 2019/695; digits by a dot product: Asharov, Hamada, Ikarashi, Kikuchi, Nof, Pinkas,
//             Takahashi, Tomida, CCS 2022.
#pragma once

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

// `disclosure`: SortDisclosure of the rows; a pass opens n values.
absl::StatusOr<BitColumn> RadixOrder(Protocol& protocol, const BitColumn& key, const Disclosure& disclosure);

}  // namespace care::mpc
