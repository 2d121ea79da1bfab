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
#include "engine/types/value.h"
#include "grammar/ast.h"

namespace care::planner {

using ColumnId = std::uint32_t;

struct Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;

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

using ExpressionNode = std::variant<LiteralExpression, ColumnExpression, CallExpression, CaseExpression,
                                    CastExpression, InListExpression>;

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
  kBoolOr
};

struct AggregateCall {
  AggregateFunction function = AggregateFunction::kCountStar;
  bool distinct = false;
  ExpressionPtr argument;  // null for COUNT(*)
  ExpressionPtr filter;    // null if there is none
  DataType type;
  sql::SourcePosition position;
};

bool SameCall(const AggregateCall& a, const AggregateCall& b);  // positions ignored

}  // namespace care::planner
