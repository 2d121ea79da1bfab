// Aggregates over groups of persons. A subquery's groups that do not keep the person say nothing of how many persons an outer
// group holds, so they are cells themselves: either one GROUP BY of the rows yields the same as both, and its groups are what is
// released, or the subquery's groups are released, and the recipient aggregates those.
#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/free_columns.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/row_facts.h"

namespace care::planner {
namespace {

// What PostgreSQL makes of the groups' values is what it makes of the rows: SUM of counts is the count.
bool AddsUp(AggregateFunction outer, AggregateFunction inner) {
  switch (inner) {
    case AggregateFunction::kCountStar:
    case AggregateFunction::kCount:
    case AggregateFunction::kSum:
      return outer == AggregateFunction::kSum;
    case AggregateFunction::kMin:
    case AggregateFunction::kMax:
    case AggregateFunction::kBoolAnd:
    case AggregateFunction::kBoolOr:
      return outer == inner;
    default:
      return false;
  }
}

// Whether it is the same of a key's values however many rows each has.
bool IgnoresDuplicates(const AggregateCall& call) {
  return call.distinct || call.function == AggregateFunction::kMin || call.function == AggregateFunction::kMax ||
         call.function == AggregateFunction::kBoolAnd || call.function == AggregateFunction::kBoolOr;
}

ExpressionPtr Both(const ExpressionPtr& a, const ExpressionPtr& b) {
  if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
  return MakeConjunction({a, b});
}

// The expressions of an outer block, as what they are of the groups below it.
struct OverGroups {
  std::vector<ExpressionPtr> keys;
  std::vector<AggregateCall> calls;
  std::vector<ExpressionPtr> filters;

