#include <array>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/date.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {
namespace {

using Columns = std::vector<ColumnInfo>;

std::string PrintColumn(ColumnId column, const Columns& columns) {
  const std::string name = column < columns.size() ? columns[column].name : "?";
  return absl::StrCat(name, "#", column);
}

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

std::string PrintAggregate(const NamedAggregate& named, const Columns& columns) {
  const AggregateCall& call = named.call;
  std::string text =
      absl::StrCat(PrintColumn(named.column, columns), " := ", std::string(NameOf(call.function)), "(",
                   call.distinct ? "DISTINCT " : "",
                   call.argument == nullptr ? "*" : Print(call.argument, columns, false),
                   call.second == nullptr ? "" : absl::StrCat(", ", Print(call.second, columns, false)), ")");
  if (call.function == AggregateFunction::kPercentileContinuous ||
      call.function == AggregateFunction::kPercentileDiscrete) {
    absl::StrAppend(&text, " AT ", call.fraction.ToString(), call.descending ? " DESC" : "");
  }
  if (call.filter != nullptr) {
    absl::StrAppend(&text, " FILTER (WHERE ", Print(call.filter, columns, false), ")");
  }
  return text;
}

std::string_view NameOf(WindowFunction function) {
  static constexpr std::string_view kNames[] = {"ROW_NUMBER",  "RANK",       "DENSE_RANK", "LAG", "LEAD", "FIRST_VALUE",
                                                "LAST_VALUE",  "COUNT(*)",   "COUNT",      "SUM", "AVG",  "MIN",
                                                "MAX"};
  return kNames[static_cast<std::size_t>(function)];
}

std::string_view NameOf(JoinKind kind) {
  switch (kind) {
    case JoinKind::kInner:
      return "inner";
    case JoinKind::kLeft:
      return "left";
    case JoinKind::kFull:
      return "full";
    case JoinKind::kCross:
      return "cross";
    case JoinKind::kSemi:
      return "semi";
    case JoinKind::kAnti:
      return "anti";
  }
  return "?";
}

std::string Describe(const LogicalNode& node, const LogicalPlan& plan, const Catalog& catalog) {
  const Columns& columns = plan.columns;
  const auto names = [&](const std::vector<ColumnId>& ids) {
    std::vector<std::string> parts;
    for (ColumnId id : ids) parts.push_back(PrintColumn(id, columns));
    return absl::StrJoin(parts, ", ");
  };
  return std::visit(
      [&](const auto& part) -> std::string {
        using Node = std::decay_t<decltype(part)>;
        std::vector<std::string> parts;
        if constexpr (std::is_same_v<Node, ScanNode>) {
          return absl::StrCat("Scan ", catalog.tables[part.table].FullName(), " [",
                              names(OutputColumns(node)), "]");
        } else if constexpr (std::is_same_v<Node, FilterNode>) {
          return absl::StrCat("Filter ", Print(part.predicate, columns, false));
        } else if constexpr (std::is_same_v<Node, ProjectNode>) {
          for (const NamedExpression& item : part.columns) {
            const auto* column = std::get_if<ColumnExpression>(&item.expression->node);
            const bool passes = column != nullptr && column->column == item.column;
            parts.push_back(passes ? PrintColumn(item.column, columns)
                                   : absl::StrCat(PrintColumn(item.column, columns),
                                                  " := ", Print(item.expression, columns, false)));
          }
          return absl::StrCat("Project [", absl::StrJoin(parts, ", "), "]");
        } else if constexpr (std::is_same_v<Node, JoinNode>) {
          return absl::StrCat("Join ", std::string(NameOf(part.kind)), " on ",
                              Print(part.condition, columns, false));
        } else if constexpr (std::is_same_v<Node, AggregateNode>) {
          for (const NamedAggregate& call : part.calls) parts.push_back(PrintAggregate(call, columns));
          return absl::StrCat("Aggregate by [", names(part.group_by), "] [", absl::StrJoin(parts, ", "), "]");
        } else if constexpr (std::is_same_v<Node, ReleaseNode>) {
          return "Release";
        } else if constexpr (std::is_same_v<Node, SortNode>) {
          for (const SortKey& key : part.keys) {
            parts.push_back(absl::StrCat(Print(key.expression, columns, false),
                                         key.descending ? " DESC" : " ASC",
                                         key.nulls_first ? " NULLS FIRST" : " NULLS LAST"));
          }
          return absl::StrCat("Sort ", absl::StrJoin(parts, ", "));
        } else if constexpr (std::is_same_v<Node, ValuesNode>) {
          return absl::StrCat("Values [", names(part.columns), "] of ", part.rows.size(), " rows");
        } else if constexpr (std::is_same_v<Node, SetOperationNode>) {
          const char* kind = part.kind == sql::SetOperationKind::kUnion       ? "Union"
                             : part.kind == sql::SetOperationKind::kIntersect ? "Intersect"
                                                                              : "Except";
          for (const std::vector<ColumnId>& input : part.input_columns)
            parts.push_back(absl::StrCat("[", names(input), "]"));
          return absl::StrCat(kind, part.all ? " all" : "", " [", names(part.columns), "] of ",
                              absl::StrJoin(parts, ", "));
        } else if constexpr (std::is_same_v<Node, WindowNode>) {
          for (const NamedWindowCall& named : part.calls) {
            std::string text = absl::StrCat(PrintColumn(named.column, columns), " := ",
                                            std::string(NameOf(named.call.function)));
            if (named.call.argument != nullptr)
              absl::StrAppend(&text, "(", Print(named.call.argument, columns, false), ")");
            if (named.call.distance != 1) absl::StrAppend(&text, " by ", named.call.distance);
            if (named.call.rows) absl::StrAppend(&text, " rows ", named.call.rows->first, " to ", named.call.rows->last);
            parts.push_back(std::move(text));
          }
          std::vector<std::string> keys;
          for (const SortKey& key : part.order_by) {
            keys.push_back(absl::StrCat(Print(key.expression, columns, false), key.descending ? " DESC" : " ASC",
                                        key.nulls_first ? " NULLS FIRST" : " NULLS LAST"));
          }
          return absl::StrCat("Window by [", names(part.partition_by), "] order [", absl::StrJoin(keys, ", "), "] [",
                              absl::StrJoin(parts, ", "), "]");
        } else if constexpr (std::is_same_v<Node, GroupingSetsNode>) {
          for (const std::vector<std::uint32_t>& set : part.sets) {
            std::vector<ColumnId> keys;
            for (std::uint32_t position : set) keys.push_back(part.keys[position]);
            parts.push_back(absl::StrCat("(", names(keys), ")"));
          }
          std::vector<std::string> calls;
          for (const NamedAggregate& call : part.calls) calls.push_back(PrintAggregate(call, columns));
          return absl::StrCat("GroupingSets ", absl::StrJoin(parts, ", "), " [", absl::StrJoin(calls, ", "), "]");
        } else if constexpr (std::is_same_v<Node, LimitNode>) {
          std::string text = "Limit";
          if (part.limit.has_value()) absl::StrAppend(&text, " ", *part.limit);
          if (part.offset != 0) absl::StrAppend(&text, " offset ", part.offset);
          return text;
        } else {
          static_assert(std::is_same_v<Node, DistinctNode>);
          return "Distinct";
        }
      },
      node.node);
}

void PrintTree(const LogicalNode& node, const LogicalPlan& plan, const Catalog& catalog, int depth,
               std::string& text) {
  absl::StrAppend(&text, std::string(static_cast<std::size_t>(depth) * 2, ' '), Describe(node, plan, catalog),
                  "\n");
  for (const LogicalPtr& child : ChildrenOf(node)) PrintTree(*child, plan, catalog, depth + 1, text);
}

}  // namespace

