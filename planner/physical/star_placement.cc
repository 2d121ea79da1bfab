#include "planner/physical/star_placement.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/build_expressions.h"
#include "planner/physical/fragment_checks.h"
#include "planner/physical/joint_expressions.h"

namespace care::planner {
absl::Status StarPlacement::Refuse(sql::SourcePosition position, std::string_view message,
                                   std::string_view hint) const {
  return sql::QueryError(sql_, position, message, hint);
}

std::set<int> StarPlacement::LeavesOf(const ExpressionPtr& expression) const {
  std::set<int> leaves;
  if (!expression) return leaves;
  std::set<ColumnId> used;
  CollectColumns(expression, used);
  for (ColumnId column : used) {
    if (Contains(question_.block.key_class, column)) continue;
    for (std::size_t i = 0; i < question_.block.leaves.size(); ++i) {
      if (Contains(OutputColumns(*question_.block.leaves[i].node), column))
        leaves.insert(static_cast<int>(i));
    }
  }
  return leaves;
}

std::optional<int> StarPlacement::SoleManyLeaf(const std::set<int>& leaves, bool& several) const {
  std::optional<int> many;
  several = false;
  for (int leaf : leaves) {
    if (leaves_[leaf].level == Level::kDirect) continue;
    several = several || many.has_value();
    many = leaf;
  }
  return many;
}

absl::Status StarPlacement::DecideLevels() {
  const std::vector<Leaf>& leaves = question_.block.leaves;
  leaves_.resize(leaves.size());
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    leaves_[i].node = leaves[i].node;
    // A slot of the key space counts as a person at the gate.
    const std::optional<BaseColumn> base = TraceColumn(*leaves[i].node, leaves[i].key, catalog_);
    if (!base || catalog_.tables[base->table].subject_column != base->table_column) {
      return Refuse(
          {},
          absl::StrCat("tables of several owners are joined on ", std::string(columns_[leaves[i].key].name),
                       ", which does not name the person, so persons cannot be counted"),
          "join on the column that the federation file declares as `subject`");
    }
  }

  // Everything that is evaluated over the joined rows, as sets of leaves that it touches.
  std::vector<std::set<int>> uses;
  for (const ExpressionPtr& conjunct : question_.block.conjuncts) uses.push_back(LeavesOf(conjunct));
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    for (const ExpressionPtr& conjunct : leaves[i].on) {
      std::set<int> touched = LeavesOf(conjunct);
      touched.insert(static_cast<int>(i));
      uses.push_back(std::move(touched));
    }
  }
  const AggregateNode& innermost = question_.inner ? *question_.inner : question_.top;
  const Definitions& below = question_.inner ? question_.lower : question_.upper;
  for (const NamedAggregate& named : innermost.calls) {
    std::set<int> touched = LeavesOf(Resolve(named.call.argument, below));
    touched.merge(LeavesOf(Resolve(named.call.filter, below)));
    uses.push_back(std::move(touched));
  }
  std::set<int> group_leaves;
  for (ColumnId column : innermost.group_by) {
    const ExpressionPtr group = Resolve(MakeColumn(column, columns_[column].type), below);
    group_leaves.merge(LeavesOf(group));
  }
  for (int leaf : group_leaves) {
    if (leaves[leaf].unique) continue;
    if (question_.inner) {
      return Refuse(
          {},
          absl::StrCat(
              "a subquery over several owners must group by columns of tables that have one row a key"),
          "group by the key, and aggregate the other table's columns");
    }
    if (group_rows_leaf_ >= 0)
      return Refuse({}, "GROUP BY columns of two tables with many rows a key is not supported yet");
    group_rows_leaf_ = leaf;
  }
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const int index = static_cast<int>(i);
    if (leaves[i].unique) continue;
    const bool mixed = std::any_of(uses.begin(), uses.end(), [&](const std::set<int>& touched) {
      return touched.count(index) != 0 && touched.size() > 1;
    });
    if (index == group_rows_leaf_) {
      if (mixed || leaves[i].owner != spine_ || leaves[i].optional) {
        return Refuse(
            {},
            absl::StrCat("grouping ", std::string(catalog_.PartyName(leaves[i].owner)),
                         "'s rows by their own column, filtered by another owner's columns row by row, is "
                         "not supported yet"));
      }
      leaves_[i].level = Level::kGroupRows;
    } else if (mixed) {
      if (leaves[i].owner != spine_) {
        return Refuse(
            {}, absl::StrCat("rows of ", std::string(catalog_.PartyName(leaves[i].owner)),
                             " are compared one by one with another owner's columns; only one owner may have "
                             "such tables in a query"));
      }
      leaves_[i].level = Level::kRows;
    } else {
      leaves_[i].level = Level::kPreAggregated;
    }
    if (group_rows_leaf_ >= 0 && index != group_rows_leaf_) {
      return Refuse({},
                    "GROUP BY a column of one table with many rows a key beside another such table is not "
                    "supported yet",
                    "aggregate the other table per key in a subquery");
    }
  }
  return absl::OkStatus();
}

