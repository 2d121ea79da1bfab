#include "connectors/sqlite/dialect_expression.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::CallExpression;
using planner::CaseExpression;
using planner::CastExpression;
using planner::ColumnExpression;
using planner::ExpressionPtr;
using planner::Function;
using planner::InListExpression;
using planner::LiteralExpression;

constexpr Int128 kLowest = std::numeric_limits<std::int64_t>::min();
constexpr Int128 kHighest = std::numeric_limits<std::int64_t>::max();

absl::Status NotProven(const char* what) { return absl::UnimplementedError(what); }

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

int ScaleOf(const DataType& type) { return type.kind == TypeKind::kNumeric ? type.scale : 0; }

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

std::optional<IntegerRange> TypeRange(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return IntegerRange{0, 1};
    case TypeKind::kSmallInt:
      return IntegerRange{std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()};
    case TypeKind::kInteger:
      return IntegerRange{std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case TypeKind::kBigInt:
      return IntegerRange{kLowest, kHighest};
    case TypeKind::kNumeric: {
      if (type.precision == 0 || type.precision > 18) return IntegerRange{kLowest, kHighest};
      const Int128 limit = PowerOfTen(type.precision) - 1;
      return IntegerRange{-limit, limit};
    }
    default:
      return std::nullopt;
  }
}

bool Within(const IntegerRange& inner, const IntegerRange& outer) {
  return inner.low >= outer.low && inner.high <= outer.high;
}

std::optional<IntegerRange> Clamped(IntegerRange range) {
  if (!Within(range, {kLowest, kHighest})) return std::nullopt;
  return range;
}

std::optional<IntegerRange> Union(const std::optional<IntegerRange>& a, const std::optional<IntegerRange>& b) {
  if (!a || !b) return std::nullopt;
  return IntegerRange{std::min(a->low, b->low), std::max(a->high, b->high)};
}

std::optional<IntegerRange> Product(const IntegerRange& a, const IntegerRange& b) {
  const Int128 corners[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  return Clamped({*std::min_element(corners, corners + 4), *std::max_element(corners, corners + 4)});
}

bool IsNullLiteral(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  return literal != nullptr && IsNull(literal->value);
}

// Kinds that SQLite compares as PostgreSQL does once storage has been checked.
bool Comparable(const DataType& type) {
  return type.IsExactNumber() || type.kind == TypeKind::kBoolean || type.kind == TypeKind::kDate ||
         type.kind == TypeKind::kText;
}

std::string Infix(std::vector<std::string> operands, const char* op) {
  return absl::StrCat("(", absl::StrJoin(operands, op), ")");
}

}  // namespace

absl::StatusOr<std::string> SqliteLiteral(const Value& value, const DataType& type) {
  if (IsNull(value)) return "NULL";
  if (const bool* boolean = std::get_if<bool>(&value)) return *boolean ? "1" : "0";
  if (const std::int64_t* integer = std::get_if<std::int64_t>(&value)) {
    if (type.kind == TypeKind::kNumeric) return SqliteLiteral(Decimal{*integer, 0}, type);
    // The lowest integer has no literal: -9223372036854775808 is a minus before a float.
    if (*integer == std::numeric_limits<std::int64_t>::min()) return "(-9223372036854775807 - 1)";
    return absl::StrCat(*integer);
  }
  if (const Decimal* decimal = std::get_if<Decimal>(&value)) {
    CARE_ASSIGN_OR_RETURN(const Decimal scaled, RescaleDecimal(*decimal, ScaleOf(type)));
    if (CompareDecimals(scaled, *decimal) != 0 || scaled.unscaled <= kLowest || scaled.unscaled > kHighest) {
      return NotProven("a literal that its type does not hold");
    }
    return absl::StrCat(static_cast<std::int64_t>(scaled.unscaled));
  }
  if (const Date* date = std::get_if<Date>(&value)) return absl::StrCat("'", FormatDate(date->days), "'");
  if (const std::string* text = std::get_if<std::string>(&value)) {
    if (text->find('\0') != std::string::npos) return NotProven("a text with a NUL character");
    std::string quoted = "'";
    for (char c : *text) {
      quoted += c;
      if (c == '\'') quoted += c;
    }
    return quoted + "'";
  }
  return NotProven("an interval");
}

std::optional<IntegerRange> SqliteExpressions::RangeAtScale(const ExpressionPtr& expression, int scale) const {
  const std::optional<IntegerRange> range = RangeOf(expression);
  const int shift = scale - ScaleOf(expression->type);
  if (!range || shift < 0 || shift > 18) return std::nullopt;
  return Clamped({range->low * PowerOfTen(shift), range->high * PowerOfTen(shift)});
}

