#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "planner/logical/row_facts.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

bool PassesOnly(const ProjectNode& project) {
  return std::all_of(project.columns.begin(), project.columns.end(), [](const NamedExpression& item) {
    const auto* column = std::get_if<ColumnExpression>(&item.expression->node);
    return column != nullptr && column->column == item.column;
  });
}

const ColumnId* AsColumn(const ExpressionPtr& expression) {
  const auto* column = std::get_if<ColumnExpression>(&expression->node);
  return column != nullptr ? &column->column : nullptr;
}

std::optional<std::pair<ColumnId, ColumnId>> AsEquality(const ExpressionPtr& conjunct) {
  const auto* call = std::get_if<CallExpression>(&conjunct->node);
  if (call == nullptr || call->function != Function::kEqual) return std::nullopt;
  const ColumnId* a = AsColumn(call->arguments[0]);
  const ColumnId* b = AsColumn(call->arguments[1]);
  if (a == nullptr || b == nullptr) return std::nullopt;
  return std::make_pair(*a, *b);
}

ColumnSet Union(ColumnSet a, const ColumnSet& b) {
  a.insert(b.begin(), b.end());
  return a;
}

// A semi- or anti-join stands over the inner joins like a condition.
struct SemiPart {
  JoinKind kind;
  LogicalPtr right;
  ExpressionPtr condition;
  bool placed = false;
};

// A part of the join: one table or subtree, then several that were joined.
struct Part {
  LogicalPtr node;
  ColumnSet columns;
};

class JoinOrder {
 public:
  JoinOrder(LogicalPlan& plan, const Catalog& catalog, unsigned rank)
      : plan_(plan), catalog_(catalog), facts_(plan.columns, catalog), rank_(rank) {}

  LogicalPtr Order(const LogicalPtr& node) {
    Flatten(node);
    if (parts_.size() < 2) return node;
    JoinOwnersParts();
    LogicalPtr joined = JoinParts();
    for (const SemiPart& semi : semis_) {
      if (!semi.placed) joined = MakeNode(JoinNode{semi.kind, joined, semi.right, semi.condition});
    }
    if (!conjuncts_.empty()) joined = MakeNode(FilterNode{joined, MakeConjunction(conjuncts_)});
    return joined;
  }

 private:
  void Flatten(const LogicalPtr& node) {
    if (const auto* filter = std::get_if<FilterNode>(&node->node)) {
      // A filter of one table stays with it.
      if (ScannedParties(*node, catalog_).size() > 1 || std::holds_alternative<JoinNode>(filter->child->node)) {
        for (const ExpressionPtr& conjunct : SplitConjuncts(filter->predicate)) AddConjunct(conjunct);
        return Flatten(filter->child);
      }
    }
    if (const auto* project = std::get_if<ProjectNode>(&node->node); project != nullptr && PassesOnly(*project))
      return Flatten(project->child);
    if (const auto* join = std::get_if<JoinNode>(&node->node)) {
      if (join->kind == JoinKind::kInner || join->kind == JoinKind::kCross) {
        for (const ExpressionPtr& conjunct : SplitConjuncts(join->condition)) AddConjunct(conjunct);
        Flatten(join->left);
        return Flatten(join->right);
      }
      if (join->kind == JoinKind::kSemi || join->kind == JoinKind::kAnti) {
        Flatten(join->left);
        semis_.push_back({join->kind, join->right, join->condition});
        return;
      }
    }
    parts_.push_back({node, OutputSet(*node)});
  }

  void AddConjunct(const ExpressionPtr& conjunct) {
    if (const auto equality = AsEquality(conjunct)) {
      classes_.try_emplace(equality->first, equality->first);
      classes_.try_emplace(equality->second, equality->second);
      const ColumnId a = ClassOf(equality->first), b = ClassOf(equality->second);
      classes_[std::max(a, b)] = std::min(a, b);
    }
    conjuncts_.push_back(conjunct);
  }
  ColumnId ClassOf(ColumnId column) const {
    auto found = classes_.find(column);
    while (found != classes_.end() && found->second != found->first) found = classes_.find(found->second);
    return found == classes_.end() ? column : found->first;
  }

  // Pairs of columns that the conditions make equal, a's first.
  std::vector<std::pair<ColumnId, ColumnId>> Equated(const ColumnSet& a, const ColumnSet& b) const {
    std::vector<std::pair<ColumnId, ColumnId>> pairs;
    std::set<ColumnId> seen;
    for (const auto& [column, unused] : classes_) {
      if (a.count(column) == 0) continue;
      for (const auto& [other, unused_too] : classes_) {
        if (b.count(other) == 0 || ClassOf(column) != ClassOf(other)) continue;
        if (!seen.insert(ClassOf(column)).second) continue;
        pairs.emplace_back(column, other);
      }
    }
    return pairs;
  }

