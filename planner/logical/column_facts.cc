#include "planner/logical/column_facts.h"

#include <algorithm>
#include <limits>

#include "engine/types/date.h"
#include "engine/types/decimal.h"

namespace care::planner {
namespace {

struct Range {
  Int128 low;
  Int128 high;
};

std::optional<Range> RangeOf(const ColumnInfo& info) {
  if (info.type.kind == TypeKind::kBoolean) return Range{0, 1};
  if (!info.min || !info.max) return std::nullopt;
  return Range{*info.min, *info.max};
}

void SetRange(ColumnInfo& info, const std::optional<Range>& range) {
  info.min.reset();
  info.max.reset();
  if (!range || range->low < std::numeric_limits<std::int64_t>::min() ||
      range->high > std::numeric_limits<std::int64_t>::max()) {
    return;
  }
  info.min = static_cast<std::int64_t>(range->low);
  info.max = static_cast<std::int64_t>(range->high);
}

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// A range of values stored at one scale, restated at a larger one.
std::optional<Range> Rescale(const std::optional<Range>& range, int from, int to) {
  if (!range || to < from || to - from > 18) return from == to ? range : std::nullopt;
  return Range{range->low * PowerOfTen(to - from), range->high * PowerOfTen(to - from)};
}

std::optional<Range> Hull(const std::optional<Range>& a, const std::optional<Range>& b) {
  if (!a || !b) return std::nullopt;
  return Range{std::min(a->low, b->low), std::max(a->high, b->high)};
}

std::optional<std::int64_t> StoredInteger(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* date = std::get_if<Date>(&value)) return date->days;
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? 1 : 0;
  if (const auto* decimal = std::get_if<Decimal>(&value)) {
    if (decimal->unscaled > std::numeric_limits<std::int64_t>::max() ||
        decimal->unscaled < std::numeric_limits<std::int64_t>::min()) {
      return std::nullopt;
    }
    return static_cast<std::int64_t>(decimal->unscaled);
  }
  return std::nullopt;
}

// The facts of a value that is one of several: CASE branches, COALESCE arguments, GREATEST.
void MergeAlternative(ColumnInfo& merged, const ColumnInfo& next, bool first, bool next_is_null) {
  if (next_is_null) {
    merged.nullable = true;
    return;
  }
  if (first) {
    merged.min = next.min;
    merged.max = next.max;
    merged.domain = next.domain;
  } else {
    SetRange(merged, Hull(Rescale(RangeOf(merged), merged.type.scale, merged.type.scale),
                          Rescale(RangeOf(next), next.type.scale, merged.type.scale)));
    if (merged.domain.empty() || next.domain.empty()) {
      merged.domain.clear();
    } else {
      for (const std::string& value : next.domain) {
        if (std::find(merged.domain.begin(), merged.domain.end(), value) == merged.domain.end()) {
          merged.domain.push_back(value);
        }
      }
    }
  }
  merged.nullable = merged.nullable || next.nullable;
}

bool IsNullLiteral(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  return literal != nullptr && IsNull(literal->value);
}

ColumnInfo FactsOfAlternatives(const std::vector<ExpressionPtr>& alternatives, const DataType& type,
                               const std::vector<ColumnInfo>& columns) {
  ColumnInfo merged{.type = type, .nullable = false};
  bool first = true;
  for (const ExpressionPtr& alternative : alternatives) {
    const bool null = IsNullLiteral(alternative);
    MergeAlternative(merged, FactsOf(alternative, columns), first, null);
    first = first && null;
  }
  return merged;
}

ColumnInfo FactsOfCall(const CallExpression& call, const DataType& type, const std::vector<ColumnInfo>& columns) {
  std::vector<ColumnInfo> facts;
  bool any_nullable = false;
  for (const ExpressionPtr& argument : call.arguments) {
    facts.push_back(FactsOf(argument, columns));
    any_nullable = any_nullable || facts.back().nullable;
  }
  ColumnInfo info{.type = type, .nullable = any_nullable};
  const auto operand = [&](std::size_t i) { return Rescale(RangeOf(facts[i]), facts[i].type.scale, type.scale); };
  switch (call.function) {
    case Function::kIsNull:
    case Function::kIsNotNull:
    case Function::kIsDistinct:
    case Function::kIsNotDistinct:
    case Function::kIsTrue:
    case Function::kIsFalse:
    case Function::kIsUnknown:
      info.nullable = false;
      break;
    case Function::kAdd:
      if (const auto a = operand(0), b = operand(1); a && b) SetRange(info, Range{a->low + b->low, a->high + b->high});
      break;
    case Function::kSubtract:
      if (const auto a = operand(0), b = operand(1); a && b) SetRange(info, Range{a->low - b->high, a->high - b->low});
      break;
    case Function::kMultiply:
      if (const auto a = RangeOf(facts[0]), b = RangeOf(facts[1]); a && b) {
        const auto fits = [](Int128 x) { return x < (Int128{1} << 62) && x > -(Int128{1} << 62); };
        if (fits(a->low) && fits(a->high) && fits(b->low) && fits(b->high)) {
          const Int128 corners[] = {a->low * b->low, a->low * b->high, a->high * b->low, a->high * b->high};
          SetRange(info, Range{*std::min_element(corners, corners + 4), *std::max_element(corners, corners + 4)});
        }
      }
      break;
    case Function::kNegate:
      if (const auto a = operand(0)) SetRange(info, Range{-a->high, -a->low});
      break;
    case Function::kAbs:
      if (const auto a = operand(0)) {
        const Int128 low = a->low > 0 ? a->low : (a->high < 0 ? -a->high : 0);
        SetRange(info, Range{low, std::max(a->high, -a->low)});
      }
      break;
    case Function::kDateAddDays:
      if (const auto a = RangeOf(facts[0]), b = RangeOf(facts[1]); a && b) {
        SetRange(info, Range{a->low + b->low, a->high + b->high});
      }
      break;
    case Function::kDateDifference:
      if (const auto a = RangeOf(facts[0]), b = RangeOf(facts[1]); a && b) {
        SetRange(info, Range{a->low - b->high, a->high - b->low});
      }
      break;
    case Function::kDateAddInterval: {
      const auto a = RangeOf(facts[0]);
      const auto* literal = std::get_if<LiteralExpression>(&call.arguments[1]->node);
      if (!a || literal == nullptr || !std::holds_alternative<Interval>(literal->value)) break;
      const auto interval = std::get<Interval>(literal->value);
      // Adding months is monotone, so the ends of the range map to the ends of the result.
      const auto low = AddMonths(static_cast<std::int32_t>(a->low), interval.months);
      const auto high = AddMonths(static_cast<std::int32_t>(a->high), interval.months);
      if (low.ok() && high.ok()) SetRange(info, Range{Int128{*low} + interval.days, Int128{*high} + interval.days});
      break;
    }
    case Function::kExtractYear:
      if (const auto a = RangeOf(facts[0])) {
        SetRange(info, Range{CivilFromDays(static_cast<std::int32_t>(a->low)).year,
                             CivilFromDays(static_cast<std::int32_t>(a->high)).year});
      }
      break;
    case Function::kExtractMonth:
      SetRange(info, Range{1, 12});
      break;
    case Function::kExtractDay:
      SetRange(info, Range{1, 31});
      break;
    case Function::kExtractQuarter:
      SetRange(info, Range{1, 4});
      break;
    case Function::kExtractDow:
      SetRange(info, Range{0, 6});
      break;
    case Function::kCoalesce: {
      info = FactsOfAlternatives(call.arguments, type, columns);
      info.nullable = std::all_of(facts.begin(), facts.end(), [](const ColumnInfo& f) { return f.nullable; });
      break;
    }
    case Function::kGreatest:
    case Function::kLeast:
      info = FactsOfAlternatives(call.arguments, type, columns);
      info.nullable = std::all_of(facts.begin(), facts.end(), [](const ColumnInfo& f) { return f.nullable; });
      break;
    case Function::kNullIf:
      info = facts[0];
      info.type = type;
      info.nullable = true;
      break;
    default:
      break;
  }
  info.name.clear();
  info.table = -1;
  info.table_column = -1;
  return info;
}

}  // namespace

