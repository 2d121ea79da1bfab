#include "planner/physical/table_placement.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/free_columns.h"
#include "planner/physical/choose_methods.h"
#include "planner/physical/group_domains.h"
#include "planner/physical/table_builder.h"
#include "planner/physical/sum_digits.h"
#include "planner/physical/share_orders.h"
#include "planner/physical/table_forms.h"
#include "planner/rules/person_counts.h"
#include "planner/rules/rule_list.h"
#include "planner/rules/rules.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

constexpr int kJoinRounds = 4;

// The recipient computes what stands above; the order of the releases is that of their guards.
template <typename Rule>
LogicalPtr BelowReleases(const LogicalPtr& node, const Rule& rule) {
  if (std::holds_alternative<ReleaseNode>(node->node)) return rule(node);
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(BelowReleases(child, rule));
  return WithChildren(node, std::move(children));
}

// Everything that decides who computes what, in terms of the question alone.
absl::StatusOr<LogicalPlan> RewriteForTables(LogicalPlan plan, const Catalog& catalog, std::string_view sql,
                                             bool all_secret, const PlacementChoices& choices) {
  const TableRuleOptions options{.all_secret = all_secret, .join_order = choices.join_order};
  CARE_ASSIGN_OR_RETURN(LogicalPtr with_digits, KeepSumDigits(plan, sql));
  plan.Rewrite("keep the digits of sums", std::move(with_digits));
  plan.Rewrite("decompose aggregates", DecomposeAggregates(plan.root, plan, catalog));
  plan.Rewrite("pull up averages", PullUpAverages(plan.root, plan));
  RefreshFacts(plan, catalog);
  const auto rewrite = [&](std::string_view name, const auto& rule) { plan.Rewrite(name, BelowReleases(plan.root, rule)); };
  rewrite("join adjacent rows", [&](const LogicalPtr& node) { return JoinAdjacentRows(node, plan, catalog); });
  RefreshFacts(plan, catalog);
  rewrite("match extremes", [&](const LogicalPtr& node) { return MatchExtremes(node, plan, catalog); });
  RefreshFacts(plan, catalog);
  for (int round = 0; round < kJoinRounds; ++round) {
    const LogicalPtr before = plan.root;
    rewrite("order joins", [&](const LogicalPtr& node) { return OrderJoins(node, plan, catalog, options); });
    if (choices.joins_after_groups)
      rewrite("join after groups", [&](const LogicalPtr& node) { return JoinAfterGroups(node, plan, catalog, options); });
    if (choices.aggregates_early)
      rewrite("aggregate early", [&](const LogicalPtr& node) { return AggregateEarly(node, plan, catalog, options); });
    rewrite("drop groups of single rows", [&](const LogicalPtr& node) { return DropSingleRowGroups(node, plan, catalog); });
    CARE_ASSIGN_OR_RETURN(plan, ApplyRules(std::move(plan), catalog, sql));
    if (plan.root == before) break;
  }
  rewrite("compare averages by products", [&](const LogicalPtr& node) { return CompareAverages(node, plan, catalog); });
  plan.Rewrite("compute at owners", ComputeAtOwner(plan.root, plan, catalog, options));
  // Only pruning from here on: a filter that moved below an owner's projection would undo what it computes there.
  std::set<ColumnId> outputs;
  for (const OutputColumn& output : plan.output) outputs.insert(output.column);
  plan.Rewrite("prune columns", PruneColumns(plan.root, outputs, catalog));
  RefreshFacts(plan, catalog);
  return plan;
}

// A release, and the operators above it up to the first with several inputs, nearest first.
struct Above {
  const ReleaseNode* release = nullptr;
  std::vector<LogicalPtr> operators;
};

void CollectReleases(const LogicalPtr& node, std::vector<LogicalPtr> path, std::vector<Above>& releases) {
  if (const auto* release = std::get_if<ReleaseNode>(&node->node)) {
    releases.push_back({release, {path.rbegin(), path.rend()}});
    return;
  }
  const std::vector<LogicalPtr> children = ChildrenOf(*node);
  if (children.size() == 1) {
    path.push_back(node);
  } else {
    path.clear();
  }
  for (const LogicalPtr& child : children) CollectReleases(child, path, releases);
}

// What of HAVING, ORDER BY and LIMIT can be applied before anything opens. It is applied above the release again, where it
// changes nothing; done here, no more rows open than the answer has.
ReleaseLimits LimitsOf(const std::vector<LogicalPtr>& operators) {
  ReleaseLimits limits;
  std::vector<std::pair<ColumnId, ExpressionPtr>> definitions;
  const auto resolve = [&](const ExpressionPtr& expression) {
    ExpressionPtr resolved = expression;
    for (auto definition = definitions.rbegin(); definition != definitions.rend(); ++definition)
      resolved = SubstituteColumns(resolved, {*definition});
    return resolved;
  };
  const SortNode* sort = nullptr;
  std::vector<SortKey> keys;
  for (const LogicalPtr& node : operators) {
    if (const auto* filter = std::get_if<FilterNode>(&node->node); filter != nullptr && sort == nullptr) {
      for (const ExpressionPtr& conjunct : SplitConjuncts(filter->predicate)) limits.conditions.push_back(resolve(conjunct));
    } else if (const auto* project = std::get_if<ProjectNode>(&node->node)) {
      for (const NamedExpression& item : project->columns) {
        const auto* passed = std::get_if<ColumnExpression>(&item.expression->node);
        if (passed == nullptr || passed->column != item.column) definitions.emplace_back(item.column, item.expression);
      }
    } else if (const auto* order = std::get_if<SortNode>(&node->node); order != nullptr && sort == nullptr) {
      sort = order;
      for (const SortKey& key : order->keys) keys.push_back({resolve(key.expression), key.descending, key.nulls_first});
    } else if (const auto* limit = std::get_if<LimitNode>(&node->node)) {
      if (limit->limit && *limit->limit <= kMostTableSlots && limit->offset <= kMostTableSlots) {
        limits.rows = *limit->limit + limit->offset;
        limits.keys = std::move(keys);
      }
      return limits;
    } else {
      return limits;
    }
  }
  return limits;
}

}  // namespace

absl::StatusOr<TablePlacement> PlaceTables(LogicalPlan logical, const Catalog& catalog, std::string_view sql,
                                           bool all_secret, const mpc::LinkSpeed& link, const PlacementChoices& choices) {
  TablePlacement placement;
  CARE_ASSIGN_OR_RETURN(const std::vector<PersonGuard> guards, CountPersons(logical, catalog, sql));
  CARE_ASSIGN_OR_RETURN(placement.logical, RewriteForTables(std::move(logical), catalog, sql, all_secret, choices));

  std::vector<Above> releases;
  CollectReleases(placement.logical.root, {}, releases);
  if (releases.size() != guards.size()) return absl::InternalError("a rewrite lost a release");
  std::set<ColumnId> read;
  for (const OutputColumn& column : placement.logical.output) read.insert(column.column);
  CollectReads(
      placement.logical.root, [](const LogicalNode& node) { return std::holds_alternative<ReleaseNode>(node.node); }, read);
  TableBuilder builder(placement.logical, catalog, sql, all_secret, choices.compacts);
  for (std::size_t i = 0; i < releases.size(); ++i) {
    CARE_RETURN_IF_ERROR(builder.AddRelease(*releases[i].release, guards[i], read, LimitsOf(releases[i].operators)));
  }
  placement.plan = builder.Take();
  ChooseForms(placement.plan);
  OrderShares(placement.plan);
  ChooseMethods(placement.plan, link);
  return placement;
}

}  // namespace care::planner