  template <typename Map>
  void Apply(const Map& map) {
    const auto apply = [&](ExpressionPtr& expression) {
      if (expression != nullptr) expression = map(expression);
    };
    std::ranges::for_each(keys, apply);
    std::ranges::for_each(filters, apply);
    for (AggregateCall& call : calls) apply(call.argument), apply(call.second), apply(call.filter);
  }
};

// The aggregate that the outer block's rows come from, if only projections, filters and orders stand between.
const AggregateNode* FindGroups(const LogicalPtr& node, OverGroups& over) {
  if (const auto* inner = std::get_if<AggregateNode>(&node->node)) return inner;
  if (const auto* project = std::get_if<ProjectNode>(&node->node)) {
    std::vector<std::pair<ColumnId, ExpressionPtr>> columns;
    for (const NamedExpression& item : project->columns) columns.emplace_back(item.column, item.expression);
    over.Apply([&](const ExpressionPtr& expression) { return SubstituteColumns(expression, columns); });
    return FindGroups(project->child, over);
  }
  if (const auto* filter = std::get_if<FilterNode>(&node->node)) {
    over.filters.push_back(filter->predicate);
    return FindGroups(filter->child, over);
  }
  const auto* sort = std::get_if<SortNode>(&node->node);
  return sort == nullptr ? nullptr : FindGroups(sort->child, over);
}

}  // namespace

bool QueryBinder::KeepsPerson(const AggregateNode& aggregate) const {
  return std::ranges::any_of(aggregate.group_by, [&](ColumnId group) {
    return std::ranges::any_of(origins_[group], [&](ColumnId origin) {
      const ColumnInfo& info = plan_.columns[origin];
      return info.table >= 0 && catalog_.tables[static_cast<std::size_t>(info.table)].subject_column == info.table_column;
    });
  });
}

bool QueryBinder::IsOfForgetfulGroups(const LogicalNode& node) const {
  bool forgets = false, keeps = false;
  const std::function<void(const LogicalNode&)> look = [&](const LogicalNode& at) {
    if (const auto* scan = std::get_if<ScanNode>(&at.node))
      keeps = keeps || catalog_.tables[static_cast<std::size_t>(scan->table)].subject_column >= 0;
    if (const auto* aggregate = std::get_if<AggregateNode>(&at.node)) {
      if (!ReadsPersons(at, catalog_)) return;
      (KeepsPerson(*aggregate) ? keeps : forgets) = true;
      return;
    }
    // What sets add up opens beside its parts (rules/expand_grouping_sets.cc).
    if (std::holds_alternative<GroupingSetsNode>(at.node)) keeps = true;
    for (const LogicalPtr& child : ChildrenOf(at)) look(*child);
  };
  look(node);
  return forgets && !keeps;
}

absl::StatusOr<LogicalPtr> QueryBinder::ListedBesideGroups(const LogicalPtr& rows, const std::set<ColumnId>& read) {
  std::set<ColumnId> listed;
  for (const ColumnId column : OutputColumns(*rows)) {
    if (read.contains(column)) listed.insert(column);
  }
  const auto* first = listed.empty() ? nullptr : &plan_.columns[*listed.begin()];
  for (const ColumnId column : listed) {
    if (!WithListedRows(rows, {column}, absl::InvalidArgumentError("not listed")).ok()) first = &plan_.columns[column];
  }
  absl::Status refusal = Error(
      {}, absl::StrCat("rows of a table stand beside released groups, and column \"", first == nullptr ? "" : first->name, "\" may not be listed"),
      "its use must have row, or be public: its owner can allow that in the federation file; or aggregate it in a subquery");
  return WithListedRows(rows, std::move(listed), refusal);
}

void QueryBinder::RenameGroups(BoundFrom& groups) {
  ProjectNode project;
  std::map<ColumnId, ColumnId> renamed;
  for (const ColumnId column : OutputColumns(*groups.plan)) {
    const ExpressionPtr value = MakeColumn(column, plan_.columns[column].type);
    renamed[column] = AddComputed(value, plan_.columns[column].name);
    project.columns.push_back({renamed[column], value});
  }
  for (ScopeTable& table : groups.tables) {
    for (NamedColumn& column : table.columns) {
      if (const auto found = renamed.find(column.column); found != renamed.end()) column.column = found->second;
    }
  }
  project.child = std::move(groups.plan);
  groups.plan = MakeNode(std::move(project));
}

LogicalPtr QueryBinder::MergeGroups(const AggregateNode& outer) {
  OverGroups over;
  for (const ColumnId group : outer.group_by) over.keys.push_back(MakeColumn(group, plan_.columns[group].type));
  for (const NamedAggregate& named : outer.calls) over.calls.push_back(named.call);
  const AggregateNode* inner = FindGroups(outer.child, over);
  // Without groups there is a row even of no rows.
  if (inner == nullptr || inner->group_by.empty() || IsOfForgetfulGroups(*inner->child)) return nullptr;
  const std::set<ColumnId> inner_keys(inner->group_by.begin(), inner->group_by.end());
  // Below the release a value may belong to a group that is hidden, so nothing may fail on it.
  const auto is_of_keys = [&](const ExpressionPtr& expression) {
    std::set<ColumnId> read;
    CollectColumns(expression, read);
    return !HasSubquery(expression) && std::ranges::includes(inner_keys, read) && WhyRaising(expression).ok();
  };
  if (!std::ranges::all_of(over.keys, is_of_keys) || !std::ranges::all_of(over.filters, is_of_keys)) return nullptr;

  AggregateNode merged{inner->child, outer.group_by, {}};
  if (!over.filters.empty()) merged.child = MakeNode(FilterNode{merged.child, MakeConjunction(over.filters)});
  ProjectNode above;
  bool computes = false;
  for (const ColumnId group : outer.group_by) above.columns.push_back({group, MakeColumn(group, plan_.columns[group].type)});
  const auto add_call = [&](const AggregateCall& call) {
    for (const NamedAggregate& named : merged.calls) {
      if (SameCall(named.call, call)) return MakeColumn(named.column, call.type, call.position);
    }
    ColumnInfo info;
    info.name = absl::AsciiStrToLower(std::string(NameOf(call.function)));
    info.type = call.type;
    merged.calls.push_back({AddColumn(std::move(info), {}, -1), call});
    return MakeColumn(merged.calls.back().column, call.type, call.position);
  };
  for (std::size_t i = 0; i < outer.calls.size(); ++i) {
    const ColumnId column = outer.calls[i].column;
    AggregateCall call = over.calls[i];
    if (call.filter != nullptr && !is_of_keys(call.filter)) return nullptr;
    if (call.argument == nullptr || call.second != nullptr) return nullptr;
    if (is_of_keys(call.argument)) {
      // The least key of all rows may be that of a hidden group.
      const bool extreme = call.function == AggregateFunction::kMin || call.function == AggregateFunction::kMax;
      if (!IgnoresDuplicates(call) || (extreme && !CheckUses(call.argument, ColumnUse::kExtreme).ok())) return nullptr;
      merged.calls.push_back({column, call});
      above.columns.push_back({column, MakeColumn(column, call.type, call.position)});
      continue;
    }
    const auto* argument = std::get_if<ColumnExpression>(&call.argument->node);
    const auto found = std::ranges::find_if(
        inner->calls, [&](const NamedAggregate& named) { return argument != nullptr && named.column == argument->column; });
    if (found == inner->calls.end() || call.distinct || found->call.distinct || !AddsUp(call.function, found->call.function))
      return nullptr;
    AggregateCall whole = found->call;
    whole.position = call.position;
    whole.filter = Both(whole.filter, call.filter);
    if (whole.type == call.type) {
      merged.calls.push_back({column, whole});
      above.columns.push_back({column, MakeColumn(column, call.type, call.position)});
      continue;
    }
    ExpressionPtr value = CastOf(add_call(whole), call.type);
    const bool counts = whole.function == AggregateFunction::kCountStar || whole.function == AggregateFunction::kCount;
    if (counts && (outer.group_by.empty() || call.filter != nullptr)) {
      // A sum of no counts is NULL.
      AggregateCall rows{.function = AggregateFunction::kCountStar, .filter = call.filter, .type = kBigIntType, .position = call.position};
      const ExpressionPtr any = MakeCall(Function::kGreater, {add_call(rows), CountLiteral(0)}, kBooleanType, call.position);
      value = When(any, value, nullptr);
    }
    above.columns.push_back({column, std::move(value)});
    computes = true;
  }
  std::vector<NamedExpression> keys;
  for (std::size_t i = 0; i < outer.group_by.size(); ++i) {
    const auto* same = std::get_if<ColumnExpression>(&over.keys[i]->node);
    if (same == nullptr || same->column != outer.group_by[i]) keys.push_back({outer.group_by[i], over.keys[i]});
  }
  if (!keys.empty()) {
    std::vector<NamedExpression> columns;
    for (const ColumnId column : OutputColumns(*merged.child)) columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
    columns.insert(columns.end(), keys.begin(), keys.end());
    merged.child = MakeNode(ProjectNode{merged.child, std::move(columns)});
  }
  LogicalPtr released = MakeNode(ReleaseNode{MakeNode(std::move(merged)), {}});
  if (!computes) return released;
  above.child = std::move(released);
  return MakeNode(std::move(above));
}

}  // namespace care::planner
