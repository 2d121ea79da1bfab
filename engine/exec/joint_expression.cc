#include "engine/exec/joint_expression.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "planner/physical/joint_expressions.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::RingColumn;
using planner::CallExpression;
using planner::CaseExpression;
using planner::CastExpression;
using planner::ColumnExpression;
using planner::ExpressionPtr;
using planner::Function;
using planner::InListExpression;
using planner::LiteralExpression;

std::uint64_t PowerOfTen(int exponent) {
  std::uint64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

std::optional<std::int64_t> StoredInteger(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? 1 : 0;
  if (const auto* date = std::get_if<Date>(&value)) return date->days;
  if (const auto* timestamp = std::get_if<Timestamp>(&value)) return timestamp->microseconds;
  if (const auto* decimal = std::get_if<Decimal>(&value)) return static_cast<std::int64_t>(decimal->unscaled);
  return std::nullopt;
}

absl::Status Unplanned() {
  return absl::InternalError("the plan holds an expression that cannot be computed jointly");
}

}  // namespace

BitColumn JointEvaluator::Constant(bool value) const {
  return mpc::PublicConstant(protocol_, space_.slots, 1, value ? 1 : 0);
}

absl::StatusOr<BitColumn> JointEvaluator::IsTrue(const ExpressionPtr& expression) {
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    const auto* value = std::get_if<bool>(&literal->value);
    return Constant(value != nullptr && *value);
  }
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    const auto found = space_.columns.find(column->column);
    if (found == space_.columns.end() || !found->second.flag) return Unplanned();
    return *found->second.flag;
  }
  if (const auto* in_list = std::get_if<InListExpression>(&expression->node)) {
    BitColumn any = Constant(false);
    for (const Value& value : in_list->values) {
      CARE_ASSIGN_OR_RETURN(const BitColumn equal, Compare(Function::kEqual, in_list->operand,
                                                           planner::MakeLiteral(value, in_list->operand->type,
                                                                                expression->position)));
      CARE_ASSIGN_OR_RETURN(any, mpc::Or(protocol_, any, equal));
    }
    return any;
  }
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return Unplanned();
  switch (call->function) {
    case Function::kAnd:
    case Function::kOr: {
      CARE_ASSIGN_OR_RETURN(BitColumn result, IsTrue(call->arguments[0]));
      for (std::size_t i = 1; i < call->arguments.size(); ++i) {
        CARE_ASSIGN_OR_RETURN(const BitColumn next, IsTrue(call->arguments[i]));
        if (call->function == Function::kAnd) {
          CARE_ASSIGN_OR_RETURN(result, protocol_.And(result, next));
        } else {
          CARE_ASSIGN_OR_RETURN(result, mpc::Or(protocol_, result, next));
        }
      }
      return result;
    }
    case Function::kNot:
    case Function::kIsFalse:
      return IsFalse(call->arguments[0]);
    case Function::kIsTrue:
      return IsTrue(call->arguments[0]);
    case Function::kIsUnknown: {
      CARE_ASSIGN_OR_RETURN(const BitColumn yes, IsTrue(call->arguments[0]));
      CARE_ASSIGN_OR_RETURN(const BitColumn no, IsFalse(call->arguments[0]));
      return protocol_.Not(protocol_.Xor(yes, no));
    }
    case Function::kIsNull:
    case Function::kIsNotNull: {
      CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> there, NotNull(call->arguments[0]));
      const BitColumn known = there ? *there : Constant(true);
      return call->function == Function::kIsNull ? protocol_.Not(known) : known;
    }
    default:
      if (call->arguments.size() != 2) return Unplanned();
      return Compare(call->function, call->arguments[0], call->arguments[1]);
  }
}

