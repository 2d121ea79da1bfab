// Values in a circuit: columns, literals, arithmetic, casts.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "engine/types/timestamp.h"
#include "planner/logical/column_facts.h"
#include "planner/physical/table_circuit.h"

namespace care::planner {
namespace {

using mpc::BooleanCircuit;

// Factors whose bits make fewer products than this are multiplied in the circuit.
constexpr unsigned kMostPartialProducts = 256;

const LiteralExpression* AsLiteral(const ExpressionPtr& expression) {
  return std::get_if<LiteralExpression>(&expression->node);
}

bool IsNumber(const DataType& type) { return type.IsExactNumber() || type.kind == TypeKind::kDate || type.IsTimestamp(); }

// Days and microseconds: between them a cast is no matter of scales.
bool ChangesUnit(const DataType& from, const DataType& to) {
  return from.IsTimestamp() != to.IsTimestamp();
}

unsigned WidthOfExpression(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    const absl::StatusOr<SharedValueShape> shape = ShapeOfColumn(columns[column->column]);
    return shape.ok() ? shape->width : 64;
  }
  const ColumnFacts facts = FactsOf(expression, columns);
  return facts.range ? WidthOfSpan(facts.range->low, facts.range->high) : 64;
}

bool IsWideProduct(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr || call->function != Function::kMultiply) return false;
  if (AsLiteral(call->arguments[0]) != nullptr || AsLiteral(call->arguments[1]) != nullptr) return false;
  return WidthOfExpression(call->arguments[0], columns) * WidthOfExpression(call->arguments[1], columns) >
         kMostPartialProducts;
}

// The parts whose ring values make the ring value of an expression that can be computed there; nothing otherwise.
std::optional<std::vector<ExpressionPtr>> RingParts(const ExpressionPtr& expression) {
  if (!IsNumber(expression->type)) return std::nullopt;
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    switch (call->function) {
      case Function::kAdd:
      case Function::kSubtract:
      case Function::kMultiply:
      case Function::kNegate:
      case Function::kDateAddDays:
      case Function::kDateDifference:
      case Function::kCoalesce:
        return call->arguments;
      default:
        return std::nullopt;
    }
  }
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    // One that rounds is computed in bits.
    const DataType& from = cast->operand->type;
    if (!IsNumber(from) || ChangesUnit(from, expression->type) || StoredScale(from) > StoredScale(expression->type)) return std::nullopt;
    return std::vector{cast->operand};
  }
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    std::vector<ExpressionPtr> parts;
    for (const CaseExpression::Branch& branch : chosen->branches) parts.push_back(branch.result);
    if (chosen->otherwise != nullptr) parts.push_back(chosen->otherwise);
    return parts;
  }
  return std::nullopt;
}

bool Ready(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns, const FormsOfColumn& forms, bool ring) {
  if (AsLiteral(expression) != nullptr) return true;
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    const ColumnForms have = forms(column->column);
    return ring ? have.ring : have.bits;
  }
  if (IsWideProduct(expression, columns)) return ring;
  if (ring) {
    const auto parts = RingParts(expression);
    if (!parts) return false;
    return std::all_of(parts->begin(), parts->end(),
                       [&](const ExpressionPtr& part) { return Ready(part, columns, forms, ring); });
  }
  const std::vector<ExpressionPtr> children = ChildrenOf(expression);
  return std::all_of(children.begin(), children.end(),
                     [&](const ExpressionPtr& child) { return Ready(child, columns, forms, ring); });
}

// Whether the circuit takes the value from the ring.
bool EntersFromRing(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns, const FormsOfColumn& forms) {
  if (AsLiteral(expression) != nullptr || std::holds_alternative<ColumnExpression>(expression->node)) return false;
  if (IsWideProduct(expression, columns)) return true;
  // Of a value without a range, such as NULL + 1, nobody knows how many bits to take from the ring.
  return RingParts(expression).has_value() && Ready(expression, columns, forms, true) &&
         !Ready(expression, columns, forms, false) && FactsOf(expression, columns).range.has_value();
}

}  // namespace

