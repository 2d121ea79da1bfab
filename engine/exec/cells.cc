#include "engine/exec/cells.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "connectors/connector.h"
#include "engine/exec/domain_coder.h"
#include "engine/exec/joint_expression.h"
#include "engine/exec/share_columns.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/expand.h"
#include "mpc/relational/group_boundaries.h"
#include "mpc/relational/group_dense.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::Protocol;
using mpc::RingColumn;
using planner::CellsNode;
using planner::Measure;

absl::StatusOr<RingColumn> ValidRing(Protocol& protocol, SlotSpace& space) {
  if (!space.valid_ring) {
    CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> ring, protocol.BitsToRing(space.valid));
    space.valid_ring = std::move(ring[0]);
  }
  return *space.valid_ring;
}

// The measure at each slot. If `mask`, zero in invalid slots; otherwise the groups' codes are.
absl::StatusOr<RingColumn> MeasureAtSlots(Protocol& protocol, JointEvaluator& evaluator,
                                          const Measure& measure, SlotSpace& space, bool mask) {
  std::optional<RingColumn> value;
  bool masked = false;
  if (measure.value) {
    CARE_ASSIGN_OR_RETURN(value, evaluator.Ring(measure.value));
    const auto* column = std::get_if<planner::ColumnExpression>(&measure.value->node);
    if (column != nullptr) masked = space.columns.at(column->column).ring_masked_under == space.validity;
  }
  for (const planner::ExpressionPtr& factor : measure.factors) {
    CARE_ASSIGN_OR_RETURN(const RingColumn times, evaluator.Ring(factor));
    if (value) {
      CARE_ASSIGN_OR_RETURN(value, protocol.Multiply(*value, times));
    } else {
      value = times;
    }
  }
  std::optional<RingColumn> flag;
  if (measure.condition) {
    CARE_ASSIGN_OR_RETURN(BitColumn condition, evaluator.IsTrue(measure.condition));
    if (mask) {
      CARE_ASSIGN_OR_RETURN(condition, protocol.And(condition, space.valid));
    }
    CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> ring, protocol.BitsToRing(condition));
    flag = std::move(ring[0]);
  } else if (mask && !masked) {
    CARE_ASSIGN_OR_RETURN(flag, ValidRing(protocol, space));
  }
  if (!value) {
    if (flag) return *flag;
    return protocol.PublicRing(std::vector<std::uint64_t>(space.slots, 1));
  }
  if (!flag) return *value;
  return protocol.Multiply(*value, *flag);
}

}  // namespace

absl::StatusOr<std::vector<RingColumn>> SumKeyCells(Protocol& protocol, const planner::PhysicalPlan& plan,
                                                    const CellsNode& cells, SlotSpace& keys) {
  JointEvaluator evaluator(protocol, plan, keys);
  const bool by_codes = cells.method == planner::GroupMethod::kOneHot;
  const bool codes_mask = by_codes && !cells.groups.empty();
  std::vector<RingColumn> values;
  for (const Measure& measure : cells.measures) {
    CARE_ASSIGN_OR_RETURN(RingColumn value, MeasureAtSlots(protocol, evaluator, measure, keys, !codes_mask));
    values.push_back(std::move(value));
  }
  if (!by_codes) {
    std::vector<std::uint32_t> ends;
    const bool here = protocol.Holds(keys.owner);
    if (here) {
      ends = keys.end_of_cell;
      CARE_CHECK(ends.size() == cells.cells());
    }
    // Nothing after the cells reads the slots' numbers.
    for (auto& [id, column] : keys.columns) column.ring.reset();
    keys.valid_ring.reset();
    return mpc::SumByBoundaries(protocol, keys.owner, here ? &ends : nullptr, cells.cells(),
                                std::move(values));
  }
  std::vector<BitColumn> dimensions;
  for (const planner::GroupDomain& group : cells.groups) {
    BitColumn codes = *keys.columns.at(group.column).one_hot;
    if (group.has_null) {
      BitColumn any = codes.Planes(0, 1);
      for (unsigned p = 1; p < codes.width(); ++p) any = protocol.Xor(any, codes.Planes(p, 1));
      const BitColumn null = protocol.Not(any);
      codes = BitColumn::JoinPlanes({&codes, &null});
    }
    if (dimensions.empty()) {
      CARE_ASSIGN_OR_RETURN(codes, protocol.And(codes, keys.valid));
    }
    dimensions.push_back(std::move(codes));
  }
  return mpc::SumByCodes(protocol, dimensions, values);
}

