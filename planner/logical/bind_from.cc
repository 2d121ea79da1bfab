// FROM: base tables, views, common tables, subqueries and joins, and the names that they bring into scope.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/parser.h"
#include "grammar/query_error.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/query_binder.h"

namespace care::planner {
namespace {

// Views and common tables are expanded where they are named: this bounds what a short text can grow into.
constexpr std::size_t kMostRelations = 1'000;

// A view's expressions point at the view's name in the analyst's text, not into the view's own text.
LogicalPtr Relocate(const LogicalPtr& node, sql::SourcePosition position) {
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(Relocate(child, position));
  LogicalPtr moved = MapExpressions(WithChildren(node, std::move(children)), [&](const ExpressionPtr& whole) {
    return TransformExpression(whole, [&](const ExpressionPtr& part) {
      Expression copy = *part;
      copy.position = position;
      if (auto* subquery = std::get_if<SubqueryExpression>(&copy.node)) subquery->plan = Relocate(subquery->plan, position);
      return std::make_shared<const Expression>(std::move(copy));
    });
  });
  const auto* aggregate = std::get_if<AggregateNode>(&moved->node);
  if (aggregate == nullptr) return moved;
  AggregateNode copy = *aggregate;
  for (NamedAggregate& named : copy.calls) named.call.position = position;
  return MakeNode(std::move(copy));
}

// What NATURAL joins on: the names that both sides have.
std::vector<sql::Identifier> CommonNames(const BoundFrom& left, const BoundFrom& right, sql::SourcePosition position) {
  std::vector<sql::Identifier> names;
  const auto visible = [](const ScopeTable& table, const NamedColumn& column) { return table.merged.count(column.name) == 0; };
  for (const ScopeTable& table : left.tables) {
    for (const NamedColumn& column : table.columns) {
      if (!visible(table, column)) continue;
      bool common = false;
      for (const ScopeTable& other : right.tables) {
        for (const NamedColumn& candidate : other.columns) {
          common = common || (candidate.name == column.name && visible(other, candidate));
        }
      }
      const bool listed = std::any_of(names.begin(), names.end(),
                                      [&](const sql::Identifier& name) { return name.text == column.name; });
      if (common && !listed) names.push_back({position, column.name});
    }
  }
  return names;
}

absl::Status RowLevelSource() { return absl::InvalidArgumentError("rows of a base table"); }

}  // namespace

LogicalPtr WithoutOrder(const LogicalPtr& node) {
  if (const auto* sort = std::get_if<SortNode>(&node->node)) return WithoutOrder(sort->child);
  if (!std::holds_alternative<ProjectNode>(node->node) && !std::holds_alternative<FilterNode>(node->node))
    return node;
  return WithChildren(node, {WithoutOrder(ChildrenOf(*node)[0])});
}

// What is selected without FROM: one row, whose column nothing can name. Alone it asks nobody (BindConstantRow), so that is not what
// may be listed.
BoundFrom QueryBinder::OneRow(sql::SourcePosition position) {
  ColumnInfo info;
  info.name = "one";
  info.type = kIntegerType;
  ValuesNode node;
  node.columns = {AddColumn(std::move(info), {}, -1)};
  node.rows = {{Value(std::int64_t{1})}};
  BoundFrom from;
  from.plan = MakeNode(std::move(node));
  RefreshNodeFacts(*from.plan, plan_, catalog_);
  from.if_row_level = Error(position, "a SELECT without FROM gives rows to other parts of a query, not to its answer", "write FROM and a table");
  return from;
}

absl::StatusOr<BoundFrom> QueryBinder::BindFromList(const std::vector<sql::TableReference>& list,
                                                    const CommonTableFrame* frames, const Scope* enclosing,
                                                    sql::SourcePosition position) {
  if (list.empty()) return OneRow(position);
  BoundFrom all;
  for (const sql::TableReference& reference : list) {
    const Scope siblings{all.tables, enclosing, false};
    const auto* subquery = std::get_if<sql::SubqueryTable>(&reference.node);
    const bool lateral = subquery != nullptr && subquery->lateral && all.plan != nullptr;
    if (lateral) {
      CARE_ASSIGN_OR_RETURN(all, BindLateral(std::move(all), *subquery, reference.position, frames, enclosing));
      CARE_RETURN_IF_ERROR(CheckLastName(all.tables, reference.position));
      continue;
    }
    CARE_ASSIGN_OR_RETURN(BoundFrom next, BindReference(reference, frames, siblings));
    for (const ScopeTable& table : next.tables) {
      for (const ScopeTable& other : all.tables) {
        if (!table.name.empty() && other.name == table.name && other.schema == table.schema) {
          return Error(reference.position,
                       absl::StrCat("table name \"", table.name, "\" specified more than once"),
                       "give each its own alias");
        }
      }
    }
    if (all.plan == nullptr) {
      all = std::move(next);
      continue;
    }
    all.plan = MakeNode(
        JoinNode{JoinKind::kCross, WithoutOrder(all.plan), WithoutOrder(next.plan), MakeLiteral(true, kBooleanType, reference.position)});
    for (ScopeTable& table : next.tables) all.tables.push_back(std::move(table));
    Note(all.if_aggregated, std::move(next.if_aggregated));
    Note(all.if_released, std::move(next.if_released));
    all.if_row_level = IsOfForgetfulGroups(*all.plan) ? absl::OkStatus() : RowLevelSource();
  }
  return all;
}

absl::StatusOr<BoundFrom> QueryBinder::BindReference(const sql::TableReference& reference,
                                                     const CommonTableFrame* frames, const Scope& siblings) {
  if (++bound_relations_ > kMostRelations) {
    return Error(reference.position, absl::StrCat("the query names more than ", kMostRelations,
                                                  " tables once its views and common tables are expanded"));
  }
  if (const auto* table = std::get_if<sql::NamedTable>(&reference.node)) {
    return BindNamedTable(*table, reference.position, frames);
  }
  if (const auto* subquery = std::get_if<sql::SubqueryTable>(&reference.node)) {
    if (subquery->lateral) {
      return NotYet(reference.position, "LATERAL here", "write it after the tables that it reads, with a comma or CROSS JOIN");
    }
    if (subquery->alias.empty()) {
      return Error(reference.position, "subquery in FROM must have an alias",
                   "write FROM (SELECT ...) AS name");
    }
    CARE_ASSIGN_OR_RETURN(BoundRows rows, BindStatement(*subquery->statement, frames, &siblings));
    return AsTable(std::move(rows), subquery->alias, subquery->alias, subquery->column_aliases,
                   reference.position);
  }
  if (const auto* values = std::get_if<sql::ValuesTable>(&reference.node)) return BindValues(*values, reference.position);
  return BindJoin(std::get<sql::Join>(reference.node), reference.position, frames, siblings);
}

absl::StatusOr<BoundFrom> QueryBinder::AsTable(BoundRows rows, std::string_view alias, std::string_view name,
                                               const std::vector<sql::Identifier>& column_aliases,
                                               sql::SourcePosition position) {
  BoundFrom from{std::move(rows.plan),
                 {},
                 std::move(rows.if_aggregated),
                 std::move(rows.if_released),
                 std::move(rows.if_row_level)};
  ScopeTable table{"", std::string(alias.empty() ? name : alias), std::move(rows.columns), {}};
  if (column_aliases.size() > table.columns.size()) {
    return Error(position,
                 absl::StrCat("table \"", table.name, "\" has ", table.columns.size(),
                              " columns available but ", column_aliases.size(), " columns specified"));
  }
  for (std::size_t i = 0; i < column_aliases.size(); ++i) {
    table.columns[i].name = column_aliases[i].text;
    // Messages and EXPLAIN call what is computed by the name that it was given.
    ColumnInfo& info = plan_.columns[table.columns[i].column];
    if (info.table < 0) info.name = column_aliases[i].text;
  }
  from.tables.push_back(std::move(table));
  return from;
}

BoundRows QueryBinder::BindScan(int table) {
  const CatalogTable& entry = catalog_.tables[table];
  const int scan_number = next_scan_++;
  ScanNode scan;
  scan.table = table;
  BoundRows rows;
  for (int i = 0; i < static_cast<int>(entry.columns.size()); ++i) {
    const ColumnId column = AddColumn(InfoOf(catalog_, table, i), {}, scan_number);
    scan.columns.push_back({column, i});
    const TypeKind shown_as = entry.columns[static_cast<std::size_t>(i)].shown_as;
    if (shown_as != TypeKind::kUnknown) fixed_points_.insert(column);
    rows.columns.push_back({entry.columns[i].name, column, {shown_as}});
  }
  rows.plan = MakeNode(std::move(scan));
  rows.if_row_level = RowLevelSource();
  return rows;
}

absl::StatusOr<BoundFrom> QueryBinder::BindNamedTable(const sql::NamedTable& table,
                                                      sql::SourcePosition position,
                                                      const CommonTableFrame* frames) {
  if (table.schema.empty()) {
    for (const CommonTableFrame* frame = frames; frame != nullptr; frame = frame->next) {
      if (frame->table->name.text != table.name) continue;
      referenced_.insert(frame->table);
      CARE_ASSIGN_OR_RETURN(BoundRows rows, BindStatement(*frame->table->statement, frame->next, nullptr));
      CARE_ASSIGN_OR_RETURN(BoundFrom declared,
                            AsTable(std::move(rows), table.name, table.name, frame->table->column_aliases,
                                    frame->table->name.position));
      rows = {declared.plan, declared.tables[0].columns, declared.if_aggregated, declared.if_released,
              declared.if_row_level};
      return AsTable(std::move(rows), table.alias, table.name, table.column_aliases, position);
    }
  }
  // Views have no owner: clients that always write a schema find them in PostgreSQL's usual one.
  const CatalogView* view =
      table.schema.empty() || table.schema == "public" ? catalog_.FindView(table.name) : nullptr;
  if (view != nullptr) {
    CARE_ASSIGN_OR_RETURN(BoundRows rows, BindView(*view, position));
    CARE_ASSIGN_OR_RETURN(BoundFrom from,
                          AsTable(std::move(rows), table.alias, table.name, table.column_aliases, position));
    if (table.alias.empty()) from.tables[0].schema = "public";
    return from;
  }
  for (const CatalogPartitioned& partitioned : catalog_.partitioned) {
    if (partitioned.name != table.name || (!table.schema.empty() && table.schema != "public")) continue;
    CARE_ASSIGN_OR_RETURN(BoundRows rows, BindPartitioned(partitioned, position));
    CARE_ASSIGN_OR_RETURN(BoundFrom from,
                          AsTable(std::move(rows), table.alias, table.name, table.column_aliases, position));
    if (table.alias.empty()) from.tables[0].schema = "public";
    return from;
  }
  int found = -1;
  for (int i = 0; i < static_cast<int>(catalog_.tables.size()); ++i) {
    const CatalogTable& entry = catalog_.tables[i];
    if (entry.name != table.name || (!table.schema.empty() && entry.schema != table.schema)) continue;
    if (found >= 0) {
      return Error(position, absl::StrCat("table name \"", table.name, "\" is ambiguous"),
                   absl::StrCat("write ", catalog_.tables[found].FullName(), " or ", entry.FullName()));
    }
    found = i;
  }
  if (found < 0) return NoSuchTable(table, position, frames);
  CARE_ASSIGN_OR_RETURN(BoundFrom from,
                        AsTable(BindScan(found), table.alias, table.name, table.column_aliases, position));
  if (table.alias.empty()) from.tables[0].schema = catalog_.tables[found].schema;
  return from;
}

absl::Status QueryBinder::NoSuchTable(const sql::NamedTable& table, sql::SourcePosition position,
                                      const CommonTableFrame* frames) const {
  const std::string name = table.schema.empty() ? table.name : absl::StrCat(table.schema, ".", table.name);
  std::vector<std::string> full_names;
  for (const CatalogTable& entry : catalog_.tables) full_names.push_back(entry.FullName());
  for (const CatalogView& view : catalog_.views) full_names.push_back(view.name);
  for (const CatalogPartitioned& entry : catalog_.partitioned) full_names.push_back(entry.name);
  for (; frames != nullptr; frames = frames->next) full_names.push_back(frames->table->name.text);
  std::string nearest = sql::NearestName(name, full_names);
  if (nearest.empty()) {
    // The schema may be forgotten or wrong where the table's own name is nearly right.
    std::vector<std::string> names;
    for (const CatalogTable& entry : catalog_.tables) names.push_back(entry.name);
    const std::string near_name = sql::NearestName(table.name, names);
    for (const CatalogTable& entry : catalog_.tables) {
      if (nearest.empty() && !near_name.empty() && entry.name == near_name) nearest = entry.FullName();
    }
  }
  return Error(position, absl::StrCat("relation \"", name, "\" does not exist"),
               nearest.empty() ? "the federation file lists the tables, and so does \\d in psql"
                               : absl::StrCat("did you mean \"", nearest, "\"?"));
}

absl::StatusOr<BoundRows> QueryBinder::BindView(const CatalogView& view, sql::SourcePosition position) {
  if (std::find(views_in_expansion_.begin(), views_in_expansion_.end(), view.name) !=
      views_in_expansion_.end()) {
    return Error(position, absl::StrCat("view \"", view.name, "\" refers to itself"));
  }
  absl::StatusOr<sql::Statement> parsed = sql::Parse(view.sql);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "in view \"", view.name, "\" of the federation file: ", std::string(parsed.status().message())));
  }
  view_statements_.push_back(std::move(parsed).value());
  const auto* statement = std::get_if<sql::SelectStatement>(&view_statements_.back());
  if (statement == nullptr) {
    return Error(position, absl::StrCat("view \"", view.name, "\" of the federation file is not a SELECT"));
  }
  const std::string_view outer_sql = std::exchange(sql_, view.sql);
  const std::string outer_view = std::exchange(view_, view.name);
  views_in_expansion_.push_back(view.name);
  absl::StatusOr<BoundRows> rows = BindStatement(*statement, nullptr, nullptr);
  views_in_expansion_.pop_back();
  sql_ = outer_sql;
  view_ = outer_view;
  if (rows.ok()) rows->plan = Relocate(rows->plan, position);
  return rows;
}