std::optional<IntegerRange> SqliteExpressions::RangeOf(const ExpressionPtr& expression) const {
  const DataType& type = expression->type;
  const int scale = ScaleOf(type);
  if (scale > 18) return std::nullopt;
  return std::visit(
      Overloaded{
          [&](const LiteralExpression& literal) -> std::optional<IntegerRange> {
            if (const bool* boolean = std::get_if<bool>(&literal.value)) return IntegerRange{*boolean, *boolean};
            if (const std::int64_t* integer = std::get_if<std::int64_t>(&literal.value)) {
              return Clamped({*integer * PowerOfTen(scale), *integer * PowerOfTen(scale)});
            }
            if (const Decimal* decimal = std::get_if<Decimal>(&literal.value)) {
              const absl::StatusOr<Decimal> scaled = RescaleDecimal(*decimal, scale);
              if (!scaled.ok()) return std::nullopt;
              return Clamped({scaled->unscaled, scaled->unscaled});
            }
            if (IsNull(literal.value) && (type.IsExactNumber() || type.kind == TypeKind::kBoolean)) {
              return IntegerRange{0, 0};
            }
            return std::nullopt;
          },
          [&](const ColumnExpression& column) -> std::optional<IntegerRange> {
            std::optional<IntegerRange> range = TypeRange(type);
            if (!range) return std::nullopt;
            const planner::ColumnInfo& info = columns_[column.column];
            if (info.min) range->low = std::max<Int128>(range->low, *info.min);
            if (info.max) range->high = std::min<Int128>(range->high, *info.max);
            return range;
          },
          [&](const CallExpression& call) -> std::optional<IntegerRange> {
            std::vector<IntegerRange> operands;
            const bool product = call.function == Function::kMultiply;
            switch (call.function) {
              case Function::kAdd:
              case Function::kSubtract:
              case Function::kMultiply:
              case Function::kNegate:
              case Function::kAbs:
              case Function::kCoalesce:
              case Function::kNullIf:
                break;
              default:
                return type.kind == TypeKind::kBoolean ? TypeRange(type) : std::nullopt;
            }
            for (const ExpressionPtr& argument : call.arguments) {
              const auto range = RangeAtScale(argument, product ? ScaleOf(argument->type) : scale);
              if (!range) return std::nullopt;
              operands.push_back(*range);
            }
            IntegerRange range = operands[0];
            switch (call.function) {
              case Function::kAdd:
                return Clamped({range.low + operands[1].low, range.high + operands[1].high});
              case Function::kSubtract:
                return Clamped({range.low - operands[1].high, range.high - operands[1].low});
              case Function::kMultiply:
                return Product(range, operands[1]);
              case Function::kNegate:
                return Clamped({-range.high, -range.low});
              case Function::kAbs:
                return Clamped({0, std::max(range.high, -range.low)});
              case Function::kCoalesce:
                for (const IntegerRange& other : operands) range = *Union(range, other);
                return range;
              default:
                return range;
            }
          },
          [&](const CaseExpression& cases) -> std::optional<IntegerRange> {
            std::optional<IntegerRange> range = RangeAtScale(cases.otherwise, scale);
            for (const CaseExpression::Branch& branch : cases.branches) {
              range = Union(range, RangeAtScale(branch.result, scale));
            }
            return range;
          },
          [&](const CastExpression& cast) -> std::optional<IntegerRange> {
            if (!type.IsExactNumber() || !cast.operand->type.IsExactNumber()) return std::nullopt;
            return RangeAtScale(cast.operand, scale);
          },
          [&](const InListExpression&) -> std::optional<IntegerRange> { return TypeRange(kBooleanType); },
      },
      expression->node);
}

absl::StatusOr<std::string> SqliteExpressions::AtScale(const ExpressionPtr& expression, int scale,
                                                       const Scope& scope) const {
  CARE_ASSIGN_OR_RETURN(std::string sql, Translate(expression, scope));
  const int shift = scale - ScaleOf(expression->type);
  if (!expression->type.IsExactNumber() || shift == 0 || IsNullLiteral(expression)) return sql;
  if (!RangeAtScale(expression, scale)) return NotProven("a scale that could overflow");
  return absl::StrCat("(", sql, " * ", static_cast<std::int64_t>(PowerOfTen(shift)), ")");
}