absl::StatusOr<BitColumn> JointEvaluator::IsFalse(const ExpressionPtr& expression) {
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    const auto* value = std::get_if<bool>(&literal->value);
    return Constant(value != nullptr && !*value);
  }
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    switch (call->function) {
      case Function::kAnd:
      case Function::kOr: {
        CARE_ASSIGN_OR_RETURN(BitColumn result, IsFalse(call->arguments[0]));
        for (std::size_t i = 1; i < call->arguments.size(); ++i) {
          CARE_ASSIGN_OR_RETURN(const BitColumn next, IsFalse(call->arguments[i]));
          if (call->function == Function::kOr) {
            CARE_ASSIGN_OR_RETURN(result, protocol_.And(result, next));
          } else {
            CARE_ASSIGN_OR_RETURN(result, mpc::Or(protocol_, result, next));
          }
        }
        return result;
      }
      case Function::kNot:
        return IsTrue(call->arguments[0]);
      case Function::kIsTrue:
      case Function::kIsFalse:
      case Function::kIsUnknown:
      case Function::kIsNull:
      case Function::kIsNotNull: {
        CARE_ASSIGN_OR_RETURN(const BitColumn yes, IsTrue(expression));
        return protocol_.Not(yes);
      }
      default:
        break;
    }
  }
  // False is: known and not true; and what is true is known.
  CARE_ASSIGN_OR_RETURN(const BitColumn yes, IsTrue(expression));
  CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> known, NotNull(expression));
  return known ? protocol_.Xor(*known, yes) : protocol_.Not(yes);
}

absl::StatusOr<std::optional<BitColumn>> JointEvaluator::NotNull(const ExpressionPtr& expression) {
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    if (!IsNull(literal->value)) return std::nullopt;
    return std::optional(Constant(false));
  }
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    for (const planner::NullWhereZero& rule : plan_.null_where_zero) {
      if (rule.sum != column->column) continue;
      const auto count = space_.columns.find(rule.count);
      if (count == space_.columns.end() || !count->second.ring) return Unplanned();
      const unsigned width =
          std::bit_width(static_cast<std::uint64_t>(plan_.columns[rule.count].max.value_or(0)));
      CARE_ASSIGN_OR_RETURN(const BitColumn bits,
                            protocol_.RingToBits(*count->second.ring, std::max(1u, width)));
      CARE_ASSIGN_OR_RETURN(BitColumn some, mpc::AtLeastPublic(protocol_, bits, 1));
      return std::optional(std::move(some));
    }
    const auto found = space_.columns.find(column->column);
    if (found == space_.columns.end()) return Unplanned();
    return found->second.not_null;
  }
  std::vector<ExpressionPtr> strict;
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    CARE_ASSIGN_OR_RETURN(const std::vector<BitColumn> selectors, BranchSelectors(*chosen));
    std::optional<BitColumn> known;
    for (std::size_t i = 0; i < selectors.size(); ++i) {
      const ExpressionPtr& result =
          i < chosen->branches.size() ? chosen->branches[i].result : chosen->otherwise;
      BitColumn part = selectors[i];
      if (result == nullptr) continue;
      CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> there, NotNull(result));
      if (there) {
        CARE_ASSIGN_OR_RETURN(part, protocol_.And(part, *there));
      }
      known = known ? protocol_.Xor(*known, part) : part;  // selectors exclude each other
    }
    return known;
  }
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    if (call->function == Function::kCoalesce) {
      std::optional<BitColumn> known;
      for (const ExpressionPtr& argument : call->arguments) {
        CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> there, NotNull(argument));
        if (!there) return std::nullopt;
        if (!known) {
          known = there;
        } else {
          CARE_ASSIGN_OR_RETURN(known, mpc::Or(protocol_, *known, *there));
        }
      }
      return known;
    }
    if (call->function == Function::kAnd || call->function == Function::kOr) {
      CARE_ASSIGN_OR_RETURN(const BitColumn yes, IsTrue(expression));
      CARE_ASSIGN_OR_RETURN(const BitColumn no, IsFalse(expression));
      return std::optional(protocol_.Xor(yes, no));
    }
    if (planner::IsNeverNull(call->function)) return std::nullopt;
  }
  std::optional<BitColumn> known;
  for (const ExpressionPtr& child : planner::ChildrenOf(expression)) {
    CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> there, NotNull(child));
    if (!there) continue;
    if (!known) {
      known = there;
    } else {
      CARE_ASSIGN_OR_RETURN(known, protocol_.And(*known, *there));
    }
  }
  return known;
}

