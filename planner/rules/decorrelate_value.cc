// Subqueries as values: under OR, NOT and CASE, in the select list, in comparisons.
#include <algorithm>
#include <utility>

#include "engine/types/status_macros.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/free_columns.h"
#include "planner/logical/row_facts.h"
#include "planner/rules/decorrelate.h"

namespace care::planner {
namespace {

ExpressionPtr Zero() { return MakeLiteral(std::int64_t{0}, kBigIntType); }

bool IsCount(const AggregateCall& call) {
  return call.function == AggregateFunction::kCountStar || call.function == AggregateFunction::kCount ||
         call.function == AggregateFunction::kRegressionCount;
}

// The aggregate without GROUP BY that yields the one row, or null.
const AggregateNode* OneRowAggregate(const LogicalPtr& node) {
  const auto* release = std::get_if<ReleaseNode>(&node->node);
  const auto* aggregate = std::get_if<AggregateNode>(release != nullptr ? &release->child->node : &node->node);
  return aggregate != nullptr && aggregate->group_by.empty() ? aggregate : nullptr;
}

ExpressionPtr AnyRows(const ExpressionPtr& count, sql::SourcePosition position) {
  return MakeCall(Function::kGreater, {MakeCall(Function::kCoalesce, {count, Zero()}, kBigIntType), Zero()}, kBooleanType,
                  position);
}

}  // namespace

Decorrelator::Result Decorrelator::Lift(const ExpressionPtr& expression, LogicalPtr& child) {
  absl::Status refused;
  ExpressionPtr lifted = TransformExpression(expression, [&](const ExpressionPtr& part) {
    const auto* subquery = std::get_if<SubqueryExpression>(&part->node);
    if (subquery == nullptr || !refused.ok()) return part;
    // x BETWEEN a AND b and its like name x twice: one join answers both.
    const std::tuple written(subquery->plan, subquery->operand, subquery->kind);
    const auto known = lifted_.find(written);
    if (known != lifted_.end() && IsSubset(ColumnsOf(known->second), OutputSet(*child))) return known->second;
    Result value = subquery->kind == SubqueryKind::kExists ? ExistsValue(*part, child)
                   : subquery->kind == SubqueryKind::kIn   ? InValue(*part, child)
                                                           : ScalarValue(*part, child);
    if (value.ok()) return lifted_[written] = *value;
    refused = value.status();
    return part;
  });
  CARE_RETURN_IF_ERROR(refused);
  return lifted;
}

absl::StatusOr<LogicalPtr> Decorrelator::JoinAggregate(LogicalPtr child, KeyedSubquery keyed,
                                                       std::vector<NamedAggregate> calls) {
  const bool one_row = keyed.keys.empty();
  if (!one_row) {
    for (const NamedAggregate& named : calls) plan_.columns[named.column].nullable = true;
  }
  LogicalPtr groups = MakeNode(AggregateNode{std::move(keyed.plan), std::move(keyed.keys), std::move(calls)});
  return MakeNode(JoinNode{one_row ? JoinKind::kCross : JoinKind::kLeft, std::move(child), std::move(groups),
                           MakeConjunction(std::move(keyed.equalities))});
}

absl::StatusOr<LogicalPtr> Decorrelator::AggregateByRow(LogicalPtr child, const PulledSubquery& pulled,
                                                        std::vector<NamedAggregate> calls, sql::SourcePosition position) {
  const std::vector<ColumnId> row = OutputColumns(*child);
  if (!RowFacts(plan_.columns, catalog_).IsKey(*child, {row.begin(), row.end()}, /*null_is_a_value=*/true)) {
    return Refuse(position,
                  "a subquery that refers by anything but equality to rows that no key tells apart");
  }
  const ColumnId marker = NewColumn("matched", kBooleanType, true);
  LogicalPtr matches = WithColumns(pulled.plan, {{marker, MakeLiteral(true, kBooleanType)}});
  LogicalPtr joined = MakeNode(
      JoinNode{JoinKind::kLeft, std::move(child), std::move(matches), MakeConjunction(pulled.predicates)});
  // A row without a match stands for no row of the subquery.
  const ExpressionPtr matched = MakeCall(Function::kIsNotNull, {Column(marker)}, kBooleanType, position);
  for (NamedAggregate& named : calls) {
    ExpressionPtr& filter = named.call.filter;
    filter = filter == nullptr ? matched : MakeCall(Function::kAnd, {matched, filter}, kBooleanType, position);
  }
  return MakeNode(AggregateNode{std::move(joined), row, std::move(calls)});
}

Decorrelator::Result Decorrelator::ExistsValue(const Expression& subquery, LogicalPtr& child) {
  CARE_ASSIGN_OR_RETURN(const LogicalPtr plan, Rewrite(std::get<SubqueryExpression>(subquery.node).plan));
  bool never = false;
  const LogicalPtr rows = RowsOfExists(plan, never);
  if (rows == nullptr) return MakeLiteral(!never, kBooleanType, subquery.position);
  CARE_ASSIGN_OR_RETURN(const PulledSubquery pulled, CorrelationPuller(plan_, sql_, subquery.position, false).Pull(rows));
  const NamedAggregate count = CountRows();
  if (std::optional<KeyedSubquery> keyed = AsKeyed(pulled, plan_)) {
    CARE_ASSIGN_OR_RETURN(child, JoinAggregate(std::move(child), *std::move(keyed), {count}));
  } else {
    CARE_ASSIGN_OR_RETURN(child, AggregateByRow(std::move(child), pulled, {count}, subquery.position));
  }
  return AnyRows(Column(count.column), subquery.position);
}

// TRUE if something equals it; otherwise unknown if there are rows and either it or one of them is NULL; otherwise FALSE.
Decorrelator::Result Decorrelator::InValue(const Expression& subquery, LogicalPtr& child) {
  CARE_ASSIGN_OR_RETURN(const Membership membership, MembershipOf(subquery));
  const sql::SourcePosition position = subquery.position;
  const auto is_null = [&](ExpressionPtr value) {
    return MakeCall(Function::kIsNull, {std::move(value)}, kBooleanType, position);
  };
  ExpressionPtr match, any, any_null;
  const bool member_is_inner = IsSubset(ColumnsOf(membership.member), OutputSet(*membership.pulled.plan));
  std::optional<KeyedSubquery> keyed;
  if (member_is_inner) keyed = AsKeyed(membership.pulled, plan_);
  if (keyed) {
    PulledSubquery with_member = membership.pulled;
    with_member.predicates.push_back(
        MakeCall(Function::kEqual, {membership.member, membership.operand}, kBooleanType, position));
    if (membership.nullable) {
      const RenamedCopy copy = CopyRenamed(keyed->plan, plan_);
      std::vector<std::pair<ColumnId, ExpressionPtr>> names;
      for (const auto& [from, to] : copy.renamed) names.push_back({from, Column(to)});
      KeyedSubquery counted{copy.node, {}, {}};
      for (ColumnId key : keyed->keys) counted.keys.push_back(copy.Of(key));
      for (const ExpressionPtr& equality : keyed->equalities) counted.equalities.push_back(SubstituteColumns(equality, names));
      const NamedAggregate rows = CountRows();
      const NamedAggregate nulls = CountRows(is_null(SubstituteColumns(membership.member, names)));
      CARE_ASSIGN_OR_RETURN(child, JoinAggregate(std::move(child), std::move(counted), {rows, nulls}));
      any = AnyRows(Column(rows.column), position);
      any_null = AnyRows(Column(nulls.column), position);
    }
    std::optional<KeyedSubquery> members = AsKeyed(with_member, plan_);
    if (!members) return Refuse(position, "IN (SELECT ...) of this form as a value");
    const NamedAggregate count = CountRows();
    CARE_ASSIGN_OR_RETURN(child, JoinAggregate(std::move(child), *std::move(members), {count}));
    match = AnyRows(Column(count.column), position);
  } else {
    const NamedAggregate matches =
        CountRows(MakeCall(Function::kEqual, {membership.member, membership.operand}, kBooleanType, position));
    const NamedAggregate rows = CountRows();
    const NamedAggregate nulls = CountRows(is_null(membership.member));
    CARE_ASSIGN_OR_RETURN(child, AggregateByRow(std::move(child), membership.pulled, {matches, rows, nulls}, position));
    match = AnyRows(Column(matches.column), position);
    any = AnyRows(Column(rows.column), position);
    any_null = AnyRows(Column(nulls.column), position);
  }
  if (!membership.nullable) return match;
  CaseExpression value;
  value.branches.push_back({match, MakeLiteral(true, kBooleanType, position)});
  ExpressionPtr unknown = MakeCall(Function::kAnd, {any, MakeCall(Function::kOr, {is_null(membership.operand), any_null},
                                                                  kBooleanType, position)},
                                   kBooleanType, position);
  value.branches.push_back({std::move(unknown), MakeLiteral(Null{}, kBooleanType, position)});
  value.otherwise = MakeLiteral(false, kBooleanType, position);
  return std::make_shared<const Expression>(Expression{std::move(value), kBooleanType, position});
}

Decorrelator::Result Decorrelator::ScalarValue(const Expression& subquery, LogicalPtr& child) {
  const auto& scalar = std::get<SubqueryExpression>(subquery.node);
  CARE_ASSIGN_OR_RETURN(const LogicalPtr plan, Rewrite(scalar.plan));
  // What is computed from the aggregates is computed above the join, so that it has its value over no rows too.
  ExpressionPtr value = Column(scalar.column);
  LogicalPtr below = plan;
  while (true) {
    if (const auto* project = std::get_if<ProjectNode>(&below->node)) {
      std::vector<std::pair<ColumnId, ExpressionPtr>> definitions;
      for (const NamedExpression& item : project->columns) definitions.push_back({item.column, item.expression});
      value = SubstituteColumns(value, definitions);
      below = LogicalPtr(project->child);
    } else if (const auto* sort = std::get_if<SortNode>(&below->node)) {
      below = LogicalPtr(sort->child);
    } else {
      break;
    }
  }
  const CorrelationPuller puller(plan_, sql_, subquery.position, /*duplicates_matter=*/true);
  if (const AggregateNode* aggregate = OneRowAggregate(below)) {
    if (FreeColumns(*below).empty()) {
      child = MakeNode(JoinNode{JoinKind::kCross, std::move(child), below, MakeConjunction({})});
      return value;
    }
    CARE_ASSIGN_OR_RETURN(const PulledSubquery pulled, puller.Pull(aggregate->child));
    const std::set<ColumnId> own = OutputSet(*pulled.plan);
    const bool reads_outer = std::any_of(aggregate->calls.begin(), aggregate->calls.end(), [&](const NamedAggregate& named) {
      const AggregateCall& call = named.call;
      return (call.argument != nullptr && !IsSubset(ColumnsOf(call.argument), own)) ||
             (call.second != nullptr && !IsSubset(ColumnsOf(call.second), own)) ||
             (call.filter != nullptr && !IsSubset(ColumnsOf(call.filter), own));
    });
    std::optional<KeyedSubquery> keyed;
    if (!reads_outer && !pulled.predicates.empty()) keyed = AsKeyed(pulled, plan_);
    if (!keyed) {
      CARE_ASSIGN_OR_RETURN(child, AggregateByRow(std::move(child), pulled, aggregate->calls, subquery.position));
      return value;
    }
    CARE_ASSIGN_OR_RETURN(child, JoinAggregate(std::move(child), *std::move(keyed), aggregate->calls));
    std::vector<std::pair<ColumnId, ExpressionPtr>> over_no_rows;
    for (const NamedAggregate& named : aggregate->calls) {
      if (!IsCount(named.call)) continue;
      over_no_rows.push_back({named.column, MakeCall(Function::kCoalesce, {Column(named.column), Zero()}, kBigIntType)});
    }
    return SubstituteColumns(value, over_no_rows);
  }
  CARE_ASSIGN_OR_RETURN(const PulledSubquery pulled, puller.Pull(plan));
  const RowFacts facts(plan_.columns, catalog_);
  bool at_most_one = facts.Bound(*pulled.plan) == 1;
  if (!at_most_one) {
    std::set<ColumnId> keys;
    for (const ExpressionPtr& predicate : pulled.predicates) {
      const std::optional<CorrelationKey> key = AsKey(predicate, OutputSet(*pulled.plan));
      if (!key || key->function != Function::kEqual) continue;
      if (const auto* column = std::get_if<ColumnExpression>(&key->inner->node)) keys.insert(column->column);
    }
    at_most_one = !keys.empty() && facts.IsKey(*pulled.plan, keys);
  }
  if (!at_most_one) {
    return Refuse(subquery.position, "a scalar subquery that could yield more than one row",
                  "aggregate in it, as MAX(x), or compare its key for equality");
  }
  child = MakeNode(JoinNode{JoinKind::kLeft, std::move(child), pulled.plan, MakeConjunction(pulled.predicates)});
  return Column(scalar.column);
}

}  // namespace care::planner
