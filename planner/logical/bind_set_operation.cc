// UNION, INTERSECT, EXCEPT, partitioned tables and VALUES: rows of several origins under one list of columns.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/fold_expression.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/row_facts.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

std::string_view NameOf(sql::SetOperationKind kind) {
  switch (kind) {
    case sql::SetOperationKind::kUnion:
      return "UNION";
    case sql::SetOperationKind::kIntersect:
      return "INTERSECT";
    case sql::SetOperationKind::kExcept:
      return "EXCEPT";
  }
  return "";
}

}  // namespace

absl::StatusOr<BoundRows> QueryBinder::BindSetOperation(const sql::SetOperation& operation,
                                                        const CommonTableFrame* frames, const Scope* enclosing) {
  CARE_ASSIGN_OR_RETURN(BoundRows left, BindStatement(*operation.left, frames, enclosing));
  CARE_ASSIGN_OR_RETURN(BoundRows right, BindStatement(*operation.right, frames, enclosing));
  return Combine(operation.kind, operation.all, operation.position, std::move(left), std::move(right));
}

ExpressionPtr QueryBinder::UntypedConstant(ColumnId column) const {
  const auto found = untyped_.find(column);
  if (found == untyped_.end()) return nullptr;
  const auto* literal = std::get_if<LiteralExpression>(&found->second->node);
  return literal == nullptr ? nullptr : MakeLiteral(literal->value, {}, found->second->position);
}

