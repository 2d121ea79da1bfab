#include "planner/logical/print_expression.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/date.h"

namespace care::planner {
namespace {

using Columns = std::vector<ColumnInfo>;

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'') quoted.push_back('\'');
    quoted.push_back(c);
  }
  return quoted + "'";
}

struct ValuePrinter {
  std::string operator()(Null) const { return "NULL"; }
  std::string operator()(bool value) const { return value ? "TRUE" : "FALSE"; }
  std::string operator()(std::int64_t value) const { return absl::StrCat(value); }
  std::string operator()(const Decimal& value) const { return value.ToString(); }
  std::string operator()(Date value) const { return absl::StrCat("DATE '", FormatDate(value.days), "'"); }
  std::string operator()(const std::string& value) const { return Quoted(value); }
  std::string operator()(double value) const { return FormatValue(Value(value)); }
  std::string operator()(float value) const { return FormatValue(Value(value)); }
  std::string operator()(Interval value) const {
    std::vector<std::string> parts;
    if (value.months != 0 || (value.days == 0 && value.microseconds == 0)) parts.push_back(absl::StrCat(value.months, " months"));
    if (value.days != 0) parts.push_back(absl::StrCat(value.days, " days"));
    if (value.microseconds != 0) parts.push_back(absl::StrCat(value.microseconds, " microseconds"));
    return absl::StrCat("INTERVAL '", absl::StrJoin(parts, " "), "'");
  }
  std::string operator()(Timestamp value) const {
    return absl::StrCat(value.with_time_zone ? "TIMESTAMPTZ '" : "TIMESTAMP '", FormatValue(Value(value)), "'");
  }
};

std::string PrintValue(const Value& value) { return std::visit(ValuePrinter{}, value); }

// How a function prints: between its operands, behind its operand, or in front of a parenthesis.
struct Spelling {
  enum class Kind { kInfix, kPostfix, kPrefix } kind;
  std::string_view text;
};

