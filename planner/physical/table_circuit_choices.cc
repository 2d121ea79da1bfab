// Choices between values in a circuit: CASE and COALESCE by selectors, GREATEST and LEAST by comparing.
#include <algorithm>
#include <utility>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/physical/table_circuit.h"

namespace care::planner {
namespace {

using mpc::BooleanCircuit;

}  // namespace

// Planes that exclude each other: which branch of a CASE (the last stands for ELSE), or which argument of a COALESCE,
// gives the value. Where all arguments of a COALESCE are NULL the last one is taken.
absl::StatusOr<std::vector<CircuitBit>> TableCircuit::Selectors(const ExpressionPtr& expression) {
  std::vector<CircuitBit> hits;
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    for (const CaseExpression::Branch& branch : chosen->branches) {
      CARE_ASSIGN_OR_RETURN(const Truth truth, TruthOf(branch.condition));
      hits.push_back(truth.yes);
    }
  } else {
    const auto& call = std::get<CallExpression>(expression->node);
    CARE_CHECK(call.function == Function::kCoalesce);
    for (std::size_t i = 0; i + 1 < call.arguments.size(); ++i) {
      CARE_ASSIGN_OR_RETURN(const CircuitBit known, Known(call.arguments[i]));
      hits.push_back(known);
    }
  }
  std::vector<CircuitBit> selectors;
  CircuitBit none = BooleanCircuit::Constant(true);
  for (const CircuitBit hit : hits) {
    const CircuitBit selector = circuit_->And(none, hit);
    selectors.push_back(selector);
    none = circuit_->Xor(none, selector);
  }
  selectors.push_back(none);
  return selectors;
}

absl::StatusOr<CircuitValue> TableCircuit::Choice(const ExpressionPtr& expression, const std::vector<ExpressionPtr>& results,
                                                  const std::vector<CircuitBit>& selectors) {
  std::optional<CircuitValue> common;
  std::vector<CircuitValue> values;
  for (const ExpressionPtr& result : results) {
    if (result == nullptr || IsNullLiteral(result)) {
      values.emplace_back();  // nothing: NULL
      values.back().known = BooleanCircuit::Constant(false);
      continue;
    }
    CARE_ASSIGN_OR_RETURN(CircuitValue value, ValueOf(result));
    if (value.shape.kind == ValueKind::kInteger) {
      const int before = value.scale;
      CARE_ASSIGN_OR_RETURN(value, AtScale(*circuit_, value, std::max(value.scale, StoredScale(expression->type)), depth_));
      if (value.scale != before) value.zero_where_null = false;
    }
    if (!common) {
      common = value;
    } else {
      const Int128 high = std::max(common->high, value.high);
      CARE_ASSIGN_OR_RETURN(common->shape, CommonShape(common->shape, value.shape));
      common->high = high;
      // The hull of the true ranges, where widths are not full.
      if (common->shape.kind == ValueKind::kInteger) common->shape.width = WidthOfSpan(common->shape.base, high);
    }
    values.push_back(std::move(value));
  }
  if (!common) return Refuse(expression, "a choice between nothing but NULLs");
  CircuitValue chosen = *common;
  chosen.bits = ConstantBits(0, chosen.shape.width);
  chosen.known = BooleanCircuit::Constant(false);
  chosen.zero_where_null = true;
  for (std::size_t i = 0; i < values.size(); ++i) {
    CircuitValue& value = values[i];
    if (value.bits.empty()) continue;  // selects nothing: zeroes, not known
    if (value.scale != chosen.scale) return Refuse(expression, "a choice between numbers of different digits");
    const bool moved = value.shape.kind != chosen.shape.kind || value.shape.base != chosen.shape.base ||
                       value.shape.domain != chosen.shape.domain;
    CARE_ASSIGN_OR_RETURN(const CircuitBits bits, ReshapeBits(*circuit_, value.bits, value.shape, chosen.shape, depth_));
    const bool always_known = value.known == BooleanCircuit::Constant(true);
    if (!always_known && (moved || !value.zero_where_null)) chosen.zero_where_null = false;
    for (std::size_t p = 0; p < bits.size(); ++p)
      chosen.bits[p] = circuit_->Xor(chosen.bits[p], circuit_->And(selectors[i], bits[p]));
    // Where the value of every result is known, so is the choice's, without a gate.
    chosen.known = circuit_->Xor(chosen.known, circuit_->And(selectors[i], value.known));
  }
  const bool all_known = std::all_of(values.begin(), values.end(), [](const CircuitValue& value) {
    return value.known == BooleanCircuit::Constant(true);
  });
  if (all_known) chosen.known = BooleanCircuit::Constant(true);
  return chosen;
}

// GREATEST and LEAST pass over NULLs.
absl::StatusOr<CircuitValue> TableCircuit::Extreme(const ExpressionPtr& expression, const CallExpression& call) {
  std::optional<CircuitValue> best;
  for (const ExpressionPtr& argument : call.arguments) {
    if (IsNullLiteral(argument)) continue;
    CARE_ASSIGN_OR_RETURN(CircuitValue next, ValueOf(argument));
    if (next.shape.kind == ValueKind::kInteger) {
      CARE_ASSIGN_OR_RETURN(next, AtScale(*circuit_, next, std::max(next.scale, StoredScale(expression->type)), depth_));
    }
    if (!best) {
      best = std::move(next);
      continue;
    }
    CARE_ASSIGN_OR_RETURN(const auto pair, BroughtTogether(*best, next));
    const CircuitValue& a = pair.first;
    CARE_RETURN_IF_ERROR(CheckOrder(argument, a));
    const CircuitValue& b = pair.second;
    const CircuitBit upset = call.function == Function::kGreatest ? mpc::Less(*circuit_, a.bits, b.bits, depth_)
                                                                  : mpc::Less(*circuit_, b.bits, a.bits, depth_);
    // The next one is taken if it is there and better, or nothing was there before.
    const CircuitBit takes =
        circuit_->And(b.known, Either(*circuit_, upset, BooleanCircuit::Not(a.known)));
    CircuitValue chosen = a;
    chosen.bits = SelectBits(*circuit_, takes, b.bits, a.bits);
    chosen.known = Either(*circuit_, a.known, b.known);
    chosen.zero_where_null = false;
    best = std::move(chosen);
  }
  if (!best) return Refuse(expression, "a choice between nothing but NULLs");
  if (best->known != BooleanCircuit::Constant(true)) best->zero_where_null = false;
  return *best;
}

}  // namespace care::planner
