// engine/exec/tables/window_table.h
//
// WindowTableNode: the rows sorted by partition and order, those that are not valid last, and beside each what the window
// functions say of it. A partition and rows that tie in it are segments of what is sorted (mpc/relational/segments.h), so
// everything moves along segments: numbers and sums are what is counted up to a row less what was counted before its
// partition, and both are copied along a segment as bits.
//
//   Shape     the input's slots, in the order of the keys; ties in the order of the input's slots.
//   Rounds    the sort's; equality of keys; at most 2 log2 n for all copies along one kind of segment together, 2 + ceil(log2 W) for
//             each level of a MIN or MAX; those of RingToBits for sums, and of a subtraction.
//   Leakage   what the sort opens: nothing that depends on the rows.
#pragma once

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

absl::StatusOr<SharedTable> WindowTable(TableContext& context, const planner::WindowTableNode& node, planner::NodeId id);

}  // namespace care::engine
