// engine/exec/tables/share_table.h
//
// ShareTableNode: an owner's rows enter, in slots of its own order, padded to a public bound. Every value is checked against
// what the plan knows of its column before anything is sent; an error names table and column and never the value.
//
//   Rounds    one for all bits, one for each ring column.
//   Leakage   none; the bound is public.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"
#include "mpc/share/bit_planes.h"

namespace care::engine {

// Columns in the clear, as they are shared: by column its planes, if it enters in bits, then its null plane, if it can be
// NULL; and a ring column for each that enters there. What a private lookup's arm carries, too.
struct EncodedTable {
  mpc::BitPlanes bits;
  std::vector<std::vector<std::uint64_t>> rings;
};
// Row i of the batch in row i; rows past the batch are zero.
absl::StatusOr<EncodedTable> EncodeTable(const planner::PhysicalPlan& plan, const std::vector<planner::ShareColumn>& columns,
                                         const ColumnBatch& batch, std::size_t rows, const ColumnTitle& title);
// How many planes and ring columns that makes.
struct EncodedShape {
  unsigned planes = 0;
  unsigned rings = 0;
};
absl::StatusOr<EncodedShape> EncodedShapeOf(const planner::PhysicalPlan& plan,
                                            const std::vector<planner::ShareColumn>& columns);
// Gives each column its planes and ring columns.
absl::Status TakeEncoded(const planner::PhysicalPlan& plan, const std::vector<planner::ShareColumn>& columns,
                         const mpc::BitColumn& bits, std::vector<mpc::RingColumn> rings, SharedTable& table);

// What InputBits and InputRing take: the plane of slots that hold a row before the columns' planes; then the ring columns.
absl::StatusOr<EncodedTable> EncodeShare(const planner::PhysicalPlan& plan, const planner::ShareTableNode& node,
                                         const ColumnBatch& batch, const ColumnTitle& title);

// `batch` is the fragment's rows where its owner is, else null.
absl::StatusOr<SharedTable> ShareTable(mpc::Protocol& protocol, const planner::PhysicalPlan& plan,
                                       const planner::ShareTableNode& node, std::shared_ptr<const ColumnBatch> batch,
                                       const ColumnTitle& title);

}  // namespace care::engine