absl::StatusOr<std::vector<std::string>> SqliteExpressions::Aligned(const std::vector<ExpressionPtr>& operands,
                                                                    const Scope& scope) const {
  int scale = 0;
  const DataType* kind = nullptr;
  for (const ExpressionPtr& operand : operands) {
    if (IsNullLiteral(operand)) continue;
    if (!Comparable(operand->type)) return NotProven("a type");
    if (kind != nullptr && !(kind->IsExactNumber() && operand->type.IsExactNumber()) &&
        kind->kind != operand->type.kind) {
      return NotProven("a comparison of unlike types");
    }
    kind = &operand->type;
    scale = std::max(scale, ScaleOf(operand->type));
  }
  std::vector<std::string> texts;
  for (const ExpressionPtr& operand : operands) {
    CARE_ASSIGN_OR_RETURN(std::string sql, AtScale(operand, scale, scope));
    texts.push_back(std::move(sql));
  }
  return texts;
}

absl::StatusOr<std::string> SqliteExpressions::TranslateCall(const CallExpression& call, const DataType& type,
                                                             const ExpressionPtr& whole,
                                                             const Scope& scope) const {
  const auto all = [&]() -> absl::StatusOr<std::vector<std::string>> {
    std::vector<std::string> texts;
    for (const ExpressionPtr& argument : call.arguments) {
      CARE_ASSIGN_OR_RETURN(std::string sql, Translate(argument, scope));
      texts.push_back(std::move(sql));
    }
    return texts;
  };
  const auto compared = [&](const char* op) -> absl::StatusOr<std::string> {
    CARE_ASSIGN_OR_RETURN(std::vector<std::string> sides, Aligned(call.arguments, scope));
    return Infix(std::move(sides), op);
  };
  const auto tested = [&](const char* test) -> absl::StatusOr<std::string> {
    CARE_ASSIGN_OR_RETURN(std::vector<std::string> sides, all());
    return absl::StrCat("(", sides[0], test, ")");
  };
  const auto computed = [&](const char* op) -> absl::StatusOr<std::string> {
    const std::optional<IntegerRange> range = RangeOf(whole);
    const std::optional<IntegerRange> limit = TypeRange(type);
    if (!range || !limit || !Within(*range, *limit)) return NotProven("arithmetic that could overflow");
    std::vector<std::string> sides;
    const bool product = call.function == Function::kMultiply;
    int scale = 0;
    for (const ExpressionPtr& argument : call.arguments) {
      scale = product ? scale + ScaleOf(argument->type) : std::max(scale, ScaleOf(argument->type));
    }
    if (scale != ScaleOf(type)) return NotProven("arithmetic at another scale");
    for (const ExpressionPtr& argument : call.arguments) {
      CARE_ASSIGN_OR_RETURN(std::string sql,
                            AtScale(argument, product ? ScaleOf(argument->type) : scale, scope));
      sides.push_back(std::move(sql));
    }
    return Infix(std::move(sides), op);
  };
  switch (call.function) {
    case Function::kAnd:
    case Function::kOr: {
      CARE_ASSIGN_OR_RETURN(std::vector<std::string> sides, all());
      return Infix(std::move(sides), call.function == Function::kAnd ? " AND " : " OR ");
    }
    case Function::kNot: {
      CARE_ASSIGN_OR_RETURN(std::vector<std::string> sides, all());
      return absl::StrCat("(NOT ", sides[0], ")");
    }
    case Function::kEqual:
      return compared(" = ");
    case Function::kNotEqual:
      return compared(" <> ");
    case Function::kLess:
      return compared(" < ");
    case Function::kLessOrEqual:
      return compared(" <= ");
    case Function::kGreater:
      return compared(" > ");
    case Function::kGreaterOrEqual:
      return compared(" >= ");
    case Function::kIsDistinct:
      return compared(" IS NOT ");
    case Function::kIsNotDistinct:
      return compared(" IS ");
    case Function::kIsNull:
    case Function::kIsUnknown:
      return tested(" IS NULL");
    case Function::kIsNotNull:
      return tested(" IS NOT NULL");
    case Function::kIsTrue:
      return tested(" IS TRUE");
    case Function::kIsFalse:
      return tested(" IS FALSE");
    case Function::kAdd:
      return computed(" + ");
    case Function::kSubtract:
      return computed(" - ");
    case Function::kMultiply:
      return computed(" * ");
    case Function::kNegate: {
      CARE_ASSIGN_OR_RETURN(const std::string operand, computed(""));
      return absl::StrCat("(- ", operand, ")");
    }
    case Function::kAbs: {
      CARE_ASSIGN_OR_RETURN(const std::string operand, computed(""));
      return absl::StrCat("abs", operand);
    }
    case Function::kNullIf: {
      // The result keeps the first argument's scale.
      if (type.IsExactNumber() && ScaleOf(type) != ScaleOf(call.arguments[0]->type)) {
        return NotProven("NULLIF at another scale");
      }
      CARE_ASSIGN_OR_RETURN(std::vector<std::string> sides, Aligned(call.arguments, scope));
      CARE_ASSIGN_OR_RETURN(std::vector<std::string> plain, all());
      return absl::StrCat("(CASE WHEN ", sides[0], " = ", sides[1], " THEN NULL ELSE ", plain[0], " END)");
    }
    case Function::kCoalesce: {
      std::vector<std::string> sides;
      for (const ExpressionPtr& argument : call.arguments) {
        if (!Comparable(argument->type) && !IsNullLiteral(argument)) return NotProven("a type");
        CARE_ASSIGN_OR_RETURN(std::string sql, AtScale(argument, ScaleOf(type), scope));
        sides.push_back(std::move(sql));
      }
      if (sides.size() == 1) return sides[0];
      return absl::StrCat("coalesce(", absl::StrJoin(sides, ", "), ")");
    }
    case Function::kDivide:
    case Function::kModulo:
    case Function::kDateAddDays:
    case Function::kDateAddInterval:
    case Function::kDateDifference:
    case Function::kExtractYear:
    case Function::kExtractMonth:
    case Function::kExtractDay:
    case Function::kExtractQuarter:
    case Function::kExtractDow:
    case Function::kDateTrunc:
    case Function::kGreatest:
    case Function::kLeast:
    case Function::kRound:
    case Function::kFloor:
    case Function::kCeil:
    case Function::kLower:
    case Function::kUpper:
    case Function::kLength:
    case Function::kSubstring:
    case Function::kTrim:
    case Function::kConcat:
    case Function::kReplace:
    case Function::kLike:
    case Function::kILike:
      return NotProven("a function that SQLite computes otherwise");
  }
  return NotProven("an unknown function");
}