  std::optional<PartyId> SoleOwner(const LogicalNode& node) const {
    const std::vector<PartyId> owners = ScannedParties(node, catalog_);
    if (owners.size() != 1) return std::nullopt;
    return owners[0];
  }

  // The two parts as one, under every condition that both together can judge.
  Part Joined(const Part& a, const Part& b) {
    Part both{nullptr, Union(a.columns, b.columns)};
    std::vector<ExpressionPtr> on;
    std::set<ColumnId> direct;
    std::vector<ExpressionPtr> rest;
    for (const ExpressionPtr& conjunct : conjuncts_) {
      const ColumnSet used = ColumnsOf(conjunct);
      if (used.empty() || !IsSubset(used, both.columns)) {
        rest.push_back(conjunct);
        continue;
      }
      on.push_back(conjunct);
      if (const auto equality = AsEquality(conjunct)) direct.insert(ClassOf(equality->first));
    }
    conjuncts_ = std::move(rest);
    // What follows from equalities that were not written between these two.
    for (const auto& [left, right] : Equated(a.columns, b.columns)) {
      if (direct.count(ClassOf(left)) != 0) continue;
      on.push_back(MakeCall(Function::kEqual,
                            {MakeColumn(left, plan_.columns[left].type), MakeColumn(right, plan_.columns[right].type)},
                            kBooleanType));
    }
    const JoinKind kind = on.empty() ? JoinKind::kCross : JoinKind::kInner;
    both.node = MakeNode(JoinNode{kind, a.node, b.node, MakeConjunction(std::move(on))});
    return both;
  }

