// grammar/ast_printer.h
//
// The printer's parts, which call one another: expressions hold queries and queries hold expressions.
#pragma once

#include <string>
#include <vector>

#include "grammar/ast.h"

namespace care::sql {

class AstPrinter {
 public:
  void Add(const SelectStatement& statement);
  void Add(const TableReference& table);
  // In parentheses where the expression binds less tightly than `level` (see print_expression.cc).
  void Add(const Expression& expression, int level = 0);
  void Text(std::string_view text) { text_.append(text); }
  std::string Take() { return std::move(text_); }

 private:
  // print_select.cc
  void AddCore(const SelectCore& core);
  void AddSide(const SelectStatement& side, const SetOperation& parent, bool is_right);
  void AddGrouping(const GroupingElement& element);
  void AddAlias(const std::string& alias, const std::vector<Identifier>& columns);
  void AddColumns(const std::vector<Identifier>& columns);
  void AddNode(const NamedTable& table);
  void AddNode(const SubqueryTable& table);
  void AddNode(const ValuesTable& table);
  void AddNode(const Join& join);

  // print_expression.cc
  void AddList(const std::vector<ExpressionPtr>& list);
  void AddOrderBy(const std::vector<OrderItem>& items);
  void AddWindow(const WindowSpecification& window);
  void AddBound(const FrameBound& bound);
  void AddSubquery(const SelectStatement& statement);
  void AddNode(const Literal& literal);
  void AddNode(const ColumnName& column);
  void AddNode(const Star& star);
  void AddNode(const Parameter& parameter);
  void AddNode(const Unary& unary);
  void AddNode(const Binary& binary);
  void AddNode(const Between& between);
  void AddNode(const InList& in);
  void AddNode(const InSubquery& in);
  void AddNode(const QuantifiedSubquery& quantified);
  void AddNode(const RowValue& row);
  void AddNode(const Exists& exists);
  void AddNode(const Like& like);
  void AddNode(const IsNull& is);
  void AddNode(const IsDistinct& is);
  void AddNode(const IsBoolean& is);
  void AddNode(const Case& choice);
  void AddNode(const Cast& cast);
  void AddNode(const FunctionCall& call);
  void AddNode(const Extract& extract);
  void AddNode(const ScalarSubquery& scalar);

  std::string text_;
};

}  // namespace care::sql