ColumnInfo FactsOf(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  ColumnInfo info{.type = expression->type, .nullable = true};
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    info.nullable = IsNull(literal->value);
    if (const auto stored = StoredInteger(literal->value)) {
      if (const auto* decimal = std::get_if<Decimal>(&literal->value)) {
        info.type.scale = static_cast<std::uint8_t>(decimal->scale);
      }
      info.min = stored;
      info.max = stored;
    }
    if (const auto* text = std::get_if<std::string>(&literal->value)) info.domain = {*text};
  } else if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    info = columns[column->column];
    info.name.clear();
  } else if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    info = FactsOfCall(*call, expression->type, columns);
  } else if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    std::vector<ExpressionPtr> alternatives;
    for (const CaseExpression::Branch& branch : chosen->branches) alternatives.push_back(branch.result);
    if (chosen->otherwise) alternatives.push_back(chosen->otherwise);
    info = FactsOfAlternatives(alternatives, expression->type, columns);
    if (!chosen->otherwise) info.nullable = true;
  } else if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    const ColumnInfo operand = FactsOf(cast->operand, columns);
    info.nullable = operand.nullable;
    if (operand.type.kind == expression->type.kind || (operand.type.IsExactNumber() && expression->type.IsExactNumber())) {
      SetRange(info, Rescale(RangeOf(operand), operand.type.scale, expression->type.scale));
    }
  } else if (const auto* in_list = std::get_if<InListExpression>(&expression->node)) {
    info.nullable = FactsOf(in_list->operand, columns).nullable ||
                    std::any_of(in_list->values.begin(), in_list->values.end(), [](const Value& v) { return IsNull(v); });
  }
  return info;
}

}  // namespace care::planner
