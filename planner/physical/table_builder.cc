#include "planner/physical/table_builder.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/column_place.h"
#include "planner/logical/same_rows.h"
#include "planner/logical/type_rules.h"
#include "planner/physical/shared_value.h"
#include "planner/physical/table_expressions.h"
#include "planner/physical/table_placement.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

std::set<ColumnId> Union(std::set<ColumnId> a, const std::set<ColumnId>& b) {
  a.insert(b.begin(), b.end());
  return a;
}

// What makes an expression's digits depend on its value, with nothing that rounds it.
const Expression* OpenPart(const ExpressionPtr& expression) {
  if (!HasOpenScale(expression)) return nullptr;
  for (const ExpressionPtr& child : ChildrenOf(expression)) {
    const auto* call = std::get_if<CallExpression>(&expression->node);
    if (call != nullptr && call->function == Function::kDivide) break;
    if (const Expression* found = OpenPart(child)) return found;
  }
  return expression.get();
}

// The first that some projection of an owner's part would make a column of.
const Expression* StatisticInColumn(const LogicalNode& node) {
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    for (const NamedExpression& item : project->columns) {
      if (const Expression* found = OpenPart(item.expression)) return found;
    }
  }
  if (const auto* window = std::get_if<WindowNode>(&node.node)) {
    for (const NamedWindowCall& named : window->calls) {
      for (const ExpressionPtr& part : {named.call.argument, named.call.fallback}) {
        if (part == nullptr) continue;
        if (const Expression* found = OpenPart(part)) return found;
      }
    }
  }
  for (const LogicalPtr& child : ChildrenOf(node)) {
    if (const Expression* found = StatisticInColumn(*child)) return found;
  }
  return nullptr;
}

}  // namespace

absl::Status TableBuilder::Refuse(sql::SourcePosition position, std::string_view message, std::string_view hint) const {
  return sql::QueryError(sql_, position, message, hint);
}

NodeId TableBuilder::Add(PhysicalNode node, std::string reason) {
  plan_.nodes.push_back(std::move(node));
  const auto id = static_cast<NodeId>(plan_.nodes.size() - 1);
  if (!reason.empty()) plan_.reasons[id] = std::move(reason);
  return id;
}

PhysicalPlan TableBuilder::Take() {
  plan_.columns = logical_.columns;
  return std::move(plan_);
}

absl::Status TableBuilder::CheckSlots(std::uint64_t slots, std::string_view what) const {
  if (slots <= kMostTableSlots) return absl::OkStatus();
  return Refuse({}, absl::StrCat("the declared bounds allow ", slots >= kMostBoundedRows ? "any number of" : absl::StrCat(slots),
                                 " rows in ", std::string(what), ", more than ", kMostTableSlots),
                "declare what bounds them in the federation file: unique keys, most_rows, references or ranges");
}

absl::Status TableBuilder::CheckShape(ColumnId column) const {
  const absl::StatusOr<SharedValueShape> shape = ShapeOfColumn(logical_.columns[column]);
  if (shape.ok()) return absl::OkStatus();
  ColumnInfo info = logical_.columns[column];
  // What a rewrite made of a part of an expression has no name that anybody wrote.
  if (info.name == kUnnamedPart) info.name = "this value";
  const absl::StatusOr<SharedValueShape> named = ShapeOfColumn(info);
  return Refuse(PlaceOf(*logical_.root, column), std::string(named.status().message()), WhatToDeclare(info));
}

absl::Status TableBuilder::CheckReadable(ColumnId column) const {
  CARE_RETURN_IF_ERROR(CheckShape(column));
  if (ShapeOfColumn(logical_.columns[column])->kind != ValueKind::kHash) return absl::OkStatus();
  return Refuse(PlaceOf(*logical_.root, column),
                absl::StrCat("the length of text column \"", logical_.columns[column].name,
                                 "\" is not declared, so owners share only whether two of its values are equal"),
                "declare it varchar(n), `max_bytes` or a `domain` in the federation file");
}

