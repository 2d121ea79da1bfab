// Follows engine/exec/tables/table_evaluator.cc.
#include <utility>

#include "mpc/cost/comparison_depth.h"
#include "planner/physical/table_circuit.h"
#include "planner/physical/table_expressions.h"
#include "planner/physical/table_pricing.h"

namespace care::planner {
namespace {

class ExpressionPrice {
 public:
  ExpressionPrice(Pricing& pricing, PricedTable& table) : pricing_(pricing), table_(table) {}

  void IsTrue(const ExpressionPtr& condition) {
    TableCircuit circuit(pricing_.columns(), Forms(), Depth());
    circuit.AskTrue(condition);
    Run(circuit);
  }

  ValueForms Evaluate(const ExpressionPtr& expression, const ColumnInfo& column) {
    if (const auto* same = std::get_if<ColumnExpression>(&expression->node)) {
      const auto found = table_.columns.find(same->column);
      if (found == table_.columns.end()) {
        pricing_.Fail();
        return {};
      }
      const ColumnInfo& info = pricing_.columns()[same->column];
      const SharedValueShape* from = pricing_.FindShape(same->column);
      const auto to = ShapeOfColumn(column);
      const bool equal = from != nullptr && to.ok() && from->kind == to->kind && from->base == to->base &&
                         from->width == to->width && from->domain == to->domain;
      if (equal && StoredScale(info.type) == StoredScale(column.type)) return found->second;
    }
    const FormsOfColumn forms = Forms();
    const bool in_ring = ComputesInRing(expression, pricing_.columns(), forms);
    TableCircuit circuit(pricing_.columns(), forms, Depth());
    circuit.AskKnown(expression);
    ValueForms value;
    if (!in_ring) {
      const auto shape = ShapeOfColumn(column);
      if (!shape.ok()) {
        pricing_.Fail();
        return {};
      }
      circuit.AskValue(expression, *shape);
    }
    if (!Run(circuit)) return {};
    value.not_null = !(circuit.circuit().outputs()[0] == mpc::BooleanCircuit::Constant(true));
    if (in_ring) RingAt(expression, StoredScale(column.type));
    value.ring = in_ring;
    value.bits = !in_ring;
    return value;
  }

 private:
  FormsOfColumn Forms() const {
    return [this](ColumnId column) {
      ColumnForms forms{.bits = false};
      const auto found = table_.columns.find(column);
      if (found == table_.columns.end()) return forms;
      return ColumnForms{found->second.bits, found->second.ring, found->second.not_null};
    };
  }

  mpc::CompareDepth Depth() const { return mpc::ChooseDepth(table_.slots, 32, pricing_.link()); }

  bool Run(TableCircuit& circuit) {
    if (!circuit.Build().ok()) {
      pricing_.Fail();
      return false;
    }
    for (const CircuitInput& input : circuit.inputs()) {
      switch (input.kind) {
        case CircuitInput::Kind::kBits:
          pricing_.BitsOf(table_, input.column);
          break;
        case CircuitInput::Kind::kNullPlane:
          break;
        case CircuitInput::Kind::kRing:
          Ring(input.expression);
          pricing_.Add(mpc::RingToBitsCost(table_.slots, input.width));
          break;
      }
    }
    if (!circuit.inputs().empty()) pricing_.Add(mpc::CircuitCost(table_.slots, circuit.circuit()));
    return true;
  }

  void RingAt(const ExpressionPtr& expression, int scale) {
    if (!StoredLiteral(expression, scale)) Ring(expression);
  }

  void Ring(const ExpressionPtr& expression) {
    const int scale = StoredScale(expression->type);
    if (std::holds_alternative<LiteralExpression>(expression->node)) return;
    if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) return pricing_.RingOf(table_, column->column);
    if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
      if (cast->operand->type.IsExactNumber() && StoredScale(cast->operand->type) <= scale) return RingAt(cast->operand, scale);
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
      case Function::kDateDifference:
        RingAt(arguments[0], scale);
        RingAt(arguments[1], scale);
        return;
      case Function::kNegate:
        return RingAt(arguments[0], scale);
      case Function::kMultiply:
        for (int i = 0; i < 2; ++i) {
          if (StoredLiteral(arguments[i], StoredScale(arguments[i]->type))) return Ring(arguments[1 - i]);
        }
        Ring(arguments[0]);
        Ring(arguments[1]);
        return pricing_.Add(mpc::MultiplyCost(table_.slots));
      case Function::kCoalesce:
        return RingOfChoice(expression, arguments);
      default:
        return RingFromBits(expression);
    }
  }

  void RingOfChoice(const ExpressionPtr& expression, const std::vector<ExpressionPtr>& results) {
    const int scale = StoredScale(expression->type);
    TableCircuit circuit(pricing_.columns(), Forms(), Depth());
    circuit.AskSelectors(expression);
    if (!Run(circuit)) return;
    std::vector<const ExpressionPtr*> values;
    for (const ExpressionPtr& result : results) {
      if (result == nullptr) continue;
      const bool literal = std::holds_alternative<LiteralExpression>(result->node);
      if (literal && StoredLiteral(result, scale).value_or(0) == 0) continue;
      values.push_back(&result);
    }
    if (values.empty()) return;
    pricing_.BitsToRing(table_.slots, static_cast<unsigned>(values.size()));
    bool multiplies = false;
    for (const ExpressionPtr* value : values) {
      if (StoredLiteral(*value, scale)) continue;
      RingAt(*value, scale);
      multiplies = true;
    }
    if (multiplies) pricing_.Add(mpc::MultiplyCost(table_.slots));
  }

  void RingFromBits(const ExpressionPtr& expression) {
    const auto shape = ShapeOfColumn(JointColumn(expression, pricing_.columns()));
    if (!shape.ok()) return pricing_.Fail();
    TableCircuit circuit(pricing_.columns(), Forms(), Depth());
    circuit.AskValue(expression, *shape);
    if (Run(circuit)) pricing_.BitsToStored(table_.slots, shape->width);
  }

  Pricing& pricing_;
  PricedTable& table_;
};

}  // namespace

void PriceCondition(Pricing& pricing, PricedTable& table, const ExpressionPtr& condition) {
  ExpressionPrice(pricing, table).IsTrue(condition);
}

ValueForms PriceExpression(Pricing& pricing, PricedTable& table, const ExpressionPtr& expression, const ColumnInfo& column) {
  return ExpressionPrice(pricing, table).Evaluate(expression, column);
}

}  // namespace care::planner
