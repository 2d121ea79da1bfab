// Subqueries that decide over a row: in WHERE, HAVING and ON, where false and unknown are the same.
#include <utility>

#include "engine/types/status_macros.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/free_columns.h"
#include "planner/logical/row_facts.h"
#include "planner/rules/decorrelate.h"

namespace care::planner {
namespace {

ExpressionPtr Zero() { return MakeLiteral(std::int64_t{0}, kBigIntType); }

}  // namespace

LogicalPtr Decorrelator::RowsOfExists(LogicalPtr node, bool& never) const {
  never = false;
  while (true) {
    if (const auto* project = std::get_if<ProjectNode>(&node->node)) {
      node = LogicalPtr(project->child);
    } else if (const auto* sort = std::get_if<SortNode>(&node->node)) {
      node = LogicalPtr(sort->child);
    } else if (const auto* distinct = std::get_if<DistinctNode>(&node->node)) {
      node = LogicalPtr(distinct->child);
    } else if (const auto* limit = std::get_if<LimitNode>(&node->node); limit != nullptr && limit->offset == 0) {
      never = limit->limit == std::uint64_t{0};
      if (never) return nullptr;
      node = LogicalPtr(limit->child);
    } else if (const auto* aggregate = std::get_if<AggregateNode>(&node->node)) {
      // Without GROUP BY there is always a row; with it, a group wherever there is one.
      if (aggregate->group_by.empty()) return nullptr;
      node = LogicalPtr(aggregate->child);
    } else {
      return node;
    }
  }
}

absl::Status Decorrelator::Exists(const Expression& subquery, bool negated, LogicalPtr& child,
                                  std::vector<ExpressionPtr>& conjuncts) {
  CARE_ASSIGN_OR_RETURN(const LogicalPtr plan, Rewrite(std::get<SubqueryExpression>(subquery.node).plan));
  bool never = false;
  const LogicalPtr rows = RowsOfExists(plan, never);
  if (rows == nullptr) {
    conjuncts.push_back(MakeLiteral(never == negated, kBooleanType, subquery.position));
    return absl::OkStatus();
  }
  CARE_ASSIGN_OR_RETURN(PulledSubquery pulled, CorrelationPuller(plan_, sql_, subquery.position, false).Pull(rows));
  if (pulled.predicates.empty()) {
    // The same answer for every row: one row says it.
    const NamedAggregate count = CountRows();
    child = MakeNode(JoinNode{JoinKind::kCross, std::move(child), MakeNode(AggregateNode{pulled.plan, {}, {count}}),
                              MakeConjunction({})});
    conjuncts.push_back(MakeCall(negated ? Function::kEqual : Function::kGreater, {Column(count.column), Zero()},
                                 kBooleanType, subquery.position));
    return absl::OkStatus();
  }
  child = MakeNode(JoinNode{negated ? JoinKind::kAnti : JoinKind::kSemi, std::move(child), pulled.plan,
                            MakeConjunction(std::move(pulled.predicates))});
  return absl::OkStatus();
}

absl::StatusOr<Decorrelator::Membership> Decorrelator::MembershipOf(const Expression& subquery) {
  const auto& in = std::get<SubqueryExpression>(subquery.node);
  CARE_ASSIGN_OR_RETURN(LogicalPtr plan, Rewrite(in.plan));
  Membership membership;
  membership.operand = in.operand;
  membership.member = Column(in.column);
  membership.nullable = plan_.columns[in.column].nullable || FactsOf(in.operand, plan_.columns).nullable;
  // Outputs that read the query around the subquery are compared where both are at hand.
  if (const auto* project = std::get_if<ProjectNode>(&plan->node)) {
    for (const NamedExpression& item : project->columns) {
      if (item.column != in.column) continue;
      for (ColumnId column : ColumnsWithSubqueries(item.expression)) {
        bool own = false;
        for (ColumnId output : OutputColumns(*project->child)) own = own || output == column;
        if (own) continue;
        membership.member = item.expression;
        membership.nullable = true;
        plan = LogicalPtr(project->child);
        break;
      }
      break;
    }
  }
  CARE_ASSIGN_OR_RETURN(membership.pulled, CorrelationPuller(plan_, sql_, subquery.position, false).Pull(plan));
  return membership;
}

absl::Status Decorrelator::In(const Expression& subquery, LogicalPtr& child, std::vector<ExpressionPtr>&) {
  CARE_ASSIGN_OR_RETURN(Membership membership, MembershipOf(subquery));
  std::vector<ExpressionPtr> condition = std::move(membership.pulled.predicates);
  condition.push_back(
      MakeCall(Function::kEqual, {membership.operand, membership.member}, kBooleanType, subquery.position));
  child = MakeNode(
      JoinNode{JoinKind::kSemi, std::move(child), membership.pulled.plan, MakeConjunction(std::move(condition))});
  return absl::OkStatus();
}

// x NOT IN S is true if S is empty, or if x is known, S holds no NULL, and nothing in S equals x.
absl::Status Decorrelator::NotIn(const Expression& subquery, LogicalPtr& child, std::vector<ExpressionPtr>& conjuncts) {
  CARE_ASSIGN_OR_RETURN(const Membership membership, MembershipOf(subquery));
  const ExpressionPtr match =
      MakeCall(Function::kEqual, {membership.operand, membership.member}, kBooleanType, subquery.position);
  if (membership.nullable) {
    // The matches are found by the anti-join; S is counted beside it, under names of its own.
    const RenamedCopy copy = CopyRenamed(membership.pulled.plan, plan_);
    const auto renamed = [&](const ExpressionPtr& expression) {
      std::vector<std::pair<ColumnId, ExpressionPtr>> names;
      for (const auto& [from, to] : copy.renamed) names.push_back({from, Column(to)});
      return SubstituteColumns(expression, names);
    };
    PulledSubquery counted{copy.node, {}};
    for (const ExpressionPtr& predicate : membership.pulled.predicates) counted.predicates.push_back(renamed(predicate));
    const ExpressionPtr is_null =
        MakeCall(Function::kIsNull, {renamed(membership.member)}, kBooleanType, subquery.position);
    const NamedAggregate rows = CountRows();
    const NamedAggregate nulls = CountRows(is_null);
    std::optional<KeyedSubquery> keyed;
    if (ColumnsOf(is_null).empty() || IsSubset(ColumnsOf(is_null), OutputSet(*counted.plan))) keyed = AsKeyed(counted, plan_);
    if (keyed) {
      CARE_ASSIGN_OR_RETURN(child, JoinAggregate(std::move(child), *std::move(keyed), {rows, nulls}));
    } else {
      CARE_ASSIGN_OR_RETURN(child, AggregateByRow(std::move(child), counted, {rows, nulls}, subquery.position));
    }
    const auto zero_or_null = [&](const NamedAggregate& count) {
      return MakeCall(Function::kEqual, {MakeCall(Function::kCoalesce, {Column(count.column), Zero()}, kBigIntType), Zero()},
                      kBooleanType, subquery.position);
    };
    const ExpressionPtr known = MakeCall(Function::kIsNotNull, {membership.operand}, kBooleanType, subquery.position);
    conjuncts.push_back(MakeCall(
        Function::kOr,
        {zero_or_null(rows), MakeCall(Function::kAnd, {known, zero_or_null(nulls)}, kBooleanType, subquery.position)},
        kBooleanType, subquery.position));
  }
  std::vector<ExpressionPtr> condition = membership.pulled.predicates;
  condition.push_back(match);
  child = MakeNode(
      JoinNode{JoinKind::kAnti, std::move(child), membership.pulled.plan, MakeConjunction(std::move(condition))});
  return absl::OkStatus();
}

}  // namespace care::planner