absl::StatusOr<BitColumn> JointEvaluator::Compare(Function function, const ExpressionPtr& left,
                                                  const ExpressionPtr& right) {
  BitColumn raw;
  switch (function) {
    case Function::kEqual:
    case Function::kNotEqual: {
      CARE_ASSIGN_OR_RETURN(raw, Equal(left, right));
      if (function == Function::kNotEqual) raw = protocol_.Not(raw);
      break;
    }
    case Function::kLess:
    case Function::kGreaterOrEqual: {
      CARE_ASSIGN_OR_RETURN(raw, Less(left, right));
      if (function == Function::kGreaterOrEqual) raw = protocol_.Not(raw);
      break;
    }
    case Function::kGreater:
    case Function::kLessOrEqual: {
      CARE_ASSIGN_OR_RETURN(raw, Less(right, left));
      if (function == Function::kLessOrEqual) raw = protocol_.Not(raw);
      break;
    }
    default:
      return Unplanned();
  }
  for (const ExpressionPtr& side : {left, right}) {
    CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> known, NotNull(side));
    if (known) {
      CARE_ASSIGN_OR_RETURN(raw, protocol_.And(raw, *known));
    }
  }
  return raw;
}

absl::StatusOr<BitColumn> JointEvaluator::Less(const ExpressionPtr& left, const ExpressionPtr& right) {
  const std::string name = absl::StrCat(planner::PrintExpression(left, plan_.columns), " < ",
                                        planner::PrintExpression(right, plan_.columns));
  if (const auto found = comparisons_.find(name); found != comparisons_.end()) return found->second;
  const std::uint8_t scale =
      std::max(planner::RingScale(left, plan_.columns), planner::RingScale(right, plan_.columns));
  const planner::ComparisonRange* range = planner::FindRange(plan_.comparison_ranges, left->type, scale);
  if (range == nullptr) return Unplanned();
  CARE_ASSIGN_OR_RETURN(const BitColumn a, Comparand(left, *range));
  CARE_ASSIGN_OR_RETURN(const BitColumn b, Comparand(right, *range));
  CARE_ASSIGN_OR_RETURN(BitColumn result, mpc::LessThanBits(protocol_, a, b));
  comparisons_[name] = result;
  return result;
}

absl::StatusOr<BitColumn> JointEvaluator::Equal(const ExpressionPtr& left, const ExpressionPtr& right) {
  const std::uint8_t scale =
      std::max(planner::RingScale(left, plan_.columns), planner::RingScale(right, plan_.columns));
  const planner::ComparisonRange* range = planner::FindRange(plan_.comparison_ranges, left->type, scale);
  if (range == nullptr) return Unplanned();
  CARE_ASSIGN_OR_RETURN(const BitColumn a, Comparand(left, *range));
  CARE_ASSIGN_OR_RETURN(const BitColumn b, Comparand(right, *range));
  return mpc::EqualBits(protocol_, a, b);
}

