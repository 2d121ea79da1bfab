// grammar/ast.h
//
// What an analyst wrote, as a tree: the parser builds it, the binder gives names and types to it, and the
// printer writes it back. It says nothing about meaning: no name is resolved, no type is inferred, and
// every name is as SQL folds it (lower case unless quoted). Every node knows its place in the text, so that
// each later error can point at it. Ownership is by unique_ptr: a tree is moved, never shared.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/types/data_type.h"
#include "engine/types/value.h"

namespace care::sql {

struct SourcePosition {
  std::uint32_t line = 1;    // 1-based
  std::uint32_t column = 1;  // 1-based, in characters (a UTF-8 sequence is one)
  std::uint32_t offset = 0;  // in bytes from the statement's start
  std::uint32_t length = 0;  // in bytes

  friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

struct Expression;
struct SelectStatement;
struct TableReference;
using ExpressionPtr = std::unique_ptr<Expression>;
using SelectStatementPtr = std::unique_ptr<SelectStatement>;
using TableReferencePtr = std::unique_ptr<TableReference>;

// A name where a name is declared or listed: an alias, a column alias, a column of USING.
struct Identifier {
  SourcePosition position;
  std::string text;
};

struct OrderItem {
  SourcePosition position;
  ExpressionPtr expression;
  bool descending = false;
  std::optional<bool> nulls_first;  // not said: last if ascending, first if descending
};

// ---- Expressions ----------------------------------------------------------------------------------------

// 12, 1.50, 'text', TRUE, NULL, DATE '2020-01-31', INTERVAL '12 months'. A negative number is a Unary.
struct Literal {
  Value value;
};

// column, table.column or schema.table.column.
struct ColumnName {
  std::vector<std::string> parts;
};

// * or table.*; only in a select list.
struct Star {
  std::vector<std::string> qualifier;
};

// $1
struct Parameter {
  std::uint32_t index = 0;  // 1-based
};

enum class UnaryOperator : std::uint8_t { kNegate, kPlus, kNot };

struct Unary {
  UnaryOperator op = UnaryOperator::kNegate;
  ExpressionPtr operand;
};

enum class BinaryOperator : std::uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kConcatenate,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kAnd,
  kOr,
};

// The operator as SQL writes it: "+", "<>", "AND".
std::string ToString(BinaryOperator op);

struct Binary {
  BinaryOperator op = BinaryOperator::kAdd;
  ExpressionPtr left;
  ExpressionPtr right;
};

struct Between {
  ExpressionPtr operand;
  ExpressionPtr low;
  ExpressionPtr high;
  bool negated = false;
  bool symmetric = false;  // between the bounds in either order
};

struct InList {
  ExpressionPtr operand;
  std::vector<ExpressionPtr> items;
  bool negated = false;
};

struct InSubquery {
  ExpressionPtr operand;
  SelectStatementPtr subquery;
  bool negated = false;
};

// x < ANY (SELECT ...), x < ALL (SELECT ...). = ANY and <> ALL are IN and NOT IN.
struct QuantifiedSubquery {
  BinaryOperator op = BinaryOperator::kEqual;
  bool all = false;
  ExpressionPtr operand;
  SelectStatementPtr subquery;
};

// (a, b), which stands only beside another row: in a comparison or before IN.
struct RowValue {
  std::vector<ExpressionPtr> items;
};

// NOT EXISTS is a Unary kNot over it.
struct Exists {
  SelectStatementPtr subquery;
};

enum class LikeKind : std::uint8_t {
  kLike,
  kILike,
  kSimilar,            // SIMILAR TO
  kRegex,              // ~
  kRegexIgnoringCase,  // ~*
};

struct Like {
  LikeKind kind = LikeKind::kLike;
  ExpressionPtr operand;
  ExpressionPtr pattern;
  ExpressionPtr escape;  // null if not said
  bool negated = false;
};

struct IsNull {
  ExpressionPtr operand;
  bool negated = false;
};

// IS [NOT] DISTINCT FROM
struct IsDistinct {
  ExpressionPtr left;
  ExpressionPtr right;
  bool negated = false;
};

enum class TruthValue : std::uint8_t { kTrue, kFalse, kUnknown };

// IS [NOT] TRUE, FALSE or UNKNOWN
struct IsBoolean {
  ExpressionPtr operand;
  TruthValue truth = TruthValue::kTrue;
  bool negated = false;
};

struct CaseBranch {
  ExpressionPtr condition;  // a value to compare with where the CASE has an operand
  ExpressionPtr result;
};

struct Case {
  ExpressionPtr operand;  // null in the searched form
  std::vector<CaseBranch> branches;
  ExpressionPtr otherwise;  // null if there is no ELSE
};

// CAST(x AS type), x::type, or type 'text'.
struct Cast {
  ExpressionPtr operand;
  DataType type;
};

enum class FrameUnit : std::uint8_t { kRows, kRange, kGroups };

enum class FrameBoundKind : std::uint8_t {
  kUnboundedPreceding,
  kPreceding,
  kCurrentRow,
  kFollowing,
  kUnboundedFollowing,
};

struct FrameBound {
  FrameBoundKind kind = FrameBoundKind::kUnboundedPreceding;
  ExpressionPtr distance;  // kPreceding and kFollowing only
};

struct WindowFrame {
  FrameUnit unit = FrameUnit::kRange;
  FrameBound start;
  FrameBound end;  // CURRENT ROW where the text names only the start
};

struct WindowSpecification {
  SourcePosition position;
  std::string base_window;  // OVER w, OVER (w ...); empty if none
  std::vector<ExpressionPtr> partition_by;
  std::vector<OrderItem> order_by;
  std::optional<WindowFrame> frame;
  bool parenthesized = true;  // false: OVER w
};

// Every function and aggregate. The special forms of SQL are calls too: COALESCE, NULLIF, GREATEST, LEAST,
// CURRENT_DATE (no arguments); SUBSTRING(x FROM a FOR b) is substring(x, a, b); TRIM is btrim, ltrim or
// rtrim as in PostgreSQL; POSITION(a IN b) is strpos(b, a); OVERLAY is not part of the dialect.
struct FunctionCall {
  std::string name;  // lower case unless quoted
  std::vector<ExpressionPtr> arguments;
  bool distinct = false;
  bool star = false;                // COUNT(*)
  std::vector<OrderItem> order_by;  // inside the parentheses: agg(x ORDER BY y)
  ExpressionPtr filter;             // FILTER (WHERE ...), or null
  std::vector<OrderItem> within_group_order_by;
  std::unique_ptr<WindowSpecification> over;  // or null
};

// EXTRACT(YEAR FROM x); the field is in lower case.
struct Extract {
  std::string field;
  ExpressionPtr source;
};

struct ScalarSubquery {
  SelectStatementPtr subquery;
};

struct Expression {
  SourcePosition position;
  std::variant<Literal, ColumnName, Star, Parameter, Unary, Binary, Between, InList, InSubquery, QuantifiedSubquery,
               RowValue, Exists, Like, IsNull, IsDistinct, IsBoolean, Case, Cast, FunctionCall, Extract, ScalarSubquery>
      node;
};

// ---- Tables ---------------------------------------------------------------------------------------------

struct NamedTable {
  std::string schema;  // empty if not said
  std::string name;
  std::string alias;  // empty if none
  std::vector<Identifier> column_aliases;
};

struct SubqueryTable {
  SelectStatementPtr statement;
  std::string alias;
  std::vector<Identifier> column_aliases;
  bool lateral = false;
};

// (VALUES (1, 'a'), (2, 'b')) AS t(x, y)
struct ValuesTable {
  std::vector<std::vector<ExpressionPtr>> rows;
  std::string alias;
  std::vector<Identifier> column_aliases;
};

enum class JoinKind : std::uint8_t { kInner, kLeft, kRight, kFull, kCross };

struct Join {
  JoinKind kind = JoinKind::kInner;
  bool natural = false;
  TableReferencePtr left;
  TableReferencePtr right;
  ExpressionPtr on;  // null with USING, NATURAL and CROSS
  std::vector<Identifier> using_columns;
};

struct TableReference {
  SourcePosition position;
  std::variant<NamedTable, SubqueryTable, ValuesTable, Join> node;
};

// ---- Statements -----------------------------------------------------------------------------------------

struct SelectItem {
  SourcePosition position;
  ExpressionPtr expression;
  std::string alias;  // empty if none
};

enum class GroupingKind : std::uint8_t {
  kExpressions,  // one expression, or a parenthesized list (the empty list is the grand total)
  kRollup,
  kCube,
  kGroupingSets,
};

struct GroupingElement {
  SourcePosition position;
  GroupingKind kind = GroupingKind::kExpressions;
  std::vector<ExpressionPtr> expressions;  // kExpressions only
  std::vector<GroupingElement> elements;   // of the others
};

struct NamedWindow {
  Identifier name;
  WindowSpecification specification;
};

struct SelectCore {
  SourcePosition position;
  bool distinct = false;
  std::vector<SelectItem> items;
  std::vector<TableReference> from;  // separated by commas
  ExpressionPtr where;               // or null
  std::vector<GroupingElement> group_by;
  ExpressionPtr having;  // or null
  std::vector<NamedWindow> windows;
};

enum class SetOperationKind : std::uint8_t { kUnion, kIntersect, kExcept };

// Both sides are statements, since either may be parenthesized with its own ORDER BY and LIMIT.
struct SetOperation {
  SourcePosition position;  // of the word UNION, INTERSECT or EXCEPT
  SetOperationKind kind = SetOperationKind::kUnion;
  bool all = false;
  SelectStatementPtr left;
  SelectStatementPtr right;
};

struct CommonTable {
  Identifier name;
  std::vector<Identifier> column_aliases;
  SelectStatementPtr statement;
};

using QueryBody = std::variant<SelectCore, SetOperation>;

struct SelectStatement {
  SourcePosition position;
  std::vector<CommonTable> with;
  QueryBody body;
  std::vector<OrderItem> order_by;
  ExpressionPtr limit;   // null: none, or LIMIT ALL
  ExpressionPtr offset;  // or null
};

struct Explain {
  SourcePosition position;
  bool analyze = false;
  bool json = false;  // FORMAT JSON
  SelectStatement statement;
};

// SHOW TABLES, SHOW COLUMNS FROM t, SHOW POLICY FOR t, and settings that clients ask for.
struct Show {
  SourcePosition position;
  std::string what;   // in lower case: "tables", "columns", "policy", "server_version"
  std::string table;  // of FROM or FOR; empty if not said
};

// SET purpose = 'care evaluation'
struct SetVariable {
  SourcePosition position;
  std::string name;  // in lower case
  std::string value;
};

using Statement = std::variant<SelectStatement, Explain, Show, SetVariable>;

// ---- Helpers --------------------------------------------------------------------------------------------

template <typename Node>
ExpressionPtr MakeExpression(SourcePosition position, Node node) {
  auto expression = std::make_unique<Expression>();
  expression->position = position;
  expression->node = std::move(node);
  return expression;
}

}  // namespace care::sql