absl::Status TableBuilder::CheckReshapes(ColumnId from, ColumnId to) const {
  CARE_RETURN_IF_ERROR(CheckShape(from));
  const bool hashed = ShapeOfColumn(logical_.columns[to])->kind == ValueKind::kHash;
  if (!hashed || ShapeOfColumn(logical_.columns[from])->kind != ValueKind::kBytes) return absl::OkStatus();
  return Refuse(PlaceOf(*logical_.root, to),
                absl::StrCat("the length of text column \"", logical_.columns[to].name,
                             "\" is declared of some of the rows that are combined and not of others, so owners share unlike values of it"),
                "declare all of them varchar(n), `max_bytes` or a `domain` in the federation file");
}

bool TableBuilder::IsOwnersPart(const LogicalNode& node) const { return planner::IsOwnersPart(node, catalog_, all_secret_); }

// A common table that is read twice, or the groups that several grouping sets are added up from, are computed once.
std::optional<TableBuilder::Table> TableBuilder::BuiltBefore(const LogicalPtr& node, const ColumnSet& required) {
  if (required.empty()) return std::nullopt;
  for (const Built& before : built_) {
    SameRows same(logical_.columns);
    if (!same.Match(*before.node, *node)) continue;
    ConcatTablesNode renamed{.inputs = {before.table.node}, .columns = {}, .input_columns = {{}}};
    for (ColumnId column : required) {
      const std::optional<ColumnId> of = same.Of(column);
      if (!of || before.required.count(*of) == 0) break;
      renamed.columns.push_back(column);
      renamed.input_columns[0].push_back(*of);
    }
    if (renamed.columns.size() != required.size()) continue;
    Table table = before.table;
    table.node = Add(std::move(renamed), "the same rows are computed already");
    table.logical = node;
    return table;
  }
  return std::nullopt;
}

absl::StatusOr<TableBuilder::Table> TableBuilder::Build(const LogicalPtr& node, const ColumnSet& required) {
  if (IsOwnersPart(*node)) return Share(node, required);
  if (std::optional<Table> before = BuiltBefore(node, required)) return *std::move(before);
  CARE_ASSIGN_OR_RETURN(Table table, BuildNew(node, required));
  // Rows whose order somebody knows are looked up in for less than they would be sorted for under other names.
  if (table.order == kNoParty && !table.fresh_share) built_.push_back({node, required, table});
  return table;
}

absl::StatusOr<TableBuilder::Table> TableBuilder::BuildNew(const LogicalPtr& node, const ColumnSet& required) {
  if (IsOwnersPart(*node)) return Share(node, required);
  if (const auto* filter = std::get_if<FilterNode>(&node->node)) return Filter(node, *filter, required);
  if (const auto* project = std::get_if<ProjectNode>(&node->node)) return Project(node, *project, required);
  if (const auto* join = std::get_if<JoinNode>(&node->node)) return Join(node, *join, required);
  if (const auto* aggregate = std::get_if<AggregateNode>(&node->node)) return Group(node, *aggregate, required);
  if (const auto* distinct = std::get_if<DistinctNode>(&node->node)) return DistinctRows(node, distinct->child, required);
  if (const auto* operation = std::get_if<SetOperationNode>(&node->node)) {
    if (operation->kind != sql::SetOperationKind::kUnion) return Compare(node, *operation, required);
    if (operation->all) return Concat(node, *operation, required);
    SetOperationNode rows = *operation;
    rows.all = true;
    return DistinctRows(node, MakeNode(std::move(rows)), required);
  }
  if (const auto* window = std::get_if<WindowNode>(&node->node)) return Window(node, *window, required);
  if (const auto* limit = std::get_if<LimitNode>(&node->node)) return Top(node, *limit, required);
  // An order that nobody counts by means nothing to rows that go on.
  if (const auto* sort = std::get_if<SortNode>(&node->node)) return Build(sort->child, required);
  return absl::InternalError("an operator has no place below a release");
}

