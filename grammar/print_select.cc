// Queries and tables as SQL.
#include <string>

#include "grammar/ast_print.h"
#include "grammar/ast_printer.h"

namespace care::sql {

void AstPrinter::Add(const SelectStatement& statement) {
  for (std::size_t index = 0; index < statement.with.size(); ++index) {
    const CommonTable& common = statement.with[index];
    Text(index == 0 ? "WITH " : ", ");
    Text(PrintName(common.name.text));
    AddColumns(common.column_aliases);
    Text(" AS ");
    AddSubquery(*common.statement);
  }
  if (!statement.with.empty()) Text(" ");
  if (const auto* core = std::get_if<SelectCore>(&statement.body)) {
    AddCore(*core);
  } else {
    const auto& operation = std::get<SetOperation>(statement.body);
    AddSide(*operation.left, operation, false);
    Text(operation.kind == SetOperationKind::kUnion       ? " UNION "
         : operation.kind == SetOperationKind::kIntersect ? " INTERSECT "
                                                          : " EXCEPT ");
    if (operation.all) Text("ALL ");
    AddSide(*operation.right, operation, true);
  }
  if (!statement.order_by.empty()) {
    Text(" ");
    AddOrderBy(statement.order_by);
  }
  if (statement.limit != nullptr) {
    Text(" LIMIT ");
    Add(*statement.limit);
  }
  if (statement.offset != nullptr) {
    Text(" OFFSET ");
    Add(*statement.offset);
  }
}

void AstPrinter::AddSide(const SelectStatement& side, const SetOperation& parent, bool is_right) {
  const auto* operation = std::get_if<SetOperation>(&side.body);
  bool parentheses = !side.with.empty() || !side.order_by.empty() || side.limit || side.offset;
  if (operation != nullptr) {
    // INTERSECT binds tighter than the others; all associate to the left.
    const bool tight = operation->kind == SetOperationKind::kIntersect;
    const bool parent_tight = parent.kind == SetOperationKind::kIntersect;
    parentheses = parentheses || (tight == parent_tight ? is_right : !tight);
  }
  if (parentheses) return AddSubquery(side);
  Add(side);
}

void AstPrinter::AddCore(const SelectCore& core) {
  Text(core.distinct ? "SELECT DISTINCT " : "SELECT ");
  for (std::size_t index = 0; index < core.items.size(); ++index) {
    if (index > 0) Text(", ");
    Add(*core.items[index].expression);
    if (!core.items[index].alias.empty()) Text(" AS " + PrintName(core.items[index].alias));
  }
  for (std::size_t index = 0; index < core.from.size(); ++index) {
    Text(index == 0 ? " FROM " : ", ");
    Add(core.from[index]);
  }
  if (core.where != nullptr) {
    Text(" WHERE ");
    Add(*core.where);
  }
  for (std::size_t index = 0; index < core.group_by.size(); ++index) {
    Text(index == 0 ? " GROUP BY " : ", ");
    AddGrouping(core.group_by[index]);
  }
  if (core.having != nullptr) {
    Text(" HAVING ");
    Add(*core.having);
  }
  for (std::size_t index = 0; index < core.windows.size(); ++index) {
    Text(index == 0 ? " WINDOW " : ", ");
    Text(PrintName(core.windows[index].name.text) + " AS ");
    AddWindow(core.windows[index].specification);
  }
}

void AstPrinter::AddGrouping(const GroupingElement& element) {
  if (element.kind == GroupingKind::kExpressions) {
    const bool parentheses = element.expressions.size() != 1;
    if (parentheses) Text("(");
    AddList(element.expressions);
    if (parentheses) Text(")");
    return;
  }
  Text(element.kind == GroupingKind::kRollup ? "ROLLUP"
       : element.kind == GroupingKind::kCube ? "CUBE"
                                             : "GROUPING SETS");
  Text(" (");
  for (std::size_t index = 0; index < element.elements.size(); ++index) {
    if (index > 0) Text(", ");
    AddGrouping(element.elements[index]);
  }
  Text(")");
}

void AstPrinter::AddColumns(const std::vector<Identifier>& columns) {
  for (std::size_t index = 0; index < columns.size(); ++index) {
    Text((index == 0 ? "(" : ", ") + PrintName(columns[index].text));
  }
  if (!columns.empty()) Text(")");
}

void AstPrinter::AddAlias(const std::string& alias, const std::vector<Identifier>& columns) {
  if (alias.empty()) return;
  Text(" AS " + PrintName(alias));
  AddColumns(columns);
}

void AstPrinter::Add(const TableReference& table) {
  std::visit([&](const auto& node) { AddNode(node); }, table.node);
}

void AstPrinter::AddNode(const NamedTable& table) {
  if (!table.schema.empty()) Text(PrintName(table.schema) + ".");
  Text(PrintName(table.name));
  AddAlias(table.alias, table.column_aliases);
}

void AstPrinter::AddNode(const SubqueryTable& table) {
  if (table.lateral) Text("LATERAL ");
  AddSubquery(*table.statement);
  AddAlias(table.alias, table.column_aliases);
}

void AstPrinter::AddNode(const ValuesTable& table) {
  for (std::size_t index = 0; index < table.rows.size(); ++index) {
    Text(index == 0 ? "(VALUES (" : ", (");
    AddList(table.rows[index]);
    Text(")");
  }
  Text(")");
  AddAlias(table.alias, table.column_aliases);
}

void AstPrinter::AddNode(const Join& join) {
  Add(*join.left);
  static constexpr const char* kWords[] = {"JOIN ", "LEFT JOIN ", "RIGHT JOIN ", "FULL JOIN ", "CROSS JOIN "};
  Text(join.natural ? " NATURAL " : " ");
  Text(kWords[static_cast<std::size_t>(join.kind)]);
  const bool nested = std::holds_alternative<Join>(join.right->node);
  if (nested) Text("(");
  Add(*join.right);
  if (nested) Text(")");
  if (join.on != nullptr) {
    Text(" ON ");
    Add(*join.on);
  }
  if (!join.using_columns.empty()) {
    Text(" USING ");
    AddColumns(join.using_columns);
  }
}

}  // namespace care::sql
