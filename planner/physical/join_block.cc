#include "planner/physical/join_block.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/row_facts.h"

namespace care::planner {
namespace {

sql::SourcePosition PositionOf(const ExpressionPtr& expression) { return expression->position; }

// Whether a subtree bottoms out in one scan or aggregate without a join between: such a subtree is a leaf.
bool IsSimpleLeaf(const LogicalNode& node) {
  return std::visit(
      [](const auto& part) -> bool {
        using Node = std::decay_t<decltype(part)>;
        if constexpr (std::is_same_v<Node, ScanNode> || std::is_same_v<Node, AggregateNode>) {
          return true;
        } else if constexpr (std::is_same_v<Node, JoinNode> || std::is_same_v<Node, ValuesNode> ||
                             std::is_same_v<Node, SetOperationNode> || std::is_same_v<Node, WindowNode>) {
          return false;
        } else {
          return IsSimpleLeaf(*part.child);
        }
      },
      node.node);
}

class Flattener {
 public:
  Flattener(const Catalog& catalog, std::string_view sql) : catalog_(catalog), sql_(sql) {}

  absl::Status Flatten(const LogicalPtr& node, JoinBlock& block, Definitions& definitions) {
    const std::vector<PartyId> owners = ScannedParties(*node, catalog_);
    if (owners.size() <= 1 && IsSimpleLeaf(*node)) {
      if (owners.empty()) return sql::QueryError(sql_, {}, "a join with constants is not supported yet");
      block.leaves.push_back({.node = node, .owner = owners[0]});
      return absl::OkStatus();
    }
    if (const auto* filter = std::get_if<FilterNode>(&node->node)) {
      CARE_RETURN_IF_ERROR(Flatten(filter->child, block, definitions));
      for (const ExpressionPtr& conjunct : SplitConjuncts(filter->predicate)) {
        block.conjuncts.push_back(Resolve(conjunct, definitions));
      }
      return absl::OkStatus();
    }
    if (const auto* project = std::get_if<ProjectNode>(&node->node)) {
      CARE_RETURN_IF_ERROR(Flatten(project->child, block, definitions));
      Definitions added;
      for (const NamedExpression& item : project->columns) {
        added.emplace_back(item.column, Resolve(item.expression, definitions));
      }
      // A projection may pass a column through under its own id; that is no definition.
      for (auto& [column, expression] : added) {
        const auto* same = std::get_if<ColumnExpression>(&expression->node);
        if (same == nullptr || same->column != column) definitions.emplace_back(column, expression);
      }
      return absl::OkStatus();
    }
    if (const auto* join = std::get_if<JoinNode>(&node->node)) return FlattenJoin(*join, block, definitions);
    if (std::holds_alternative<AggregateNode>(node->node)) {
      return sql::QueryError(sql_, {},
                             "joining an aggregate over several owners' rows again is not supported yet",
                             "aggregate by the key in one subquery that holds all the joins");
    }
    return sql::QueryError(sql_, {},
                           "LIMIT, ORDER BY and DISTINCT over several owners' rows inside a subquery "
                           "are not supported yet");
  }

 private:
  absl::Status FlattenJoin(const JoinNode& join, JoinBlock& block, Definitions& definitions) {
    const sql::SourcePosition position = join.condition ? PositionOf(join.condition) : sql::SourcePosition{};
    switch (join.kind) {
      case JoinKind::kInner:
      case JoinKind::kCross:
        CARE_RETURN_IF_ERROR(Flatten(join.left, block, definitions));
        CARE_RETURN_IF_ERROR(Flatten(join.right, block, definitions));
        if (join.condition) {
          for (const ExpressionPtr& conjunct : SplitConjuncts(join.condition)) {
            block.conjuncts.push_back(Resolve(conjunct, definitions));
          }
        }
        return absl::OkStatus();
      case JoinKind::kLeft: {
        CARE_RETURN_IF_ERROR(Flatten(join.left, block, definitions));
        const std::vector<PartyId> owners = ScannedParties(*join.right, catalog_);
        if (owners.size() != 1) {
          return sql::QueryError(sql_, position,
                                 "a join of several owners on the right of LEFT JOIN is not supported yet",
                                 "LEFT JOIN each table by itself");
        }
        Leaf leaf{.node = join.right, .owner = owners[0], .optional = true};
        for (const ExpressionPtr& conjunct : SplitConjuncts(join.condition)) {
          leaf.on.push_back(Resolve(conjunct, definitions));
        }
        block.leaves.push_back(std::move(leaf));
        return absl::OkStatus();
      }
      case JoinKind::kFull:
        return sql::QueryError(sql_, position, "FULL JOIN across owners is not supported yet");
      case JoinKind::kSemi:
      case JoinKind::kAnti:
        return sql::QueryError(sql_, position,
                               "EXISTS and IN (SELECT ...) across owners are not supported yet");
    }
    return absl::InternalError("unknown join kind");
  }

