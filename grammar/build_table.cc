// What stands after FROM.
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/ast_builder.h"

namespace care::sql {

absl::StatusOr<TableReference> AstBuilder::Table(P::TableReferenceContext* context) {
  CARE_ASSIGN_OR_RETURN(TableReference table, PrimaryTable(context->tablePrimary()));
  for (P::JoinSuffixContext* suffix : context->joinSuffix()) {
    CARE_ASSIGN_OR_RETURN(table, AddJoin(std::move(table), suffix));
  }
  return table;
}

absl::Status AstBuilder::AddAlias(P::TableAliasContext* context, std::string& alias,
                                  std::vector<Identifier>& columns) {
  if (context == nullptr) return absl::OkStatus();
  CARE_ASSIGN_OR_RETURN(alias, Name(context->identifier()));
  CARE_ASSIGN_OR_RETURN(columns, Columns(context->columnAliases()));
  return absl::OkStatus();
}

absl::StatusOr<TableReference> AstBuilder::PrimaryTable(P::TablePrimaryContext* context) {
  TableReference table;
  table.position = At(context);
  if (context->functionName() != nullptr) {
    CARE_ASSIGN_OR_RETURN(const std::string name, Name(context->functionName()));
    return Refuse(table.position, absl::StrCat("the table function ", name, " is not supported yet"),
                  "constants as rows are (VALUES (1), (2)) AS name (column)");
  }
  if (P::TableReferenceContext* inner = context->tableReference()) {
    if (context->tableAlias() != nullptr) {
      return Refuse(At(context->tableAlias()), "an alias of a parenthesized join is not supported",
                    "name the tables inside, or use a subquery");
    }
    return Table(inner);
  }
  if (P::TableNameContext* name = context->tableName()) {
    NamedTable named;
    CARE_ASSIGN_OR_RETURN(named.name, Name(name->identifier()));
    if (name->columnLabel() != nullptr) {
      named.schema = std::move(named.name);
      CARE_ASSIGN_OR_RETURN(named.name, Name(name->columnLabel()));
    }
    CARE_RETURN_IF_ERROR(AddAlias(context->tableAlias(), named.alias, named.column_aliases));
    table.node = std::move(named);
    return table;
  }
  if (context->tableAlias() == nullptr) {
    return Refuse(table.position, "subquery in FROM must have an alias",
                  "for example, FROM (SELECT ...) AS foo");
  }
  P::SelectStatementContext* statement = context->selectStatement();
  // (VALUES ...) AS t is a table of constants, not a subquery over one.
  const bool bare = statement->withClause() == nullptr && statement->orderByClause() == nullptr &&
                    statement->limitPart().empty() && statement->queryExpression()->setOperator().empty() &&
                    statement->queryExpression()->queryTerm(0)->intersectOperator().empty();
  P::ValuesClauseContext* clause =
      bare ? statement->queryExpression()->queryTerm(0)->queryPrimary(0)->valuesClause() : nullptr;
  if (clause != nullptr) {
    CARE_ASSIGN_OR_RETURN(ValuesTable values, Values(clause));
    CARE_RETURN_IF_ERROR(AddAlias(context->tableAlias(), values.alias, values.column_aliases));
    table.node = std::move(values);
    return table;
  }
  SubqueryTable subquery;
  subquery.lateral = context->LATERAL() != nullptr;
  CARE_ASSIGN_OR_RETURN(subquery.statement, SelectPtr(statement));
  CARE_RETURN_IF_ERROR(AddAlias(context->tableAlias(), subquery.alias, subquery.column_aliases));
  table.node = std::move(subquery);
  return table;
}

absl::StatusOr<TableReference> AstBuilder::AddJoin(TableReference left, P::JoinSuffixContext* context) {
  Join join;
  join.natural = context->NATURAL() != nullptr;
  if (context->CROSS() != nullptr) join.kind = JoinKind::kCross;
  if (P::JoinTypeContext* type = context->joinType()) {
    if (type->LEFT() != nullptr) join.kind = JoinKind::kLeft;
    if (type->RIGHT() != nullptr) join.kind = JoinKind::kRight;
    if (type->FULL() != nullptr) join.kind = JoinKind::kFull;
  }
  CARE_ASSIGN_OR_RETURN(TableReference right, PrimaryTable(context->tablePrimary()));
  if (context->expression() != nullptr) {
    CARE_ASSIGN_OR_RETURN(join.on, Build(context->expression()));
  }
  CARE_ASSIGN_OR_RETURN(join.using_columns, Columns(context->columnAliases()));
  TableReference table;
  table.position = Span(left.position, At(context));
  join.left = std::make_unique<TableReference>(std::move(left));
  join.right = std::make_unique<TableReference>(std::move(right));
  table.node = std::move(join);
  return table;
}

absl::StatusOr<ValuesTable> AstBuilder::Values(P::ValuesClauseContext* context) {
  ValuesTable values;
  for (P::ValuesRowContext* row : context->valuesRow()) {
    CARE_ASSIGN_OR_RETURN(std::vector<ExpressionPtr> cells, List(row->expressionList()));
    if (!values.rows.empty() && cells.size() != values.rows.front().size()) {
      return Refuse(At(row), "VALUES lists must all be the same length");
    }
    values.rows.push_back(std::move(cells));
  }
  return values;
}

}  // namespace care::sql