absl::StatusOr<TableBuilder::Table> TableBuilder::Share(const LogicalPtr& fragment, const ColumnSet& required) {
  const std::vector<PartyId> parties = ScannedParties(*fragment, catalog_);
  if (const Expression* statistic = StatisticInColumn(*fragment)) {
    return Refuse(statistic->position, "an average, variance, deviation or quotient as a column of a subquery is not supported yet here: its value decides how many digits it has",
                  "fix the digits with ROUND(..., 2)");
  }
  Table table;
  table.logical = fragment;
  table.slots = std::max<std::uint64_t>(1, facts_.Bound(*fragment));
  CARE_RETURN_IF_ERROR(CheckSlots(table.slots, "one owner's part"));
  // Constants are shared by the first compute party; everybody knows them.
  const PartyId owner = parties.empty() ? catalog_.compute_parties[0] : parties[0];
  const auto& compute = catalog_.compute_parties;
  const bool outside = std::find(compute.begin(), compute.end(), owner) == compute.end();
  ProjectNode exact{fragment, {}};
  ShareTableNode share;
  for (ColumnId column : OutputColumns(*fragment)) {
    if (required.count(column) == 0) continue;
    CARE_RETURN_IF_ERROR(CheckShape(column));
    exact.columns.push_back({column, MakeColumn(column, logical_.columns[column].type)});
    share.columns.push_back({.column = column, .bits = true, .ring = false});
    // An owner that does not compute knows its rows too, but looks nothing up.
    if (!outside) table.known.insert(column);
  }
  LogicalPtr node = fragment;
  // Where only rows are counted, some column still makes the rows.
  if (exact.columns.empty()) {
    const std::vector<ColumnId> outputs = OutputColumns(*fragment);
    if (outputs.empty()) {
      ColumnInfo info;
      info.name = "row";
      info.type = kBooleanType;
      info.nullable = false;
      exact.columns.push_back({logical_.AddColumn(std::move(info)), MakeLiteral(true, kBooleanType)});
    } else {
      exact.columns.push_back({outputs.front(), MakeColumn(outputs.front(), logical_.columns[outputs.front()].type)});
    }
  }
  if (exact.columns.size() != OutputColumns(*fragment).size() || share.columns.empty()) node = MakeNode(std::move(exact));
  share.local = Add(LocalNode{.party = owner, .fragment = node, .row_bound = table.slots, .outside = outside});
  table.node = Add(std::move(share));
  table.order = outside ? kNoParty : owner;
  if (!outside) table.ordered = fragment;
  table.fresh_share = true;
  return table;
}

absl::StatusOr<TableBuilder::Table> TableBuilder::Derive(Table table, std::vector<NamedExpression> derived) {
  if (derived.empty()) return table;
  for (const NamedExpression& item : derived) {
    if (const absl::Status status = CanEvaluateJointly(item.expression, logical_.columns); !status.ok())
      return Refuse(item.expression->position, std::string(status.message()));
  }
  table.node = Add(DeriveTableNode{table.node, std::move(derived)});
  table.fresh_share = false;
  return table;
}

absl::StatusOr<TableBuilder::Table> TableBuilder::Filter(const LogicalPtr& node, const FilterNode& filter,
                                                         const ColumnSet& required) {
  CARE_ASSIGN_OR_RETURN(Table table, Build(filter.child, Union(required, ColumnsOf(filter.predicate))));
  if (const absl::Status status = CanEvaluateJointly(filter.predicate, logical_.columns); !status.ok())
    return Refuse(filter.predicate->position, std::string(status.message()));
  table.node = Add(FilterTableNode{table.node, filter.predicate});
  table.logical = node;
  table.fresh_share = false;
  return table;
}