absl::StatusOr<BoundRows> QueryBinder::Combine(sql::SetOperationKind kind, bool all, sql::SourcePosition position,
                                               BoundRows left, BoundRows right) {
  const std::string name(NameOf(kind));
  if (left.columns.size() != right.columns.size()) {
    return Error(position, absl::StrCat("each ", name, " query must have the same number of columns"));
  }
  if (all && kind != sql::SetOperationKind::kUnion) {
    std::set<PartyId> owners;
    for (const BoundRows* side : {&left, &right}) {
      for (PartyId owner : ScannedParties(*side->plan, catalog_)) owners.insert(owner);
    }
    const absl::Status refusal = NotYet(position, absl::StrCat(name, " ALL of rows of several owners"), absl::StrCat(name, " keeps each row once"));
    // Groups may be released first and combined in the clear.
    if (owners.size() > 1 && !left.if_row_level.ok() && !right.if_row_level.ok()) return refusal;
    if (owners.size() > 1) Note(left.if_aggregated, refusal);
  }
  SetOperationNode node;
  node.kind = kind;
  node.all = all;
  node.input_columns.resize(2);
  BoundRows rows;
  std::vector<NamedExpression> casts[2];
  for (std::size_t i = 0; i < left.columns.size(); ++i) {
    const ColumnId sides[] = {left.columns[i].column, right.columns[i].column};
    // Two fixed points are combined as they are; beside anything else they are the floating point that they are shown as.
    const DataType shown[] = {left.columns[i].shown_as, right.columns[i].shown_as};
    const bool exact = shown[0].IsFloat() && shown[1].IsFloat();
    const auto type_of = [&](int side) { return !exact && shown[side].IsFloat() ? shown[side] : plan_.columns[sides[side]].type; };
    DataType a = type_of(0), b = type_of(1);
    const ExpressionPtr constants[] = {UntypedConstant(sides[0]), UntypedConstant(sides[1])};
    if (constants[0] != nullptr && b.kind != TypeKind::kText) a = {};
    if (constants[1] != nullptr && a.kind != TypeKind::kText && a.kind != TypeKind::kUnknown) b = {};
    const std::optional<DataType> type = CommonType(a, b);
    if (!type.has_value()) {
      return Error(position, absl::StrCat(name, " types ", a.ToString(), " and ", b.ToString(), " cannot be matched"));
    }
    const auto digits = [](const DataType& side) { return side.kind == TypeKind::kNumeric ? side.scale : 0; };
    const bool open = open_scale_.count(sides[0]) != 0 || open_scale_.count(sides[1]) != 0;
    const bool untyped = a.kind == TypeKind::kUnknown || b.kind == TypeKind::kUnknown;
    // Of equal rows with unlike digits PostgreSQL keeps any one.
    const bool keeps_rows = kind == sql::SetOperationKind::kUnion && all;
    if (type->kind == TypeKind::kNumeric && digits(a) != digits(b) && !open && !untyped && !keeps_rows && !exact) {
      return NotYet(position, absl::StrCat(name, " of numbers with different numbers of decimals (column \"",
                                           left.columns[i].name, "\")"),
                    "CAST both to one numeric(p,s)");
    }
    ColumnInfo info = plan_.columns[sides[0]];
    info.name = left.columns[i].name;
    info.type = *type;
    std::set<ColumnId> origins, orders;
    const CatalogColumn* key = KeyOf(MakeColumn(sides[0], a));
    const CatalogColumn* other = KeyOf(MakeColumn(sides[1], b));
    if ((key == nullptr) != (other == nullptr) || (key != nullptr && key->key_domain != other->key_domain)) {
      return Error(position, absl::StrCat(name, " of key column \"", left.columns[i].name,
                                          "\" with what is not the same kind of key"),
                   "keys are only combined with keys of their own kind");
    }
    if (key == nullptr) {
      info.table = -1;
      info.table_column = -1;
    }
    for (int side = 0; side < 2; ++side) {
      ColumnId column = sides[side];
      const bool takes_type = (side == 0 ? a : b).kind == TypeKind::kUnknown;
      const ExpressionPtr as_is = takes_type ? constants[side] : Reference({"", column, exact ? DataType{} : shown[side]}, position);
      CARE_ASSIGN_OR_RETURN(ExpressionPtr coerced, CoerceTo(as_is, *type));
      if (exact && !open && type->kind == TypeKind::kNumeric) coerced = AtScale(coerced, digits(*type)).value_or(coerced);
      // Each row keeps its own digits; what is stored has those of the side that has most.
      if (keeps_rows && !open && type->kind == TypeKind::kNumeric && digits(coerced->type) < type->scale && !IsNullLiteral(coerced))
        coerced = std::make_shared<const Expression>(Expression{CastExpression{coerced}, *type, position});
      if (takes_type && type->kind == TypeKind::kNumeric && !IsNullLiteral(coerced) && coerced->type.scale != type->scale) {
        return NotYet(coerced->position, absl::StrCat(name, " of numbers with different numbers of decimals (column \"",
                                                      left.columns[i].name, "\")"),
                      "write as many decimals");
      }
      if (coerced != as_is && !SameExpression(coerced, as_is)) {
        column = AddComputed(coerced, left.columns[i].name);
        casts[side].push_back({column, coerced});
      }
      node.input_columns[side].push_back(column);
      origins.insert(origins_[column].begin(), origins_[column].end());
      if (const auto found = ordered_by_.find(column); found != ordered_by_.end()) orders.insert(found->second.begin(), found->second.end());
    }
    const ColumnId output = AddColumn(std::move(info), std::move(origins), -1);
    if (!orders.empty()) ordered_by_[output] = std::move(orders);
    if (open) open_scale_.insert(output);
    if (exact) fixed_points_.insert(output);
    node.columns.push_back(output);
    rows.columns.push_back({left.columns[i].name, output, exact ? *CommonType(shown[0], shown[1]) : DataType{}});
  }
  LogicalPtr inputs[] = {left.plan, right.plan};
  for (int side = 0; side < 2; ++side) {
    if (!casts[side].empty()) {
      ProjectNode project;
      for (ColumnId column : OutputColumns(*inputs[side])) {
        project.columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
      }
      project.columns.insert(project.columns.end(), casts[side].begin(), casts[side].end());
      project.child = inputs[side];
      inputs[side] = MakeNode(std::move(project));
    }
    node.inputs.push_back(inputs[side]);
  }
  rows.plan = MakeNode(std::move(node));
  RefreshNodeFacts(*rows.plan, plan_, catalog_);
  rows.if_aggregated = std::move(left.if_aggregated);
  Note(rows.if_aggregated, std::move(right.if_aggregated));
  rows.if_released = std::move(left.if_released);
  Note(rows.if_released, std::move(right.if_released));
  rows.if_row_level = std::move(left.if_row_level);
  Note(rows.if_row_level, std::move(right.if_row_level));
  return rows;
}

absl::StatusOr<BoundRows> QueryBinder::OrderCombined(const sql::SelectStatement& statement, BoundRows rows) {
  ScopeTable result;
  for (const NamedColumn& column : rows.columns) result.columns.push_back(column);
  const Scope scope{{result}, nullptr};
  std::vector<Item> items;
  for (const NamedColumn& column : rows.columns) {
    items.push_back({Reference(column, statement.position), column.name, statement.position});
  }
  for (const sql::OrderItem& order : statement.order_by) {
    const auto* name = std::get_if<sql::ColumnName>(&order.expression->node);
    if ((name != nullptr && name->parts.size() == 1) || std::holds_alternative<sql::Literal>(order.expression->node)) {
      continue;
    }
    return Error(order.expression->position, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
                 "only result column names can be used, not expressions or functions");
  }
  ExpressionContext context{&scope, "ORDER BY"};
  CARE_ASSIGN_OR_RETURN(BoundKeys order, BindOrder(statement, items, context));
  for (SortKey& key : order.keys) {
    if (const ExpressionPtr exact = WithoutCast(key.expression)) key.expression = exact;
  }
  if (!order.keys.empty()) rows.plan = MakeNode(SortNode{std::move(rows.plan), std::move(order.keys)});
  NoteLimit(statement, rows);
  CARE_ASSIGN_OR_RETURN(rows.plan, AddLimit(statement, std::move(rows.plan)));
  return rows;
}

