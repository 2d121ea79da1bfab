#include "engine/exec/tables/table_evaluator.h"

#include <algorithm>
#include <utility>

#include "engine/exec/tables/value_forms.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/cost/comparison_depth.h"
#include "mpc/relational/compare.h"
#include "planner/physical/table_expressions.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::RingColumn;
using planner::CallExpression;
using planner::CaseExpression;
using planner::CastExpression;
using planner::CircuitInput;
using planner::ColumnExpression;
using planner::ExpressionPtr;
using planner::Function;
using planner::LiteralExpression;
using planner::StoredLiteral;
using planner::StoredScale;

std::uint64_t PowerOfTen(int exponent) {
  std::uint64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

planner::FormsOfColumn TableEvaluator::Forms() const {
  return [this](planner::ColumnId column) {
    planner::ColumnForms forms{.bits = false};
    const auto found = table_.columns.find(column);
    if (found == table_.columns.end()) return forms;
    forms.bits = found->second.bits.has_value();
    forms.ring = found->second.ring.has_value();
    forms.nullable = found->second.not_null.has_value();
    return forms;
  };
}

mpc::CompareDepth TableEvaluator::Depth() const { return mpc::ChooseDepth(table_.slots, 32, link_); }

RingColumn TableEvaluator::Constant(std::uint64_t value) const {
  return protocol_.PublicRing(std::vector<std::uint64_t>(table_.slots, value));
}

absl::StatusOr<BitColumn> TableEvaluator::InputPlanes(const CircuitInput& input) {
  switch (input.kind) {
    case CircuitInput::Kind::kBits: {
      CARE_ASSIGN_OR_RETURN(const BitColumn* const bits, BitsOf(protocol_, plan_, table_, input.column));
      if (bits->width() != input.width) return absl::InternalError("a shared column has another shape than its plan");
      return *bits;
    }
    case CircuitInput::Kind::kNullPlane:
      return *table_.columns.at(input.column).not_null;
    case CircuitInput::Kind::kRing: {
      CARE_ASSIGN_OR_RETURN(const RingColumn ring, Ring(input.expression));
      return StoredToBits(protocol_, ring, input.base, input.width);
    }
  }
  return absl::InternalError("unknown input");
}

absl::StatusOr<BitColumn> TableEvaluator::Run(planner::TableCircuit& circuit) {
  CARE_RETURN_IF_ERROR(circuit.Build());
  std::vector<BitColumn> columns;
  for (const CircuitInput& input : circuit.inputs()) {
    if (input.kind != CircuitInput::Kind::kRing && !table_.columns.contains(input.column))
      return absl::InternalError("the plan reads a column that its table lacks");
    CARE_ASSIGN_OR_RETURN(BitColumn planes, InputPlanes(input));
    columns.push_back(std::move(planes));
  }
  // Nothing but constants: a circuit has no rows of its own.
  if (columns.empty()) {
    mpc::BitPlanes planes(table_.slots, static_cast<unsigned>(circuit.circuit().outputs().size()));
    for (unsigned p = 0; p < planes.width(); ++p) {
      if (!circuit.circuit().outputs()[p].inverted) continue;
      for (std::uint64_t& word : planes.plane(p)) word = ~std::uint64_t{0};
    }
    planes.ClearPastLastRow();
    return protocol_.PublicBits(planes);
  }
  std::vector<const BitColumn*> inputs;
  for (const BitColumn& column : columns) inputs.push_back(&column);
  return protocol_.Evaluate(circuit.circuit(), inputs);
}

absl::StatusOr<BitColumn> TableEvaluator::IsTrue(const ExpressionPtr& expression) {
  planner::TableCircuit circuit(plan_.columns, Forms(), Depth());
  circuit.AskTrue(expression);
  return Run(circuit);
}

absl::StatusOr<SharedValue> TableEvaluator::Evaluate(const ExpressionPtr& expression, const planner::ColumnInfo& column) {
  SharedValue value;
  if (const auto* same = std::get_if<ColumnExpression>(&expression->node)) {
    const auto found = table_.columns.find(same->column);
    if (found == table_.columns.end()) return absl::InternalError("the plan reads a column that its table lacks");
    const planner::ColumnInfo& info = plan_.columns[same->column];
    const auto from = planner::ShapeOfColumn(info), to = planner::ShapeOfColumn(column);
    const bool equal = from.ok() && to.ok() && from->kind == to->kind && from->base == to->base &&
                       from->width == to->width && from->domain == to->domain;
    if (equal && StoredScale(info.type) == StoredScale(column.type)) return found->second;
  }
  const planner::FormsOfColumn forms = Forms();
  // A column that may be NULL by the plan may yet be known to have a value, and the other way round never.
  const bool in_ring = planner::ComputesInRing(expression, plan_.columns, forms);
  planner::TableCircuit circuit(plan_.columns, forms, Depth());
  circuit.AskKnown(expression);
  planner::SharedValueShape shape;
  if (!in_ring) {
    CARE_ASSIGN_OR_RETURN(shape, planner::ShapeOfColumn(column));
    if (StoredScale(column.type) != StoredScale(expression->type))
      return absl::InternalError("a derived column has other digits than its expression");
    circuit.AskValue(expression, shape);
  }
  CARE_ASSIGN_OR_RETURN(const BitColumn planes, Run(circuit));
  const mpc::BooleanCircuit::Bit known = circuit.circuit().outputs()[0];
  if (!(known == mpc::BooleanCircuit::Constant(true))) value.not_null = planes.Planes(0, 1);
  if (in_ring) {
    CARE_ASSIGN_OR_RETURN(value.ring, RingAt(expression, StoredScale(column.type)));
  } else {
    value.bits = planes.Planes(1, shape.width);
  }
  return value;
}

absl::StatusOr<RingColumn> TableEvaluator::RingAt(const ExpressionPtr& expression, int scale) {
  if (const std::optional<std::int64_t> stored = StoredLiteral(expression, scale))
    return Constant(static_cast<std::uint64_t>(*stored));
  CARE_ASSIGN_OR_RETURN(RingColumn ring, Ring(expression));
  const int own = StoredScale(expression->type);
  if (own > scale) return absl::InternalError("a number has more digits than its column");
  if (own < scale) ring = protocol_.MultiplyPublic(ring, PowerOfTen(scale - own));
  return ring;
}

absl::StatusOr<RingColumn> TableEvaluator::Ring(const ExpressionPtr& expression) {
  const int scale = StoredScale(expression->type);
  if (std::holds_alternative<LiteralExpression>(expression->node)) {
    return Constant(static_cast<std::uint64_t>(StoredLiteral(expression, scale).value_or(0)));
  }
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    CARE_ASSIGN_OR_RETURN(const RingColumn* const ring, RingOf(protocol_, plan_, table_, column->column));
    return *ring;
  }
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    if (cast->operand->type.IsExactNumber() && StoredScale(cast->operand->type) <= scale)
      return RingAt(cast->operand, scale);
    return RingFromBits(expression);
  }
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    std::vector<ExpressionPtr> results;
    for (const CaseExpression::Branch& branch : chosen->branches) results.push_back(branch.result);
    results.push_back(chosen->otherwise);
    return RingOfChoice(expression, results);
  }
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return RingFromBits(expression);
  const std::vector<ExpressionPtr>& arguments = call->arguments;
  switch (call->function) {
    case Function::kAdd:
    case Function::kDateAddDays:
    case Function::kSubtract:
    case Function::kDateDifference: {
      CARE_ASSIGN_OR_RETURN(const RingColumn left, RingAt(arguments[0], scale));
      CARE_ASSIGN_OR_RETURN(const RingColumn right, RingAt(arguments[1], scale));
      const bool adds = call->function == Function::kAdd || call->function == Function::kDateAddDays;
      return adds ? protocol_.Add(left, right) : protocol_.Subtract(left, right);
    }
    case Function::kNegate: {
      CARE_ASSIGN_OR_RETURN(const RingColumn value, RingAt(arguments[0], scale));
      return protocol_.MultiplyPublic(value, ~std::uint64_t{0});
    }
    case Function::kMultiply: {
      // The scales of the factors add up to the product's.
      for (int i = 0; i < 2; ++i) {
        const std::optional<std::int64_t> factor = StoredLiteral(arguments[i], StoredScale(arguments[i]->type));
        if (!factor) continue;
        CARE_ASSIGN_OR_RETURN(const RingColumn value, Ring(arguments[1 - i]));
        return protocol_.MultiplyPublic(value, static_cast<std::uint64_t>(*factor));
      }
      CARE_ASSIGN_OR_RETURN(const RingColumn left, Ring(arguments[0]));
      CARE_ASSIGN_OR_RETURN(const RingColumn right, Ring(arguments[1]));
      return protocol_.Multiply(left, right);
    }
    case Function::kCoalesce:
      return RingOfChoice(expression, arguments);
    default:
      return RingFromBits(expression);
  }
}

