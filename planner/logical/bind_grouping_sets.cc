// GROUP BY: its groups, the sets that ROLLUP, CUBE and GROUPING SETS make of them, and GROUPING(), which tells the sets apart.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/query_binder.h"

namespace care::planner {
namespace {

// PostgreSQL allows 4096; here each may be an aggregate of its own.
constexpr std::size_t kMostSets = 64;
// PostgreSQL's limit: the result is an integer.
constexpr std::size_t kMostGroupingArguments = 31;

void Insert(std::vector<std::uint32_t>& set, const std::vector<std::uint32_t>& more) {
  for (const std::uint32_t key : more) {
    const auto place = std::lower_bound(set.begin(), set.end(), key);
    if (place == set.end() || *place != key) set.insert(place, key);
  }
}

}  // namespace

absl::StatusOr<QueryBinder::GroupSets> QueryBinder::SetsOf(const sql::GroupingElement& element, const std::vector<Item>& items,
                                                           const std::vector<NamedAggregate>& calls,
                                                           ExpressionContext& context, BoundGroups& groups) {
  GroupSets sets;
  if (element.kind == sql::GroupingKind::kExpressions) {
    sets.emplace_back();
    for (const sql::ExpressionPtr& expression : element.expressions) {
      CARE_ASSIGN_OR_RETURN(ExpressionPtr group, BindGroup(*expression, items, calls, context));
      const auto listed = std::find_if(groups.expressions.begin(), groups.expressions.end(),
                                       [&](const ExpressionPtr& other) { return SameExpression(other, group); });
      const auto number = static_cast<std::uint32_t>(listed - groups.expressions.begin());
      if (listed == groups.expressions.end()) groups.expressions.push_back(std::move(group));
      Insert(sets.back(), {number});
    }
    return sets;
  }
  if (groups.position.length == 0) groups.position = element.position;
  const absl::Status too_many = NotYet(element.position, absl::StrCat("GROUP BY of more than ", kMostSets, " grouping sets"));
  std::vector<GroupSets> parts;
  for (const sql::GroupingElement& inner : element.elements) {
    if (element.kind != sql::GroupingKind::kGroupingSets && inner.kind != sql::GroupingKind::kExpressions)
      return Error(inner.position, "ROLLUP and CUBE take expressions and lists of expressions only");
    CARE_ASSIGN_OR_RETURN(GroupSets of_inner, SetsOf(inner, items, calls, context, groups));
    parts.push_back(std::move(of_inner));
  }
  switch (element.kind) {
    case sql::GroupingKind::kGroupingSets:
      for (const GroupSets& part : parts) sets.insert(sets.end(), part.begin(), part.end());
      break;
    case sql::GroupingKind::kRollup:
      for (std::size_t length = parts.size() + 1; length-- > 0;) {
        sets.emplace_back();
        for (std::size_t i = 0; i < length; ++i) Insert(sets.back(), parts[i][0]);
      }
      break;
    case sql::GroupingKind::kCube:
      if (parts.size() >= 32) return too_many;
      for (std::uint64_t mask = std::uint64_t{1} << parts.size(); mask-- > 0 && sets.size() <= kMostSets;) {
        sets.emplace_back();
        for (std::size_t i = 0; i < parts.size(); ++i) {
          if ((mask >> (parts.size() - 1 - i) & 1) != 0) Insert(sets.back(), parts[i][0]);
        }
      }
      break;
    case sql::GroupingKind::kExpressions:
      break;
  }
  if (sets.size() > kMostSets) return too_many;
  return sets;
}

void QueryBinder::KeepGroupsApart(const sql::SelectCore& core, BoundFrom& from) {
  const bool plain = std::all_of(core.group_by.begin(), core.group_by.end(), [](const sql::GroupingElement& element) {
    return element.kind == sql::GroupingKind::kExpressions;
  });
  if (plain) return;
  ProjectNode project{from.plan, {}};
  for (const ColumnId column : OutputColumns(*from.plan)) project.columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
  const std::size_t passed = project.columns.size();
  for (ScopeTable& table : from.tables) {
    std::set<ColumnId> named;
    for (auto& column : table.columns) {
      if (named.insert(column.column).second) continue;
      const ExpressionPtr value = MakeColumn(column.column, plan_.columns[column.column].type);
      column.column = AddComputed(value, column.name);
      project.columns.push_back({column.column, value});
    }
  }
  if (project.columns.size() != passed) from.plan = MakeNode(std::move(project));
}

absl::StatusOr<BoundGroups> QueryBinder::BindGroupBy(const sql::SelectCore& core, const std::vector<Item>& items,
                                                     const std::vector<NamedAggregate>& calls, ExpressionContext context) {
  BoundGroups groups;
  groups.sets.emplace_back();
  for (const sql::GroupingElement& element : core.group_by) {
    CARE_ASSIGN_OR_RETURN(const GroupSets sets, SetsOf(element, items, calls, context, groups));
    // Each set so far with each of the element's.
    GroupSets products;
    for (const std::vector<std::uint32_t>& before : groups.sets) {
      for (const std::vector<std::uint32_t>& set : sets) {
        products.push_back(before);
        Insert(products.back(), set);
      }
    }
    if (products.size() > kMostSets)
      return NotYet(element.position, absl::StrCat("GROUP BY of more than ", kMostSets, " grouping sets"));
    groups.sets = std::move(products);
  }
  return groups;
}

QueryBinder::Result QueryBinder::BindGrouping(const sql::FunctionCall& call, sql::SourcePosition position,
                                              ExpressionContext& context) {
  if (context.groupings == nullptr)
    return Error(position, absl::StrCat("grouping operations are not allowed in ", std::string(context.clause)));
  if (call.star || call.distinct || call.filter != nullptr || !call.order_by.empty() || !call.within_group_order_by.empty())
    return Error(position, "GROUPING takes expressions of GROUP BY only");
  if (call.arguments.empty() || call.arguments.size() > kMostGroupingArguments)
    return Error(position, absl::StrCat("GROUPING takes 1 to ", kMostGroupingArguments, " arguments"));
  BoundGrouping bound;
  bound.position = position;
  ExpressionContext inner{context.scope, "GROUPING", nullptr, context.frames};
  for (const sql::ExpressionPtr& argument : call.arguments) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr expression, BindExpression(*argument, inner));
    bound.arguments.push_back(std::move(expression));
  }
  for (const BoundGrouping& other : *context.groupings) {
    const bool same = std::equal(other.arguments.begin(), other.arguments.end(), bound.arguments.begin(),
                                 bound.arguments.end(), SameExpression);
    if (same) return MakeColumn(other.column, kIntegerType, position);
  }
  ColumnInfo info;
  info.name = "grouping";
  info.type = kIntegerType;
  info.nullable = false;
  info.min = 0;
  info.max = (std::int64_t{1} << bound.arguments.size()) - 1;
  bound.column = AddColumn(std::move(info), {}, -1);
  const ColumnId column = bound.column;
  context.groupings->push_back(std::move(bound));
  return MakeColumn(column, kIntegerType, position);
}