absl::StatusOr<BoundRows> QueryBinder::BindPartitioned(const CatalogPartitioned& entry, sql::SourcePosition position) {
  BoundRows all = BindScan(entry.tables[0]);
  for (std::size_t i = 1; i < entry.tables.size(); ++i) {
    CARE_ASSIGN_OR_RETURN(all, Combine(sql::SetOperationKind::kUnion, true, position, std::move(all), BindScan(entry.tables[i])));
  }
  FlattenUnion(all.plan);
  return all;
}

void QueryBinder::FlattenUnion(LogicalPtr& plan) const {
  const auto* top = std::get_if<SetOperationNode>(&plan->node);
  if (top == nullptr || top->kind != sql::SetOperationKind::kUnion || !top->all) return;
  SetOperationNode flat = *top;
  flat.inputs.clear();
  flat.input_columns.clear();
  for (std::size_t i = 0; i < top->inputs.size(); ++i) {
    LogicalPtr input = top->inputs[i];
    FlattenUnion(input);
    const auto* below = std::get_if<SetOperationNode>(&input->node);
    if (below == nullptr || below->kind != sql::SetOperationKind::kUnion || !below->all) {
      flat.inputs.push_back(input);
      flat.input_columns.push_back(top->input_columns[i]);
      continue;
    }
    for (std::size_t part = 0; part < below->inputs.size(); ++part) {
      std::vector<ColumnId> columns;
      for (ColumnId wanted : top->input_columns[i]) {
        const auto at = std::find(below->columns.begin(), below->columns.end(), wanted) - below->columns.begin();
        columns.push_back(below->input_columns[part][static_cast<std::size_t>(at)]);
      }
      flat.inputs.push_back(below->inputs[part]);
      flat.input_columns.push_back(std::move(columns));
    }
  }
  plan = MakeNode(std::move(flat));
}

absl::StatusOr<BoundFrom> QueryBinder::BindValues(const sql::ValuesTable& table, sql::SourcePosition position) {
  if (table.alias.empty()) {
    return Error(position, "VALUES in FROM must have an alias", "write FROM (VALUES (1), (2)) AS name (column)");
  }
  const Scope no_names;
  ExpressionContext context{&no_names, "VALUES"};
  const std::size_t width = table.rows.front().size();
  ValuesNode node;
  node.rows.resize(table.rows.size());
  BoundRows rows;
  for (std::size_t column = 0; column < width; ++column) {
    Arguments values;
    for (const std::vector<sql::ExpressionPtr>& row : table.rows) {
      if (row.size() != width) return Error(position, "VALUES lists must all be the same length");
      CARE_ASSIGN_OR_RETURN(ExpressionPtr value, BindExpression(*row[column], context));
      value = AsTimestamp(value);
      if (!std::holds_alternative<LiteralExpression>(value->node)) {
        std::optional<Value> constant = ConstantOf(value);
        if (!constant) return NotYet(row[column]->position, "VALUES of anything but constants");
        const bool decimal = std::holds_alternative<Decimal>(*constant);
        const DataType type = decimal ? TypeOfLiteral(*constant) : value->type;
        value = MakeLiteral(*std::move(constant), type, value->position);
      }
      if (value->type.kind == TypeKind::kInterval) return NotYet(row[column]->position, "an interval in VALUES");
      values.push_back(std::move(value));
    }
    CARE_ASSIGN_OR_RETURN(DataType type, Unify(values, "VALUES", position));
    if (type.kind == TypeKind::kUnknown) {
      type = kTextType;
      for (ExpressionPtr& value : values) {
        CARE_ASSIGN_OR_RETURN(value, CoerceTo(value, kTextType));
      }
    }
    for (std::size_t row = 0; row < values.size(); ++row) {
      const Value& value = std::get<LiteralExpression>(values[row]->node).value;
      node.rows[row].push_back(value);
    }
    ColumnInfo info;
    info.name = absl::StrCat("column", column + 1);
    info.type = type;
    const ColumnId id = AddColumn(info, {}, -1);
    node.columns.push_back(id);
    rows.columns.push_back({info.name, id});
  }
  rows.plan = MakeNode(std::move(node));
  RefreshNodeFacts(*rows.plan, plan_, catalog_);
  rows.if_row_level = absl::InvalidArgumentError("rows of constants");
  return AsTable(std::move(rows), table.alias, table.alias, table.column_aliases, position);
}

}  // namespace care::planner
