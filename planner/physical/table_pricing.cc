#include "planner/physical/table_pricing.h"

#include <utility>

#include "planner/physical/value_circuits.h"

namespace care::planner {
namespace {

using mpc::CompareDepth;
using mpc::Cost;

}  // namespace

const SharedValueShape* Pricing::FindShape(ColumnId column) {
  const auto [entry, is_new] = shapes_.try_emplace(column);
  if (is_new) {
    absl::StatusOr<SharedValueShape> shape = ShapeOfColumn(columns_[column]);
    if (shape.ok()) entry->second = *std::move(shape);
  }
  return entry->second ? &*entry->second : nullptr;
}

const SharedValueShape& Pricing::Shape(ColumnId column) {
  if (const SharedValueShape* shape = FindShape(column)) return *shape;
  Fail();
  return no_shape_;
}

Cost Pricing::Take() {
  const Cost cost = cost_;
  cost_ = {};
  return cost;
}

void Pricing::Sort(std::uint64_t rows, unsigned key_bits, unsigned width, unsigned rings, std::uint64_t first_ranks) {
  const mpc::SortPlan plan = mpc::PlanSort(rows, key_bits, width, rings, link_, first_ranks);
  Add(plan.cost);
  comparisons_ += plan.comparisons;
}

void Pricing::BitsToStored(std::uint64_t rows, unsigned width) {
  if (width <= 3) return BitsToRing(rows, width);
  Add(mpc::IntegersToRingCost(rows, width, 64, CompareDepth::kTree));
}

void Pricing::UnsignedToRing(std::uint64_t rows, unsigned width) {
  if (width <= 2) return BitsToRing(rows, width);
  const Cost ripple = mpc::IntegersToRingCost(rows, width, 64, CompareDepth::kRipple);
  const Cost tree = mpc::IntegersToRingCost(rows, width, 64, CompareDepth::kTree);
  Add(mpc::Microseconds(ripple, link_) < mpc::Microseconds(tree, link_) ? ripple : tree);
}

void Pricing::BitsOf(PricedTable& table, ColumnId column) {
  const auto found = table.columns.find(column);
  if (found == table.columns.end()) return Fail();
  ValueForms& forms = found->second;
  if (forms.bits) return;
  const unsigned width = Width(column);
  Add(mpc::RingToBitsCost(table.slots, width));
  if (forms.not_null) And(table.slots, width);
  forms.bits = true;
}

void Pricing::RingOf(PricedTable& table, ColumnId column) {
  const auto found = table.columns.find(column);
  if (found == table.columns.end()) return Fail();
  if (found->second.ring) return;
  BitsToStored(table.slots, Width(column));
  found->second.ring = true;
}

void Pricing::Reshape(std::uint64_t rows, const SharedValueShape& from, const SharedValueShape& target) {
  mpc::BooleanCircuit circuit(from.width);
  const auto inputs = circuit.Inputs(0, from.width);
  const absl::StatusOr<CircuitBits> bits =
      ReshapeBits(circuit, CircuitBits(inputs.begin(), inputs.end()), from, target, CompareDepth::kTree);
  if (!bits.ok()) return Fail();
  for (const CircuitBit bit : *bits) circuit.Output(bit);
  Add(mpc::CircuitCost(rows, circuit));
}

}  // namespace care::planner