absl::StatusOr<std::vector<GroupingSetsNode::Grouping>> QueryBinder::GroupingsOf(const std::vector<BoundGrouping>& groupings,
                                                                                 const BoundGroups& groups) const {
  std::vector<GroupingSetsNode::Grouping> found;
  for (const BoundGrouping& grouping : groupings) {
    GroupingSetsNode::Grouping asked{grouping.column, {}};
    for (const ExpressionPtr& argument : grouping.arguments) {
      const auto group = std::find_if(groups.expressions.begin(), groups.expressions.end(),
                                      [&](const ExpressionPtr& other) { return SameExpression(other, argument); });
      if (group == groups.expressions.end())
        return Error(argument->position, "arguments to GROUPING must be grouping expressions of the associated query level");
      asked.keys.push_back(static_cast<std::uint32_t>(group - groups.expressions.begin()));
    }
    found.push_back(std::move(asked));
  }
  return found;
}

LogicalPtr QueryBinder::OverSets(LogicalPtr input, const BoundGroups& groups, Grouping& grouping,
                                 std::vector<NamedAggregate> calls, std::vector<GroupingSetsNode::Grouping> asked) {
  GroupingSetsNode node;
  node.child = std::move(input);
  node.keys = grouping.columns;
  node.sets = groups.sets;
  node.calls = std::move(calls);
  node.grouping = std::move(asked);
  node.position = groups.position;
  for (const ColumnId key : node.keys) {
    ColumnInfo info = plan_.columns[key];
    info.nullable = true;
    info.table = info.table_column = -1;
    std::set<ColumnId> origins = origins_[key];
    if (scans_[key] >= 0) origins.insert(key);
    node.key_outputs.push_back(AddColumn(std::move(info), std::move(origins), -1));
  }
  grouping.columns = node.key_outputs;
  grouping.in_sets = true;
  return MakeNode(std::move(node));
}

}  // namespace care::planner