absl::StatusOr<std::vector<RingColumn>> SumRowCells(Protocol& protocol, const CellsNode& cells,
                                                    SlotSpace& keys, SlotSpace& rows) {
  const bool here = protocol.Holds(rows.owner);
  CARE_ASSIGN_OR_RETURN(const Protocol::Columns spread,
                        mpc::Expand(protocol, rows.owner, here ? &rows.layout : nullptr, rows.key_count,
                                    rows.row_bound, Protocol::Columns{{keys.valid}, {}}));
  // The owner orders its rows by group; slots that hold no row fill the rest, each once.
  std::vector<std::uint32_t> source;
  std::vector<std::uint32_t> ends;
  std::vector<std::vector<std::uint64_t>> owned;
  if (here) {
    const std::vector<std::int64_t> cell_of_row = CellsOfRows(*rows.batch, cells.groups);
    std::vector<std::uint32_t> occupied;
    std::vector<std::uint32_t> vacant;
    for (std::uint32_t slot = 0; slot < rows.slots; ++slot) {
      (rows.row_of_slot[slot] == kNoRow ? vacant : occupied).push_back(slot);
    }
    std::stable_sort(occupied.begin(), occupied.end(), [&](std::uint32_t a, std::uint32_t b) {
      return cell_of_row[rows.row_of_slot[a]] < cell_of_row[rows.row_of_slot[b]];
    });
    std::vector<std::int64_t> sorted_cells;
    std::vector<std::int32_t> row_of_position(rows.row_bound, kNoRow);
    for (std::size_t i = 0; i < occupied.size(); ++i) {
      row_of_position[i] = rows.row_of_slot[occupied[i]];
      sorted_cells.push_back(cell_of_row[row_of_position[i]]);
    }
    ends = EndsOfCells(sorted_cells, cells.groups);
    source = occupied;
    source.insert(source.end(), vacant.begin(), vacant.begin() + (rows.row_bound - occupied.size()));
    for (planner::ColumnId column : cells.measure_columns)
      owned.push_back(OwnedValues(*rows.batch, row_of_position, column));
  }
  CARE_ASSIGN_OR_RETURN(const Protocol::Columns ordered,
                        protocol.GatherByOwner(rows.owner, here ? &source : nullptr, rows.row_bound, spread));
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> values,
                        protocol.MaskOwned(ordered.bits[0], rows.owner, here ? &owned : nullptr,
                                           static_cast<unsigned>(cells.measure_columns.size())));
  return mpc::SumByBoundaries(protocol, rows.owner, here ? &ends : nullptr, cells.cells(), values);
}

absl::StatusOr<std::vector<RingColumn>> ShareLocalCells(Protocol& protocol, const CellsNode& cells,
                                                        PartyId owner, const ColumnBatch* batch) {
  std::vector<RingColumn> shared;
  std::vector<std::int64_t> cell_of_row;
  if (batch != nullptr) cell_of_row = CellsOfRows(*batch, cells.groups);
  for (planner::ColumnId column : cells.measure_columns) {
    std::vector<std::uint64_t> values(cells.cells(), 0);
    if (batch != nullptr) {
      const Column& source = batch->columns[batch->FindColumn(connectors::ColumnName(column))];
      for (std::size_t row = 0; row < batch->rows; ++row) {
        if (!source.IsNull(row)) values[cell_of_row[row]] = static_cast<std::uint64_t>(source.integers[row]);
      }
    }
    CARE_ASSIGN_OR_RETURN(RingColumn ring,
                          protocol.InputRing(owner, batch != nullptr ? &values : nullptr, cells.cells()));
    shared.push_back(std::move(ring));
  }
  return shared;
}

}  // namespace care::engine