bool ComputesInRing(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns, const FormsOfColumn& forms) {
  return IsNumber(expression->type) && Ready(expression, columns, forms, true);
}

absl::StatusOr<CircuitValue> TableCircuit::ValueOf(const ExpressionPtr& expression) {
  const auto found = values_.find(expression.get());
  if (found != values_.end()) return found->second;
  absl::StatusOr<CircuitValue> value = MakeValue(expression);
  if (!value.ok()) return Because(expression, value.status());
  values_.emplace(expression.get(), *value);
  return value;
}

absl::StatusOr<CircuitValue> TableCircuit::MakeValue(const ExpressionPtr& expression) {
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    return ColumnValue(expression, column->column);
  }
  if (AsLiteral(expression) != nullptr) return LiteralValue(expression);
  if (EntersFromRing(expression, columns_, forms_)) return RingValue(expression);
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) return Cast(expression, *cast);
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    std::vector<ExpressionPtr> results;
    for (const CaseExpression::Branch& branch : chosen->branches) results.push_back(branch.result);
    results.push_back(chosen->otherwise);
    CARE_ASSIGN_OR_RETURN(const std::vector<CircuitBit> selectors, Selectors(expression));
    return Choice(expression, results, selectors);
  }
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    if (call->function == Function::kCoalesce) {
      CARE_ASSIGN_OR_RETURN(const std::vector<CircuitBit> selectors, Selectors(expression));
      return Choice(expression, call->arguments, selectors);
    }
    if (call->function == Function::kGreatest || call->function == Function::kLeast) return Extreme(expression, *call);
    if (expression->type.kind != TypeKind::kBoolean) return CallValue(expression, *call);
    if (call->function == Function::kNullIf) return CallValue(expression, *call);
  }
  if (std::holds_alternative<SubqueryExpression>(expression->node)) return Refuse(expression, "this subquery");
  if (std::holds_alternative<CallExpression>(expression->node)) {
    const Function function = std::get<CallExpression>(expression->node).function;
    if (function == Function::kLike || function == Function::kILike || function == Function::kSimilar ||
        function == Function::kRegex || function == Function::kRegexIgnoringCase) {
      return Refuse(expression, "pattern matching");
    }
  }
  CARE_ASSIGN_OR_RETURN(const Truth truth, TruthOf(expression));
  CircuitValue value;
  value.shape.kind = ValueKind::kBoolean;
  value.bits = {truth.yes};
  value.known = KnownOf(truth);
  value.zero_where_null = true;
  return value;
}

absl::StatusOr<CircuitValue> TableCircuit::ColumnValue(const ExpressionPtr& expression, ColumnId column) {
  (void)expression;
  CircuitValue value;
  CARE_ASSIGN_OR_RETURN(value.shape, ShapeOfColumn(columns_[column]));
  const auto found = column_bits_.find(column);
  if (found != column_bits_.end()) {
    value.bits = found->second;
  } else {
    value.bits = Inputs({.kind = CircuitInput::Kind::kBits, .column = column, .width = value.shape.width});
    column_bits_.emplace(column, value.bits);
  }
  value.known = NullPlane(column);
  value.zero_where_null = true;
  value.scale = StoredScale(columns_[column].type);
  value.high = Int128{value.shape.base} + static_cast<Int128>((UInt128{1} << std::min(value.shape.width, 64u)) - 1);
  if (columns_[column].max) value.high = std::min(value.high, Int128{*columns_[column].max});
  return value;
}

absl::StatusOr<CircuitValue> TableCircuit::RingValue(const ExpressionPtr& expression) {
  const ColumnFacts facts = FactsOf(expression, columns_);
  if (!facts.range) {
    return absl::InvalidArgumentError(
        "the declared ranges do not bound this value, so it cannot be computed with jointly: declare `min` and `max` of the "
        "columns that it is made of");
  }
  CARE_ASSIGN_OR_RETURN(CircuitValue value,
                        NumberOfRange(facts.range->low, facts.range->high, StoredScale(expression->type)));
  value.bits = Inputs({.kind = CircuitInput::Kind::kRing,
                       .expression = expression,
                       .base = value.shape.base,
                       .width = value.shape.width});
  CARE_ASSIGN_OR_RETURN(value.known, Known(expression));
  return value;
}

