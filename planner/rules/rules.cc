#include "planner/rules/rules.h"

#include "engine/types/status_macros.h"
#include "planner/logical/column_facts.h"
#include "planner/rules/decorrelate.h"
#include "planner/rules/rule_list.h"

namespace care::planner {
namespace {

constexpr int kMostRounds = 100;

}  // namespace

absl::StatusOr<LogicalPlan> ApplyRules(LogicalPlan plan, const Catalog& catalog, std::string_view sql) {
  CARE_ASSIGN_OR_RETURN(LogicalPtr expanded, ExpandGroupingSets(plan.root, plan, catalog, sql));
  plan.Rewrite("expand grouping sets", std::move(expanded));
  CARE_ASSIGN_OR_RETURN(LogicalPtr decorrelated, Decorrelator(plan, catalog, sql).Rewrite(plan.root));
  plan.Rewrite("decorrelate subqueries", std::move(decorrelated));
  RefreshFacts(plan, catalog);
  std::set<ColumnId> outputs;
  for (const OutputColumn& output : plan.output) outputs.insert(output.column);
  for (int round = 0; round < kMostRounds; ++round) {
    const LogicalPtr before = plan.root;
    plan.Rewrite("fold constants", FoldConstants(plan.root));
    plan.Rewrite("factor disjunctions", FactorDisjunctions(plan.root));
    plan.Rewrite("push filters down", PushDownFilter(plan.root));
    plan.Rewrite("simplify outer joins", SimplifyOuterJoin(plan.root));
    plan.Rewrite("merge projections", MergeProjections(plan.root));
    plan.Rewrite("prune columns", PruneColumns(plan.root, outputs, catalog));
    if (plan.root == before) {
      RefreshFacts(plan, catalog);
      return plan;
    }
  }
  return absl::InternalError("the rewrite rules reached no fixpoint");
}

}  // namespace care::planner
