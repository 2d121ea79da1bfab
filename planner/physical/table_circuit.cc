#include "planner/physical/table_circuit.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"

namespace care::planner {
namespace {

using mpc::BooleanCircuit;

// An input for each bit of each expression is more than any circuit has.
unsigned MostInputs(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  unsigned most = 66;
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    const absl::StatusOr<SharedValueShape> shape = ShapeOfColumn(columns[column->column]);
    if (shape.ok()) most = shape->width + 1;
  }
  for (const ExpressionPtr& child : ChildrenOf(expression)) most += MostInputs(child, columns);
  return most;
}

bool IsInverse(CircuitBit a, CircuitBit b) { return a.gate == b.gate && a.inverted != b.inverted; }

}  // namespace

FormsOfColumn BitsOnly(const std::vector<ColumnInfo>& columns) {
  return [&columns](ColumnId column) { return ColumnForms{.bits = true, .ring = false, .nullable = columns[column].nullable}; };
}

int StoredScale(const DataType& type) { return type.kind == TypeKind::kNumeric ? type.scale : 0; }

void TableCircuit::AskTrue(ExpressionPtr expression) { asks_.push_back({Ask::Kind::kTrue, std::move(expression), {}}); }
void TableCircuit::AskKnown(ExpressionPtr expression) { asks_.push_back({Ask::Kind::kKnown, std::move(expression), {}}); }
void TableCircuit::AskValue(ExpressionPtr expression, SharedValueShape shape) {
  asks_.push_back({Ask::Kind::kValue, std::move(expression), std::move(shape)});
}
void TableCircuit::AskSelectors(ExpressionPtr expression) {
  asks_.push_back({Ask::Kind::kSelectors, std::move(expression), {}});
}

absl::Status TableCircuit::Build() {
  unsigned most = 0;
  for (const Ask& ask : asks_) most += MostInputs(ask.expression, columns_);
  // A circuit is told its inputs first, and which it has is known when it stands: so it is made twice.
  CARE_RETURN_IF_ERROR(BuildOnce(most));
  return BuildOnce(used_inputs_);
}

absl::Status TableCircuit::BuildOnce(unsigned input_count) {
  circuit_.emplace(input_count);
  inputs_.clear();
  used_inputs_ = 0;
  values_.clear();
  truths_.clear();
  column_bits_.clear();
  null_planes_.clear();
  for (const Ask& ask : asks_) CARE_RETURN_IF_ERROR(Answer(ask));
  return absl::OkStatus();
}