absl::StatusOr<CircuitValue> TableCircuit::LiteralValue(const ExpressionPtr& expression) {
  const Value& literal = AsLiteral(expression)->value;
  CircuitValue value;
  if (IsNull(literal)) {
    // The least shape of its type: what it is chosen beside decides.
    value.known = BooleanCircuit::Constant(false);
    value.zero_where_null = true;
    if (expression->type.kind == TypeKind::kBoolean) value.shape.kind = ValueKind::kBoolean;
    if (expression->type.kind == TypeKind::kText) {
      value.shape.kind = ValueKind::kCode;
      value.shape.domain = {""};
    }
    value.scale = StoredScale(expression->type);
    value.bits = ConstantBits(0, 1);
    return value;
  }
  if (const auto* boolean = std::get_if<bool>(&literal)) {
    value.shape.kind = ValueKind::kBoolean;
    value.bits = {BooleanCircuit::Constant(*boolean)};
    return value;
  }
  if (const auto* text = std::get_if<std::string>(&literal)) {
    value.shape.kind = ValueKind::kCode;
    value.shape.domain = {*text};
    value.bits = ConstantBits(0, 1);
    return value;
  }
  Int128 number = 0;
  int scale = 0;
  if (const auto* integer = std::get_if<std::int64_t>(&literal)) {
    number = *integer;
  } else if (const auto* date = std::get_if<Date>(&literal)) {
    number = date->days;
  } else if (const auto* timestamp = std::get_if<Timestamp>(&literal)) {
    number = timestamp->microseconds;
  } else if (const auto* decimal = std::get_if<Decimal>(&literal)) {
    number = decimal->unscaled;
    scale = decimal->scale;
  } else {
    return Refuse(expression, absl::StrCat("a literal of type ", expression->type.ToString()));
  }
  CARE_ASSIGN_OR_RETURN(value, NumberOfRange(number, number, scale));
  value.bits = ConstantBits(0, 1);
  return AtScale(*circuit_, value, std::max(scale, StoredScale(expression->type)), depth_);
}

absl::StatusOr<CircuitValue> TableCircuit::CallValue(const ExpressionPtr& expression, const CallExpression& call) {
  const auto at_scale = [&](std::size_t i, int scale) -> absl::StatusOr<CircuitValue> {
    CARE_ASSIGN_OR_RETURN(const CircuitValue value, ValueOf(call.arguments[i]));
    return AtScale(*circuit_, value, std::max(scale, value.scale), depth_);
  };
  switch (call.function) {
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kDateAddDays:
    case Function::kDateDifference: {
      const int scale = std::max(StoredScale(call.arguments[0]->type), StoredScale(call.arguments[1]->type));
      CARE_ASSIGN_OR_RETURN(const CircuitValue a, at_scale(0, scale));
      CARE_ASSIGN_OR_RETURN(CircuitValue b, at_scale(1, scale));
      if (call.function == Function::kSubtract || call.function == Function::kDateDifference) {
        CARE_ASSIGN_OR_RETURN(b, NegativeOf(b));
      }
      return SumOf(*circuit_, a, b, depth_);
    }
    case Function::kNegate: {
      CARE_ASSIGN_OR_RETURN(const CircuitValue a, ValueOf(call.arguments[0]));
      return NegativeOf(a);
    }
    case Function::kAbs: {
      CARE_ASSIGN_OR_RETURN(const CircuitValue a, ValueOf(call.arguments[0]));
      return MagnitudeOf(*circuit_, a, depth_);
    }
    case Function::kMultiply: {
      CARE_ASSIGN_OR_RETURN(const CircuitValue a, ValueOf(call.arguments[0]));
      CARE_ASSIGN_OR_RETURN(const CircuitValue b, ValueOf(call.arguments[1]));
      return ProductOf(*circuit_, a, b, depth_);
    }
    case Function::kNullIf: {
      CARE_ASSIGN_OR_RETURN(CircuitValue a, ValueOf(call.arguments[0]));
      CARE_ASSIGN_OR_RETURN(const Relation relation, Relate(call.arguments[0], call.arguments[1], false));
      const CircuitBit equal = circuit_->And(relation.equal, relation.known);
      a.known = circuit_->And(a.known, BooleanCircuit::Not(equal));
      a.zero_where_null = false;
      return a;
    }
    case Function::kDateAddInterval:
    case Function::kExtractYear:
    case Function::kExtractMonth:
    case Function::kExtractDay:
    case Function::kExtractQuarter:
    case Function::kExtractDow:
    case Function::kDateTrunc:
      return DateFunction(expression, call);
    case Function::kTimestampAddInterval:
    case Function::kTimestampTrunc:
    case Function::kExtractHour:
    case Function::kExtractMinute:
    case Function::kExtractSecond:
    case Function::kExtractEpoch:
      return TimestampFunction(expression, call);
    case Function::kDivide:
    case Function::kModulo:
      return Divided(expression, call);
    case Function::kRound:
    case Function::kFloor:
    case Function::kCeil:
      return Rounded(expression, call);
    default:
      break;
  }
  if (expression->type.kind == TypeKind::kText) return Refuse(expression, "a function of text");
  return Refuse(expression, "this function");
}