Spelling SpellingOf(Function function) {
  using Kind = Spelling::Kind;
  switch (function) {
    case Function::kAnd:
      return {Kind::kInfix, "AND"};
    case Function::kOr:
      return {Kind::kInfix, "OR"};
    case Function::kNot:
      return {Kind::kPrefix, "NOT"};
    case Function::kEqual:
      return {Kind::kInfix, "="};
    case Function::kNotEqual:
      return {Kind::kInfix, "<>"};
    case Function::kLess:
      return {Kind::kInfix, "<"};
    case Function::kLessOrEqual:
      return {Kind::kInfix, "<="};
    case Function::kGreater:
      return {Kind::kInfix, ">"};
    case Function::kGreaterOrEqual:
      return {Kind::kInfix, ">="};
    case Function::kIsNull:
      return {Kind::kPostfix, "IS NULL"};
    case Function::kIsNotNull:
      return {Kind::kPostfix, "IS NOT NULL"};
    case Function::kIsDistinct:
      return {Kind::kInfix, "IS DISTINCT FROM"};
    case Function::kIsNotDistinct:
      return {Kind::kInfix, "IS NOT DISTINCT FROM"};
    case Function::kIsTrue:
      return {Kind::kPostfix, "IS TRUE"};
    case Function::kIsFalse:
      return {Kind::kPostfix, "IS FALSE"};
    case Function::kIsUnknown:
      return {Kind::kPostfix, "IS UNKNOWN"};
    case Function::kAdd:
      return {Kind::kInfix, "+"};
    case Function::kSubtract:
      return {Kind::kInfix, "-"};
    case Function::kMultiply:
      return {Kind::kInfix, "*"};
    case Function::kDivide:
      return {Kind::kInfix, "/"};
    case Function::kModulo:
      return {Kind::kInfix, "%"};
    case Function::kNegate:
      return {Kind::kPrefix, "-"};
    case Function::kDateAddDays:
      return {Kind::kInfix, "+"};
    case Function::kDateAddInterval:
      return {Kind::kInfix, "+"};
    case Function::kDateDifference:
      return {Kind::kInfix, "-"};
    case Function::kExtractYear:
      return {Kind::kPrefix, "EXTRACT_YEAR"};
    case Function::kExtractMonth:
      return {Kind::kPrefix, "EXTRACT_MONTH"};
    case Function::kExtractDay:
      return {Kind::kPrefix, "EXTRACT_DAY"};
    case Function::kExtractQuarter:
      return {Kind::kPrefix, "EXTRACT_QUARTER"};
    case Function::kExtractDow:
      return {Kind::kPrefix, "EXTRACT_DOW"};
    case Function::kExtractHour:
      return {Kind::kPrefix, "EXTRACT_HOUR"};
    case Function::kExtractMinute:
      return {Kind::kPrefix, "EXTRACT_MINUTE"};
    case Function::kExtractSecond:
      return {Kind::kPrefix, "EXTRACT_SECOND"};
    case Function::kExtractEpoch:
      return {Kind::kPrefix, "EXTRACT_EPOCH"};
    case Function::kTimestampTrunc:
      return {Kind::kPrefix, "DATE_TRUNC"};
    case Function::kTimestampAddInterval:
      return {Kind::kInfix, "+"};
    case Function::kDateTrunc:
      return {Kind::kPrefix, "DATE_TRUNC"};
    case Function::kCoalesce:
      return {Kind::kPrefix, "COALESCE"};
    case Function::kNullIf:
      return {Kind::kPrefix, "NULLIF"};
    case Function::kGreatest:
      return {Kind::kPrefix, "GREATEST"};
    case Function::kLeast:
      return {Kind::kPrefix, "LEAST"};
    case Function::kAbs:
      return {Kind::kPrefix, "ABS"};
    case Function::kRound:
      return {Kind::kPrefix, "ROUND"};
    case Function::kFloor:
      return {Kind::kPrefix, "FLOOR"};
    case Function::kCeil:
      return {Kind::kPrefix, "CEIL"};
    case Function::kLower:
      return {Kind::kPrefix, "LOWER"};
    case Function::kUpper:
      return {Kind::kPrefix, "UPPER"};
    case Function::kLength:
      return {Kind::kPrefix, "LENGTH"};
    case Function::kSubstring:
      return {Kind::kPrefix, "SUBSTRING"};
    case Function::kTrim:
      return {Kind::kPrefix, "BTRIM"};
    case Function::kConcat:
      return {Kind::kInfix, "||"};
    case Function::kReplace:
      return {Kind::kPrefix, "REPLACE"};
    case Function::kLeft:
      return {Kind::kPrefix, "LEFT"};
    case Function::kRight:
      return {Kind::kPrefix, "RIGHT"};
    case Function::kPosition:
      return {Kind::kPrefix, "STRPOS"};
    case Function::kPadLeft:
      return {Kind::kPrefix, "LPAD"};
    case Function::kPadRight:
      return {Kind::kPrefix, "RPAD"};
    case Function::kInitCap:
      return {Kind::kPrefix, "INITCAP"};
    case Function::kReverse:
      return {Kind::kPrefix, "REVERSE"};
    case Function::kRepeat:
      return {Kind::kPrefix, "REPEAT"};
    case Function::kSplitPart:
      return {Kind::kPrefix, "SPLIT_PART"};
    case Function::kLike:
      return {Kind::kInfix, "LIKE"};
    case Function::kILike:
      return {Kind::kInfix, "ILIKE"};
    case Function::kSimilar:
      return {Kind::kInfix, "SIMILAR TO"};
    case Function::kRegex:
      return {Kind::kInfix, "~"};
    case Function::kRegexIgnoringCase:
      return {Kind::kInfix, "~*"};
    case Function::kAverageOf:
      return {Kind::kPrefix, "AVERAGE_OF"};
    case Function::kVariancePopulation:
      return {Kind::kPrefix, "VAR_POP_OF"};
    case Function::kVarianceSample:
      return {Kind::kPrefix, "VAR_SAMP_OF"};
    case Function::kDeviationPopulation:
      return {Kind::kPrefix, "STDDEV_POP_OF"};
    case Function::kDeviationSample:
      return {Kind::kPrefix, "STDDEV_SAMP_OF"};
    case Function::kCovariancePopulation:
      return {Kind::kPrefix, "COVAR_POP_OF"};
    case Function::kCovarianceSample:
      return {Kind::kPrefix, "COVAR_SAMP_OF"};
    case Function::kCorrelation:
      return {Kind::kPrefix, "CORR_OF"};
    case Function::kRegressionSlope:
      return {Kind::kPrefix, "REGR_SLOPE_OF"};
    case Function::kRegressionIntercept:
      return {Kind::kPrefix, "REGR_INTERCEPT_OF"};
    case Function::kRegressionR2:
      return {Kind::kPrefix, "REGR_R2_OF"};
    case Function::kSquareRoot:
      return {Kind::kPrefix, "SQRT"};
    case Function::kPower:
      return {Kind::kPrefix, "POWER"};
    case Function::kExponential:
      return {Kind::kPrefix, "EXP"};
    case Function::kNaturalLogarithm:
      return {Kind::kPrefix, "LN"};
    case Function::kLogarithm:
      return {Kind::kPrefix, "LOG"};
  }
  return {Kind::kPrefix, "?"};
}

