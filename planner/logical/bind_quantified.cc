// x < ANY (SELECT ...), x < ALL (SELECT ...) and (a, b) IN (SELECT ...): by EXISTS, with a second one for the unknown where a
// NULL may stand on either side.
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/query_binder.h"

namespace care::planner {
namespace {

// For ANY, what compares; for ALL, which no row may contradict, the contrary.
Function Compared(sql::BinaryOperator op, bool contrary) {
  switch (op) {
    case sql::BinaryOperator::kEqual:
      return contrary ? Function::kNotEqual : Function::kEqual;
    case sql::BinaryOperator::kNotEqual:
      return contrary ? Function::kEqual : Function::kNotEqual;
    case sql::BinaryOperator::kLess:
      return contrary ? Function::kGreaterOrEqual : Function::kLess;
    case sql::BinaryOperator::kLessOrEqual:
      return contrary ? Function::kGreater : Function::kLessOrEqual;
    case sql::BinaryOperator::kGreater:
      return contrary ? Function::kLessOrEqual : Function::kGreater;
    default:
      return contrary ? Function::kLess : Function::kGreaterOrEqual;
  }
}

}  // namespace

QueryBinder::Result QueryBinder::AnyRowMeets(const sql::SelectStatement& statement, const RowCondition& condition,
                                             sql::SourcePosition position, ExpressionContext& context) {
  bool nullable = false;
  const auto exists = [&](bool unknown) -> Result {
    // Bound anew: a column stands in one place of a plan.
    CARE_ASSIGN_OR_RETURN(BoundRows rows, BindSubquery(statement, context));
    CARE_ASSIGN_OR_RETURN(ExpressionPtr test, condition(rows.columns));
    CARE_RETURN_IF_ERROR(CheckUses(test, ColumnUse::kFilter));
    CARE_RETURN_IF_ERROR(WhyRaising(test));
    nullable = FactsOf(test, plan_.columns).nullable;
    if (unknown) test = MakeCall(Function::kIsUnknown, {std::move(test)}, kBooleanType, position);
    SubqueryExpression subquery;
    subquery.kind = SubqueryKind::kExists;
    subquery.column = rows.columns.front().column;
    NoteSubquery(subquery.column, rows);
    subquery.plan = MakeNode(FilterNode{std::move(rows.plan), std::move(test)});
    return std::make_shared<const Expression>(Expression{std::move(subquery), kBooleanType, position});
  };
  CARE_ASSIGN_OR_RETURN(ExpressionPtr met, exists(false));
  if (!nullable) return met;
  CARE_ASSIGN_OR_RETURN(ExpressionPtr unknown, exists(true));
  CaseExpression truth;
  truth.branches.push_back({std::move(met), MakeLiteral(true, kBooleanType, position)});
  truth.branches.push_back({std::move(unknown), MakeLiteral(Null{}, kBooleanType, position)});
  truth.otherwise = MakeLiteral(false, kBooleanType, position);
  return std::make_shared<const Expression>(Expression{std::move(truth), kBooleanType, position});
}

QueryBinder::Result QueryBinder::BindNode(const sql::QuantifiedSubquery& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  const bool row = IsRow(*node.operand);
  Arguments operands;
  if (row) {
    CARE_ASSIGN_OR_RETURN(operands, BindRow(*node.operand, context));
  } else {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, BindExpression(*node.operand, context));
    operands.push_back(std::move(operand));
  }
  const Function function = Compared(node.op, node.all);
  CARE_ASSIGN_OR_RETURN(ExpressionPtr any, AnyRowMeets(*node.subquery, [&](const std::vector<NamedColumn>& columns) -> Result {
    if (columns.size() > operands.size()) return Error(position, "subquery has too many columns");
    if (columns.size() < operands.size()) return Error(position, "subquery has too few columns");
    Arguments values;
    for (const NamedColumn& column : columns) values.push_back(Reference(column, position));
    if (row) return CompareRows(function, operands, values, position);
    CARE_RETURN_IF_ERROR(Compare(Compared(node.op, false), operands[0], values[0], position).status());  // an error says what is written
    return Compare(function, operands[0], values[0], position);
  }, position, context));
  return node.all ? MakeCall(Function::kNot, {std::move(any)}, kBooleanType, position) : any;
}

QueryBinder::Result QueryBinder::BindRowInSubquery(const sql::InSubquery& node, sql::SourcePosition position,
                                                   ExpressionContext& context) {
  CARE_ASSIGN_OR_RETURN(const Arguments row, BindRow(*node.operand, context));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr in, AnyRowMeets(*node.subquery, [&](const std::vector<NamedColumn>& columns) -> Result {
    if (columns.size() > row.size()) return Error(position, "subquery has too many columns");
    if (columns.size() < row.size()) return Error(position, "subquery has too few columns");
    Arguments values;
    for (const NamedColumn& column : columns) values.push_back(Reference(column, position));
    return CompareRows(Function::kEqual, row, values, position);
  }, position, context));
  return node.negated ? MakeCall(Function::kNot, {std::move(in)}, kBooleanType, position) : in;
}

}  // namespace care::planner
