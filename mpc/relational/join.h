// mpc/relational/join.h
//
// Joins of the spine's rows with other owners' tables on keys that both owners know in the clear: the private
// lookup, with the payload set to zero where no row was found. Nothing that a lookup did not match is ever
// used: it is noise, and noise that two rows may share. A key of several columns is one JoinKey that its
// owner makes of them; a payload is as many columns as the arm gives.
//
// LookupJoin is what all forms share, a row of the spine finding at most one of the arm:
//   inner, semi    the rows that matched
//   left           all valid rows of the spine
//   anti           RowsThatFoundNothing: valid rows that did not match
//   full           the left join, and RowsThatNobodyFound: the arm's rows whose key the spine lacks. That looks up
//                  the other way, under keys of its own: the helper must not be able to compare the two lists of
//                  queries.
//   star           StarJoin: one spine, an arm a join, each on a key of its own
// Several rows with one key on the spine's side: LookupJoinRows looks up distinct keys and spreads what was
// found over their rows. On both sides: where only sums are asked, owners add up per key first, and PairSums
// multiplies.
//
//   Shape     LookupShape (protocol.h) -> matched[n], bits[n], rings[n]; n = spine_rows.
//   Units     payload bits by XOR, payload rings modulo 2^64 (a wider payload: as bits, then IntegersToRing).
//   Rounds    those of the lookup (replicated3/lookup.cc), + 1 if there are bits, + 3 if there are rings.
//   Traffic   the lookup's, + 24 * ceil(n / 64) bytes a payload bit, + 24 n bytes if there are rings (the flag
//             into the ring), + 24 n bytes a ring. One ring: about 140 bytes a row. The others:
//             mpc/cost/join_cost.h.
//   Leakage   the shape.
//   Security  the Protocol's own; the helper and the arm's owner together could test the spine's keys.
//   Source    mpc/protocol/replicated3/lookup.cc.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

struct Joined {
  BitColumn matched;                       // 1 bit
  std::optional<RingColumn> matched_ring;  // the same in the ring, if there are rings
  BitColumn bits;                          // zero where not matched
  std::vector<RingColumn> rings;           // zero where not matched
};

// `arm` and `spine` as for Protocol::Lookup, whose errors it returns.
absl::StatusOr<Joined> LookupJoin(Protocol& protocol, const LookupShape& shape, const LookupArm* arm,
                                  const LookupSpine* spine);

// Anti join. `valid` is the spine owner's own bit, 1 at least where a key is present; local.
BitColumn RowsThatFoundNothing(const Protocol& protocol, const BitColumn& valid, const BitColumn& matched);

// The other half of a full join: for each of the arm's slots, of which there are shape.arm_bound, whether it
// is valid and its key is none of the spine's. `arm_slots` and `spine` are null unless Holds(their owner).
absl::StatusOr<BitColumn> RowsThatNobodyFound(Protocol& protocol, const LookupShape& shape,
                                              const LookupSpine* arm_slots, const BitColumn& arm_valid,
                                              const LookupSpine* spine);

// Every row of the spine gets what its key found: `shape` and `spine` are of the distinct keys; rows stand by key, as
// `key_of_row` says (spread.h), and those past its end repeat the last key's, so mask by the owner's bit for real rows.
absl::StatusOr<Joined> LookupJoinRows(Protocol& protocol, const LookupShape& shape, const LookupArm* arm,
                                      const LookupSpine* spine, const std::vector<std::uint32_t>* key_of_row,
                                      std::size_t rows);

// SUM(x * y) over all pairs of rows of the two sides that have one key, for each key of the spine: the
// product of the sums on either side. `arm_sums` are a join's rings, `spine_sums` their owner's totals per
// key, column by column. Rounds 2; traffic 32 bytes a key and column.
absl::StatusOr<std::vector<RingColumn>> PairSums(Protocol& protocol, const std::vector<RingColumn>& arm_sums,
                                                 PartyId spine_owner,
                                                 const std::vector<std::vector<std::uint64_t>>* spine_sums);

struct StarArm {
  LookupShape shape;  // the spine and its rows are the same for all
  const LookupArm* arm = nullptr;
  const LookupSpine* spine = nullptr;  // this arm's key of each row
  bool keeps_unmatched = false;        // left instead of inner
};
struct Star {
  BitColumn valid;           // rows that every inner arm matched
  std::vector<Joined> arms;  // each zero where it did not match, whatever the others did
};
// `valid` as for the anti join.
absl::StatusOr<Star> StarJoin(Protocol& protocol, const std::vector<StarArm>& arms, const BitColumn& valid);

// flag * column for each, in one round: 24 bytes a row and column. `flag` holds 0 or 1 and any column may be
// secret; an owner's own values go cheaper through Protocol::MaskOwned.
absl::StatusOr<std::vector<RingColumn>> MultiplyEach(Protocol& protocol, const RingColumn& flag,
                                                     const std::vector<RingColumn>& columns);

}  // namespace care::mpc