absl::StatusOr<std::string> SqliteExpressions::Translate(const ExpressionPtr& expression,
                                                         const Scope& scope) const {
  using Result = absl::StatusOr<std::string>;
  return std::visit(
      Overloaded{
          [&](const LiteralExpression& literal) -> Result { return SqliteLiteral(literal.value, expression->type); },
          [&](const ColumnExpression& column) -> Result {
            const auto found = scope.find(column.column);
            if (found == scope.end()) return absl::InternalError("a column that is not in scope");
            if (found->second.native_decimal) return NotProven("decimal text");
            return found->second.sql;
          },
          [&](const CallExpression& call) -> Result {
            return TranslateCall(call, expression->type, expression, scope);
          },
          [&](const CaseExpression& cases) -> Result {
            const int scale = ScaleOf(expression->type);
            std::string sql = "(CASE";
            for (const CaseExpression::Branch& branch : cases.branches) {
              CARE_ASSIGN_OR_RETURN(const std::string condition, Translate(branch.condition, scope));
              CARE_ASSIGN_OR_RETURN(const std::string result, AtScale(branch.result, scale, scope));
              absl::StrAppend(&sql, " WHEN ", condition, " THEN ", result);
            }
            CARE_ASSIGN_OR_RETURN(const std::string otherwise, AtScale(cases.otherwise, scale, scope));
            return absl::StrCat(sql, " ELSE ", otherwise, " END)");
          },
          [&](const CastExpression& cast) -> Result {
            const DataType& from = cast.operand->type;
            const DataType& to = expression->type;
            if (from.kind == to.kind && from.kind == TypeKind::kText && to.max_length == 0) {
              return Translate(cast.operand, scope);
            }
            const std::optional<IntegerRange> range = RangeOf(expression);
            const std::optional<IntegerRange> limit = TypeRange(to);
            if (!range || !limit || !Within(*range, *limit) || ScaleOf(to) < ScaleOf(from)) {
              return NotProven("a cast");
            }
            return AtScale(cast.operand, ScaleOf(to), scope);
          },
          [&](const InListExpression& list) -> Result {
            const DataType& type = list.operand->type;
            if (!Comparable(type)) return NotProven("a type");
            CARE_ASSIGN_OR_RETURN(const std::string operand, Translate(list.operand, scope));
            std::vector<std::string> values;
            for (const Value& value : list.values) {
              CARE_ASSIGN_OR_RETURN(std::string literal, SqliteLiteral(value, type));
              values.push_back(std::move(literal));
            }
            return absl::StrCat("(", operand, " IN (", absl::StrJoin(values, ", "), "))");
          },
      },
      expression->node);
}

}  // namespace care::connectors