absl::Status TableCircuit::Answer(const Ask& ask) {
  switch (ask.kind) {
    case Ask::Kind::kTrue: {
      CARE_ASSIGN_OR_RETURN(const Truth truth, TruthOf(ask.expression));
      circuit_->Output(truth.yes);
      return absl::OkStatus();
    }
    case Ask::Kind::kKnown: {
      CARE_ASSIGN_OR_RETURN(const CircuitBit known, Known(ask.expression));
      circuit_->Output(known);
      return absl::OkStatus();
    }
    case Ask::Kind::kSelectors: {
      CARE_ASSIGN_OR_RETURN(const std::vector<CircuitBit> selectors, Selectors(ask.expression));
      for (const CircuitBit selector : selectors) circuit_->Output(selector);
      return absl::OkStatus();
    }
    case Ask::Kind::kValue: {
      CARE_ASSIGN_OR_RETURN(CircuitValue value, ValueOf(ask.expression));
      const absl::StatusOr<CircuitBits> bits = ReshapeBits(*circuit_, value.bits, value.shape, ask.shape, depth_);
      if (!bits.ok()) return Because(ask.expression, bits.status());
      // Where the value is zero and stays so under another base, nothing is masked.
      const bool zero = value.zero_where_null &&
                        (value.shape.kind != ValueKind::kInteger || value.shape.base == ask.shape.base) &&
                        (value.shape.kind != ValueKind::kCode || value.shape.domain == ask.shape.domain);
      for (const CircuitBit bit : *bits) circuit_->Output(zero ? bit : circuit_->And(bit, value.known));
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

CircuitBits TableCircuit::Inputs(CircuitInput input) {
  const auto taken = circuit_->Inputs(used_inputs_, input.width);
  used_inputs_ += input.width;
  inputs_.push_back(std::move(input));
  return CircuitBits(taken.begin(), taken.end());
}

CircuitBit TableCircuit::NullPlane(ColumnId column) {
  if (!forms_(column).nullable) return BooleanCircuit::Constant(true);
  const auto found = null_planes_.find(column);
  if (found != null_planes_.end()) return found->second;
  const CircuitBit plane = Inputs({.kind = CircuitInput::Kind::kNullPlane, .column = column})[0];
  null_planes_.emplace(column, plane);
  return plane;
}

CircuitBit TableCircuit::KnownOf(const Truth& truth) {
  if (IsInverse(truth.yes, truth.no)) return BooleanCircuit::Constant(true);
  return circuit_->Xor(truth.yes, truth.no);
}

absl::StatusOr<TableCircuit::Truth> TableCircuit::TruthOf(const ExpressionPtr& expression) {
  const auto found = truths_.find(expression.get());
  if (found != truths_.end()) return found->second;
  CARE_ASSIGN_OR_RETURN(const Truth truth, MakeTruth(expression));
  truths_.emplace(expression.get(), truth);
  return truth;
}

absl::StatusOr<TableCircuit::Truth> TableCircuit::MakeTruth(const ExpressionPtr& expression) {
  const auto certain = [](CircuitBit yes) { return Truth{yes, BooleanCircuit::Not(yes)}; };
  const auto constant = [](bool yes, bool no) {
    return Truth{BooleanCircuit::Constant(yes), BooleanCircuit::Constant(no)};
  };
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    const auto* value = std::get_if<bool>(&literal->value);
    if (value == nullptr && !IsNull(literal->value)) return Refuse(expression, "a condition that is not boolean");
    return value == nullptr ? constant(false, false) : constant(*value, !*value);
  }
  if (std::holds_alternative<InListExpression>(expression->node)) return InList(expression);
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call != nullptr) {
    switch (call->function) {
      case Function::kAnd:
      case Function::kOr:
        return Logic(*call);
      case Function::kNot: {
        CARE_ASSIGN_OR_RETURN(const Truth truth, TruthOf(call->arguments[0]));
        return Truth{truth.no, truth.yes};
      }
      case Function::kIsTrue: {
        CARE_ASSIGN_OR_RETURN(const Truth truth, TruthOf(call->arguments[0]));
        return certain(truth.yes);
      }
      case Function::kIsFalse: {
        CARE_ASSIGN_OR_RETURN(const Truth truth, TruthOf(call->arguments[0]));
        return certain(truth.no);
      }
      case Function::kIsUnknown:
      case Function::kIsNull: {
        CARE_ASSIGN_OR_RETURN(const CircuitBit known, Known(call->arguments[0]));
        return certain(BooleanCircuit::Not(known));
      }
      case Function::kIsNotNull: {
        CARE_ASSIGN_OR_RETURN(const CircuitBit known, Known(call->arguments[0]));
        return certain(known);
      }
      case Function::kEqual:
      case Function::kNotEqual:
      case Function::kLess:
      case Function::kLessOrEqual:
      case Function::kGreater:
      case Function::kGreaterOrEqual:
        return Compare(*call);
      case Function::kIsDistinct:
      case Function::kIsNotDistinct:
        return Distinct(*call);
      default:
        break;
    }
  }
  if (expression->type.kind != TypeKind::kBoolean) return Refuse(expression, "a condition that is not boolean");
  // A column, CASE, COALESCE ...: its value and whether that is known.
  CARE_ASSIGN_OR_RETURN(const CircuitValue value, ValueOf(expression));
  const CircuitBit yes = value.zero_where_null ? value.bits[0] : circuit_->And(value.bits[0], value.known);
  return Truth{yes, circuit_->Xor(yes, value.known)};
}

absl::StatusOr<TableCircuit::Truth> TableCircuit::Logic(const CallExpression& call) {
  const bool is_and = call.function == Function::kAnd;
  Truth all{BooleanCircuit::Constant(true), BooleanCircuit::Constant(false)};
  // OR is AND with yes and no changed places.
  for (const ExpressionPtr& argument : call.arguments) {
    CARE_ASSIGN_OR_RETURN(Truth next, TruthOf(argument));
    if (!is_and) std::swap(next.yes, next.no);
    const bool certain = IsInverse(all.yes, all.no) && IsInverse(next.yes, next.no);
    all.yes = circuit_->And(all.yes, next.yes);
    all.no = certain ? BooleanCircuit::Not(all.yes) : Either(*circuit_, all.no, next.no);
  }
  if (!is_and) std::swap(all.yes, all.no);
  return all;
}

absl::StatusOr<CircuitBit> TableCircuit::Known(const ExpressionPtr& expression) {
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) return NullPlane(column->column);
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    return BooleanCircuit::Constant(!IsNull(literal->value));
  }
  if (expression->type.kind == TypeKind::kBoolean) {
    CARE_ASSIGN_OR_RETURN(const Truth truth, TruthOf(expression));
    return KnownOf(truth);
  }
  // Only whether there is a value: its bits are not computed, because nothing needs their gates.
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    switch (call->function) {
      case Function::kAdd:
      case Function::kSubtract:
      case Function::kMultiply:
      case Function::kNegate:
      case Function::kDateAddDays:
      case Function::kDateDifference: {
        CircuitBit known = BooleanCircuit::Constant(true);
        for (const ExpressionPtr& argument : call->arguments) {
          CARE_ASSIGN_OR_RETURN(const CircuitBit next, Known(argument));
          known = circuit_->And(known, next);
        }
        return known;
      }
      case Function::kCoalesce: {
        CircuitBit known = BooleanCircuit::Constant(false);
        for (const ExpressionPtr& argument : call->arguments) {
          CARE_ASSIGN_OR_RETURN(const CircuitBit next, Known(argument));
          known = Either(*circuit_, known, next);
        }
        return known;
      }
      default:
        break;
    }
  }
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    CARE_ASSIGN_OR_RETURN(const std::vector<CircuitBit> selectors, Selectors(expression));
    CircuitBit known = BooleanCircuit::Constant(false);
    for (std::size_t i = 0; i < selectors.size(); ++i) {
      const ExpressionPtr& result = i < chosen->branches.size() ? chosen->branches[i].result : chosen->otherwise;
      if (result == nullptr) continue;
      CARE_ASSIGN_OR_RETURN(const CircuitBit there, Known(result));
      known = circuit_->Xor(known, circuit_->And(selectors[i], there));  // selectors exclude each other
    }
    return known;
  }
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) return Known(cast->operand);
  CARE_ASSIGN_OR_RETURN(const CircuitValue value, ValueOf(expression));
  return value.known;
}