absl::Status StarPlacement::MakeSites() {
  const std::vector<Leaf>& leaves = question_.block.leaves;
  const auto is_required_at = [&](PartyId owner) {
    return std::any_of(leaves.begin(), leaves.end(),
                       [&](const Leaf& leaf) { return leaf.owner == owner && !leaf.optional; });
  };
  if (!is_required_at(spine_)) {
    return Refuse({},
                  absl::StrCat(std::string(catalog_.PartyName(spine_)),
                               " takes part only through LEFT JOIN, so it cannot hold the rows of the join"));
  }
  sites_.emplace_back(SiteKind::kKeys, spine_, false, 0);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Leaf& leaf = leaves[i];
    LeafPlan& planned = leaves_[i];
    if (leaf.optional) {
      for (ColumnId column : OutputColumns(*leaf.node)) columns_[column].nullable = true;
    }
    if (planned.level == Level::kRows || planned.level == Level::kGroupRows) {
      planned.site = static_cast<int>(sites_.size());
      sites_.emplace_back(SiteKind::kRows, leaf.owner, false, leaf.key);
      sites_.back().unique = false;
      sites_.back().row_bound = leaf.row_bound;
      if (planned.level == Level::kGroupRows) group_rows_site_ = planned.site;
    } else if (leaf.owner == spine_) {
      planned.site = 0;
    } else {
      for (std::size_t s = 1; s < sites_.size(); ++s) {
        if (sites_[s].kind == SiteKind::kArm && sites_[s].owner == leaf.owner && !sites_[s].optional) {
          planned.site = static_cast<int>(s);
        }
      }
      const bool joins_required = is_required_at(leaf.owner);
      if (planned.site < 0 || !joins_required) {
        planned.site = static_cast<int>(sites_.size());
        sites_.emplace_back(SiteKind::kArm, leaf.owner, !joins_required, leaf.key);
      }
    }
    if (leaf.optional && planned.level != Level::kRows && !leaf.on.empty()) {
      for (const ExpressionPtr& conjunct : leaf.on) {
        const std::set<int> touched = LeavesOf(conjunct);
        if (touched.size() == 1 && touched.count(static_cast<int>(i)) != 0) {
          planned.node = MakeNode(FilterNode{planned.node, conjunct});
        } else {
          return Refuse(conjunct->position,
                        "this condition in the ON of a LEFT JOIN across owners is not supported yet",
                        "move it into a CASE or FILTER over the joined columns");
        }
      }
    }
  }
  return absl::OkStatus();
}

absl::Status StarPlacement::PlacePredicates() {
  for (const ExpressionPtr& original : question_.block.conjuncts) {
    const ExpressionPtr conjunct = DropKeyColumns(original);
    const std::set<int> touched = LeavesOf(conjunct);
    bool several = false;
    const std::optional<int> many = SoleManyLeaf(touched, several);
    if (several)
      return Refuse(conjunct->position,
                    "a condition over two tables with many rows a key is not supported yet");
    if (!many) {
      predicates_.push_back(conjunct);
      continue;
    }
    LeafPlan& planned = leaves_[*many];
    if (question_.block.leaves[*many].optional) {
      return Refuse(conjunct->position,
                    "WHERE on the right side of a LEFT JOIN across owners is not supported yet",
                    "use JOIN if unmatched rows should go, or move the condition into ON");
    }
    if (touched.size() == 1) {
      planned.node = MakeNode(FilterNode{planned.node, conjunct});
    } else {
      planned.row_conditions.push_back(conjunct);
    }
  }
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    if (leaves_[i].level != Level::kRows) continue;
    for (const ExpressionPtr& conjunct : question_.block.leaves[i].on) {
      leaves_[i].row_conditions.push_back(DropKeyColumns(conjunct));
    }
  }
  // A key without a row in a required many-sided table is not in the join. Tables that their owner aggregates
  // are joined there already.
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    if (leaves_[i].level != Level::kRows || question_.block.leaves[i].optional) continue;
    if (leaves_[i].row_conditions.empty() && leaves_[i].site == 0) continue;
    predicates_.push_back(MakeCall(
        Function::kGreater, {Multiplicity(static_cast<int>(i)), MakeLiteral(std::int64_t{0}, kBigIntType)},
        kBooleanType));
  }
  return absl::OkStatus();
}

