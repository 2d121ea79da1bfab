// mpc/relational/sum_by_sorted_codes.h
//
// COUNT and SUM by a secret code of a public domain that is too large to go through one-hot (group_dense.h):
// some tens to many thousands of codes, an answer for each, whether it occurs or not.
//
// Method: one more row for each code, so that every code occurs; rows sorted by their code; a code's rows end
// where the next row's code differs. The rows (end?, code, row number, prefix sums) are shuffled under a
// fresh permutation and the ends opened: exactly one for each code, in uniformly random places. Their codes
// are opened too: all of the domain, in a uniformly random order. So the ends can be put in the codes' order,
// and neighbours subtracted: a code's count is the difference of two row numbers, which needs no flag in the
// ring. Rows that must not count take a code of their own behind the domain, which is never answered; so do rows whose
// code is none of the domain, which therefore neither count nor show.
//
//   Shape     codes[n], counts_row[n] of one bit, V value columns[n] -> counts[G], sums[G] x V.
//   Units     codes in planes; values, counts and sums in the ring.
//   Rounds    those of LessThanPublic for the codes' w bits and 1, if G < 2^w; 1; the sort's for n + G + 1 rows of b = ceil(log2 (G + 1)) bits; ceil(log2 b), 2, 1, 1 and 2.
//   Traffic   LessThanPublic's and 3 bits a row, if G < 2^w; the sort's, with 64 V bits beside the key; then 3 b bits a row twice, 4 (b + k + 1 + 64 V) for the
//             shuffle (k bits of a row number), 3 to open; and 24 k bytes a code (SumBySortedCodesCost).
//   Leakage   n, w, G, V. What is opened is independent of the data, whatever the codes.
//   Security  the Protocol's own.
//   Source    the extra row a group: this project; opened group boundaries of shuffled rows: Hamada et al.,
//   ICISC 2012.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "mpc/cost/link_speed.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

struct CodeSums {
  RingColumn counts;
  std::vector<RingColumn> sums;
};

// What it opens after the sort.
Disclosure CodeEndsDisclosure(std::uint32_t id, std::uint64_t rows, std::uint64_t domain, std::string what);

// A row counts where `counts_row` is set and its code is below the domain; what other rows hold is never used. `sort`: SortDisclosure of
// n + domain + 1 rows.
absl::StatusOr<CodeSums> SumBySortedCodes(Protocol& protocol, const BitColumn& codes,
                                          const BitColumn& counts_row, std::uint64_t domain,
                                          const std::vector<RingColumn>& values, const Disclosure& sort,
                                          const Disclosure& ends, const LinkSpeed& link = {});

}  // namespace care::mpc
