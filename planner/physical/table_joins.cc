// Joins over shared tables: which side's rows are the slots, by which method, and how many slots that makes.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/row_facts.h"
#include "planner/logical/type_rules.h"
#include "planner/physical/fragment_checks.h"
#include "planner/physical/table_builder.h"
#include "planner/physical/table_expressions.h"
#include "planner/physical/table_placement.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

// Whether the join's keys can be the same bytes at two owners.
bool SameKeyType(const DataType& a, const DataType& b) {
  if (a.IsInteger() && b.IsInteger()) return true;
  return a.kind == b.kind && a.scale == b.scale;
}

// a = b of exact numbers whose digits differ: the one with fewer is given as many, so that both are stored alike.
ExpressionPtr WithEqualDigits(const ExpressionPtr& conjunct) {
  const auto* call = std::get_if<CallExpression>(&conjunct->node);
  if (call == nullptr || call->function != Function::kEqual) return conjunct;
  const DataType &a = call->arguments[0]->type, &b = call->arguments[1]->type;
  if (!a.IsExactNumber() || !b.IsExactNumber() || SameKeyType(a, b)) return conjunct;
  DataType common{TypeKind::kNumeric, 0, std::max(a.scale, b.scale)};
  std::vector<ExpressionPtr> sides;
  for (const ExpressionPtr& side : call->arguments) {
    if (HasOpenScale(side)) return conjunct;
    const bool fits = side->type.kind == TypeKind::kNumeric && side->type.scale == common.scale;
    sides.push_back(fits ? side : std::make_shared<const Expression>(Expression{CastExpression{side}, common, side->position}));
  }
  return MakeCall(Function::kEqual, std::move(sides), kBooleanType, conjunct->position);
}

struct Condition {
  std::vector<std::pair<ColumnId, ColumnId>> keys;
  std::vector<ExpressionPtr> rest;
};

Condition TakeApart(const JoinNode& join, const std::vector<ColumnInfo>& columns) {
  Condition condition;
  if (join.condition == nullptr) return condition;
  for (const ExpressionPtr& conjunct : SplitConjuncts(join.condition)) {
    const auto pairs = EquatedPairs(conjunct, *join.left, *join.right);
    if (pairs.size() == 1 && SameKeyType(columns[pairs[0].first].type, columns[pairs[0].second].type)) {
      if (std::find(condition.keys.begin(), condition.keys.end(), pairs[0]) == condition.keys.end())
        condition.keys.push_back(pairs[0]);
    } else {
      condition.rest.push_back(conjunct);
    }
  }
  return condition;
}

}  // namespace

// The distinct values of the columns, as their owner can tell them.
LogicalPtr TableBuilder::Distinct(const LogicalPtr& node, const ColumnSet& columns) const {
  return MakeNode(AggregateNode{node, {columns.begin(), columns.end()}, {}});
}

// Why the join cannot be a lookup; empty if it can.
std::string TableBuilder::NoLookup(const Table& left, const Table& right, const JoinTablesNode& node) const {
  if (all_secret_) return "everything is secret";
  if (node.kind == JoinKind::kFull) return "a full join keeps what nobody looked up";
  if (!right.fresh_share) return "what is joined comes from a joint step itself";
  if (left.order == kNoParty) return "nobody who computes knows which row stands where";
  if (right.order == kNoParty) return "the owner of what is joined does not compute";
  for (const auto& [key, unused] : node.keys) {
    if (left.known.count(key) == 0) return absl::StrCat("nobody knows ", logical_.columns[key].name, " of the rows");
  }
  if (node.most_matches != 1) return absl::StrCat("a key may stand in ", node.most_matches, " rows");
  ColumnSet right_keys;
  for (const auto& [unused, key] : node.keys) right_keys.insert(key);
  // Ranges may bound the rows to one a key; a lookup rests on what its owner checks.
  if (right.slots > 1 && !TellsRowsApart(*right.logical, right_keys, catalog_)) return "no declared key tells its rows apart";
  return {};
}

