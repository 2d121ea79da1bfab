// mpc/relational/order_by.h
//
// What ORDER BY leads to besides the order itself: LIMIT, DISTINCT, and the row of a secret rank (medians and
// other quantiles over rows of which nobody knows how many count). UNION ALL is BitColumn::JoinRows; UNION is
// that and DistinctRows.
//
//   Shape     TopRows: key[n], valid[n], columns[n] -> the first min(k, n) rows. DistinctRows: the rows by key,
//             and a bit where a key begins. RowOfRank: sorted values[n] of W bits, a secret rank[1] -> value[1].
//   Units     planes.
//   Rounds    TopRows the sort's for first ranks; DistinctRows the sort's, ceil(log2 (w + 1)) and 1;
//   RowOfRank
//             ceil(log2 b) + 1, b = ceil(log2 n) or more: the rank's bits.
//   Traffic   the sort's; DistinctRows then w + 1 ANDs a row, RowOfRank b - 1 + W (DistinctRowsCost, RowOfRankCost).
//   Leakage   n and k. A rank that depends on secrets must not steer a selection (that would open it): RowOfRank
//             takes all rows in order and compares each row number with the rank in secret.
//   Security  the Protocol's own.
//   Source    docs/protocols/segments.md, docs/protocols/sorting.md.
#pragma once

#include "absl/status/statusor.h"
#include "mpc/cost/link_speed.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

struct OrderedRows {
  BitColumn key;
  BitColumn valid;  // 1 bit
  Protocol::Columns columns;
};

// ORDER BY key LIMIT limit: the first rows, those that are not valid last. `valid` (no rows: all are) as in
// group_by_sort.h; `sort`: SortDisclosure of the rows. The limit is public.
absl::StatusOr<OrderedRows> TopRows(Protocol& protocol, const BitColumn& key, const BitColumn& valid,
                                    const Protocol::Columns& columns, std::size_t limit,
                                    const Disclosure& sort, const LinkSpeed& link = {});

// All rows by key; valid is left to the first valid row of each key.
absl::StatusOr<OrderedRows> DistinctRows(Protocol& protocol, const BitColumn& key, const BitColumn& valid,
                                         const Protocol::Columns& columns, const Disclosure& sort,
                                         const LinkSpeed& link = {});

// The value of row `rank` (from 0; one row, wide enough for every row number); zero if there is no such row.
absl::StatusOr<BitColumn> RowOfRank(Protocol& protocol, const BitColumn& sorted_values,
                                    const BitColumn& rank);

}  // namespace care::mpc
