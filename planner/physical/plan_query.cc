#include "planner/physical/plan_query.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/parser.h"
#include "grammar/query_error.h"
#include "planner/logical/binder.h"
#include "planner/physical/digest.h"
#include "planner/physical/join_block.h"
#include "planner/physical/leakage.h"
#include "planner/physical/person_joins.h"
#include "planner/physical/plan_cost.h"
#include "planner/physical/readable_names.h"
#include "planner/physical/single_owner.h"
#include "planner/physical/star_placement.h"
#include "planner/physical/validator.h"
#include "planner/rules/rules.h"

namespace care::planner {
namespace {

// The aggregate under the plan's Release.
absl::StatusOr<AggregateNode> ReleasedAggregate(const LogicalPtr& root, std::string_view sql) {
  LogicalPtr node = root;
  while (!std::holds_alternative<ReleaseNode>(node->node)) {
    const std::vector<LogicalPtr> children = ChildrenOf(*node);
    if (children.size() != 1) {
      return sql::QueryError(sql, {}, "a query that releases more than one table is not supported yet", "ask them one after the other");
    }
    node = children[0];
  }
  const LogicalPtr child = std::get<ReleaseNode>(node->node).child;
  if (!std::holds_alternative<AggregateNode>(child->node)) {
    return sql::QueryError(sql, {}, "releasing rows that are not groups is not supported yet");
  }
  return std::get<AggregateNode>(child->node);
}

// The leakage report speaks of an aggregate by its name in the answer, or by what it computes.
void NameResults(const AggregateNode& top, LogicalPlan& logical) {
  for (const NamedAggregate& named : top.calls) {
    logical.columns[named.column].name = ReadableCall(named.call, logical.columns);
    for (const OutputColumn& output : logical.output) {
      if (output.column == named.column) logical.columns[named.column].name = output.name;
    }
  }
}

absl::StatusOr<PhysicalPlan> PlaceJoint(const AggregateNode& top, const LogicalPlan& logical, const Catalog& catalog,
                                        std::string_view sql) {
  CARE_ASSIGN_OR_RETURN(const Question question, TakeApart(top, logical, catalog, sql));
  std::optional<PhysicalPlan> best;
  std::uint64_t best_bytes = 0;
  absl::Status refusal;
  for (PartyId spine : catalog.compute_parties) {
    bool takes_part = false;
    for (const Leaf& leaf : question.block.leaves) takes_part = takes_part || leaf.owner == spine;
    if (!takes_part) continue;
    absl::StatusOr<PhysicalPlan> placed = StarPlacement(question, logical, catalog, sql, spine).Place();
    if (!placed.ok()) {
      // Every spine's refusal is true; the first is as good a reason as any, and the same at all parties.
      if (refusal.ok()) refusal = placed.status();
      continue;
    }
    const std::uint64_t bytes = CostOf(*placed).bytes;
    if (!best || bytes < best_bytes) {
      best = std::move(*placed);
      best_bytes = bytes;
    }
  }
  if (!best) return refusal;
  return *std::move(best);
}

}  // namespace

absl::StatusOr<PlannedQuery> PlanQuery(std::string_view sql, const Catalog& catalog, const PlanInputs& inputs) {
  if (inputs.planner_version != kPlannerVersion) {
    return absl::FailedPreconditionError(absl::StrCat("the query asks for planner version ", inputs.planner_version,
                                                      ", this node has ", kPlannerVersion));
  }
  CARE_ASSIGN_OR_RETURN(const sql::Statement statement, sql::Parse(sql));
  const auto* select = std::get_if<sql::SelectStatement>(&statement);
  if (select == nullptr) {
    const auto* explain = std::get_if<sql::Explain>(&statement);
    if (explain == nullptr) return sql::QueryError(sql, {}, "SHOW and SET are not supported yet", "the federation file lists tables and columns");
    select = &explain->statement;
  }
  PlannedQuery query;
  query.sql = std::string(sql);
  query.inputs = inputs;
  CARE_ASSIGN_OR_RETURN(LogicalPlan bound, Bind(*select, sql, catalog, {.current_date_days = inputs.current_date_days}));
  CARE_ASSIGN_OR_RETURN(query.logical, ApplyRules(std::move(bound), catalog, sql));
  CARE_ASSIGN_OR_RETURN(const AggregateNode top, ReleasedAggregate(query.logical.root, sql));
  NameResults(top, query.logical);

  const std::vector<PartyId> owners = OwnersOf(*top.child, catalog);
  if (owners.empty()) return sql::QueryError(sql, {}, "the query reads no table");
  for (PartyId owner : owners) {
    const auto& compute = catalog.compute_parties;
    if (std::find(compute.begin(), compute.end(), owner) == compute.end()) {
      return sql::QueryError(sql, {}, absl::StrCat("tables of ", catalog.PartyName(owner), ", which is not a compute party, are not supported yet"));
    }
  }
  if (owners.size() == 1) {
    CARE_ASSIGN_OR_RETURN(query.plan, PlaceAtOneOwner(top, query.logical, catalog, sql, owners[0]));
  } else {
    CARE_ASSIGN_OR_RETURN(query.plan, PlaceJoint(top, query.logical, catalog, sql));
  }
  // After placement, which has more particular reasons to refuse.
  CARE_RETURN_IF_ERROR(CheckPersonJoins(*top.child, catalog, sql));
  query.plan.finish = query.logical.root;
  query.plan.output = query.logical.output;
  query.plan.recipient = inputs.recipient;
  query.output = query.logical.output;
  query.disclosures = LeakageOf(query.plan, catalog);
  CARE_RETURN_IF_ERROR(ValidatePlan(query.plan, query.disclosures, catalog));
  query.cost = CostOf(query.plan);
  const Digests digests = DigestsOf(query, catalog);
  query.disclosure_digest = digests.disclosure;
  query.execution_digest = digests.execution;
  return query;
}

}  // namespace care::planner
