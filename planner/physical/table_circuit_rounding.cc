// Divisions and rounding in a circuit (divide_values.h): integers, remainders, and numerics whose digits ROUND, FLOOR, CEIL or a CAST
// to numeric(p,s) fixes.
#include <algorithm>

#include "engine/types/status_macros.h"
#include "planner/physical/table_circuit.h"

namespace care::planner {
namespace {

// A quotient of numerics, which an average is, too: of a sum, NULL where there is none, by a count. Null if it is none.
const CallExpression* NumericQuotient(const ExpressionPtr& expression) {
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr || expression->type.kind != TypeKind::kNumeric) return nullptr;
  return call->function == Function::kDivide || call->function == Function::kAverageOf ? call : nullptr;
}

}  // namespace

absl::StatusOr<CircuitValue> TableCircuit::Divided(const ExpressionPtr& expression, const CallExpression& call) {
  if (NumericQuotient(expression) != nullptr) {
    return Because(expression, absl::InvalidArgumentError("a quotient beside columns of several owners is not supported yet: its value decides "
                                                          "how many digits it has; ROUND(x / y, 2) is"));
  }
  CARE_ASSIGN_OR_RETURN(CircuitValue a, ValueOf(call.arguments[0]));
  CARE_ASSIGN_OR_RETURN(CircuitValue b, ValueOf(call.arguments[1]));
  if (call.function == Function::kDivide) return QuotientOf(*circuit_, a, b, Rounding::kToZero, depth_);
  const int scale = std::max({a.scale, b.scale, StoredScale(expression->type)});
  CARE_ASSIGN_OR_RETURN(a, AtScale(*circuit_, a, scale, depth_));
  CARE_ASSIGN_OR_RETURN(b, AtScale(*circuit_, b, scale, depth_));
  return RemainderOf(*circuit_, a, b, depth_);
}

absl::StatusOr<CircuitValue> TableCircuit::Rounded(const ExpressionPtr& expression, const CallExpression& call) {
  (void)expression;
  int scale = 0;
  if (call.arguments.size() == 2) {
    const std::optional<std::int64_t> digits = StoredLiteral(call.arguments[1], 0);
    if (!digits) return Refuse(call.arguments[1], "ROUND to a number of digits that is not constant");
    scale = static_cast<int>(*digits);
  }
  const Rounding rounding = call.function == Function::kRound   ? Rounding::kHalfAwayFromZero
                            : call.function == Function::kFloor ? Rounding::kDown
                                                                : Rounding::kUp;
  return RoundedAt(call.arguments[0], scale, rounding);
}

absl::StatusOr<CircuitValue> TableCircuit::RoundedAt(const ExpressionPtr& expression, int scale, Rounding rounding) {
  if (const CallExpression* quotient = NumericQuotient(expression)) {
    CARE_ASSIGN_OR_RETURN(const CircuitValue a, ValueOf(quotient->arguments[0]));
    CARE_ASSIGN_OR_RETURN(const CircuitValue b, ValueOf(quotient->arguments[1]));
    return RoundedQuotientOf(*circuit_, a, b, scale, rounding, depth_);
  }
  CARE_ASSIGN_OR_RETURN(const CircuitValue value, ValueOf(expression));
  return RoundedTo(*circuit_, value, scale, rounding, depth_);
}

}  // namespace care::planner
