// engine/exec/tables/concat_tables.h
//
// ConcatTablesNode: the slots of several tables one after the other, their columns brought to one shape each. Bits where all
// inputs have bits, the ring where all have that; where some have one and some the other, bits.
//
//   Rounds    those of value_forms.h, input by input; none where shapes are equal.
#pragma once

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

absl::StatusOr<SharedTable> ConcatTables(TableContext& context, const planner::ConcatTablesNode& node);

// GatherPartitionsNode `id`: what was computed of each partition, in the same forms. Local.
absl::StatusOr<SharedTable> GatherPartitions(const planner::PhysicalPlan& plan, planner::NodeId id, std::vector<SharedTable> parts);

}  // namespace care::engine