absl::StatusOr<RingColumn> TableEvaluator::RingOfChoice(const ExpressionPtr& expression,
                                                        const std::vector<ExpressionPtr>& results) {
  const int scale = StoredScale(expression->type);
  planner::TableCircuit circuit(plan_.columns, Forms(), Depth());
  circuit.AskSelectors(expression);
  CARE_ASSIGN_OR_RETURN(const BitColumn planes, Run(circuit));
  // Only the selectors of results that add something become ring columns.
  std::vector<const BitColumn*> used;
  std::vector<BitColumn> selectors;
  std::vector<const ExpressionPtr*> values;
  selectors.reserve(results.size());
  for (unsigned i = 0; i < results.size(); ++i) {
    if (results[i] == nullptr) continue;
    const auto* literal = std::get_if<LiteralExpression>(&results[i]->node);
    const std::optional<std::int64_t> stored = StoredLiteral(results[i], scale);
    if (literal != nullptr && stored.value_or(0) == 0) continue;
    selectors.push_back(planes.Planes(i, 1));
    values.push_back(&results[i]);
  }
  if (selectors.empty()) return Constant(0);
  for (const BitColumn& selector : selectors) used.push_back(&selector);
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> flags, protocol_.BitsToRing(BitColumn::JoinPlanes(used)));
  RingColumn total = Constant(0);
  std::vector<RingColumn> lefts, rights;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (const std::optional<std::int64_t> stored = StoredLiteral(*values[i], scale)) {
      total = protocol_.Add(total, protocol_.MultiplyPublic(flags[i], static_cast<std::uint64_t>(*stored)));
      continue;
    }
    CARE_ASSIGN_OR_RETURN(RingColumn value, RingAt(*values[i], scale));
    lefts.push_back(flags[i]);
    rights.push_back(std::move(value));
  }
  if (lefts.empty()) return total;
  CARE_ASSIGN_OR_RETURN(const RingColumn products, protocol_.SumOfProducts(lefts, rights));
  return protocol_.Add(total, products);
}

absl::StatusOr<RingColumn> TableEvaluator::RingFromBits(const ExpressionPtr& expression) {
  CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape shape,
                        planner::ShapeOfColumn(planner::JointColumn(expression, plan_.columns)));
  if (shape.kind != planner::ValueKind::kInteger) return absl::InternalError("a sum of what is no number");
  planner::TableCircuit circuit(plan_.columns, Forms(), Depth());
  circuit.AskValue(expression, shape);
  CARE_ASSIGN_OR_RETURN(const BitColumn bits, Run(circuit));
  return BitsToStored(protocol_, bits, shape.base);
}

}  // namespace care::engine