absl::StatusOr<BitColumn> JointEvaluator::Comparand(const ExpressionPtr& expression,
                                                    const planner::ComparisonRange& range) {
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    const std::optional<std::int64_t> stored = StoredInteger(literal->value);
    if (!stored) return Unplanned();
    const std::uint64_t aligned = static_cast<std::uint64_t>(*stored) *
                                  PowerOfTen(range.scale - planner::RingScale(expression, plan_.columns));
    return mpc::PublicConstant(protocol_, space_.slots, range.width,
                               aligned - static_cast<std::uint64_t>(range.base));
  }
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    const auto found = space_.columns.find(column->column);
    if (found != space_.columns.end() && found->second.bits) return *found->second.bits;
  }
  const std::string name = planner::PrintExpression(expression, plan_.columns);
  if (const auto found = comparands_.find(name); found != comparands_.end()) return found->second;
  CARE_ASSIGN_OR_RETURN(const RingColumn value, Ring(expression));
  const std::vector<std::uint64_t> base(space_.slots, static_cast<std::uint64_t>(range.base));
  CARE_ASSIGN_OR_RETURN(
      BitColumn bits,
      protocol_.RingToBits(protocol_.Subtract(value, protocol_.PublicRing(base)), range.width));
  comparands_[name] = bits;
  return bits;
}

absl::StatusOr<RingColumn> JointEvaluator::ZeroWhereNull(const ExpressionPtr& expression) {
  CARE_ASSIGN_OR_RETURN(RingColumn value, Ring(expression));
  if (std::holds_alternative<ColumnExpression>(expression->node)) return value;
  CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> known, NotNull(expression));
  if (!known) return value;
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> flag, protocol_.BitsToRing(*known));
  return protocol_.Multiply(value, flag[0]);
}

absl::StatusOr<std::vector<BitColumn>> JointEvaluator::BranchSelectors(const CaseExpression& node) {
  // selector i: condition i is true and none before it; the last: none at all.
  std::vector<BitColumn> selectors;
  BitColumn open = Constant(true);
  for (std::size_t i = 0; i < node.branches.size(); ++i) {
    CARE_ASSIGN_OR_RETURN(const BitColumn condition, IsTrue(node.branches[i].condition));
    if (i == 0) {
      selectors.push_back(condition);
      open = protocol_.Not(condition);
      continue;
    }
    CARE_ASSIGN_OR_RETURN(BitColumn selected, protocol_.And(open, condition));
    open = protocol_.Xor(open, selected);
    selectors.push_back(std::move(selected));
  }
  selectors.push_back(std::move(open));
  return selectors;
}

absl::StatusOr<RingColumn> JointEvaluator::RingOfCase(const CaseExpression& node,
                                                      const ExpressionPtr& whole) {
  const std::uint8_t scale = planner::RingScale(whole, plan_.columns);
  CARE_ASSIGN_OR_RETURN(const std::vector<BitColumn> selectors, BranchSelectors(node));
  RingColumn total = protocol_.PublicRing(std::vector<std::uint64_t>(space_.slots, 0));
  for (std::size_t i = 0; i < selectors.size(); ++i) {
    const ExpressionPtr& result = i < node.branches.size() ? node.branches[i].result : node.otherwise;
    if (result == nullptr) continue;
    const std::uint64_t unit = PowerOfTen(scale - planner::RingScale(result, plan_.columns));
    if (const auto* literal = std::get_if<LiteralExpression>(&result->node)) {
      const auto stored = static_cast<std::uint64_t>(StoredInteger(literal->value).value_or(0)) * unit;
      if (stored == 0) continue;
      CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> flag, protocol_.BitsToRing(selectors[i]));
      total = protocol_.Add(total, protocol_.MultiplyPublic(flag[0], stored));
      continue;
    }
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> flag, protocol_.BitsToRing(selectors[i]));
    CARE_ASSIGN_OR_RETURN(const RingColumn value, ZeroWhereNull(result));
    CARE_ASSIGN_OR_RETURN(const RingColumn selected, protocol_.Multiply(value, flag[0]));
    total = protocol_.Add(total, protocol_.MultiplyPublic(selected, unit));
  }
  return total;
}

