// Comparisons of values in a circuit: with literals, whose bits fold away, and with each other.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/physical/table_circuit.h"

namespace care::planner {
namespace {

using mpc::BooleanCircuit;

const LiteralExpression* AsLiteral(const ExpressionPtr& expression) {
  return std::get_if<LiteralExpression>(&expression->node);
}

// A number as unscaled * 10^-scale.
std::optional<Decimal> NumberOf(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return Decimal{*integer, 0};
  if (const auto* decimal = std::get_if<Decimal>(&value)) return *decimal;
  if (const auto* date = std::get_if<Date>(&value)) return Decimal{date->days, 0};
  if (const auto* timestamp = std::get_if<Timestamp>(&value)) return Decimal{timestamp->microseconds, 0};
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::pair<CircuitValue, CircuitValue>> TableCircuit::BroughtTogether(const CircuitValue& a,
                                                                                    const CircuitValue& b) {
  std::pair<CircuitValue, CircuitValue> pair{a, b};
  if (a.shape.kind == ValueKind::kInteger && b.shape.kind == ValueKind::kInteger) {
    const int scale = std::max(a.scale, b.scale);
    CARE_ASSIGN_OR_RETURN(pair.first, AtScale(*circuit_, a, scale, depth_));
    CARE_ASSIGN_OR_RETURN(pair.second, AtScale(*circuit_, b, scale, depth_));
    if (pair.first.scale != a.scale) pair.first.zero_where_null = false;
    if (pair.second.scale != b.scale) pair.second.zero_where_null = false;
  }
  CARE_ASSIGN_OR_RETURN(const SharedValueShape common, CommonShape(pair.first.shape, pair.second.shape));
  const Int128 high = std::max(pair.first.high, pair.second.high);
  for (CircuitValue* value : {&pair.first, &pair.second}) {
    CARE_ASSIGN_OR_RETURN(value->bits, ReshapeBits(*circuit_, value->bits, value->shape, common, depth_));
    const bool moves = (common.kind == ValueKind::kInteger && common.base != value->shape.base) ||
                       (common.kind == ValueKind::kCode && common.domain != value->shape.domain) ||
                       common.kind != value->shape.kind;
    if (moves) value->zero_where_null = false;
    value->shape = common;
    value->high = high;
  }
  return pair;
}

absl::Status TableCircuit::CheckOrder(const ExpressionPtr& expression, const CircuitValue& value) const {
  if (value.shape.kind != ValueKind::kHash) return absl::OkStatus();
  return Because(expression, absl::InvalidArgumentError(
                                 "the length of a text is not declared, so owners share only whether two of its values are "
                                 "equal: declare it varchar(n), `max_bytes` or a `domain`"));
}

absl::StatusOr<TableCircuit::Relation> TableCircuit::RelateToLiteral(const CircuitValue& value,
                                                                     const ExpressionPtr& literal, bool order) {
  Relation relation{.known = value.known};
  if (order) CARE_RETURN_IF_ERROR(CheckOrder(literal, value));
  const Value& constant = AsLiteral(literal)->value;
  CircuitBits bits;
  switch (value.shape.kind) {
    case ValueKind::kInteger: {
      const std::optional<Decimal> number = NumberOf(constant);
      if (!number) return Refuse(literal, "this comparison");
      // At the value's scale the literal lies at or between two stored integers.
      Int128 floor = number->unscaled;
      bool exact = true;
      for (int scale = number->scale; scale > value.scale; --scale) {
        exact = exact && floor % 10 == 0;
        floor = floor / 10 - (floor % 10 < 0 ? 1 : 0);
      }
      for (int scale = number->scale; scale < value.scale; ++scale) {
        if (floor > (Int128{1} << 100) || floor < -(Int128{1} << 100)) return Refuse(literal, "a number of so many digits");
        floor *= 10;
      }
      relation.less = BelowPublic(*circuit_, value, exact ? floor : floor + 1, depth_);
      const Int128 offset = floor - value.shape.base;
      if (!exact || floor < value.shape.base || floor > value.high) {
        relation.equal = BooleanCircuit::Constant(false);
      } else {
        bits = ConstantBits(static_cast<UInt128>(offset), value.shape.width);
        relation.equal = mpc::Equals(*circuit_, value.bits, bits);
      }
      return relation;
    }
    case ValueKind::kBoolean: {
      const auto* truth = std::get_if<bool>(&constant);
      if (truth == nullptr) return Refuse(literal, "this comparison");
      relation.equal = *truth ? value.bits[0] : BooleanCircuit::Not(value.bits[0]);
      relation.less = *truth ? BooleanCircuit::Not(value.bits[0]) : BooleanCircuit::Constant(false);
      return relation;
    }
    case ValueKind::kCode: {
      const auto* text = std::get_if<std::string>(&constant);
      if (text == nullptr) return Refuse(literal, "this comparison");
      const auto place = std::lower_bound(value.shape.domain.begin(), value.shape.domain.end(), *text);
      const auto rank = static_cast<std::uint64_t>(place - value.shape.domain.begin());
      CircuitValue code = value;
      code.shape.base = 0;
      code.high = static_cast<Int128>(value.shape.domain.size()) - 1;
      relation.less = BelowPublic(*circuit_, code, static_cast<Int128>(rank), depth_);
      const bool there = place != value.shape.domain.end() && *place == *text;
      bits = ConstantBits(rank, value.shape.width);
      relation.equal = there ? mpc::Equals(*circuit_, value.bits, bits) : BooleanCircuit::Constant(false);
      return relation;
    }
    case ValueKind::kHash:
    case ValueKind::kBytes: {
      const auto* text = std::get_if<std::string>(&constant);
      if (text == nullptr) return Refuse(literal, "this comparison");
      const std::string hash = HashOfText(*text);
      if (value.shape.kind == ValueKind::kHash) text = &hash;
      const unsigned bytes = value.shape.width / 8;
      const bool longer = text->size() > bytes;
      bits = ConstantBits(0, value.shape.width);
      for (unsigned byte = 0; byte < std::min<std::size_t>(bytes, text->size()); ++byte) {
        for (unsigned p = 0; p < 8; ++p) {
          bits[value.shape.width - 8 * (byte + 1) + p] =
              BooleanCircuit::Constant((static_cast<unsigned char>((*text)[byte]) >> p & 1) != 0);
        }
      }
      relation.equal = longer ? BooleanCircuit::Constant(false) : mpc::Equals(*circuit_, value.bits, bits);
      // What begins like a longer literal, or equals all of it that can be held, is less than it.
      if (order) {
        relation.less = longer ? BooleanCircuit::Not(mpc::Less(*circuit_, bits, value.bits, depth_))
                               : mpc::Less(*circuit_, value.bits, bits, depth_);
      }
      return relation;
    }
  }
  return Refuse(literal, "this comparison");
}

absl::StatusOr<TableCircuit::Relation> TableCircuit::Relate(const ExpressionPtr& left, const ExpressionPtr& right,
                                                            bool order) {
  if (IsNullLiteral(left) || IsNullLiteral(right)) {
    const CircuitBit no = BooleanCircuit::Constant(false);
    return Relation{no, no, no};
  }
  if (AsLiteral(right) != nullptr) {
    CARE_ASSIGN_OR_RETURN(const CircuitValue value, ValueOf(left));
    return RelateToLiteral(value, right, order);
  }
  if (AsLiteral(left) != nullptr) {
    CARE_ASSIGN_OR_RETURN(const CircuitValue value, ValueOf(right));
    CARE_ASSIGN_OR_RETURN(Relation relation, RelateToLiteral(value, left, order));
    // Neither less nor equal: greater.
    if (order) {
      relation.less = circuit_->And(BooleanCircuit::Not(relation.less), BooleanCircuit::Not(relation.equal));
    }
    return relation;
  }
  CARE_ASSIGN_OR_RETURN(const CircuitValue a, ValueOf(left));
  CARE_ASSIGN_OR_RETURN(const CircuitValue b, ValueOf(right));
  const absl::StatusOr<std::pair<CircuitValue, CircuitValue>> pair = BroughtTogether(a, b);
  if (!pair.ok()) return Because(left, pair.status());
  if (order) CARE_RETURN_IF_ERROR(CheckOrder(left, pair->first));
  Relation relation{.known = circuit_->And(a.known, b.known)};
  relation.equal = mpc::Equals(*circuit_, pair->first.bits, pair->second.bits);
  if (order) relation.less = mpc::Less(*circuit_, pair->first.bits, pair->second.bits, depth_);
  return relation;
}

absl::StatusOr<TableCircuit::Truth> TableCircuit::Compare(const CallExpression& call) {
  const ExpressionPtr& left = call.arguments[0];
  const ExpressionPtr& right = call.arguments[1];
  const bool order = call.function != Function::kEqual && call.function != Function::kNotEqual;
  // a > b is b < a, and a <= b is not b < a.
  const bool turned = call.function == Function::kGreater || call.function == Function::kLessOrEqual;
  CARE_ASSIGN_OR_RETURN(const Relation relation, turned ? Relate(right, left, order) : Relate(left, right, order));
  CircuitBit holds = order ? relation.less : relation.equal;
  if (call.function == Function::kNotEqual || call.function == Function::kLessOrEqual ||
      call.function == Function::kGreaterOrEqual) {
    holds = BooleanCircuit::Not(holds);
  }
  const CircuitBit yes = circuit_->And(holds, relation.known);
  return Truth{yes, circuit_->Xor(yes, relation.known)};
}

absl::StatusOr<TableCircuit::Truth> TableCircuit::Distinct(const CallExpression& call) {
  const ExpressionPtr& left = call.arguments[0];
  const ExpressionPtr& right = call.arguments[1];
  CARE_ASSIGN_OR_RETURN(const CircuitBit left_known, Known(left));
  CARE_ASSIGN_OR_RETURN(const CircuitBit right_known, Known(right));
  CARE_ASSIGN_OR_RETURN(const Relation relation, Relate(left, right, false));
  // The same: both known and equal, or both NULL.
  const CircuitBit both_equal = circuit_->And(relation.known, relation.equal);
  const CircuitBit both_null = circuit_->And(BooleanCircuit::Not(left_known), BooleanCircuit::Not(right_known));
  const CircuitBit same = circuit_->Xor(both_equal, both_null);
  const CircuitBit yes = call.function == Function::kIsNotDistinct ? same : BooleanCircuit::Not(same);
  return Truth{yes, BooleanCircuit::Not(yes)};
}

absl::StatusOr<TableCircuit::Truth> TableCircuit::InList(const ExpressionPtr& expression) {
  const auto& in_list = std::get<InListExpression>(expression->node);
  CARE_ASSIGN_OR_RETURN(const CircuitValue value, ValueOf(in_list.operand));
  bool has_null = false;
  std::vector<CircuitBit> hits;
  for (const Value& one : in_list.values) {
    if (IsNull(one)) {
      has_null = true;
      continue;
    }
    CARE_ASSIGN_OR_RETURN(const Relation relation,
                          RelateToLiteral(value, MakeLiteral(one, in_list.operand->type, expression->position), false));
    hits.push_back(relation.equal);
  }
  // A value equals at most one of them.
  CircuitBit any = BooleanCircuit::Constant(false);
  for (const CircuitBit hit : hits) any = Either(*circuit_, any, hit);
  const CircuitBit yes = circuit_->And(any, value.known);
  const CircuitBit no = has_null ? BooleanCircuit::Constant(false) : circuit_->Xor(yes, value.known);
  return Truth{yes, no};
}

}  // namespace care::planner
