// mpc/relational/group_by_sort.h
//
// GROUP BY a secret key of any size: rows sorted by (not valid, key), and sums along each key's segment. How
// many groups there are, and how large, stays secret: the groups are as many rows as came in, or as a
// declared bound, with a bit that says which count. Also DISTINCT (no sums), and joins of many rows with many
// rows where only sums are wanted: SUM(a.x * b.y) over the join is the sum over the groups of both tables'
// rows together of SUM(x) * SUM(y).
//
// Method: without a bound the sums run along the segments (segmented_scan.h) and a group's row is its last.
// With a bound prefix sums over all rows, which are free, are taken at the segments' ends, moved to the front
// (compact.h), cut at the bound and subtracted from each other; the tail is masked.
//
// MIN and MAX of one value: sort by (key, value) instead, they are the first and last row of a segment; of
// several: RunningMinimum and RunningMaximum. COUNT DISTINCT of a value by group: sort by (key, value), and
// count the rows where (key, value) begins: CountDistinct.
//
//   Shape     key[n] of w bits, valid[n], V value columns -> m groups: key[m], sums[m] x V, counts[m], valid[m]; m
//             = n, or the bound.
//   Units     planes; sums and counts in the ring.
//   Rounds    the sort's, then ceil(log2 (w + 1)), 1, and RunningSums' or CompactTo's and 3.
//   Traffic   the sort's, with 64 V bits beside the key; then, in bytes a row: 3 (w + 1) / 8 for neighbours' keys,
//             and 48 (V + 2) or, with a bound, 104 + 32 (V + 1) + (w + 1) / 2 (GroupRowsCost, GroupRowsToCost).
//   Leakage   n, w, V and the bound; with a bound one bit, as compact.h says.
//   Security  the Protocol's own.
//   Source    Jonsson, Kreitz, Uddin, ePrint 2011/122; docs/protocols/segments.md.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "mpc/cost/link_speed.h"
#include "mpc/protocol/protocol.h"
#include "mpc/relational/compact.h"

namespace care::mpc {

struct GroupedRows {
  BitColumn key;                 // w bits
  BitColumn valid;               // 1 bit: this row is a group. The others hold what must not be opened
  std::vector<RingColumn> sums;  // of each value column; all of one ring
  RingColumn counts;             // rows of the group, in the same ring
};

// `valid` (1 bit; no rows: all are) says which rows count. `sort`: SortDisclosure of the rows.
absl::StatusOr<GroupedRows> GroupRows(Protocol& protocol, const BitColumn& key, const BitColumn& valid,
                                      const std::vector<RingColumn>& values, const Disclosure& sort,
                                      const LinkSpeed& link = {});

// At most bound.rows groups, in the order of their keys, first; all columns are zero where no group is.
// `compact`: CompactDisclosure of the rows.
absl::StatusOr<GroupedRows> GroupRowsTo(Protocol& protocol, const CompactBound& bound, const BitColumn& key,
                                        const BitColumn& valid, const std::vector<RingColumn>& values,
                                        const Disclosure& sort, const Disclosure& compact,
                                        const LinkSpeed& link = {});

// COUNT(DISTINCT value) and COUNT(*) of each group; sums[0] is the former. `value_is_null` (1 bit; no width: none is)
// says whose value is NULL: as in SQL such a row is in its group and in COUNT(*), but adds no distinct value, whatever
// `value` holds, so that a group of NULLs alone counts 0. A row that is not `valid` is nowhere. A key that is NULL is one
// more key: give it a plane of its own.
absl::StatusOr<GroupedRows> CountDistinct(Protocol& protocol, const BitColumn& key, const BitColumn& value,
                                          const BitColumn& valid, const Disclosure& sort,
                                          const LinkSpeed& link = {}, const BitColumn& value_is_null = {});

}  // namespace care::mpc
