// mpc/relational/join.h
//
// One-to-one join of the spine's rows with another owner's table on keys that both owners know in the clear:
// the private lookup, with the payload set to zero where no row was found. Nothing that a lookup did not
// match is ever used: it is noise, and noise that two rows may share.
//
// Inner, semi, left and anti joins differ only in the validity bit that the caller keeps: valid & matched for
// inner and semi, valid for left, valid & !matched for anti, where `valid` is the spine owner's own bit.
//
//   Shape     LookupShape (protocol.h) -> matched[n], bits[n], rings[n]; n = spine_rows.
//   Units     payload bits by XOR, payload rings modulo 2^64.
//   Rounds    8 for the lookup, + 1 if there are bits, + 3 if there are rings.
//   Traffic   the lookup's (replicated3/lookup.cc), + 24 * ceil(n / 64) bytes a payload bit, + 24 n bytes if
//             there are rings (the flag into the ring), + 24 n bytes a ring. One ring: about 140 bytes a row.
//   Leakage   the shape.
//   Security  the Protocol's own; the helper and the arm's owner together could test the spine's keys.
//   Source    mpc/protocol/replicated3/lookup.cc.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

struct Joined {
  BitColumn matched;              // 1 bit
  BitColumn bits;                 // zero where not matched
  std::vector<RingColumn> rings;  // zero where not matched
};

// `arm` and `spine` as for Protocol::Lookup, whose errors it returns.
absl::StatusOr<Joined> LookupJoin(Protocol& protocol, const LookupShape& shape, const LookupArm* arm,
                                  const LookupSpine* spine);

// flag * column for each, in one round: 24 bytes a row and column. `flag` holds 0 or 1 and any column may be
// secret; an owner's own values go cheaper through Protocol::MaskOwned.
absl::StatusOr<std::vector<RingColumn>> MultiplyEach(Protocol& protocol, const RingColumn& flag,
                                                     const std::vector<RingColumn>& columns);

}  // namespace care::mpc
