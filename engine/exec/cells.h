// engine/exec/cells.h
//
// Sums measures into the cells of the answer: by secret one-hot codes, or where the spine's owner knows the
// groups, at boundaries of its own order. Every measure is masked by validity before it is summed.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/slot_space.h"
#include "mpc/protocol/protocol.h"
#include "planner/physical/physical_plan.h"

namespace care::engine {

// kOneHot and kBoundaries: over the key space. One ring column of cells() rows a measure.
absl::StatusOr<std::vector<mpc::RingColumn>> SumKeyCells(mpc::Protocol& protocol,
                                                         const planner::PhysicalPlan& plan,
                                                         const planner::CellsNode& cells, SlotSpace& keys);

// kRowBoundaries: over a row space of the spine's owner.
absl::StatusOr<std::vector<mpc::RingColumn>> SumRowCells(mpc::Protocol& protocol,
                                                         const planner::CellsNode& cells, SlotSpace& keys,
                                                         SlotSpace& rows);

// kLocal: `batch` holds one row a group at its owner, and is null elsewhere.
absl::StatusOr<std::vector<mpc::RingColumn>> ShareLocalCells(mpc::Protocol& protocol,
                                                             const planner::CellsNode& cells, PartyId owner,
                                                             const ColumnBatch* batch);

}  // namespace care::engine
