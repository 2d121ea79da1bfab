// mpc/relational/spread.h
//
// Gives rows what their keys found: the second half of a lookup by rows of which several have one key. Rows stand
// by key, so that a value need only be repeated; where they stand otherwise, one more GatherByOwner moves them.
//
// Method: take differences of neighbouring keys (local), let the owner put each at its key's first row and zeroes
// elsewhere, then prefix sums (local) restore each key's value in its rows. XOR for bits. Unlike expand.h, which
// must give a sum to keys without rows too, it needs no slot beside the rows.
//
//   Shape     columns at n keys -> columns at m rows.
//   Units     bits by XOR; rings of any width, exact because the sums telescope.
//   Rounds    2.
//   Traffic   one GatherByOwner of n + m rows to m (mpc/cost: SpreadCost).
//   Leakage   n and m.
//   Security  the Protocol's own.
//   Source    prefix sums of differences in place of a copying network, as in expand.h.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

// key_of_row: 0 at the first row, and from a row to the next the same or one more; null unless Holds(owner). Rows past its end get the
// last key's value: mask them by the owner's bit for real rows. Keys past the last that it names go nowhere.
absl::StatusOr<Protocol::Columns> Spread(Protocol& protocol, PartyId owner, const std::vector<std::uint32_t>* key_of_row,
                                         std::size_t key_count, std::size_t rows, const Protocol::Columns& at_keys);

// The method itself: slot i takes the difference of key source[i], or, from key_count on, one of `zeroes` zero rows, no source twice; the
// result is the sum of all differences up to a slot. `source` is null unless Holds(owner).
absl::StatusOr<Protocol::Columns> SpreadDifferences(Protocol& protocol, PartyId owner, const std::vector<std::uint32_t>* source,
                                                    std::size_t key_count, std::size_t zeroes, std::size_t slots,
                                                    const Protocol::Columns& at_keys);

}  // namespace care::mpc
