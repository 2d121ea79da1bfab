#include "planner/physical/joint_expressions.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "engine/types/timestamp.h"
#include "grammar/query_error.h"
#include "planner/logical/column_facts.h"

namespace care::planner {
namespace {

TypeKind RangeKind(const DataType& type) {
  if (type.kind == TypeKind::kDate || type.kind == TypeKind::kBoolean) return type.kind;
  if (type.IsTimestamp()) return TypeKind::kTimestamp;
  return TypeKind::kNumeric;
}

// The stored integers that a column of the type can hold where nothing narrower is declared.
std::pair<std::int64_t, std::int64_t> TypeRange(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return {0, 1};
    case TypeKind::kSmallInt:
      return {std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()};
    case TypeKind::kInteger:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case TypeKind::kDate:
      return {-719162, 2932896};  // years 1 to 9999
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return {kFirstTimestamp, kLastTimestamp};
    default:
      return {-(std::int64_t{1} << 61), (std::int64_t{1} << 61) - 1};
  }
}

// What is rounded has the digits that it is rounded to, whatever it had before.
bool IsRounding(const CallExpression& call) {
  return call.function == Function::kRound || call.function == Function::kFloor || call.function == Function::kCeil;
}

}  // namespace

ColumnInfo DerivedColumn(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  ColumnInfo info{.type = expression->type};
  SetFacts(FactsOf(expression, columns), info);
  return info;
}

bool IsZeroLiteral(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  if (literal == nullptr) return false;
  if (const auto* integer = std::get_if<std::int64_t>(&literal->value)) return *integer == 0;
  if (const auto* decimal = std::get_if<Decimal>(&literal->value)) return decimal->unscaled == 0;
  return false;
}

bool IsNeverNull(Function function) {
  switch (function) {
    case Function::kIsNull:
    case Function::kIsNotNull:
    case Function::kIsTrue:
    case Function::kIsFalse:
    case Function::kIsUnknown:
      return true;
    default:
      return false;
  }
}

std::uint8_t RingScale(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    const auto* decimal = std::get_if<Decimal>(&literal->value);
    return decimal != nullptr ? static_cast<std::uint8_t>(decimal->scale) : 0;
  }
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node))
    return columns[column->column].type.scale;
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    const bool of_time = call->function == Function::kExtractEpoch || call->function == Function::kExtractSecond;
    if (of_time || IsRounding(*call)) return expression->type.scale;
    std::uint8_t scale = 0;
    for (const ExpressionPtr& argument : call->arguments) {
      const std::uint8_t next = RingScale(argument, columns);
      scale = call->function == Function::kMultiply ? scale + next : std::max(scale, next);
    }
    return scale;
  }
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    std::uint8_t scale = chosen->otherwise ? RingScale(chosen->otherwise, columns) : 0;
    for (const CaseExpression::Branch& branch : chosen->branches)
      scale = std::max(scale, RingScale(branch.result, columns));
    return scale;
  }
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    const bool rounds = expression->type.IsInteger() || expression->type.precision != 0;
    return rounds ? expression->type.scale : std::max(expression->type.scale, RingScale(cast->operand, columns));
  }
  return 0;
}

const ComparisonRange* FindRange(const std::vector<ComparisonRange>& ranges, const DataType& type,
                                 std::uint8_t scale) {
  for (const ComparisonRange& range : ranges) {
    if (range.kind == RangeKind(type) && range.scale == scale) return &range;
  }
  return nullptr;
}

absl::Status FormCollector::Refuse(const ExpressionPtr& expression, std::string_view what) const {
  return sql::QueryError(
      sql_, expression->position,
      absl::StrCat(std::string(what), " over columns of several owners is not supported yet"));
}

absl::Status FormCollector::Widen(const ExpressionPtr& expression, std::uint8_t scale, Int128 low, Int128 high) {
  const TypeKind kind = RangeKind(expression->type);
  const auto known = std::find_if(ranges_.begin(), ranges_.end(), [&](const ComparisonRange& range) {
    return range.kind == kind && range.scale == scale;
  });
  if (known != ranges_.end()) {
    low = std::min<Int128>(low, known->base);
    high = std::max(high, known->base + (Int128{1} << known->width) - 1);
  }
  constexpr Int128 kLeast = std::numeric_limits<std::int64_t>::min(), kMost = std::numeric_limits<std::int64_t>::max();
  const Int128 span = high - low;
  if (low < kLeast || low > kMost || span > static_cast<Int128>(std::numeric_limits<std::uint64_t>::max())) {
    return Refuse(expression, "a comparison of numbers of so many digits");
  }
  const auto width = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::bit_width(static_cast<std::uint64_t>(span))));
  const ComparisonRange range{kind, scale, static_cast<std::int64_t>(low), width};
  if (known != ranges_.end()) {
    *known = range;
  } else {
    ranges_.push_back(range);
  }
  return absl::OkStatus();
}