absl::StatusOr<CircuitValue> TableCircuit::Cast(const ExpressionPtr& expression, const CastExpression& cast) {
  const DataType& from = cast.operand->type;
  const DataType& to = expression->type;
  if (from.kind == TypeKind::kNumeric && (to.IsInteger() || (to.kind == TypeKind::kNumeric && to.precision != 0))) {
    const int scale = to.IsInteger() ? 0 : to.scale;
    CARE_ASSIGN_OR_RETURN(const CircuitValue rounded, RoundedAt(cast.operand, scale, Rounding::kHalfAwayFromZero));
    const std::optional<IntegerRange> holds = RangeOfType(to);
    if (holds && (rounded.shape.base < holds->low || rounded.high > holds->high)) {
      return Refuse(expression, "a CAST to a type that may not hold the value");
    }
    return rounded;
  }
  CARE_ASSIGN_OR_RETURN(CircuitValue value, ValueOf(cast.operand));
  if (from.kind == TypeKind::kBoolean && to.kind == TypeKind::kInteger) {
    value.shape.kind = ValueKind::kInteger;
    value.shape.base = 0;
    value.high = 1;
    return value;
  }
  if (from.IsExactNumber() && to.IsExactNumber()) {
    const int scale = to.IsInteger() ? 0 : std::max<int>(to.scale, to.precision == 0 ? value.scale : 0);
    const std::optional<IntegerRange> holds = RangeOfType(to);
    if (scale < value.scale) return Refuse(expression, "a CAST that rounds");
    CARE_ASSIGN_OR_RETURN(const CircuitValue scaled, AtScale(*circuit_, value, scale, depth_));
    if (holds && (scaled.shape.base < holds->low || scaled.high > holds->high)) {
      return Refuse(expression, "a CAST to a type that may not hold the value");
    }
    if (scaled.scale != value.scale) return scaled;
    return value;
  }
  if (from.kind == TypeKind::kDate && to.IsTimestamp()) {
    return TimesPublic(*circuit_, value, kMicrosecondsOfDay, depth_);
  }
  if (from.IsTimestamp() && to.kind == TypeKind::kDate) return DayOfTimestamp(value);
  if (from.IsTimestamp() && to.IsTimestamp()) return value;
  if (from.kind == to.kind) {
    if (to.kind != TypeKind::kText || to.max_length == 0 || from == to) return value;
    std::size_t most = value.shape.kind == ValueKind::kHash ? SIZE_MAX : value.shape.width / 8;
    if (value.shape.kind == ValueKind::kCode) {
      most = 0;
      for (const std::string& text : value.shape.domain) most = std::max(most, text.size());
    }
    if (most <= to.max_length) return value;
  }
  return Refuse(expression, absl::StrCat("a CAST from ", from.ToString(), " to ", to.ToString()));
}

}  // namespace care::planner
