// mpc/relational/compact.h
//
// Moves the rows that are flagged to the front, in their order, without telling which or how many they are:
// what a filter leaves, or the last rows of segments (group_by_sort.h), for a step whose work should depend
// on a bound and not on all rows.
//
// Method: a flagged row's place is the number of flagged rows before it, any other row's the number of
// flagged rows in all plus the number of others before it; prefix sums and one product. The rows and their
// places are shuffled under a fresh permutation, the places opened, and the rows put there. The places are a
// permutation of 0 .. n - 1 whatever the flags, and after a uniform shuffle a uniform one.
//
//   Shape     flag[n], columns[n] of W bits -> columns[m], valid[m]; m = n, or a public bound.
//   Units     places in the ring.
//   Rounds    2 for the flag into the ring, 1, 2 for the shuffle, 1 to open; with a bound, 1 to open whether it
//             holds, after RingToBits and LessThanPublic of one row.
//   Traffic   24 bytes a row for the flag, 24 for the product, 32 + 4 (W + 1) / 8 for the shuffle, 24 to open
//             (CompactCost). The way back: 4 W bits a row.
//   Leakage   n, the bound, and with a bound one bit: that no more rows are flagged. If more are, only that is
//             opened and the result is an error. What is opened otherwise is a uniformly random permutation.
//   Security  the Protocol's own.
//   Source    oblivious compaction by shuffled destinations: as a radix pass of Hamada, Ikarashi, Chida,
//   Takahashi, ePrint
//             2014/121, with a key of one bit.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

// How the rows came to stand so; to move columns back.
struct CompactOrder {
  SecretPermutation shuffle;
  std::vector<std::uint32_t> places;  // of each shuffled row
};

struct CompactRows {
  Protocol::Columns columns;
  BitColumn valid;  // 1 bit: the flagged rows, first to last
  CompactOrder order;
};

// What compacting n rows opens.
Disclosure CompactDisclosure(std::uint32_t id, std::uint64_t rows, std::string what);

absl::StatusOr<CompactRows> Compact(Protocol& protocol, const BitColumn& flag,
                                    const Protocol::Columns& columns, const Disclosure& disclosure);

// Columns in the order of Compact, all n rows, back where their rows stood before.
absl::StatusOr<Protocol::Columns> Uncompact(Protocol& protocol, const CompactOrder& order,
                                            const Protocol::Columns& compact);

// Only the first `rows` rows are kept. ResourceExhausted, naming `what`, if more are flagged; that bit is
// opened under `overflow` (one value, to all parties).
struct CompactBound {
  std::size_t rows = 0;
  Disclosure overflow;
  std::string what;
};
absl::StatusOr<CompactRows> CompactTo(Protocol& protocol, const CompactBound& bound, const BitColumn& flag,
                                      const Protocol::Columns& columns, const Disclosure& disclosure);

}  // namespace care::mpc
