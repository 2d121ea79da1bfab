#include "engine/exec/tables/value_forms.h"

#include <array>
#include <utility>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "planner/physical/value_circuits.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::RingColumn;
using planner::SharedValueShape;

// Up to this width a plane at a time is cheaper than a subtraction of 64 bits.
constexpr unsigned kMostSinglePlanes = 3;

absl::StatusOr<SharedValue*> Find(SharedTable& table, planner::ColumnId column) {
  const auto found = table.columns.find(column);
  if (found == table.columns.end()) return absl::InternalError("the plan reads a column that its table lacks");
  return &found->second;
}

RingColumn Plus(const mpc::Protocol& protocol, const RingColumn& column, std::uint64_t constant) {
  if (constant == 0) return column;
  CARE_CHECK(column.width() <= mpc::kDefaultRing);
  const std::vector<std::uint64_t> constants(column.rows(), constant);
  return protocol.Add(column, protocol.PublicRing(constants, column.width()));
}

}  // namespace

absl::StatusOr<RingColumn> BitsToStored(mpc::Protocol& protocol, const BitColumn& bits, std::int64_t base) {
  RingColumn ring;
  if (bits.width() <= kMostSinglePlanes) {
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> planes, protocol.BitsToRing(bits));
    ring = planes[0];
    for (unsigned p = 1; p < planes.size(); ++p)
      ring = protocol.Add(ring, protocol.MultiplyPublic(planes[p], std::uint64_t{1} << p));
  } else {
    CARE_ASSIGN_OR_RETURN(ring, protocol.IntegersToRing(bits, mpc::kDefaultRing, mpc::CompareDepth::kTree));
  }
  return Plus(protocol, ring, static_cast<std::uint64_t>(base));
}

absl::StatusOr<BitColumn> StoredToBits(mpc::Protocol& protocol, const RingColumn& ring, std::int64_t base, unsigned width) {
  return protocol.RingToBits(Plus(protocol, ring, -static_cast<std::uint64_t>(base)), width);
}

absl::StatusOr<const BitColumn*> BitsOf(mpc::Protocol& protocol, const planner::PhysicalPlan& plan, SharedTable& table,
                                        planner::ColumnId column) {
  CARE_ASSIGN_OR_RETURN(SharedValue* const value, Find(table, column));
  if (!value->bits) {
    if (!value->ring) return absl::InternalError("a shared column has no form");
    CARE_ASSIGN_OR_RETURN(const SharedValueShape shape, planner::ShapeOfColumn(plan.columns[column]));
    CARE_ASSIGN_OR_RETURN(const BitColumn bits, StoredToBits(protocol, *value->ring, shape.base, shape.width));
    CARE_ASSIGN_OR_RETURN(value->bits, ZeroWhereNull(protocol, bits, value->not_null));
  }
  return &*value->bits;
}

absl::StatusOr<const RingColumn*> RingOf(mpc::Protocol& protocol, const planner::PhysicalPlan& plan, SharedTable& table,
                                         planner::ColumnId column) {
  CARE_ASSIGN_OR_RETURN(SharedValue* const value, Find(table, column));
  if (!value->ring) {
    if (!value->bits) return absl::InternalError("a shared column has no form");
    CARE_ASSIGN_OR_RETURN(const SharedValueShape shape, planner::ShapeOfColumn(plan.columns[column]));
    if (shape.kind != planner::ValueKind::kInteger && shape.kind != planner::ValueKind::kBoolean)
      return absl::InternalError("text has no sum");
    CARE_ASSIGN_OR_RETURN(value->ring, BitsToStored(protocol, *value->bits, shape.base));
  }
  return &*value->ring;
}

absl::StatusOr<BitColumn> Reshape(mpc::Protocol& protocol, const BitColumn& bits, const SharedValueShape& from,
                                  const SharedValueShape& target) {
  CARE_CHECK(bits.width() == from.width);
  mpc::BooleanCircuit circuit(from.width);
  const auto inputs = circuit.Inputs(0, from.width);
  CARE_ASSIGN_OR_RETURN(const planner::CircuitBits reshaped,
                        planner::ReshapeBits(circuit, planner::CircuitBits(inputs.begin(), inputs.end()), from, target,
                                             mpc::CompareDepth::kTree));
  bool same = from.width == target.width;
  for (unsigned p = 0; p < reshaped.size(); ++p) {
    same = same && reshaped[p] == circuit.Input(p);
    circuit.Output(reshaped[p]);
  }
  if (same) return bits;
  const std::array<const BitColumn*, 1> columns{&bits};
  return protocol.Evaluate(circuit, columns);
}

absl::StatusOr<SharedValueShape> CommonShape(const SharedValueShape& a, const SharedValueShape& b) {
  return planner::CommonShape(a, b);
}

absl::StatusOr<BitColumn> ZeroWhereNull(mpc::Protocol& protocol, const BitColumn& bits,
                                        const std::optional<BitColumn>& not_null) {
  if (!not_null) return bits;
  return protocol.And(bits, *not_null);
}

}  // namespace care::engine
