#include "planner/physical/plan_query.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/parser.h"
#include "grammar/query_error.h"
#include "planner/logical/binder.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/folded_types.h"
#include "planner/logical/row_facts.h"
#include "planner/logical/type_rules.h"
#include "planner/physical/cheapest_placement.h"
#include "planner/physical/digest.h"
#include "planner/physical/fit_memory.h"
#include "planner/physical/join_block.h"
#include "planner/physical/joint_expressions.h"
#include "planner/physical/leakage.h"
#include "planner/physical/person_joins.h"
#include "planner/physical/plan_cost.h"
#include "planner/physical/query_link.h"
#include "planner/physical/readable_names.h"
#include "planner/physical/single_owner.h"
#include "planner/physical/star_placement.h"
#include "planner/physical/sum_digits.h"
#include "planner/physical/table_placement.h"
#include "planner/physical/validator.h"
#include "planner/rules/rules.h"

namespace care::planner {
namespace {

void CollectReleases(const LogicalPtr& node, std::vector<const ReleaseNode*>& releases) {
  if (const auto* release = std::get_if<ReleaseNode>(&node->node)) {
    releases.push_back(release);
    return;
  }
  for (const LogicalPtr& child : ChildrenOf(*node)) CollectReleases(child, releases);
}

// Rules move expressions below the Release for a LIMIT over groups; only those that stood there before has the binder looked at.
absl::Status CheckRaisesNothing(const LogicalPtr& fragment, const std::vector<ColumnInfo>& columns, std::string_view sql) {
  std::optional<RaisingPart> raising;
  MapExpressions(fragment, [&](const ExpressionPtr& expression) {
    if (!raising) raising = FindRaising(expression, columns);
    return expression;
  });
  if (raising) {
    return sql::QueryError(sql, raising->part->position,
                           absl::StrCat(raising->why, ", also in groups that are not released: an error would reveal them"),
                           raising->hint);
  }
  for (const LogicalPtr& child : ChildrenOf(*fragment)) CARE_RETURN_IF_ERROR(CheckRaisesNothing(child, columns, sql));
  return absl::OkStatus();
}

// A column that holds a declared key, as it stands in its table.
bool IsKey(const ExpressionPtr& expression, const LogicalPlan& plan, const Catalog& catalog) {
  const auto* column = expression == nullptr ? nullptr : std::get_if<ColumnExpression>(&expression->node);
  if (column == nullptr) return false;
  const ColumnInfo& info = plan.columns[column->column];
  return info.table >= 0 && !catalog.tables[info.table].columns[info.table_column].key_domain.empty();
}

bool IsStarCall(const AggregateCall& call, bool released, bool one_owner, const LogicalPlan& plan, const Catalog& catalog) {
  switch (call.function) {
    case AggregateFunction::kCount:
      return !call.distinct || one_owner || IsKey(call.argument, plan, catalog);
    case AggregateFunction::kAverage:
      // Below the release its digits fit no column.
      return !call.distinct && released;
    case AggregateFunction::kCountStar:
    case AggregateFunction::kSum:
      return !call.distinct;
    default:
      return false;
  }
}

// Whether the star placement knows everything below the release: it must never meet what it would take for something else.
bool IsStarShaped(const LogicalNode& node, bool released, bool one_owner, const LogicalPlan& plan, const Catalog& catalog) {
  if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    if (join->kind != JoinKind::kInner && join->kind != JoinKind::kLeft && join->kind != JoinKind::kCross) return false;
  } else if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    for (const NamedAggregate& named : aggregate->calls) {
      if (!IsStarCall(named.call, released, one_owner, plan, catalog)) return false;
    }
  } else if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    for (const NamedExpression& item : project->columns) {
      if (HasOpenScale(item.expression)) return false;
    }
  } else if (!std::holds_alternative<ScanNode>(node.node) && !std::holds_alternative<FilterNode>(node.node) &&
             !std::holds_alternative<SortNode>(node.node)) {
    return false;
  }
  const std::vector<LogicalPtr> children = ChildrenOf(node);
  return std::all_of(children.begin(), children.end(), [&](const LogicalPtr& child) {
    return IsStarShaped(*child, /*released=*/false, one_owner, plan, catalog);
  });
}

bool AboutPersonsOnly(const LogicalNode& node, const Catalog& catalog) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) return catalog.tables[scan->table].subject_column >= 0;
  const std::vector<LogicalPtr> children = ChildrenOf(node);
  return std::all_of(children.begin(), children.end(),
                     [&](const LogicalPtr& child) { return AboutPersonsOnly(*child, catalog); });
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
    const std::uint64_t bytes = CostOf(*placed, {}).bytes;
    if (!best || bytes < best_bytes) {
      best = std::move(*placed);
      best_bytes = bytes;
    }
  }
  if (!best) return refusal;
  return *std::move(best);
}

