// mpc/relational/sort_join.h
//
// Join on keys that nobody holds in the clear: shared in by owners who are no compute parties, or made by an
// earlier joint step. (Where one owner holds the keys of each side in the clear, LookupJoin in join.h is many
// times cheaper.) A key is in at most `most_matches` valid rows of the left side, which is checked; on the right it
// may repeat.
//
// Method: both sides are one block of rows, the left first, sorted by (not valid, key). Ties keep their
// order, so that a key's left rows open its segment. The segment's first row collects what the next
// most_matches - 1 rows bring, and a scan copies that down the segment: a right row finds its matches in
// slots, in the left side's order. Then the rows go back to where they stood. Only keys and payload are
// moved; the right side's own columns stay where they are.
//
// Every kind of join is the caller's choice among the bits that come out:
//   inner, semi   right rows that are matched (semi: in the first slot, whatever the others say)
//   left          all rows of the preserved side, which is the right one here
//   anti          rows of the preserved side that are not matched in the first slot
//   full          the preserved side's rows, then the left rows that are not `left_matched`
// NULL keys and pads are "not valid": they match nothing, and whether they are kept is the caller's.
//
// Many to many with sums alone needs no slots: SUM(a.x * b.y) = sum over keys of SUM(a.x) * SUM(b.y), one
// GroupRows (group_by_sort.h) over the rows of both.
//
//   Shape     left key[l], right key[r] of w bits, payload[l] of W bits, D = most_matches -> D times (matched[r],
//             payload[r]), left_matched[l].
//   Units     planes.
//   Rounds    the sort's for n = l + r rows, then ceil(log2 (w + 1)) + 1 + D, ceil(log2 n) + 1 for the check of D,
//             2 floor(log2 n) + 2, and 1 for the mask if W > 0; one or two less where n is not a power of two.
//   Traffic   the sort's, with W + 1 bits beside the key; then, in bits a row of n: 3 w for neighbours' keys,
//             3 (2D + 1) for chains, 3 for the check, 6 D (W + 1) for the scan, 4 (D (W + 1) + 1) for the way back, and 3 D W
//             a right row for the mask. Exactly: SortJoinCost in mpc/cost/relational_cost.h.
//   Leakage   l, r, w, W and D, and one bit: that no key is in more than D valid left rows. If one is, only that is
//             opened and the result is an error. What the sort opens is the order of a uniformly random permutation.
//   Security  the Protocol's own.
//   Source    sort-merge joins on shares: Jonsson, Kreitz, Uddin, ePrint 2011/122; docs/protocols/sort-join.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/cost/link_speed.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

// One side. Keys of both sides have one width.
struct JoinSide {
  BitColumn key;
  BitColumn valid;  // 1 bit; no rows: every row is valid
};

// At most most_matches valid left rows have one key. ResourceExhausted, naming `what`, if more have; that bit is
// opened under `overflow` (one value, to all parties).
struct JoinBound {
  unsigned most_matches = 1;
  Disclosure overflow;
  std::string what;  // "rows of hospital.patients"
  // Nothing is checked or opened: where only slots[0].matched is asked, a key may be in any number of left rows.
  bool repeats_are_fine = false;
};
// What the check of the bound opens.
Disclosure JoinBoundDisclosure(std::uint32_t id, const std::string& table);

struct SortJoinResult {
  struct Slot {
    BitColumn matched;  // 1 bit a right row
    BitColumn payload;  // zero where not matched
  };
  std::vector<Slot> slots;  // most_matches of them; a row's matches fill the first ones
  BitColumn left_matched;   // 1 bit a left row: some valid right row has its key
};

// `disclosure`: SortDisclosure of l + r rows. `link`: the sort is planned for it.
absl::StatusOr<SortJoinResult> SortJoin(Protocol& protocol, const JoinSide& left, const BitColumn& payload,
                                        const JoinSide& right, const JoinBound& bound,
                                        const Disclosure& disclosure, const LinkSpeed& link = {});

}  // namespace care::mpc