  const Catalog& catalog_;
  std::string_view sql_;
};

// col = col, or nothing.
std::optional<std::pair<ColumnId, ColumnId>> AsColumnEquality(const ExpressionPtr& expression) {
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr || call->function != Function::kEqual) return std::nullopt;
  const auto* left = std::get_if<ColumnExpression>(&call->arguments[0]->node);
  const auto* right = std::get_if<ColumnExpression>(&call->arguments[1]->node);
  if (left == nullptr || right == nullptr) return std::nullopt;
  return std::pair(left->column, right->column);
}

// Column equivalence by union of equalities.
class EqualityClasses {
 public:
  ColumnId Find(ColumnId column) {
    const auto entry = parent_.find(column);
    if (entry == parent_.end() || entry->second == column) return column;
    return entry->second = Find(entry->second);
  }
  void Unite(ColumnId a, ColumnId b) {
    const ColumnId low = std::min(Find(a), Find(b));
    const ColumnId high = std::max(Find(a), Find(b));
    parent_[low] = low;
    parent_[high] = low;
  }
  std::vector<ColumnId> Members(ColumnId root) {
    std::vector<ColumnId> members;
    for (const auto& [column, parent] : parent_) {
      if (Find(column) == root) members.push_back(column);
    }
    return members;
  }

 private:
  std::map<ColumnId, ColumnId> parent_;
};

absl::Status FindKeys(JoinBlock& block, const LogicalPlan& plan, const Catalog& catalog,
                      std::string_view sql) {
  std::vector<std::vector<ColumnId>> outputs;
  for (const Leaf& leaf : block.leaves) outputs.push_back(OutputColumns(*leaf.node));
  const auto leaf_of = [&](ColumnId column) -> int {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (Contains(outputs[i], column)) return static_cast<int>(i);
    }
    return -1;
  };
  EqualityClasses classes;
  sql::SourcePosition somewhere;
  for (const ExpressionPtr& conjunct : block.conjuncts) {
    if (const auto equality = AsColumnEquality(conjunct)) {
      classes.Unite(equality->first, equality->second);
      somewhere = conjunct->position;
    }
  }
  for (std::size_t i = 0; i < block.leaves.size(); ++i) {
    for (const ExpressionPtr& conjunct : block.leaves[i].on) {
      const auto equality = AsColumnEquality(conjunct);
      if (!equality) continue;
      const int left = leaf_of(equality->first);
      const int right = leaf_of(equality->second);
      const int other = left == static_cast<int>(i) ? right : left;
      if (left == right || other < 0 || block.leaves[other].optional) continue;
      classes.Unite(equality->first, equality->second);
      somewhere = conjunct->position;
    }
  }
  // The key class is the one that reaches every leaf.
  for (std::size_t candidate = 0; candidate < outputs[0].size(); ++candidate) {
    const ColumnId root = classes.Find(outputs[0][candidate]);
    std::vector<ColumnId> members = classes.Members(root);
    bool reaches_all = true;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const auto key = std::find_if(members.begin(), members.end(),
                                    [&](ColumnId column) { return Contains(outputs[i], column); });
      if (key == members.end()) {
        reaches_all = false;
        break;
      }
      block.leaves[i].key = *key;
    }
    if (!reaches_all) continue;
    std::sort(members.begin(), members.end());
    block.key_class = members;
    const auto is_key_equality = [&](const ExpressionPtr& conjunct) {
      const auto equality = AsColumnEquality(conjunct);
      return equality && Contains(members, equality->first) && Contains(members, equality->second) &&
             leaf_of(equality->first) != leaf_of(equality->second);
    };
    std::erase_if(block.conjuncts, is_key_equality);
    for (Leaf& leaf : block.leaves) {
      std::erase_if(leaf.on, is_key_equality);
      const RowFacts facts(plan.columns, catalog);
      leaf.unique = facts.IsKey(*leaf.node, {leaf.key});
      leaf.row_bound = facts.Bound(*leaf.node);
      leaf.key_bound = leaf.row_bound;
      const ColumnInfo& info = plan.columns[leaf.key];
      if (info.table >= 0 && catalog.tables[info.table].subject_column == info.table_column &&
          catalog.tables[info.table].subject_bound) {
        leaf.key_bound = std::min(leaf.key_bound, *catalog.tables[info.table].subject_bound);
      }
    }
    return absl::OkStatus();
  }
  return sql::QueryError(
      sql, somewhere,
      "every table of a query over several owners must be joined on the same key (first version)",
      "join each table by an equality on the key column that they share, such as bsn");
}

}  // namespace