  void JoinOwnersParts() {
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < parts_.size() && !changed; ++i) {
        for (std::size_t j = i + 1; j < parts_.size() && !changed; ++j) {
          const auto a = ScannedParties(*parts_[i].node, catalog_);
          const auto b = ScannedParties(*parts_[j].node, catalog_);
          // Constants go with whoever needs them.
          const bool together = (a.size() == 1 && (b == a || b.empty())) || (b.size() == 1 && a.empty());
          if (!together || Equated(parts_[i].columns, parts_[j].columns).empty()) continue;
          parts_[i] = Joined(parts_[i], parts_[j]);
          parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(j));
          changed = true;
        }
      }
    }
    for (SemiPart& semi : semis_) PlaceSemi(semi);
  }

  // At the owner of what it asks for, if equalities bring its columns there; else at the part that has them all.
  void PlaceSemi(SemiPart& semi) {
    const ColumnSet right = OutputSet(*semi.right);
    ColumnSet asked;
    for (ColumnId column : ColumnsOf(semi.condition)) {
      if (right.count(column) == 0) asked.insert(column);
    }
    const std::optional<PartyId> owner = SoleOwner(*semi.right);
    for (const bool at_owner : {true, false}) {
      for (Part& part : parts_) {
        const std::optional<PartyId> here = SoleOwner(*part.node);
        if (at_owner && (!owner || here != owner)) continue;
        std::vector<std::pair<ColumnId, ExpressionPtr>> replaced;
        const bool has_all = std::all_of(asked.begin(), asked.end(), [&](ColumnId column) {
          if (part.columns.count(column) != 0) return true;
          for (ColumnId other : part.columns) {
            if (classes_.count(column) == 0 || ClassOf(other) != ClassOf(column)) continue;
            if (plan_.columns[other].type != plan_.columns[column].type) continue;
            replaced.emplace_back(column, MakeColumn(other, plan_.columns[other].type));
            return true;
          }
          return false;
        });
        if (!has_all) continue;
        part.node = MakeNode(JoinNode{semi.kind, part.node, semi.right, SubstituteColumns(semi.condition, replaced)});
        semi.placed = true;
        return;
      }
    }
  }

  struct Attempt {
    std::vector<std::size_t> order;
    std::uint64_t cost = 0;
    bool many_to_many = false;
  };

  Attempt From(std::size_t start) const {
    Attempt attempt{{start}, 0, false};
    ColumnSet columns = parts_[start].columns;
    std::uint64_t slots = facts_.Bound(*parts_[start].node);
    bool unique_so_far = true;  // each row of `start` is in at most one row of the join
    std::vector<bool> used(parts_.size(), false);
    used[start] = true;
    while (attempt.order.size() < parts_.size()) {
      std::size_t best = parts_.size();
      std::uint64_t best_slots = 0, best_cost = 0;
      bool best_many = false;
      int best_rank = 3;
      for (std::size_t i = 0; i < parts_.size(); ++i) {
        if (used[i]) continue;
        ColumnSet keys;
        for (const auto& [a, b] : Equated(columns, parts_[i].columns)) keys.insert(b);
        const std::uint64_t rows = facts_.Bound(*parts_[i].node);
        const auto per = facts_.MostRowsPer(*parts_[i].node, keys);
        const bool unique = per && *per <= 1;
        const int rank = unique && !keys.empty() ? 0 : !keys.empty() ? 1 : 2;
        std::uint64_t next = slots;
        if (!unique) next = keys.empty() || !per ? std::max(slots, rows) : std::min(kMostBoundedRows, slots * *per);
        const std::uint64_t cost = slots + rows;
        if (rank < best_rank || (rank == best_rank && cost < best_cost)) {
          best = i;
          best_rank = rank;
          best_cost = cost;
          best_slots = next;
          best_many = !unique;
        }
      }
      if (best_many && !unique_so_far) attempt.many_to_many = true;
      if (best_many) unique_so_far = false;
      used[best] = true;
      columns = Union(std::move(columns), parts_[best].columns);
      attempt.cost = std::min(kMostBoundedRows, attempt.cost + best_cost + (best_many ? best_slots : 0));
      slots = best_slots;
      attempt.order.push_back(best);
      // A part that is not unique where it joins makes many of one row: dearer than any order without.
      if (best_many) attempt.cost = std::min(kMostBoundedRows, attempt.cost + 4 * best_slots);
    }
    return attempt;
  }

  LogicalPtr JoinParts() {
    std::vector<Attempt> attempts;
    for (std::size_t start = 0; start < parts_.size(); ++start) attempts.push_back(From(start));
    std::stable_sort(attempts.begin(), attempts.end(), [](const Attempt& a, const Attempt& b) {
      return std::make_pair(a.many_to_many, a.cost) < std::make_pair(b.many_to_many, b.cost);
    });
    // One that multiplies rows more often than it must is no choice.
    std::size_t choices = 1;
    while (choices < attempts.size() && attempts[choices].many_to_many == attempts[0].many_to_many) ++choices;
    const std::vector<std::size_t>& order = attempts[std::min<std::size_t>(rank_, choices - 1)].order;
    Part joined = parts_[order[0]];
    for (std::size_t i = 1; i < order.size(); ++i) joined = Joined(joined, parts_[order[i]]);
    return joined.node;
  }

  LogicalPlan& plan_;
  const Catalog& catalog_;
  RowFacts facts_;
  const unsigned rank_;
  std::vector<Part> parts_;
  std::vector<ExpressionPtr> conjuncts_;
  std::vector<SemiPart> semis_;
  std::map<ColumnId, ColumnId> classes_;
};

bool IsJoinTree(const LogicalNode& node) {
  if (const auto* filter = std::get_if<FilterNode>(&node.node)) return IsJoinTree(*filter->child);
  if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    return join->kind == JoinKind::kInner || join->kind == JoinKind::kCross || join->kind == JoinKind::kSemi ||
           join->kind == JoinKind::kAnti;
  }
  return false;
}

// Subtrees below the maximal join tree first.
LogicalPtr OrderBelow(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog, const TableRuleOptions& options) {
  if (!IsJoinTree(*node)) return OrderJoins(node, plan, catalog, options);
  const auto* join = std::get_if<JoinNode>(&node->node);
  if (join != nullptr && (join->kind == JoinKind::kSemi || join->kind == JoinKind::kAnti))
    return WithChildren(node, {OrderBelow(join->left, plan, catalog, options), OrderJoins(join->right, plan, catalog, options)});
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(OrderBelow(child, plan, catalog, options));
  return WithChildren(node, std::move(children));
}

}  // namespace

LogicalPtr OrderJoins(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog, const TableRuleOptions& options) {
  // One owner's database orders its joins itself.
  if (IsOwnersPart(*node, catalog, options.all_secret)) return node;
  if (!IsJoinTree(*node)) {
    std::vector<LogicalPtr> children;
    for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(OrderJoins(child, plan, catalog, options));
    return WithChildren(node, std::move(children));
  }
  return JoinOrder(plan, catalog, options.join_order).Order(OrderBelow(node, plan, catalog, options));
}

}  // namespace care::planner