absl::StatusOr<RingColumn> JointEvaluator::Ring(const ExpressionPtr& expression) {
  const std::uint8_t scale = planner::RingScale(expression, plan_.columns);
  const auto aligned = [&](const ExpressionPtr& argument) -> absl::StatusOr<RingColumn> {
    CARE_ASSIGN_OR_RETURN(RingColumn value, Ring(argument));
    const std::uint64_t unit = PowerOfTen(scale - planner::RingScale(argument, plan_.columns));
    return unit == 1 ? std::move(value) : protocol_.MultiplyPublic(value, unit);
  };
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    const auto stored = static_cast<std::uint64_t>(StoredInteger(literal->value).value_or(0));
    return protocol_.PublicRing(std::vector<std::uint64_t>(space_.slots, stored));
  }
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    const auto found = space_.columns.find(column->column);
    if (found == space_.columns.end() || !found->second.ring) return Unplanned();
    return *found->second.ring;
  }
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node))
    return RingOfCase(*chosen, expression);
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) return aligned(cast->operand);
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return Unplanned();
  switch (call->function) {
    case Function::kAdd:
    case Function::kSubtract: {
      CARE_ASSIGN_OR_RETURN(const RingColumn left, aligned(call->arguments[0]));
      CARE_ASSIGN_OR_RETURN(const RingColumn right, aligned(call->arguments[1]));
      return call->function == Function::kAdd ? protocol_.Add(left, right) : protocol_.Subtract(left, right);
    }
    case Function::kNegate: {
      CARE_ASSIGN_OR_RETURN(const RingColumn value, Ring(call->arguments[0]));
      return protocol_.MultiplyPublic(value, ~std::uint64_t{0});
    }
    case Function::kMultiply: {
      for (int side = 0; side < 2; ++side) {
        const auto* literal = std::get_if<LiteralExpression>(&call->arguments[side]->node);
        if (literal == nullptr) continue;
        CARE_ASSIGN_OR_RETURN(const RingColumn value, Ring(call->arguments[1 - side]));
        return protocol_.MultiplyPublic(
            value, static_cast<std::uint64_t>(StoredInteger(literal->value).value_or(0)));
      }
      CARE_ASSIGN_OR_RETURN(const RingColumn left, Ring(call->arguments[0]));
      CARE_ASSIGN_OR_RETURN(const RingColumn right, Ring(call->arguments[1]));
      return protocol_.Multiply(left, right);
    }
    case Function::kCoalesce: {
      // The first that is not NULL: each later one counts where all before it are NULL.
      RingColumn total;
      std::optional<BitColumn> missing;  // all so far are NULL
      for (std::size_t i = 0; i < call->arguments.size(); ++i) {
        const ExpressionPtr& argument = call->arguments[i];
        if (i > 0 && !missing) break;
        if (planner::IsZeroLiteral(argument) && i + 1 == call->arguments.size()) break;
        CARE_ASSIGN_OR_RETURN(RingColumn value, ZeroWhereNull(argument));
        const std::uint64_t unit = PowerOfTen(scale - planner::RingScale(argument, plan_.columns));
        if (unit != 1) value = protocol_.MultiplyPublic(value, unit);
        if (i == 0) {
          total = std::move(value);
        } else {
          CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> flag, protocol_.BitsToRing(*missing));
          CARE_ASSIGN_OR_RETURN(const RingColumn part, protocol_.Multiply(value, flag[0]));
          total = protocol_.Add(total, part);
        }
        const bool only_zero_follows =
            i + 2 == call->arguments.size() && planner::IsZeroLiteral(call->arguments.back());
        if (only_zero_follows || i + 1 == call->arguments.size()) break;
        CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> known, NotNull(argument));
        if (!known) break;
        const BitColumn null = protocol_.Not(*known);
        if (!missing) {
          missing = null;
        } else {
          CARE_ASSIGN_OR_RETURN(missing, protocol_.And(*missing, null));
        }
      }
      return total;
    }
    default:
      return Unplanned();
  }
}

}  // namespace care::engine
