// mpc/relational/group_dense.h
//
// Sums by one or more secret codes of small public domains: one cell for every combination of codes, in the
// domains' order, the first dimension most significant. Each dimension comes one-hot, a plane a code.
//
// Method: the planes enter the ring once. The values are multiplied by every dimension but the largest; sums
// of products with the planes of the largest cost one element an output whatever the rows, so it comes last.
//
//   Shape     one-hot planes [n x G_d], values[n] x V -> V columns of G = prod G_d sums.
//   Units     rings of any width.
//   Rounds    2 for the planes + 1 for each dimension; none without dimensions.
//   Traffic   bytes, all parties: 24 n * sum G_d + 24 n V * (products of the smaller dimensions, cumulated)
//             + 24 V G. Two dimensions, G_1 <= G_2: 24 n (G_1 + G_2 + V G_1) + 24 V G_1 G_2.
//   Leakage   n, the domains' sizes and V.
//   Security  the Protocol's own.
//   Source    dot products at one element an output: Araki et al., CCS 2016.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

// In a row that counts exactly one plane of each dimension is set; a row with none counts nowhere. Rows that
// must not count hold zero in every column of `masked_values` (or no plane in some dimension).
absl::StatusOr<std::vector<RingColumn>> SumByCodes(Protocol& protocol,
                                                   const std::vector<BitColumn>& one_hot_dimensions,
                                                   const std::vector<RingColumn>& masked_values);

}  // namespace care::mpc
