#include "planner/rules/pull_correlation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/free_columns.h"
#include "planner/logical/row_facts.h"

namespace care::planner {
namespace {

bool ReadsOnly(const ExpressionPtr& expression, const std::set<ColumnId>& columns) {
  return IsSubset(ColumnsOf(expression), columns);
}

std::set<ColumnId> InnerColumns(const std::vector<ExpressionPtr>& predicates, const LogicalNode& node) {
  std::set<ColumnId> columns;
  const std::set<ColumnId> own = OutputSet(node);
  for (const ExpressionPtr& predicate : predicates) {
    for (ColumnId column : ColumnsOf(predicate)) {
      if (own.count(column) != 0) columns.insert(column);
    }
  }
  return columns;
}

}  // namespace

std::optional<CorrelationKey> AsKey(const ExpressionPtr& predicate, const std::set<ColumnId>& inner_columns) {
  const auto* call = std::get_if<CallExpression>(&predicate->node);
  if (call == nullptr || (call->function != Function::kEqual && call->function != Function::kIsNotDistinct)) {
    return std::nullopt;
  }
  const auto reads_none = [&](const ExpressionPtr& side) {
    const std::set<ColumnId> read = ColumnsOf(side);
    return std::none_of(read.begin(), read.end(), [&](ColumnId column) { return inner_columns.count(column) != 0; });
  };
  for (int inner = 0; inner < 2; ++inner) {
    const ExpressionPtr& own = call->arguments[inner];
    const ExpressionPtr& other = call->arguments[1 - inner];
    if (ColumnsOf(own).empty() || !ReadsOnly(own, inner_columns) || !reads_none(other)) continue;
    return CorrelationKey{own, other, call->function};
  }
  return std::nullopt;
}

std::optional<KeyedSubquery> AsKeyed(const PulledSubquery& pulled, LogicalPlan& plan) {
  KeyedSubquery keyed{pulled.plan, {}, {}};
  const std::set<ColumnId> own = OutputSet(*pulled.plan);
  std::vector<NamedExpression> computed;
  for (const ExpressionPtr& predicate : pulled.predicates) {
    const std::optional<CorrelationKey> key = AsKey(predicate, own);
    if (!key) return std::nullopt;
    ColumnId id = 0;
    if (const auto* column = std::get_if<ColumnExpression>(&key->inner->node)) {
      id = column->column;
    } else {
      ColumnInfo info;
      info.name = "key";
      info.type = key->inner->type;
      SetFacts(FactsOf(key->inner, plan.columns), info);
      id = plan.AddColumn(std::move(info));
      computed.push_back({id, key->inner});
    }
    if (std::find(keyed.keys.begin(), keyed.keys.end(), id) == keyed.keys.end()) keyed.keys.push_back(id);
    keyed.equalities.push_back(MakeCall(key->function, {MakeColumn(id, key->inner->type, predicate->position), key->outer},
                                        kBooleanType, predicate->position));
  }
  if (!computed.empty()) {
    ProjectNode project{pulled.plan, {}};
    for (ColumnId column : OutputColumns(*pulled.plan)) {
      project.columns.push_back({column, MakeColumn(column, plan.columns[column].type)});
    }
    project.columns.insert(project.columns.end(), computed.begin(), computed.end());
    keyed.plan = MakeNode(std::move(project));
  }
  return keyed;
}

absl::Status CorrelationPuller::Refuse(std::string_view what) const {
  return sql::QueryError(sql_, position_, absl::StrCat(std::string(what), " is not supported yet"),
                         "join the tables instead, and aggregate over the join");
}

absl::StatusOr<PulledSubquery> CorrelationPuller::Pull(const LogicalPtr& node) const {
  if (FreeColumns(*node).empty()) return PulledSubquery{node, {}};
  if (const auto* filter = std::get_if<FilterNode>(&node->node)) return PullFilter(*filter);
  if (const auto* project = std::get_if<ProjectNode>(&node->node)) return PullProject(*project);
  if (const auto* join = std::get_if<JoinNode>(&node->node)) return PullJoin(*join);
  if (const auto* aggregate = std::get_if<AggregateNode>(&node->node)) return PullAggregate(*aggregate);
  // An order without a limit means nothing to the query around it.
  if (const auto* sort = std::get_if<SortNode>(&node->node)) return Pull(sort->child);
  if (const auto* distinct = std::get_if<DistinctNode>(&node->node)) {
    if (duplicates_matter_) return Refuse("DISTINCT in a subquery that refers to the query around it");
    return Pull(distinct->child);
  }
  if (std::holds_alternative<LimitNode>(node->node)) {
    return Refuse("LIMIT in a subquery that refers to the query around it");
  }
  if (std::holds_alternative<SetOperationNode>(node->node)) {
    return Refuse("UNION, INTERSECT or EXCEPT in a subquery that refers to the query around it");
  }
  if (std::holds_alternative<WindowNode>(node->node)) {
    return Refuse("a window function in a subquery that refers to the query around it");
  }
  return Refuse("a subquery of this form that refers to the query around it");
}

absl::StatusOr<PulledSubquery> CorrelationPuller::PullFilter(const FilterNode& filter) const {
  CARE_ASSIGN_OR_RETURN(PulledSubquery pulled, Pull(filter.child));
  const std::set<ColumnId> own = OutputSet(*pulled.plan);
  std::vector<ExpressionPtr> stay;
  for (ExpressionPtr& conjunct : SplitConjuncts(filter.predicate)) {
    (ReadsOnly(conjunct, own) ? stay : pulled.predicates).push_back(std::move(conjunct));
  }
  if (!stay.empty()) pulled.plan = MakeNode(FilterNode{std::move(pulled.plan), MakeConjunction(std::move(stay))});
  return pulled;
}

absl::StatusOr<PulledSubquery> CorrelationPuller::PullProject(const ProjectNode& project) const {
  CARE_ASSIGN_OR_RETURN(PulledSubquery pulled, Pull(project.child));
  const std::set<ColumnId> own = OutputSet(*pulled.plan);
  ProjectNode wider{pulled.plan, project.columns};
  for (const NamedExpression& item : project.columns) {
    if (!ReadsOnly(item.expression, own)) {
      return Refuse("an output of a subquery that refers to the query around it");
    }
  }
  for (ColumnId column : InnerColumns(pulled.predicates, *pulled.plan)) {
    const bool passes = std::any_of(project.columns.begin(), project.columns.end(),
                                    [&](const NamedExpression& item) { return item.column == column; });
    if (!passes) wider.columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
  }
  pulled.plan = MakeNode(std::move(wider));
  return pulled;
}

absl::StatusOr<PulledSubquery> CorrelationPuller::PullJoin(const JoinNode& join) const {
  CARE_ASSIGN_OR_RETURN(PulledSubquery left, Pull(join.left));
  if (join.kind != JoinKind::kInner && join.kind != JoinKind::kCross) {
    std::set<ColumnId> both = OutputSet(*left.plan);
    for (ColumnId column : OutputColumns(*join.right)) both.insert(column);
    if (join.kind == JoinKind::kFull || !FreeColumns(*join.right).empty() || !ReadsOnly(join.condition, both)) {
      return Refuse(join.kind == JoinKind::kSemi || join.kind == JoinKind::kAnti
                        ? "a subquery that refers to a query two levels around it"
                        : "a subquery whose outer join refers to the query around it");
    }
    JoinNode kept = join;
    kept.left = std::move(left.plan);
    return PulledSubquery{MakeNode(std::move(kept)), std::move(left.predicates)};
  }
  CARE_ASSIGN_OR_RETURN(PulledSubquery right, Pull(join.right));
  std::set<ColumnId> both = OutputSet(*left.plan);
  for (ColumnId column : OutputColumns(*right.plan)) both.insert(column);
  PulledSubquery pulled;
  pulled.predicates = std::move(left.predicates);
  for (ExpressionPtr& predicate : right.predicates) pulled.predicates.push_back(std::move(predicate));
  std::vector<ExpressionPtr> stay;
  for (ExpressionPtr& conjunct : SplitConjuncts(join.condition)) {
    (ReadsOnly(conjunct, both) ? stay : pulled.predicates).push_back(std::move(conjunct));
  }
  const JoinKind kind = stay.empty() ? JoinKind::kCross : JoinKind::kInner;
  pulled.plan =
      MakeNode(JoinNode{kind, std::move(left.plan), std::move(right.plan), MakeConjunction(std::move(stay))});
  return pulled;
}

absl::StatusOr<PulledSubquery> CorrelationPuller::PullAggregate(const AggregateNode& aggregate) const {
  // Without GROUP BY it has a row also where nothing matched: only the scalar form knows what to do then.
  if (aggregate.group_by.empty()) {
    return Refuse("an aggregate without GROUP BY below HAVING, IN or another subquery that refers to the query around it");
  }
  CARE_ASSIGN_OR_RETURN(const PulledSubquery below, Pull(aggregate.child));
  const std::set<ColumnId> own = OutputSet(*below.plan);
  for (const NamedAggregate& named : aggregate.calls) {
    for (const ExpressionPtr& part : {named.call.argument, named.call.second, named.call.filter}) {
      if (part != nullptr && !ReadsOnly(part, own)) {
        return Refuse("an aggregate in a subquery over columns of the query around it");
      }
    }
  }
  AggregateNode wider = aggregate;
  const auto group = [&](ColumnId column) {
    if (std::find(wider.group_by.begin(), wider.group_by.end(), column) == wider.group_by.end()) {
      wider.group_by.push_back(column);
    }
  };
  // Rows that agree on the key belong to the same outer rows, so each group divides by it: f(sigma(x)) = sigma(f by key(x)).
  if (std::optional<KeyedSubquery> keyed = AsKeyed(below, plan_)) {
    wider.child = keyed->plan;
    for (ColumnId key : keyed->keys) group(key);
    return PulledSubquery{MakeNode(std::move(wider)), std::move(keyed->equalities)};
  }
  if (!aggregate.calls.empty() || duplicates_matter_) {
    return Refuse("GROUP BY in a subquery that refers to the query around it by anything but equality");
  }
  wider.child = below.plan;
  for (ColumnId column : InnerColumns(below.predicates, *below.plan)) group(column);
  return PulledSubquery{MakeNode(std::move(wider)), below.predicates};
}

}  // namespace care::planner