PartyId TableBuilder::HelperOf(PartyId spine, PartyId arm) const {
  for (PartyId party : catalog_.compute_parties) {
    if (party != spine && party != arm) return party;
  }
  return kNoParty;
}

// Where the keys that the left's owner knows tell the right's rows apart, they are looked up by and the others are compared.
void TableBuilder::KeepKnownKeys(const Table& left, const LogicalNode& right, JoinTablesNode& node) const {
  std::vector<std::pair<ColumnId, ColumnId>> known;
  std::vector<ExpressionPtr> compared;
  ColumnSet tells_apart;
  for (const auto& [a, b] : node.keys) {
    if (left.known.count(a) != 0) {
      known.emplace_back(a, b);
      tells_apart.insert(b);
    } else {
      compared.push_back(MakeCall(Function::kEqual, {MakeColumn(a, logical_.columns[a].type), MakeColumn(b, logical_.columns[b].type)},
                                  kBooleanType));
    }
  }
  if (known.empty() || compared.empty() || !facts_.IsKey(right, tells_apart)) return;
  JoinTablesNode looked_up = node;
  looked_up.keys = std::move(known);
  if (node.residual != nullptr) compared.push_back(node.residual);
  looked_up.residual = MakeConjunction(std::move(compared));
  if (CanEvaluateJointly(looked_up.residual, logical_.columns).ok()) node = std::move(looked_up);
}

// b.r = a.r + 1 as an equality of columns, one of them computed, where without it a row may find many.
LogicalPtr TableBuilder::WithComputedKeys(const LogicalPtr& node, const JoinNode& join) {
  if (join.condition == nullptr) return node;
  ColumnSet left_keys, right_keys;
  for (const auto& [a, b] : TakeApart(join, logical_.columns).keys) {
    left_keys.insert(a);
    right_keys.insert(b);
  }
  // A full join takes keys and nothing else.
  if (join.kind != JoinKind::kFull && (facts_.IsKey(*join.left, left_keys) || facts_.IsKey(*join.right, right_keys))) return node;
  const LogicalPtr sides[] = {join.left, join.right};
  std::vector<NamedExpression> computed[2];
  std::vector<ExpressionPtr> conjuncts;
  for (const ExpressionPtr& conjunct : SplitConjuncts(join.condition)) {
    conjuncts.push_back(conjunct);
    const ExpressionPtr alike = WithEqualDigits(conjunct);
    const auto* call = std::get_if<CallExpression>(&alike->node);
    if (call == nullptr || call->function != Function::kEqual) continue;
    if (!SameKeyType(call->arguments[0]->type, call->arguments[1]->type)) continue;
    for (int first = 0; first < 2; ++first) {
      std::vector<ExpressionPtr> columns;
      bool fits = true, any = false;
      for (int side = 0; side < 2; ++side) {
        const ColumnSet used = ColumnsOf(call->arguments[side == 0 ? first : 1 - first]);
        fits = fits && !used.empty() && IsSubset(used, OutputSet(*sides[side]));
      }
      if (!fits) continue;
      for (int side = 0; side < 2; ++side) {
        const ExpressionPtr& argument = call->arguments[side == 0 ? first : 1 - first];
        if (!std::holds_alternative<ColumnExpression>(argument->node)) {
          ColumnInfo info;
          info.name = "key";
          info.type = argument->type;
          SetFacts(FactsOf(argument, logical_.columns), info);
          computed[side].push_back({logical_.AddColumn(std::move(info)), argument});
          columns.push_back(MakeColumn(computed[side].back().column, argument->type, argument->position));
          any = true;
        } else {
          columns.push_back(argument);
        }
      }
      if (any) conjuncts.back() = MakeCall(Function::kEqual, std::move(columns), kBooleanType, conjunct->position);
      break;
    }
  }
  if (computed[0].empty() && computed[1].empty()) return node;
  JoinNode with = join;
  for (int side = 0; side < 2; ++side) {
    if (computed[side].empty()) continue;
    ProjectNode project{sides[side], {}};
    for (ColumnId column : OutputColumns(*sides[side])) project.columns.push_back({column, MakeColumn(column, logical_.columns[column].type)});
    project.columns.insert(project.columns.end(), computed[side].begin(), computed[side].end());
    (side == 0 ? with.left : with.right) = MakeNode(std::move(project));
  }
  with.condition = MakeConjunction(std::move(conjuncts));
  return MakeNode(std::move(with));
}