std::string Print(const ExpressionPtr& expression, const Columns& columns, bool nested);

std::string PrintList(const std::vector<ExpressionPtr>& expressions, const Columns& columns) {
  std::vector<std::string> parts;
  for (const ExpressionPtr& expression : expressions) parts.push_back(Print(expression, columns, false));
  return absl::StrJoin(parts, ", ");
}

std::string PrintCall(const CallExpression& call, const Columns& columns, bool nested) {
  const Spelling spelling = SpellingOf(call.function);
  std::string text;
  switch (spelling.kind) {
    case Spelling::Kind::kPrefix:
      return absl::StrCat(std::string(spelling.text), "(", PrintList(call.arguments, columns), ")");
    case Spelling::Kind::kPostfix:
      text = absl::StrCat(Print(call.arguments[0], columns, true), " ", std::string(spelling.text));
      break;
    case Spelling::Kind::kInfix: {
      std::vector<std::string> parts;
      for (const ExpressionPtr& argument : call.arguments) parts.push_back(Print(argument, columns, true));
      text = absl::StrJoin(parts, absl::StrCat(" ", std::string(spelling.text), " "));
      break;
    }
  }
  return nested ? absl::StrCat("(", text, ")") : text;
}

std::string PrintNode(const LiteralExpression& literal, const Expression&, const Columns&, bool) {
  return PrintValue(literal.value);
}
std::string PrintNode(const ColumnExpression& column, const Expression&, const Columns& columns, bool) {
  return PrintColumn(column.column, columns);
}
std::string PrintNode(const CallExpression& call, const Expression&, const Columns& columns, bool nested) {
  return PrintCall(call, columns, nested);
}
std::string PrintNode(const CaseExpression& node, const Expression&, const Columns& columns, bool) {
  std::string text = "CASE";
  for (const CaseExpression::Branch& branch : node.branches) {
    absl::StrAppend(&text, " WHEN ", Print(branch.condition, columns, false), " THEN ",
                    Print(branch.result, columns, false));
  }
  if (node.otherwise != nullptr) absl::StrAppend(&text, " ELSE ", Print(node.otherwise, columns, false));
  return text + " END";
}
std::string PrintNode(const CastExpression& cast, const Expression& whole, const Columns& columns, bool) {
  return absl::StrCat("CAST(", Print(cast.operand, columns, false), " AS ", whole.type.ToString(), ")");
}
std::string PrintNode(const InListExpression& in, const Expression&, const Columns& columns, bool nested) {
  std::vector<std::string> values;
  for (const Value& value : in.values) values.push_back(PrintValue(value));
  const std::string text =
      absl::StrCat(Print(in.operand, columns, true), " IN (", absl::StrJoin(values, ", "), ")");
  return nested ? absl::StrCat("(", text, ")") : text;
}

std::string PrintNode(const SubqueryExpression& subquery, const Expression&, const Columns& columns, bool) {
  switch (subquery.kind) {
    case SubqueryKind::kExists:
      return "EXISTS (...)";
    case SubqueryKind::kIn:
      return absl::StrCat(Print(subquery.operand, columns, true), " IN (...)");
    case SubqueryKind::kScalar:
      return "(SELECT ...)";
  }
  return "?";
}

std::string Print(const ExpressionPtr& expression, const Columns& columns, bool nested) {
  return std::visit([&](const auto& node) { return PrintNode(node, *expression, columns, nested); },
                    expression->node);
}

}  // namespace

std::string PrintColumn(ColumnId column, const std::vector<ColumnInfo>& columns) {
  const std::string name = column < columns.size() ? columns[column].name : "?";
  return absl::StrCat(name, "#", column);
}

std::string PrintExpression(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  return Print(expression, columns, false);
}

}  // namespace care::planner