LogicalPtr StarPlacement::BaseOf(int leaf) const {
  const LeafPlan& planned = leaves_[leaf];
  if (planned.level == Level::kDirect) return planned.node;
  const LogicalPtr& rows = planned.keys ? planned.keys : planned.node;
  return MakeNode(AggregateNode{rows, {question_.block.leaves[leaf].key}, planned.partials});
}

// Joins a site's leaves at their owner: required ones first, then the optional ones.
void StarPlacement::FinishSite(Site& site, int index) {
  const std::vector<Leaf>& leaves = question_.block.leaves;
  if (site.kind == SiteKind::kRows) {
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      if (leaves_[i].site == index) site.base = leaves_[i].node;
    }
    return;
  }
  std::vector<int> members;
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    const bool member = leaves_[i].site == index;
    // The key space needs keys even where the spine's only required table sits in a row space.
    const bool anchor_only = index == 0 && leaves[i].owner == spine_ && !leaves[i].optional &&
                             (leaves_[i].level == Level::kRows || leaves_[i].level == Level::kGroupRows);
    if (member || anchor_only) members.push_back(static_cast<int>(i));
  }
  std::stable_sort(members.begin(), members.end(), [&](int a, int b) {
    const auto rank = [&](int i) {
      return std::tuple(leaves[i].optional && !site.optional, leaves_[i].site != index,
                        leaves_[i].level != Level::kDirect, leaves[i].key_bound);
    };
    return rank(a) < rank(b);
  });
  bool first = true;
  for (int member : members) {
    const Leaf& leaf = leaves[member];
    const bool anchor_only = leaves_[member].site != index;
    if (first) {
      site.base = BaseOf(member);
      site.key = leaf.key;
      site.row_bound = leaf.key_bound;
      first = false;
      continue;
    }
    if (anchor_only) continue;  // its rows are counted in its own row space
    const ExpressionPtr equality = MakeCall(
        Function::kEqual,
        {MakeColumn(site.key, columns_[site.key].type), MakeColumn(leaf.key, columns_[leaf.key].type)},
        kBooleanType);
    site.base = MakeNode(
        JoinNode{leaf.optional ? JoinKind::kLeft : JoinKind::kInner, site.base, BaseOf(member), equality});
    if (!leaf.optional) site.row_bound = std::min(site.row_bound, leaf.key_bound);
  }
}

// Bounds come from declarations, and multiply where an owner joins its own tables.
absl::Status StarPlacement::CheckSizes() const {
  for (const Site& site : sites_) {
    const std::uint64_t most = site.kind == SiteKind::kKeys ? kMostKeySlots : kMostJointRows;
    if (site.row_bound <= most) continue;
    return Refuse(
        {},
        absl::StrCat("the part of ", std::string(catalog_.PartyName(site.owner)), " may have ",
                     site.row_bound, " rows by the declared bounds; at most ", most,
                     " can be computed jointly"),
        "declare subject_bound or a lower row_bound in the federation file, or aggregate per key first");
  }
  return absl::OkStatus();
}

absl::StatusOr<PhysicalPlan> StarPlacement::Place() {
  CARE_RETURN_IF_ERROR(DecideLevels());
  CARE_RETURN_IF_ERROR(MakeSites());
  CARE_RETURN_IF_ERROR(PlacePredicates());
  PhysicalPlan plan;
  if (question_.inner) {
    CARE_RETURN_IF_ERROR(PlaceInnerCalls());
    for (const ExpressionPtr& conjunct : question_.conjuncts) {
      CARE_ASSIGN_OR_RETURN(ExpressionPtr predicate, ToKeyLevel(conjunct));
      predicates_.push_back(std::move(predicate));
    }
  }
  CARE_RETURN_IF_ERROR(PlaceTopCalls(plan));
  return plan;
}

}  // namespace care::planner