// Whether `side` is one owner's and has all the columns by which its rows are grouped next, and `other` has not: with its rows in the
// slots their owner can tell the groups apart.
bool TableBuilder::KnowsMoreGroups(const LogicalNode& side, const LogicalNode& other) const {
  return !all_secret_ && !groups_above_.empty() && IsOwnersPart(side) && IsSubset(groups_above_, OutputSet(side)) &&
         !IsSubset(groups_above_, OutputSet(other));
}

absl::StatusOr<TableBuilder::Table> TableBuilder::Join(const LogicalPtr& node, const JoinNode& join,
                                                       const ColumnSet& required) {
  if (const LogicalPtr computed = WithComputedKeys(node, join); computed != node)
    return Join(computed, std::get<JoinNode>(computed->node), required);
  Condition condition = TakeApart(join, logical_.columns);
  ColumnSet used = required;
  for (const auto& [a, b] : condition.keys) used.insert({a, b});
  const ExpressionPtr residual = condition.rest.empty() ? nullptr : MakeConjunction(condition.rest);
  CollectColumns(residual, used);
  if (residual != nullptr) {
    if (const absl::Status status = CanEvaluateJointly(residual, logical_.columns); !status.ok())
      return Refuse(residual->position, std::string(status.message()));
  }
  const bool keeps_left = join.kind == JoinKind::kSemi || join.kind == JoinKind::kAnti;
  ColumnSet left_keys, right_keys;
  for (const auto& [a, b] : condition.keys) {
    left_keys.insert(a);
    right_keys.insert(b);
  }
  LogicalPtr left_node = join.left, right_node = join.right;
  // What a semi- or anti-join asks for is whether there is a row; each key once can be looked up.
  if (keeps_left && residual == nullptr && !right_keys.empty() && IsOwnersPart(*right_node) && !all_secret_ &&
      !facts_.IsKey(*right_node, right_keys)) {
    right_node = Distinct(right_node, right_keys);
  }
  if (join.kind == JoinKind::kFull && residual != nullptr) {
    return Refuse(residual->position, "FULL JOIN of several owners' tables on more than equalities is not supported yet",
                  "put the condition into WHERE, or into a subquery of one side");
  }
  JoinTablesNode joined;
  joined.kind = join.kind == JoinKind::kCross ? JoinKind::kInner : join.kind;
  joined.residual = residual;
  const auto per = [&](const LogicalPtr& side, const ColumnSet& keys) {
    return keys.empty() ? facts_.Bound(*side) : facts_.MostRowsPer(*side, keys).value_or(facts_.Bound(*side));
  };
  std::uint64_t per_left = per(right_node, right_keys);
  bool swapped = false;
  if (joined.kind == JoinKind::kInner && per_left > 1) {
    const std::uint64_t per_right = per(left_node, left_keys);
    const auto slots = [&](const LogicalPtr& side, std::uint64_t each) {
      const std::uint64_t rows = facts_.Bound(*side);
      return each != 0 && rows > kMostBoundedRows / each ? kMostBoundedRows : rows * each;
    };
    swapped = slots(right_node, per_right) < slots(left_node, per_left);
    if (swapped) {
      std::swap(left_node, right_node);
      std::swap(left_keys, right_keys);
      for (auto& [a, b] : condition.keys) std::swap(a, b);
      per_left = per_right;
    }
  }
  if (joined.kind == JoinKind::kInner && !swapped && per_left == 1 && KnowsMoreGroups(*right_node, *left_node) &&
      per(left_node, left_keys) == 1) {
    std::swap(left_node, right_node);
    std::swap(left_keys, right_keys);
    for (auto& [a, b] : condition.keys) std::swap(a, b);
  }
  joined.keys = condition.keys;
  CARE_ASSIGN_OR_RETURN(Table left, Build(left_node, Within(used, OutputSet(*left_node))));
  CARE_ASSIGN_OR_RETURN(const Table right, Build(right_node, Within(used, OutputSet(*right_node))));
  joined.left = left.node;
  joined.right = right.node;
  const bool any_match_will_do = keeps_left && residual == nullptr;
  std::string reason;
  if (joined.keys.empty()) {
    joined.method = JoinMethod::kProduct;
    if (joined.kind == JoinKind::kFull)
      return Refuse(join.condition->position, "FULL JOIN without an equality over several owners is not supported yet");
    const std::uint64_t slots = left.slots * right.slots;
    if (right.slots != 1 && slots > kMostProductSlots) {
      return Refuse(join.condition == nullptr ? sql::SourcePosition{} : join.condition->position,
                    "a join of several owners' tables without an equality between them is not supported for tables of this size",
                    "equate a column of the one with a column of the other");
    }
    left.slots = keeps_left ? left.slots : slots;
    reason = right.slots == 1 ? "there is one row to join" : "nothing is equated between the two";
  } else {
    joined.method = JoinMethod::kSort;
    joined.most_matches = 1;
    if (!any_match_will_do && per_left > 1) {
      if (per_left > kMostMatches) {
        return Refuse(join.condition->position,
                      absl::StrCat("this join of several owners' rows may find ",
                                   per_left < kMostBoundedRows ? absl::StrCat("up to ", per_left) : "any number of",
                                   " rows for one, more than ", kMostMatches),
                      "aggregate one side by the joined columns in a subquery, or declare their most_rows in the federation file");
      }
      joined.most_matches = static_cast<std::uint32_t>(per_left);
    }
    JoinTablesNode looked_up = joined;
    if (right.fresh_share && !all_secret_) KeepKnownKeys(left, *right_node, looked_up);
    const std::string obstacle = NoLookup(left, right, looked_up);
    if (obstacle.empty()) {
      const bool by_owner = left.order == right.order;
      looked_up.method = by_owner ? JoinMethod::kByOwner : JoinMethod::kLookup;
      if (!by_owner) looked_up.helper = HelperOf(left.order, right.order);
      ColumnSet by;
      for (const auto& [key, unused] : looked_up.keys) by.insert(key);
      looked_up.left_keys = std::clamp<std::uint64_t>(facts_.MostDistinct(*left.ordered, by), 1, left.slots);
      joined = std::move(looked_up);
      reason = by_owner ? absl::StrCat(catalog_.PartyName(left.order), " knows the keys on both sides")
                        : absl::StrCat(catalog_.PartyName(left.order), " knows the keys of its rows, and ",
                                       catalog_.PartyName(right.order), " has each key once");
    } else {
      reason = absl::StrCat("it cannot be a lookup: ", obstacle);
    }
    if (!keeps_left) left.slots *= joined.most_matches;
    if (joined.kind == JoinKind::kFull) left.slots += right.slots;
  }
  CARE_RETURN_IF_ERROR(CheckSlots(left.slots, "a join"));
  if (joined.method != JoinMethod::kLookup && joined.method != JoinMethod::kByOwner && (joined.most_matches != 1 || joined.kind == JoinKind::kFull ||
                                               (joined.method == JoinMethod::kProduct && right.slots != 1 && !keeps_left))) {
    left.order = kNoParty;
    left.known.clear();
  }
  left.node = Add(std::move(joined), std::move(reason));
  left.logical = node;
  left.fresh_share = false;
  // Most slots of a join that multiplies rows are empty where keys bound its rows otherwise; nothing is told by leaving them.
  const std::uint64_t bound = std::max<std::uint64_t>(1, facts_.Bound(*node));
  if (compacts_ && left.order == kNoParty && bound <= left.slots / 2) {
    left.node = Add(CompactTableNode{left.node, bound}, absl::StrCat("keys and references leave at most so many of ", left.slots, " rows"));
    left.slots = bound;
  }
  return left;
}

}  // namespace care::planner
