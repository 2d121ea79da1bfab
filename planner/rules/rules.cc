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
  CARE_ASSIGN_OR_RETURN(plan.root, ExpandGroupingSets(plan.root, plan, catalog, sql));
  CARE_ASSIGN_OR_RETURN(plan.root, Decorrelator(plan, catalog, sql).Rewrite(plan.root));
  RefreshFacts(plan, catalog);
  std::set<ColumnId> outputs;
  for (const OutputColumn& output : plan.output) outputs.insert(output.column);
  for (int round = 0; round < kMostRounds; ++round) {
    const LogicalPtr before = plan.root;
    plan.root = FoldConstants(plan.root);
    plan.root = FactorDisjunctions(plan.root);
    plan.root = PushDownFilter(plan.root);
    plan.root = SimplifyOuterJoin(plan.root);
    plan.root = MergeProjections(plan.root);
    plan.root = PruneColumns(plan.root, outputs, catalog);
    if (plan.root == before) {
      RefreshFacts(plan, catalog);
      return plan;
    }
  }
  return absl::InternalError("the rewrite rules reached no fixpoint");
}

}  // namespace care::planner
