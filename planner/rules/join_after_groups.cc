#include <algorithm>
#include <optional>
#include <utility>

#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/functional_dependencies.h"
#include "planner/logical/row_facts.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

// Narrower group columns may as well travel with every row.
constexpr unsigned kWideBits = 64;
// A join after the groups sorts them with the rows it finds: they must be so many times fewer than the rows before.
constexpr std::uint64_t kTimesFewer = 4;

class GroupsFirst {
 public:
  GroupsFirst(LogicalPlan& plan, const Catalog& catalog, const TableRuleOptions& options)
      : plan_(plan), catalog_(catalog), options_(options), facts_(plan.columns, catalog) {}

  std::optional<LogicalPtr> Rewrite(const AggregateNode& whole) {
    if (whole.group_by.empty()) return std::nullopt;
    ColumnSet needed;  // by the calls
    for (const NamedAggregate& named : whole.calls) {
      if (!Merges(named.call)) return std::nullopt;
      CollectColumns(named.call.argument, needed);
      CollectColumns(named.call.filter, needed);
    }
    Flatten(whole.child);
    for (const LogicalPtr& leaf : leaves_) {
      if (std::optional<LogicalPtr> rewritten = Try(whole, needed, leaf)) return rewritten;
    }
    return std::nullopt;
  }

 private:
  void Flatten(const LogicalPtr& node) {
    if (const auto* filter = std::get_if<FilterNode>(&node->node); filter != nullptr && std::holds_alternative<JoinNode>(filter->child->node)) {
      for (const ExpressionPtr& conjunct : SplitConjuncts(filter->predicate)) conjuncts_.push_back(conjunct);
      return Flatten(filter->child);
    }
    const auto* join = std::get_if<JoinNode>(&node->node);
    if (join == nullptr || (join->kind != JoinKind::kInner && join->kind != JoinKind::kCross)) return leaves_.push_back(node);
    for (const ExpressionPtr& conjunct : SplitConjuncts(join->condition)) conjuncts_.push_back(conjunct);
    Flatten(join->left);
    Flatten(join->right);
  }

  unsigned WidthOf(const ColumnSet& columns) const {
    unsigned width = 0;
    for (ColumnId column : columns) width += BitsOf(plan_.columns[column]);
    return width;
  }

  // The leaf with those that nothing else is joined to, and the rest.
  void Divide(const LogicalPtr& first, const ColumnSet& needed) {
    later_ = {first};
    later_columns_ = OutputSet(*first);
    for (bool grows = true; grows;) {
      grows = false;
      for (const LogicalPtr& leaf : leaves_) {
        if (std::find(later_.begin(), later_.end(), leaf) != later_.end()) continue;
        const ColumnSet columns = OutputSet(*leaf);
        if (!Within(needed, columns).empty()) continue;
        bool joined = false, elsewhere = false;
        for (const ExpressionPtr& conjunct : conjuncts_) {
          const ColumnSet used = ColumnsOf(conjunct);
          const ColumnSet own = Within(used, columns);
          if (own.empty()) continue;
          joined = joined || own.size() < used.size();
          for (ColumnId column : used) elsewhere = elsewhere || (own.count(column) == 0 && later_columns_.count(column) == 0);
        }
        if (!joined || elsewhere) continue;
        later_.push_back(leaf);
        later_columns_.insert(columns.begin(), columns.end());
        grows = true;
      }
    }
  }

  // The leaves joined, each condition as soon as its columns are there.
  LogicalPtr Joined(const std::vector<LogicalPtr>& leaves, std::vector<ExpressionPtr> conditions) {
    LogicalPtr joined = leaves[0];
    for (std::size_t i = 1; i < leaves.size(); ++i) {
      LogicalPtr next = MakeNode(JoinNode{JoinKind::kCross, joined, leaves[i], MakeConjunction({})});
      const ColumnSet columns = OutputSet(*next);
      const auto later = std::stable_partition(conditions.begin(), conditions.end(),
                                               [&](const ExpressionPtr& condition) { return IsSubset(ColumnsOf(condition), columns); });
      if (later != conditions.begin()) {
        next = MakeNode(JoinNode{JoinKind::kInner, joined, leaves[i], MakeConjunction({conditions.begin(), later})});
        conditions.erase(conditions.begin(), later);
      }
      joined = std::move(next);
    }
    if (!conditions.empty()) joined = MakeNode(FilterNode{joined, MakeConjunction(conditions)});
    return OrderJoins(joined, plan_, catalog_, options_);
  }

