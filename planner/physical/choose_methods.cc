#include "planner/physical/choose_methods.h"

#include "absl/strings/str_cat.h"
#include "planner/physical/group_sorts.h"
#include "planner/physical/size_text.h"
#include "planner/physical/table_cost.h"
#include "planner/physical/table_forms.h"

namespace care::planner {
namespace {

using mpc::Cost;

bool UsesOtherWay(PhysicalNode& node) {
  if (auto* join = std::get_if<JoinTablesNode>(&node); join != nullptr && join->method == JoinMethod::kLookup) {
    join->method = JoinMethod::kSort;
    join->helper = kNoParty;
    join->left_keys = 0;
    return true;
  }
  if (auto* group = std::get_if<GroupTableNode>(&node)) {
    group->sorts_cells = !group->sorts_cells;
    return true;
  }
  return false;
}

std::string Text(std::string_view name, const Cost& cost) {
  return absl::StrCat(std::string(name), " ", SizeText(cost.bytes), " in ", cost.rounds, " rounds");
}

// "a lookup moves 12.0 MB in 19 rounds, a sort join 96.1 MB in 75 rounds"
std::string Comparison(const PhysicalNode& node, const Cost& cost, const Cost& other) {
  if (std::holds_alternative<JoinTablesNode>(node))
    return absl::StrCat(Text("a lookup moves", cost), ", ", Text("a sort join", other));
  const auto& group = std::get<GroupTableNode>(node);
  return SortsOf(group).by_cells ? absl::StrCat(Text("a flag for each in every row moves", cost), ", ", Text("a sort", other))
                                 : absl::StrCat(Text("a sort moves", cost), ", ", Text("a flag for each in every row", other));
}

}  // namespace

void ChooseMethods(PhysicalPlan& plan, const mpc::LinkSpeed& link) {
  TableCosts costs = TableCostsOf(plan, link);
  if (!costs.is_known) return;
  bool changed = false;
  for (NodeId id = 0; id < plan.nodes.size(); ++id) {
    const auto other = costs.other_ways.find(id);
    if (other == costs.other_ways.end()) {
      // Too many flags to hold.
      auto* group = std::get_if<GroupTableNode>(&plan.nodes[id]);
      if (group == nullptr || !SortsOf(*group).by_cells) continue;
      group->sorts_cells = changed = true;
      continue;
    }
    if (mpc::ElapsedMicroseconds(other->second, link) >= mpc::ElapsedMicroseconds(costs.nodes[id], link)) continue;
    const bool looked_up = std::holds_alternative<JoinTablesNode>(plan.nodes[id]);
    if (!UsesOtherWay(plan.nodes[id])) continue;
    if (looked_up) {
      plan.reasons[id] = absl::StrCat(Text("a sort join moves", other->second), ", ", Text("a lookup", costs.nodes[id]));
    }
    changed = true;
  }
  if (changed) {
    ChooseForms(plan);
    costs = TableCostsOf(plan, link);
  }
  for (const auto& [id, other] : costs.other_ways) {
    std::string& reason = plan.reasons[id];
    reason = absl::StrCat(reason, reason.empty() ? "" : "; ", Comparison(plan.nodes[id], costs.nodes[id], other));
  }
}

}  // namespace care::planner