absl::Status TableCircuit::Refuse(const ExpressionPtr& expression, std::string_view what) const {
  return Because(expression, absl::InvalidArgumentError(absl::StrCat(
                                 std::string(what), " over columns of several owners is not supported yet")));
}

absl::Status TableCircuit::Because(const ExpressionPtr& expression, const absl::Status& reason) const {
  if (sql_.empty() || sql::QueryErrorPartsOf(reason)) return reason;
  return sql::QueryError(sql_, expression->position, std::string(reason.message()));
}

std::optional<std::int64_t> StoredLiteral(const ExpressionPtr& expression, int scale) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  if (literal == nullptr) return std::nullopt;
  Int128 stored = 0;
  int digits = 0;
  if (const auto* integer = std::get_if<std::int64_t>(&literal->value)) {
    stored = *integer;
  } else if (const auto* date = std::get_if<Date>(&literal->value)) {
    stored = date->days;
  } else if (const auto* timestamp = std::get_if<Timestamp>(&literal->value)) {
    stored = timestamp->microseconds;
  } else if (const auto* decimal = std::get_if<Decimal>(&literal->value)) {
    stored = decimal->unscaled;
    digits = decimal->scale;
  } else {
    return std::nullopt;
  }
  if (scale < digits || scale - digits > 18) return std::nullopt;
  for (; digits < scale; ++digits) stored *= 10;
  return static_cast<std::int64_t>(stored);
}

}  // namespace care::planner