absl::Status FormCollector::Comparand(const ExpressionPtr& expression, std::uint8_t scale) {
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    if (IsNull(literal->value)) return Refuse(expression, "a comparison with NULL");
    const ColumnInfo facts = DerivedColumn(expression, columns_);
    if (!facts.min) return Refuse(expression, "a comparison of text");
    Int128 value = *facts.min;
    for (std::uint8_t at = RingScale(expression, columns_); at < scale; ++at) {
      value *= 10;
      if (value != static_cast<std::int64_t>(value)) {
        return Refuse(expression, "a comparison with a number of so many digits");
      }
    }
    return Widen(expression, scale, value, value);
  }
  if (expression->type.kind == TypeKind::kText) return Refuse(expression, "a comparison of text");
  if (RingScale(expression, columns_) != scale)
    return Refuse(expression, "a comparison of numbers of different scales");
  const ColumnInfo facts = DerivedColumn(expression, columns_);
  const auto [type_low, type_high] = TypeRange(expression->type);
  CARE_RETURN_IF_ERROR(Widen(expression, scale, facts.min.value_or(type_low), facts.max.value_or(type_high)));
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    share_({.column = column->column, .form = Form::kBits, .null_plane = columns_[column->column].nullable});
    return absl::OkStatus();
  }
  if (!expression->type.IsExactNumber()) return Refuse(expression, "this comparison");
  return Ring(expression, true);
}

absl::Status FormCollector::Compare(const ExpressionPtr& left, const ExpressionPtr& right) {
  const std::uint8_t scale = std::max(RingScale(left, columns_), RingScale(right, columns_));
  CARE_RETURN_IF_ERROR(Comparand(left, scale));
  return Comparand(right, scale);
}

absl::Status FormCollector::Truth(const ExpressionPtr& expression) {
  if (std::holds_alternative<LiteralExpression>(expression->node)) return absl::OkStatus();
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    share_({.column = column->column, .form = Form::kFlag, .null_plane = columns_[column->column].nullable});
    return absl::OkStatus();
  }
  if (const auto* in_list = std::get_if<InListExpression>(&expression->node)) {
    for (const Value& value : in_list->values) {
      CARE_RETURN_IF_ERROR(
          Compare(in_list->operand, MakeLiteral(value, in_list->operand->type, expression->position)));
    }
    return absl::OkStatus();
  }
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return Refuse(expression, "a CASE condition");
  switch (call->function) {
    case Function::kAnd:
    case Function::kOr:
    case Function::kNot:
    case Function::kIsTrue:
    case Function::kIsFalse:
    case Function::kIsUnknown:
      for (const ExpressionPtr& argument : call->arguments) CARE_RETURN_IF_ERROR(Truth(argument));
      return absl::OkStatus();
    case Function::kEqual:
    case Function::kNotEqual:
    case Function::kLess:
    case Function::kLessOrEqual:
    case Function::kGreater:
    case Function::kGreaterOrEqual:
      return Compare(call->arguments[0], call->arguments[1]);
    case Function::kIsNull:
    case Function::kIsNotNull:
      if (call->arguments[0]->type.kind == TypeKind::kBoolean) return Truth(call->arguments[0]);
      if (call->arguments[0]->type.IsExactNumber()) return Ring(call->arguments[0], true);
      return Comparand(call->arguments[0], 0);
    default:
      return Refuse(expression, "this condition");
  }
}

absl::Status FormCollector::Ring(const ExpressionPtr& expression, bool need_null) {
  if (std::holds_alternative<LiteralExpression>(expression->node)) return absl::OkStatus();
  if (!expression->type.IsExactNumber()) return Refuse(expression, "arithmetic on this type");
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    share_({.column = column->column,
            .form = Form::kRing,
            .width = 64,
            .null_plane = need_null && columns_[column->column].nullable});
    return absl::OkStatus();
  }
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    const bool widens =
        cast->operand->type.IsExactNumber() &&
        (expression->type.precision == 0 || expression->type.scale >= RingScale(cast->operand, columns_));
    if (!widens) return Refuse(expression, "a narrowing CAST");
    return Ring(cast->operand, need_null);
  }
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    for (const CaseExpression::Branch& branch : chosen->branches) {
      CARE_RETURN_IF_ERROR(Truth(branch.condition));
      CARE_RETURN_IF_ERROR(Ring(branch.result, need_null));
    }
    return chosen->otherwise ? Ring(chosen->otherwise, need_null) : absl::OkStatus();
  }
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return Refuse(expression, "this expression");
  switch (call->function) {
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kMultiply:
    case Function::kNegate:
      for (const ExpressionPtr& argument : call->arguments) CARE_RETURN_IF_ERROR(Ring(argument, need_null));
      return absl::OkStatus();
    case Function::kCoalesce:
      // A column's NULL is stored as zero, so COALESCE(x, 0) is x and needs no null plane; what is computed
      // from NULLs is not zero (NULL - 1 would be -1).
      for (std::size_t i = 0; i < call->arguments.size(); ++i) {
        const ExpressionPtr& argument = call->arguments[i];
        const bool last = i + 1 == call->arguments.size();
        const bool zero_follows = i + 2 == call->arguments.size() && IsZeroLiteral(call->arguments.back());
        const bool is_zero_where_null =
            zero_follows && std::holds_alternative<ColumnExpression>(argument->node);
        CARE_RETURN_IF_ERROR(Ring(argument, last ? need_null : !is_zero_where_null));
      }
      return absl::OkStatus();
    default:
      return Refuse(expression, "this function");
  }
}

}  // namespace care::planner