absl::StatusOr<TableBuilder::Table> TableBuilder::Project(const LogicalPtr& node, const ProjectNode& project,
                                                          const ColumnSet& required) {
  ColumnSet below;
  std::vector<NamedExpression> derived;
  for (const NamedExpression& item : project.columns) {
    if (required.count(item.column) == 0) continue;
    below = Union(std::move(below), ColumnsOf(item.expression));
    const auto* passed = std::get_if<ColumnExpression>(&item.expression->node);
    if (passed != nullptr && passed->column == item.column) continue;
    CARE_RETURN_IF_ERROR(CheckShape(item.column));
    derived.push_back(item);
  }
  CARE_ASSIGN_OR_RETURN(Table table, Build(project.child, below));
  CARE_ASSIGN_OR_RETURN(table, Derive(std::move(table), std::move(derived)));
  table.logical = node;
  return table;
}

absl::StatusOr<TableBuilder::Table> TableBuilder::Concat(const LogicalPtr& node, const SetOperationNode& operation,
                                                         const ColumnSet& required) {
  ConcatTablesNode concat;
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < operation.columns.size(); ++i) {
    if (required.count(operation.columns[i]) == 0) continue;
    CARE_RETURN_IF_ERROR(CheckShape(operation.columns[i]));
    kept.push_back(i);
    concat.columns.push_back(operation.columns[i]);
  }
  Table table;
  for (std::size_t input = 0; input < operation.inputs.size(); ++input) {
    std::vector<ColumnId> columns;
    for (std::size_t i : kept) {
      columns.push_back(operation.input_columns[input][i]);
      CARE_RETURN_IF_ERROR(CheckReshapes(columns.back(), operation.columns[i]));
    }
    CARE_ASSIGN_OR_RETURN(const Table part, Build(operation.inputs[input], {columns.begin(), columns.end()}));
    concat.inputs.push_back(part.node);
    concat.input_columns.push_back(std::move(columns));
    table.slots += part.slots;
  }
  CARE_RETURN_IF_ERROR(CheckSlots(table.slots, "a union"));
  table.node = Add(std::move(concat));
  table.logical = node;
  return table;
}

// Rows of both inputs, each marked with whose it is, grouped by all columns.
absl::StatusOr<TableBuilder::Table> TableBuilder::Compare(const LogicalPtr& node, const SetOperationNode& operation,
                                                          const ColumnSet& required) {
  const bool intersects = operation.kind == sql::SetOperationKind::kIntersect;
  if (operation.all) {
    return Refuse({}, absl::StrCat(intersects ? "INTERSECT" : "EXCEPT", " ALL of rows of several owners is not supported yet"),
                  intersects ? "INTERSECT keeps each row once" : "EXCEPT keeps each row once");
  }
  const auto counted = [&](const char* name) {
    ColumnInfo info;
    info.name = name;
    info.type = kBooleanType;
    info.nullable = false;
    return logical_.AddColumn(std::move(info));
  };
  const ColumnId is_first = counted("first"), is_second = counted("second");
  SetOperationNode rows;
  rows.kind = sql::SetOperationKind::kUnion;
  rows.all = true;
  rows.columns = operation.columns;
  rows.columns.push_back(is_first);
  rows.columns.push_back(is_second);
  for (std::size_t input = 0; input < 2; ++input) {
    const ColumnId first = counted("first"), second = counted("second");
    ProjectNode marked{operation.inputs[input], {}};
    for (ColumnId column : OutputColumns(*operation.inputs[input]))
      marked.columns.push_back({column, MakeColumn(column, logical_.columns[column].type)});
    marked.columns.push_back({first, MakeLiteral(input == 0, kBooleanType)});
    marked.columns.push_back({second, MakeLiteral(input == 1, kBooleanType)});
    rows.inputs.push_back(MakeNode(std::move(marked)));
    rows.input_columns.push_back(operation.input_columns[input]);
    rows.input_columns.back().push_back(first);
    rows.input_columns.back().push_back(second);
  }
  AggregateNode groups{MakeNode(std::move(rows)), operation.columns, {}};
  const auto any = [&](ColumnId of, const char* name) {
    AggregateCall call;
    call.function = AggregateFunction::kBoolOr;
    call.argument = MakeColumn(of, kBooleanType);
    call.type = kBooleanType;
    const ColumnId column = counted(name);
    groups.calls.push_back({column, std::move(call)});
    return MakeColumn(column, kBooleanType);
  };
  const ExpressionPtr in_first = any(is_first, "in_first");
  const ExpressionPtr in_second = any(is_second, "in_second");
  const ExpressionPtr kept =
      MakeConjunction({in_first, intersects ? in_second : MakeCall(Function::kNot, {in_second}, kBooleanType)});
  const LogicalPtr compared = MakeNode(FilterNode{MakeNode(std::move(groups)), kept});
  // Above, outer joins may supply NULLs in what is never NULL here.
  std::vector<ColumnId> nullable;
  std::copy_if(operation.columns.begin(), operation.columns.end(), std::back_inserter(nullable),
               [&](ColumnId column) { return logical_.columns[column].nullable; });
  RefreshColumns(*compared, logical_, catalog_);
  for (ColumnId column : nullable) logical_.columns[column].nullable = true;
  CARE_ASSIGN_OR_RETURN(Table table, Build(compared, required));
  table.logical = node;
  return table;
}