ExpressionPtr Resolve(const ExpressionPtr& expression, const Definitions& definitions) {
  return expression ? SubstituteColumns(expression, definitions) : expression;
}

absl::StatusOr<Question> TakeApart(const AggregateNode& top, const LogicalPlan& plan, const Catalog& catalog,
                                   std::string_view sql) {
  Question question;
  question.top = top;
  // Walk down to the inner aggregate, if there is one that spans owners; otherwise flatten from the top.
  LogicalPtr node = top.child;
  std::vector<LogicalPtr> above;
  while (!std::holds_alternative<AggregateNode>(node->node)) {
    const bool single =
        std::holds_alternative<FilterNode>(node->node) || std::holds_alternative<ProjectNode>(node->node);
    if (!single) break;
    above.push_back(node);
    node = ChildrenOf(*node)[0];
  }
  Flattener flattener(catalog, sql);
  if (const auto* inner = std::get_if<AggregateNode>(&node->node)) {
    question.inner = *inner;
    for (auto at = above.rbegin(); at != above.rend(); ++at) {
      if (const auto* filter = std::get_if<FilterNode>(&(*at)->node)) {
        for (const ExpressionPtr& conjunct : SplitConjuncts(filter->predicate)) {
          question.conjuncts.push_back(Resolve(conjunct, question.upper));
        }
      } else {
        const auto& project = std::get<ProjectNode>((*at)->node);
        Definitions added;
        for (const NamedExpression& item : project.columns) {
          const auto* same = std::get_if<ColumnExpression>(&item.expression->node);
          if (same != nullptr && same->column == item.column) continue;
          added.emplace_back(item.column, Resolve(item.expression, question.upper));
        }
        question.upper.insert(question.upper.end(), added.begin(), added.end());
      }
    }
    CARE_RETURN_IF_ERROR(flattener.Flatten(inner->child, question.block, question.lower));
  } else {
    CARE_RETURN_IF_ERROR(flattener.Flatten(top.child, question.block, question.upper));
  }
  CARE_RETURN_IF_ERROR(FindKeys(question.block, plan, catalog, sql));
  // A required join drops rows without a key; LEFT JOIN alone keeps them, and the key space has no slot for
  // them.
  const auto required = [](const Leaf& leaf) { return !leaf.optional; };
  const std::vector<Leaf>& leaves = question.block.leaves;
  if (std::count_if(leaves.begin(), leaves.end(), required) == 1) {
    const ColumnId key = std::find_if(leaves.begin(), leaves.end(), required)->key;
    if (plan.columns[key].nullable) {
      return sql::QueryError(
          sql, {},
          absl::StrCat("LEFT JOIN from a table whose key ", std::string(plan.columns[key].name),
                       " may be NULL is not supported yet across owners"),
          "use JOIN, which drops rows without a key");
    }
  }
  return question;
}

}  // namespace care::planner