std::string_view NameOf(AggregateFunction function) {
  switch (function) {
    case AggregateFunction::kCountStar:
    case AggregateFunction::kCount:
      return "COUNT";
    case AggregateFunction::kSum:
      return "SUM";
    case AggregateFunction::kAverage:
      return "AVG";
    case AggregateFunction::kMin:
      return "MIN";
    case AggregateFunction::kMax:
      return "MAX";
    case AggregateFunction::kBoolAnd:
      return "BOOL_AND";
    case AggregateFunction::kBoolOr:
      return "BOOL_OR";
    case AggregateFunction::kVariancePopulation:
      return "VAR_POP";
    case AggregateFunction::kVarianceSample:
      return "VAR_SAMP";
    case AggregateFunction::kDeviationPopulation:
      return "STDDEV_POP";
    case AggregateFunction::kDeviationSample:
      return "STDDEV_SAMP";
    case AggregateFunction::kCovariancePopulation:
      return "COVAR_POP";
    case AggregateFunction::kCovarianceSample:
      return "COVAR_SAMP";
    case AggregateFunction::kCorrelation:
      return "CORR";
    case AggregateFunction::kRegressionSlope:
      return "REGR_SLOPE";
    case AggregateFunction::kRegressionIntercept:
      return "REGR_INTERCEPT";
    case AggregateFunction::kRegressionR2:
      return "REGR_R2";
    case AggregateFunction::kRegressionCount:
      return "REGR_COUNT";
    case AggregateFunction::kPercentileContinuous:
      return "PERCENTILE_CONT";
    case AggregateFunction::kPercentileDiscrete:
      return "PERCENTILE_DISC";
  }
  return "?";
}

std::string PrintExpression(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  return Print(expression, columns, false);
}

std::string PrintLogicalPlan(const LogicalPlan& plan, const Catalog& catalog) {
  std::vector<std::string> outputs;
  for (const OutputColumn& output : plan.output) {
    outputs.push_back(absl::StrCat(output.name, "#", output.column, " ", output.type.ToString()));
  }
  std::string text = absl::StrCat("Output ", absl::StrJoin(outputs, ", "), "\n");
  PrintTree(*plan.root, plan, catalog, 1, text);
  return text;
}

}  // namespace care::planner