absl::StatusOr<ColumnId> TableBuilder::AsColumn(const ExpressionPtr& expression, std::string_view name,
                                                std::vector<NamedExpression>& derived) {
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) return column->column;
  for (const NamedExpression& item : derived) {
    if (SameExpression(item.expression, expression)) return item.column;
  }
  ColumnInfo info;
  info.name = std::string(name);
  info.type = expression->type;
  SetFacts(FactsOf(expression, logical_.columns), info);
  const ColumnId column = logical_.AddColumn(std::move(info));
  CARE_RETURN_IF_ERROR(CheckShape(column));
  derived.push_back({column, expression});
  return column;
}

absl::StatusOr<std::vector<TableKey>> TableBuilder::KeysOf(const std::vector<SortKey>& keys,
                                                                       std::vector<NamedExpression>& derived) {
  std::vector<TableKey> columns;
  for (const SortKey& key : keys) {
    CARE_ASSIGN_OR_RETURN(const ColumnId column, AsColumn(key.expression, "order", derived));
    CARE_RETURN_IF_ERROR(CheckReadable(column));
    columns.push_back({column, key.descending, key.nulls_first});
  }
  return columns;
}

absl::StatusOr<TableBuilder::Table> TableBuilder::Top(const LogicalPtr& node, const LimitNode& limit,
                                                      const ColumnSet& required) {
  if (!limit.limit || limit.offset != 0) {
    return Refuse({}, "OFFSET in a subquery over rows of several owners is not supported yet");
  }
  const auto* sort = std::get_if<SortNode>(&limit.child->node);
  const LogicalPtr child = sort == nullptr ? limit.child : sort->child;
  ColumnSet below = required;
  if (sort != nullptr) {
    for (const SortKey& key : sort->keys) CollectColumns(key.expression, below);
  }
  CARE_ASSIGN_OR_RETURN(Table table, Build(child, below));
  std::vector<NamedExpression> derived;
  TopTableNode top;
  if (sort != nullptr) {
    CARE_ASSIGN_OR_RETURN(top.keys, KeysOf(sort->keys, derived));
  }
  CARE_ASSIGN_OR_RETURN(table, Derive(std::move(table), std::move(derived)));
  top.input = table.node;
  top.rows = std::min(*limit.limit, table.slots);
  table.slots = std::max<std::uint64_t>(1, top.rows);
  top.rows = table.slots;
  if (*limit.limit == 0) return Refuse({}, "LIMIT 0 in a subquery over rows of several owners is not supported yet");
  table.node = Add(std::move(top));
  table.logical = node;
  table.order = kNoParty;
  table.known.clear();
  table.fresh_share = false;
  return table;
}

}  // namespace care::planner