// The cheap plans of star queries and of one owner's groups.
absl::StatusOr<PhysicalPlan> PlaceStar(const LogicalPlan& logical, const ReleaseNode& release, const Catalog& catalog,
                                       std::string_view sql) {
  const auto* top = std::get_if<AggregateNode>(&release.child->node);
  const std::vector<PartyId> owners = ScannedParties(*release.child, catalog);
  const bool one_owner = owners.size() == 1;
  const auto computes = [&](PartyId owner) {
    return std::find(catalog.compute_parties.begin(), catalog.compute_parties.end(), owner) != catalog.compute_parties.end();
  };
  if (top == nullptr || !std::all_of(owners.begin(), owners.end(), computes) || !AboutPersonsOnly(*release.child, catalog) ||
      !IsStarShaped(*release.child, /*released=*/true, one_owner, logical, catalog)) {
    return absl::UnimplementedError("not a star");
  }
  if (one_owner) return PlaceAtOneOwner(*top, logical, catalog, sql, owners[0]);
  return PlaceJoint(*top, logical, catalog, sql);
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
    if (std::holds_alternative<sql::SetVariable>(statement))
      return sql::QueryError(sql, {}, "SET holds for a session of PostgreSQL's protocol, and here is none", "state the purpose by --purpose");
    if (explain == nullptr) return sql::QueryError(sql, {}, "SHOW has no plan", "care query shows its rows");
    select = &explain->statement;
  }
  PlannedQuery query;
  query.sql = std::string(sql);
  query.inputs = inputs;
  CARE_ASSIGN_OR_RETURN(LogicalPlan bound, Bind(*select, sql, catalog, {.current_date_days = inputs.current_date_days, .time_of_day = inputs.time_of_day}));
  TakeFoldedTypes(bound);
  CARE_ASSIGN_OR_RETURN(query.logical, ApplyRules(std::move(bound), catalog, sql));
  std::vector<const ReleaseNode*> releases;
  CollectReleases(query.logical.root, releases);
  if (releases.empty()) return sql::QueryError(sql, {}, "a query asks at least one table", "add one to FROM");
  for (const ReleaseNode* release : releases) {
    if (const auto* top = std::get_if<AggregateNode>(&release->child->node)) NameResults(*top, query.logical);
  }
  if (ScannedParties(*query.logical.root, catalog).empty()) return sql::QueryError(sql, {}, "a query asks at least one table", "add one to FROM");
  const auto take = [&](PhysicalPlan plan, LogicalPtr finish) {
    query.plan = std::move(plan);
    query.plan.finish = std::move(finish);
    query.plan.output = query.logical.output;
    query.plan.recipient = inputs.recipient;
    query.disclosures = LeakageOf(query.plan, catalog);
    return ValidatePlan(query.plan, query.disclosures, catalog);
  };
  query.output = query.logical.output;
  absl::StatusOr<PhysicalPlan> star = absl::UnimplementedError("not a star");
  // The digits of what it releases are those of its columns.
  const bool may_be_star = releases.size() == 1 && !inputs.all_secret && !ShowsOtherDigits(query.logical.root, query.logical);
  if (may_be_star) star = PlaceStar(query.logical, *releases[0], catalog, sql);
  // A star that the validator does not accept was none.
  const bool is_star = star.ok() && take(*std::move(star), query.logical.root).ok();
  // After the star's placement, which has more particular reasons to refuse.
  for (const ReleaseNode* release : releases)
    CARE_RETURN_IF_ERROR(CheckPersonJoins(*release->child, query.logical.columns, catalog, sql));
  const auto place_tables = [&]() -> absl::Status {
    absl::StatusOr<std::vector<PricedPlacement>> tables =
        PlaceTablesInSomeWays(query.logical, catalog, sql, inputs.all_secret, LinkOf(catalog, inputs));
    if (!tables.ok()) return tables.status();
    PricedPlacement& best = tables->front();
    for (const PhysicalNode& node : best.placement.plan.nodes) {
      const auto* local = std::get_if<LocalNode>(&node);
      if (local != nullptr) CARE_RETURN_IF_ERROR(CheckRaisesNothing(local->fragment, best.placement.plan.columns, sql));
    }
    CARE_RETURN_IF_ERROR(FitMemory(best.placement.plan, catalog, LinkOf(catalog, inputs), sql));
    CARE_RETURN_IF_ERROR(take(std::move(best.placement.plan), best.placement.logical.root));
    if (tables->size() > 1) {
      for (const PricedPlacement& way : *tables) query.considered.push_back({way.name, way.cost.bytes, way.cost.rounds});
    }
    return absl::OkStatus();
  };
  if (!is_star) {
    CARE_RETURN_IF_ERROR(place_tables());
  } else if (StarNeedsPartitions(query.plan, catalog)) {
    // A star has no partitions; what it computes over tables may.
    PlannedQuery star = query;
    if (!place_tables().ok() || !RunsInPartitions(query.plan)) query = std::move(star);
  }
  query.cost = CostOf(query.plan, LinkOf(catalog, inputs));
  const Digests digests = DigestsOf(query, catalog);
  query.disclosure_digest = digests.disclosure;
  query.execution_digest = digests.execution;
  return query;
}

}  // namespace care::planner
