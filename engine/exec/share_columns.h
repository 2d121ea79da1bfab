// engine/exec/share_columns.h
//
// From an owner's clear columns to what enters the protocol: the planner's forms, packed as planes of bits
// and ring columns. Slots that hold no row are zero in every plane. A value outside the range that the plan
// counts on is an error that names the column, before anything is sent.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/column_batch.h"
#include "mpc/share/bit_planes.h"
#include "planner/physical/physical_plan.h"

namespace care::engine {

inline constexpr std::int32_t kNoRow = -1;

// How many planes and ring columns the forms take: public.
struct FormShape {
  unsigned planes = 0;
  unsigned rings = 0;
};
FormShape ShapeOf(const std::vector<planner::SharedForm>& forms);
unsigned PlanesOf(const planner::SharedForm& form);  // its value planes and its null plane

struct EncodedColumns {
  mpc::BitPlanes bits;  // slots x planes, forms in order: value planes, then null plane
  std::vector<std::vector<std::uint64_t>> rings;  // kRing forms in order
};

// row_of_slot[s] is the batch's row in slot s, or kNoRow.
absl::StatusOr<EncodedColumns> EncodeColumns(const ColumnBatch& batch,
                                             const std::vector<std::int32_t>& row_of_slot,
                                             const std::vector<planner::SharedForm>& forms,
                                             const std::map<planner::ColumnId, planner::GroupDomain>& domains,
                                             const std::vector<planner::ColumnInfo>& columns);

// A kOwned column at the slots: zero where there is no row or the value is NULL.
std::vector<std::uint64_t> OwnedValues(const ColumnBatch& batch, const std::vector<std::int32_t>& row_of_slot,
                                       planner::ColumnId column);

}  // namespace care::engine