  std::optional<LogicalPtr> Try(const AggregateNode& whole, const ColumnSet& needed, const LogicalPtr& leaf) {
    const ColumnSet groups(whole.group_by.begin(), whole.group_by.end());
    if (!Within(needed, OutputSet(*leaf)).empty()) return std::nullopt;
    Divide(leaf, needed);
    const ColumnSet wide = Within(groups, later_columns_);
    if (WidthOf(wide) < kWideBits) return std::nullopt;
    std::vector<LogicalPtr> before;
    for (const LogicalPtr& part : leaves_) {
      if (std::find(later_.begin(), later_.end(), part) == later_.end()) before.push_back(part);
    }
    if (before.empty()) return std::nullopt;
    std::vector<ExpressionPtr> conditions_before, conditions_later, between;
    for (const ExpressionPtr& conjunct : conjuncts_) {
      const ColumnSet used = ColumnsOf(conjunct);
      const std::size_t later = Within(used, later_columns_).size();
      (later == 0 ? conditions_before : later == used.size() ? conditions_later : between).push_back(conjunct);
    }
    const LogicalPtr rows = Joined(before, conditions_before);
    const LogicalPtr found = Joined(later_, conditions_later);
    // One owner's rows are added up there, without a join that is secret.
    if (IsOwnersPart(*rows, catalog_, options_.all_secret)) return std::nullopt;
    const ExpressionPtr condition = MakeConjunction(between);
    const auto pairs = EquatedPairs(condition, *rows, *found);
    if (pairs.empty() || pairs.size() != between.size()) return std::nullopt;
    ColumnSet early, keys;
    for (const auto& [a, b] : pairs) {
      early.insert(a);
      keys.insert(b);
    }
    if (!facts_.IsKey(*found, keys)) return std::nullopt;
    for (ColumnId column : groups) {
      if (later_columns_.count(column) == 0) early.insert(column);
    }
    const std::uint64_t few = facts_.MostDistinct(*rows, early) + facts_.Bound(*found);
    if (few > facts_.Bound(*rows) / kTimesFewer) return std::nullopt;
    return Regrouped(whole, rows, found, early, condition);
  }

  LogicalPtr Regrouped(const AggregateNode& whole, const LogicalPtr& rows, const LogicalPtr& found, const ColumnSet& early,
                       const ExpressionPtr& condition) {
    AggregateNode first{rows, {early.begin(), early.end()}, {}};
    AggregateNode second{nullptr, whole.group_by, {}};
    for (const NamedAggregate& named : whole.calls) {
      ColumnInfo info;
      info.name = plan_.columns[named.column].name;
      info.type = named.call.type;
      const ColumnId part = plan_.AddColumn(std::move(info));
      first.calls.push_back({part, named.call});
      AggregateCall merged;
      merged.function = *Merges(named.call);
      merged.argument = MakeColumn(part, named.call.type, named.call.position);
      merged.type = named.call.type;
      merged.position = named.call.position;
      second.calls.push_back({named.column, std::move(merged)});
    }
    second.child = MakeNode(JoinNode{JoinKind::kInner, MakeNode(std::move(first)), found, condition});
    return MakeNode(std::move(second));
  }

  LogicalPlan& plan_;
  const Catalog& catalog_;
  const TableRuleOptions& options_;
  RowFacts facts_;
  std::vector<LogicalPtr> leaves_;
  std::vector<ExpressionPtr> conjuncts_;
  std::vector<LogicalPtr> later_;  // what is joined after the groups
  ColumnSet later_columns_;
};

}  // namespace

std::optional<AggregateFunction> Merges(const AggregateCall& call) {
  if (call.distinct) return std::nullopt;
  switch (call.function) {
    case AggregateFunction::kCountStar:
    case AggregateFunction::kCount:
    case AggregateFunction::kSum:
      return AggregateFunction::kSum;
    case AggregateFunction::kMin:
    case AggregateFunction::kMax:
    case AggregateFunction::kBoolAnd:
    case AggregateFunction::kBoolOr:
      return call.function;
    default:
      return std::nullopt;
  }
}

LogicalPtr JoinAfterGroups(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog, const TableRuleOptions& options) {
  if (IsOwnersPart(*node, catalog, options.all_secret)) return node;
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(JoinAfterGroups(child, plan, catalog, options));
  const LogicalPtr current = WithChildren(node, std::move(children));
  const auto* aggregate = std::get_if<AggregateNode>(&current->node);
  if (aggregate == nullptr) return current;
  const std::optional<LogicalPtr> rewritten = GroupsFirst(plan, catalog, options).Rewrite(*aggregate);
  if (!rewritten) return current;
  RefreshColumns(**rewritten, plan, catalog);
  return *rewritten;
}

}  // namespace care::planner
