// mpc/relational/sort.h
//
// Rows in the order of a secret key. The rows are shuffled, then compared in secret, and only the bits "this
// shuffled row comes before that one" are opened (comparison_sort.h); with the pre-shuffle row number as
// the last part of the key no two rows are equal, so what is opened is the order of a uniformly random
// permutation, whatever the keys, and equal keys keep their order (the sort is stable). Where the key is short and
// a round dear, a radix sort (radix_sort.h) takes the place of the comparisons.
//
//   Shape     key[n] of w bits, columns of W bits -> the same in order.
//   Units     keys compare as unsigned integers; SortKey makes them from columns, directions and NULLs.
//   Rounds    2 for the shuffle, then for each batch of comparisons w + k (ripple; k = ceil(log2 n)) or
//             1 + ceil(log2(w + k)) (tree), whichever is quicker over the link, + 1 to open.
//   Traffic   4 (W + w + k) bits a row, then 3 (w + k + 1) bits a comparison (ripple), about 20.3
//             comparisons a row at a million rows. The number of comparisons varies with the shuffle, and with nothing else:
//             PlanSort (mpc/cost/sort_plan.h) expects it, PlanComparisons is exact for a batch.
//   Leakage   n and first_ranks. What is opened, to all parties, is independent of the data.
//   Security  the Protocol's own.
//   Source    Hamada, Kikuchi, Ikarashi, Chida, Takahashi, ICISC 2012.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/cost/link_speed.h"
#include "mpc/protocol/protocol.h"
#include "mpc/relational/secret_order.h"

namespace care::mpc {

// One column to sort by.
struct SortColumn {
  const BitColumn* bits = nullptr;  // unsigned, or with the sign's bit flipped
  bool descending = false;
  const BitColumn* is_null = nullptr;  // one plane; bits must be zero there. Null: no NULLs.
  bool nulls_first = false;
};

// A single unsigned key, of columns most significant first. Local.
BitColumn SortKey(const Protocol& protocol, const std::vector<SortColumn>& columns);

struct SortedRows {
  BitColumn key;
  Protocol::Columns columns;
  RowOrder order;  // for MoveAlike and MoveBack
  Cost cost;       // of this run, exactly
};

// What a sort of n rows opens: give it to the protocol, and to SortRows.
Disclosure SortDisclosure(std::uint32_t id, std::uint64_t rows, std::string what);

struct SortOptions {
  // Only the first ranks are sorted out (top-k); the other rows follow in no order. Public, and never
  // computed from secrets.
  std::size_t first_ranks = std::numeric_limits<std::size_t>::max();
  LinkSpeed link;  // over which the batches are planned
};

absl::StatusOr<SortedRows> SortRows(Protocol& protocol, const BitColumn& key,
                                    const Protocol::Columns& columns, const Disclosure& disclosure,
                                    const SortOptions& options = {});

}  // namespace care::mpc