absl::StatusOr<BoundFrom> QueryBinder::BindJoin(const sql::Join& join, sql::SourcePosition position,
                                                const CommonTableFrame* frames, const Scope& siblings) {
  CARE_ASSIGN_OR_RETURN(BoundFrom left, BindReference(*join.left, frames, siblings));
  if (const auto* subquery = std::get_if<sql::SubqueryTable>(&join.right->node); subquery != nullptr && subquery->lateral) {
    return BindLateralJoin(join, std::move(left), *subquery, frames, siblings);
  }
  Scope before_right = siblings;
  before_right.tables.insert(before_right.tables.end(), left.tables.begin(), left.tables.end());
  CARE_ASSIGN_OR_RETURN(BoundFrom right, BindReference(*join.right, frames, before_right));
  for (const ScopeTable& table : right.tables) {
    for (const ScopeTable& other : left.tables) {
      if (!table.name.empty() && other.name == table.name && other.schema == table.schema) {
        return Error(join.right->position,
                     absl::StrCat("table name \"", table.name, "\" specified more than once"),
                     "give each its own alias");
      }
    }
  }
  const bool of_groups = IsOfForgetfulGroups(LogicalNode{JoinNode{.left = left.plan, .right = right.plan}});
  const auto is_padded = [&](sql::JoinKind kind, const BoundFrom& side) {
    return (join.kind == kind || join.kind == sql::JoinKind::kFull) && IsOfForgetfulGroups(*side.plan);
  };
  if (is_padded(sql::JoinKind::kRight, left)) RenameGroups(left);
  if (is_padded(sql::JoinKind::kLeft, right)) RenameGroups(right);
  ExpressionPtr condition = MakeLiteral(true, kBooleanType, join.right->position);
  std::vector<sql::Identifier> names = join.using_columns;
  if (join.natural) names = CommonNames(left, right, position);
  std::vector<NamedExpression> merged;
  if (!names.empty()) {
    CARE_ASSIGN_OR_RETURN(condition, BindUsing(join, names, left, right, merged));
  }
  Scope scope{left.tables, siblings.enclosing};
  scope.tables.insert(scope.tables.end(), right.tables.begin(), right.tables.end());
  if (join.on != nullptr) {
    ExpressionContext context{&scope, "JOIN conditions", nullptr, frames};
    CARE_ASSIGN_OR_RETURN(condition, BindBoolean(*join.on, context));
  }
  CARE_RETURN_IF_ERROR(CheckUses(condition, ColumnUse::kFilter));

  BoundFrom joined;
  joined.tables = std::move(scope.tables);
  if (!merged.empty()) {
    ScopeTable unnamed;
    for (std::size_t i = 0; i < merged.size(); ++i) unnamed.columns.push_back({names[i].text, merged[i].column});
    joined.tables.insert(joined.tables.begin(), std::move(unnamed));
  }
  joined.if_aggregated = std::move(left.if_aggregated);
  Note(joined.if_aggregated, std::move(right.if_aggregated));
  Note(joined.if_aggregated, WhyRaising(condition));
  joined.if_released = std::move(left.if_released);
  Note(joined.if_released, std::move(right.if_released));
  joined.if_row_level = of_groups ? absl::OkStatus() : RowLevelSource();
  LogicalPtr preserved = WithoutOrder(left.plan);
  LogicalPtr other = WithoutOrder(right.plan);
  JoinKind kind = JoinKind::kInner;
  if (join.kind == sql::JoinKind::kLeft || join.kind == sql::JoinKind::kRight) kind = JoinKind::kLeft;
  if (join.kind == sql::JoinKind::kFull) kind = JoinKind::kFull;
  if (join.kind == sql::JoinKind::kCross || (join.natural && names.empty() && kind == JoinKind::kInner)) kind = JoinKind::kCross;
  if (join.kind == sql::JoinKind::kRight) std::swap(preserved, other);
  if (kind == JoinKind::kLeft || kind == JoinKind::kFull) {
    for (ColumnId column : OutputColumns(*other)) plan_.columns[column].nullable = true;
  }
  if (kind == JoinKind::kFull) {
    for (ColumnId column : OutputColumns(*preserved)) plan_.columns[column].nullable = true;
  }
  joined.plan = MakeNode(JoinNode{kind, std::move(preserved), std::move(other), std::move(condition)});
  // Of FULL JOIN USING, the unqualified name means whichever side has a row.
  ProjectNode project;
  for (const NamedExpression& item : merged) {
    if (!std::holds_alternative<ColumnExpression>(item.expression->node)) project.columns.push_back(item);
  }
  if (!project.columns.empty()) {
    std::vector<NamedExpression> columns;
    for (ColumnId column : OutputColumns(*joined.plan)) {
      columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
    }
    columns.insert(columns.end(), project.columns.begin(), project.columns.end());
    joined.plan = MakeNode(ProjectNode{std::move(joined.plan), std::move(columns)});
  }
  return joined;
}

