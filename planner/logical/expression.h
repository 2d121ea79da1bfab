// planner/logical/expression.h
//
// Bound expressions: names resolved to ColumnIds, types decided, coercions explicit. A ColumnId is unique in
// a plan and keeps its meaning wherever the column travels, so rewrites move expressions without renumbering.
// Expressions are immutable and shared; std::visit without a catch-all makes every pass say what it does
// with each kind.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/types/data_type.h"
#include "engine/types/decimal.h"
#include "engine/types/value.h"
#include "grammar/ast.h"

namespace care::planner {

using ColumnId = std::uint32_t;

struct Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;
struct LogicalNode;
using LogicalPtr = std::shared_ptr<const LogicalNode>;

struct LiteralExpression {
  Value value;  // already of the expression's type
};

struct ColumnExpression {
  ColumnId column;
};

// Builtins, each total or marked `can_raise` by its operands' ranges. Comparisons and logic are three-valued.
enum class Function : std::uint8_t {
  kAnd,
  kOr,
  kNot,  // n-ary, n-ary, unary
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIsNull,
  kIsNotNull,
  kIsDistinct,
  kIsNotDistinct,
  kIsTrue,
  kIsFalse,
  kIsUnknown,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kNegate,  // numbers; scales as PostgreSQL's
  kDateAddDays,
  kDateAddInterval,  // date + integer; date + literal interval (months, days)
  kDateDifference,   // date - date, in days
  kExtractYear,
  kExtractMonth,
  kExtractDay,
  kExtractQuarter,
  kExtractDow,
  kDateTrunc,  // unit literal, date
  kExtractHour,  // of a timestamp, as the next; the fields above are of dates
  kExtractMinute,
  kExtractSecond,
  kExtractEpoch,     // of a timestamp, with six decimals
  kTimestampTrunc,   // unit literal (hour, minute, second), timestamp
  kTimestampAddInterval,     // timestamp + literal interval
  kCoalesce,
  kNullIf,
  kGreatest,
  kLeast,
  kAbs,
  kRound,
  kFloor,
  kCeil,
  kLower,
  kUpper,
  kLength,
  kSubstring,
  kTrim,
  kConcat,
  kReplace,
  kLike,
  kILike,  // text, pattern literal
  kSimilar,
  kRegex,
  kRegexIgnoringCase,  // text, pattern literal that text_pattern.h accepts
  // What aggregates are finished by, above their sums (rules/decompose_aggregates.cc). NULL where PostgreSQL's
  // aggregate is.
  kAverageOf,           // sum, count
  kVariancePopulation,  // count, sum of x, sum of x * x
  kVarianceSample,
  kDeviationPopulation,
  kDeviationSample,
  kCovariancePopulation,  // count, sum of x, sum of y, sum of x * y: double precision
  kCovarianceSample,
  kCorrelation,  // count, sum of x, sum of y, sum of x * x, sum of y * y, sum of x * y; (y, x) as in SQL
  kRegressionSlope,
  kRegressionIntercept,
  kRegressionR2,
  // Further functions of one owner's texts.
  kLeft,  // text, number literal; negative: all but so many from the other end
  kRight,
  kPosition,  // text, part: where the part begins, 0 where it is not
  kPadLeft,   // text, number literal, fill
  kPadRight,
  kInitCap,
  kReverse,
  kRepeat,     // text, number literal
  kSplitPart,  // text, delimiter, number literal other than 0; negative: from the end
  // Of double precision.
  kSquareRoot,
  kPower,
  kExponential,
  kNaturalLogarithm,
  kLogarithm,  // of base 10
};

struct CallExpression {
  Function function;
  std::vector<ExpressionPtr> arguments;
};

struct CaseExpression {  // simple CASE is bound as searched CASE
  struct Branch {
    ExpressionPtr condition;
    ExpressionPtr result;
  };
  std::vector<Branch> branches;
  ExpressionPtr otherwise;  // NULL literal if there was no ELSE
};

struct CastExpression {
  ExpressionPtr operand;  // to the expression's type
};

struct InListExpression {
  ExpressionPtr operand;
  std::vector<Value> values;  // of the operand's type; NULL allowed
};

// A subquery as the binder leaves it; rules/decorrelate*.cc turn every one into joins before any other rule runs.
// Columns of enclosing blocks stand in it under their own ids, which nothing in the subquery yields.
enum class SubqueryKind : std::uint8_t { kExists, kIn, kScalar };
struct SubqueryExpression {
  SubqueryKind kind = SubqueryKind::kExists;
  ExpressionPtr operand;  // kIn: what is looked for; otherwise null
  LogicalPtr plan;
  ColumnId column = 0;    // kIn, kScalar: the one column that the subquery yields
};

using ExpressionNode = std::variant<LiteralExpression, ColumnExpression, CallExpression, CaseExpression,
                                    CastExpression, InListExpression, SubqueryExpression>;

struct Expression {
  ExpressionNode node;
  DataType type;
  sql::SourcePosition position;
};

ExpressionPtr MakeLiteral(Value value, DataType type, sql::SourcePosition position = {});
ExpressionPtr MakeColumn(ColumnId column, DataType type, sql::SourcePosition position = {});
ExpressionPtr MakeCall(Function function, std::vector<ExpressionPtr> arguments, DataType type,
                       sql::SourcePosition position = {});
// AND of conjuncts; TRUE if there are none, the conjunct itself if there is one.
ExpressionPtr MakeConjunction(std::vector<ExpressionPtr> conjuncts);

// The expressions directly below, in order, and the same node with others in their place.
std::vector<ExpressionPtr> ChildrenOf(const ExpressionPtr& expression);
ExpressionPtr WithChildren(const ExpressionPtr& expression, std::vector<ExpressionPtr> children);
// Rebuilds bottom-up: `visit` sees each node after its children and yields what stands in its place.
ExpressionPtr TransformExpression(const ExpressionPtr& expression,
                                  const std::function<ExpressionPtr(const ExpressionPtr&)>& visit);
void CollectColumns(const ExpressionPtr& expression, std::set<ColumnId>& columns);
std::vector<ExpressionPtr> SplitConjuncts(const ExpressionPtr& predicate);
// Replaces columns by expressions, bottom-up.
ExpressionPtr SubstituteColumns(const ExpressionPtr& expression,
                                const std::vector<std::pair<ColumnId, ExpressionPtr>>& replacements);
bool SameExpression(const ExpressionPtr& a,
                    const ExpressionPtr& b);  // structure and types; positions ignored

enum class AggregateFunction : std::uint8_t {
  kCountStar,
  kCount,
  kSum,
  kAverage,
  kMin,
  kMax,
  kBoolAnd,
  kBoolOr,
  kVariancePopulation,
  kVarianceSample,
  kDeviationPopulation,
  kDeviationSample,
  // Of two arguments, (y, x) as in SQL; double precision.
  kCovariancePopulation,
  kCovarianceSample,
  kCorrelation,
  kRegressionSlope,
  kRegressionIntercept,
  kRegressionR2,
  kRegressionCount,
  // WITHIN GROUP (ORDER BY argument); the fraction is a literal.
  kPercentileContinuous,
  kPercentileDiscrete
};

struct AggregateCall {
  AggregateFunction function = AggregateFunction::kCountStar;
  bool distinct = false;
  ExpressionPtr argument;  // null for COUNT(*)
  ExpressionPtr second;    // of functions of two arguments: x, where `argument` is y; else null
  ExpressionPtr filter;    // null if there is none
  Decimal fraction;        // percentiles
  bool descending = false; // percentiles: WITHIN GROUP (ORDER BY argument DESC)
  DataType type;
  sql::SourcePosition position;
};

bool SameCall(const AggregateCall& a, const AggregateCall& b);  // positions ignored

}  // namespace care::planner
