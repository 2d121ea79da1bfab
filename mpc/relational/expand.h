// mpc/relational/expand.h
//
// Spreads a value of each key over all of the key's rows, hiding how many rows each key has. The second half
// of a one-to-many join: look up once per distinct key, mask, then expand.
//
// Method: take differences of neighbouring keys (local), let the owner permute them to the keys' header slots
// among zeroes, then prefix sums (local) restore each key's value in its whole segment. XOR for bits. The
// differences are taken before the permutation, over the keys alone, so no padding enters them.
//
//   Shape     columns at n keys -> columns at n + m slots (segment_layout.h), m = row_bound.
//   Units     bits by XOR; rings of any width, exact because the sums telescope.
//   Rounds    2.
//   Traffic   one GatherByOwner of n + m rows (mpc/cost: ExpandCost).
//   Leakage   n and m.
//   Security  the Protocol's own.
//   Source    prefix sums of differences in place of a copying network; the header slots are ours.
#pragma once

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"
#include "mpc/relational/segment_layout.h"

namespace care::mpc {

// A key's header and rows get the key's value. Trailing slots get the last key's: mask them by the owner's
// bit for real rows. `layout` is null unless Holds(owner). Values where a lookup did not match must have been
// masked.
absl::StatusOr<Protocol::Columns> Expand(Protocol& protocol, PartyId owner, const SegmentLayout* layout,
                                         std::size_t key_count, std::size_t row_bound,
                                         const Protocol::Columns& at_keys);

}  // namespace care::mpc
