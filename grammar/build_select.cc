// Queries: WITH, set operations, the clauses of SELECT, ordering and limits.
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/ast_builder.h"

namespace care::sql {

absl::StatusOr<SelectStatementPtr> AstBuilder::SelectPtr(P::SelectStatementContext* context) {
  CARE_ASSIGN_OR_RETURN(SelectStatement statement, Select(context));
  return std::make_unique<SelectStatement>(std::move(statement));
}

absl::StatusOr<SelectStatement> AstBuilder::Select(P::SelectStatementContext* context) {
  CARE_ASSIGN_OR_RETURN(SelectStatement inner, Query(context->queryExpression()));
  const bool adds_clauses = context->withClause() != nullptr || context->orderByClause() != nullptr ||
                            !context->limitPart().empty();
  if (!adds_clauses) return inner;
  const bool inner_has_clauses =
      !inner.with.empty() || !inner.order_by.empty() || inner.limit || inner.offset;
  SelectStatement statement;
  statement.position = At(context);
  if (!inner_has_clauses) {
    statement.body = std::move(inner.body);
  } else {
    // (SELECT ... ORDER BY a LIMIT 5) ORDER BY b: the inner clauses come first, as a table of their own.
    return Refuse(inner.position,
                  "ORDER BY, LIMIT or WITH around a parenthesized query with its own is not supported",
                  "use SELECT * FROM (...) AS q");
  }
  if (context->withClause() != nullptr) CARE_RETURN_IF_ERROR(AddWith(context->withClause(), statement));
  CARE_ASSIGN_OR_RETURN(statement.order_by, OrderBy(context->orderByClause()));
  for (P::LimitPartContext* part : context->limitPart()) CARE_RETURN_IF_ERROR(AddLimit(part, statement));
  return statement;
}

absl::Status AstBuilder::AddWith(P::WithClauseContext* context, SelectStatement& statement) {
  if (context->RECURSIVE() != nullptr) {
    return Refuse(At(context->RECURSIVE()), "WITH RECURSIVE is not supported");
  }
  for (P::CommonTableContext* table : context->commonTable()) {
    CommonTable common;
    CARE_ASSIGN_OR_RETURN(common.name, MakeIdentifier(table->identifier()));
    for (const CommonTable& earlier : statement.with) {
      if (earlier.name.text == common.name.text) {
        return Refuse(common.name.position,
                      absl::StrCat("WITH query name \"", common.name.text, "\" specified more than once"));
      }
    }
    CARE_ASSIGN_OR_RETURN(common.column_aliases, Columns(table->columnAliases()));
    CARE_ASSIGN_OR_RETURN(common.statement, SelectPtr(table->selectStatement()));
    statement.with.push_back(std::move(common));
  }
  return absl::OkStatus();
}

absl::Status AstBuilder::AddLimit(P::LimitPartContext* context, SelectStatement& statement) {
  const bool is_offset = context->OFFSET() != nullptr;
  const bool already = is_offset ? statement.offset != nullptr : statement.limit != nullptr;
  if (already) return Refuse(At(context), is_offset ? "multiple OFFSET clauses" : "multiple LIMIT clauses");
  if (context->FETCH() != nullptr && context->primary() == nullptr) {
    statement.limit = MakeExpression(At(context), Literal{Value(std::int64_t{1})});
  } else if (context->FETCH() != nullptr) {
    CARE_ASSIGN_OR_RETURN(statement.limit, Build(context->primary()));
  } else if (is_offset) {
    CARE_ASSIGN_OR_RETURN(statement.offset, Build(context->expression()));
  } else if (context->ALL() == nullptr) {
    CARE_ASSIGN_OR_RETURN(statement.limit, Build(context->expression()));
  }
  return absl::OkStatus();
}

namespace {

SelectStatement Combine(SetOperation operation, SelectStatement left, SelectStatement right) {
  SelectStatement statement;
  statement.position = left.position;
  statement.position.length = right.position.offset + right.position.length - left.position.offset;
  operation.left = std::make_unique<SelectStatement>(std::move(left));
  operation.right = std::make_unique<SelectStatement>(std::move(right));
  statement.body = std::move(operation);
  return statement;
}

}  // namespace

absl::StatusOr<SelectStatement> AstBuilder::Query(P::QueryExpressionContext* context) {
  CARE_ASSIGN_OR_RETURN(SelectStatement left, Term(context->queryTerm(0)));
  for (std::size_t index = 0; index < context->setOperator().size(); ++index) {
    P::SetOperatorContext* word = context->setOperator(index);
    CARE_ASSIGN_OR_RETURN(SelectStatement right, Term(context->queryTerm(index + 1)));
    SetOperation operation;
    operation.position = At(word);
    operation.kind = word->UNION() != nullptr ? SetOperationKind::kUnion : SetOperationKind::kExcept;
    operation.all = word->ALL() != nullptr;
    left = Combine(std::move(operation), std::move(left), std::move(right));
  }
  return left;
}

absl::StatusOr<SelectStatement> AstBuilder::Term(P::QueryTermContext* context) {
  CARE_ASSIGN_OR_RETURN(SelectStatement left, Primary(context->queryPrimary(0)));
  for (std::size_t index = 0; index < context->intersectOperator().size(); ++index) {
    P::IntersectOperatorContext* word = context->intersectOperator(index);
    CARE_ASSIGN_OR_RETURN(SelectStatement right, Primary(context->queryPrimary(index + 1)));
    SetOperation operation;
    operation.position = At(word);
    operation.kind = SetOperationKind::kIntersect;
    operation.all = word->ALL() != nullptr;
    left = Combine(std::move(operation), std::move(left), std::move(right));
  }
  return left;
}

absl::StatusOr<SelectStatement> AstBuilder::Primary(P::QueryPrimaryContext* context) {
  if (context->selectStatement() != nullptr) return Select(context->selectStatement());
  SelectStatement statement;
  statement.position = At(context);
  if (context->selectCore() != nullptr) {
    CARE_ASSIGN_OR_RETURN(statement.body, Core(context->selectCore()));
    return statement;
  }
  // VALUES by itself is SELECT * FROM (VALUES ...), under PostgreSQL's name for it.
  CARE_ASSIGN_OR_RETURN(ValuesTable values, Values(context->valuesClause()));
  values.alias = "*VALUES*";
  SelectCore core;
  core.position = statement.position;
  core.items.push_back({statement.position, MakeExpression(statement.position, Star{}), ""});
  core.from.push_back({statement.position, std::move(values)});
  statement.body = std::move(core);
  return statement;
}

absl::StatusOr<SelectCore> AstBuilder::Core(P::SelectCoreContext* context) {
  SelectCore core;
  core.position = At(context);
  core.distinct = context->DISTINCT() != nullptr;
  if (context->distinctOn() != nullptr) {
    return Refuse(At(context->distinctOn()), "DISTINCT ON is not supported", "use GROUP BY with MIN or MAX");
  }
  for (P::SelectItemContext* item : context->selectItem()) {
    CARE_ASSIGN_OR_RETURN(SelectItem built, Item(item));
    core.items.push_back(std::move(built));
  }
  for (P::TableReferenceContext* table : context->tableReference()) {
    CARE_ASSIGN_OR_RETURN(TableReference built, Table(table));
    core.from.push_back(std::move(built));
  }
  const std::vector<P::ExpressionContext*> conditions = context->expression();  // of WHERE, then of HAVING
  if (context->WHERE() != nullptr) {
    CARE_ASSIGN_OR_RETURN(core.where, Build(conditions.front()));
  }
  for (P::GroupingElementContext* element : context->groupingElement()) {
    CARE_ASSIGN_OR_RETURN(GroupingElement built, Grouping(element));
    core.group_by.push_back(std::move(built));
  }
  if (context->HAVING() != nullptr) {
    CARE_ASSIGN_OR_RETURN(core.having, Build(conditions.back()));
  }
  for (P::NamedWindowContext* window : context->namedWindow()) {
    NamedWindow named;
    CARE_ASSIGN_OR_RETURN(named.name, MakeIdentifier(window->identifier()));
    CARE_ASSIGN_OR_RETURN(named.specification, Window(window->windowSpecification()));
    core.windows.push_back(std::move(named));
  }
  return core;
}

absl::StatusOr<SelectItem> AstBuilder::Item(P::SelectItemContext* context) {
  SelectItem item;
  item.position = At(context);
  if (context->STAR() != nullptr) {
    Star star;
    if (context->identifier() != nullptr) {
      CARE_ASSIGN_OR_RETURN(std::string first, Name(context->identifier()));
      star.qualifier.push_back(std::move(first));
    }
    for (P::ColumnLabelContext* label : context->columnLabel()) {
      CARE_ASSIGN_OR_RETURN(std::string part, Name(label));
      star.qualifier.push_back(std::move(part));
    }
    item.expression = MakeExpression(item.position, std::move(star));
    return item;
  }
  CARE_ASSIGN_OR_RETURN(item.expression, Build(context->expression()));
  if (context->AS() != nullptr) {
    CARE_ASSIGN_OR_RETURN(item.alias, Name(context->columnLabel(0)));
  } else if (context->bareLabel() != nullptr) {
    CARE_ASSIGN_OR_RETURN(item.alias, Name(context->bareLabel()));
  }
  return item;
}

absl::StatusOr<GroupingElement> AstBuilder::Grouping(P::GroupingElementContext* context) {
  GroupingElement element;
  element.position = At(context);
  if (context->ROLLUP() != nullptr) element.kind = GroupingKind::kRollup;
  if (context->CUBE() != nullptr) element.kind = GroupingKind::kCube;
  if (context->GROUPING() != nullptr) element.kind = GroupingKind::kGroupingSets;
  for (P::GroupingElementContext* inner : context->groupingElement()) {
    CARE_ASSIGN_OR_RETURN(GroupingElement built, Grouping(inner));
    element.elements.push_back(std::move(built));
  }
  for (P::ExpressionContext* expression : context->expression()) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr built, Build(expression));
    element.expressions.push_back(std::move(built));
  }
  return element;
}

absl::StatusOr<std::vector<OrderItem>> AstBuilder::OrderBy(P::OrderByClauseContext* context) {
  std::vector<OrderItem> items;
  if (context == nullptr) return items;
  for (P::OrderItemContext* item : context->orderItem()) {
    OrderItem built;
    built.position = At(item);
    CARE_ASSIGN_OR_RETURN(built.expression, Build(item->expression()));
    built.descending = item->DESC() != nullptr;
    if (item->NULLS() != nullptr) built.nulls_first = item->FIRST() != nullptr;
    items.push_back(std::move(built));
  }
  return items;
}

}  // namespace care::sql