absl::StatusOr<ExpressionPtr> QueryBinder::BindUsing(const sql::Join& join, const std::vector<sql::Identifier>& names,
                                                     BoundFrom& left, BoundFrom& right, std::vector<NamedExpression>& merged) {
  std::vector<ExpressionPtr> conjuncts;
  for (const sql::Identifier& name : names) {
    const auto find = [&](const BoundFrom& side, std::string_view which) -> Result {
      const Scope scope{side.tables, nullptr};
      ExpressionContext context{&scope, "USING"};
      absl::StatusOr<ExpressionPtr> found = BindNode(sql::ColumnName{{name.text}}, name.position, context);
      if (found.ok()) return found;
      if (found.status().message().find("is ambiguous") != std::string_view::npos) {
        return Error(name.position,
                     absl::StrCat("common column name \"", name.text, "\" appears more than once in ", std::string(which), " table"));
      }
      return Error(name.position, absl::StrCat("column \"", name.text, "\" specified in USING clause does not exist in ",
                                               std::string(which), " table"));
    };
    CARE_ASSIGN_OR_RETURN(ExpressionPtr left_column, find(left, "left"));
    CARE_ASSIGN_OR_RETURN(ExpressionPtr right_column, find(right, "right"));
    if (left_column->type.IsFloat() || right_column->type.IsFloat()) {
      return NotYet(name.position, "USING a column of double precision", absl::StrCat("write ON a.", name.text, " = b.", name.text));
    }
    CARE_ASSIGN_OR_RETURN(ExpressionPtr equality, Compare(Function::kEqual, left_column, right_column, name.position));
    // The unqualified name means the preserved side's column, which equals the other's wherever both exist.
    const ExpressionPtr preserved = join.kind == sql::JoinKind::kRight ? right_column : left_column;
    NamedExpression column{std::get<ColumnExpression>(preserved->node).column, preserved};
    // A date beside a timestamp becomes one.
    const ExpressionPtr& compared = std::get<CallExpression>(equality->node).arguments[join.kind == sql::JoinKind::kRight ? 1 : 0];
    if (compared->type.IsTimestamp() && compared->type != preserved->type) {
      column.expression = compared;
      column.column = AddComputed(compared, name.text);
    }
    if (join.kind == sql::JoinKind::kFull) {
      Arguments sides = std::get<CallExpression>(equality->node).arguments;
      const DataType type = sides[0]->type;
      column.expression = MakeCall(Function::kCoalesce, std::move(sides), type, name.position);
      column.column = AddComputed(column.expression, name.text);
      ColumnInfo& info = plan_.columns[column.column];
      info.nullable = true;
      if (KeyOf(left_column) != nullptr) {
        // Still a key: the rules for keys hold for it.
        const ColumnInfo& key = plan_.columns[std::get<ColumnExpression>(left_column->node).column];
        info.table = key.table;
        info.table_column = key.table_column;
      }
    }
    merged.push_back(std::move(column));
    conjuncts.push_back(std::move(equality));
    for (BoundFrom* side : {&left, &right}) {
      for (ScopeTable& table : side->tables) table.merged.insert(name.text);
    }
  }
  return MakeConjunction(std::move(conjuncts));
}

}  // namespace care::planner
