#include "planner/physical/table_openings.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "planner/physical/operator_openings.h"
#include "planner/physical/table_shape.h"

namespace care::planner {
namespace {

// Whether persons were counted on the way to the opening; a table about nobody passes its gate as it is.
bool CountsPersons(const PhysicalPlan& plan, NodeId node) {
  const auto* gate = std::get_if<GateTableNode>(&plan.nodes[node]);
  return gate != nullptr && !gate->person_counts.empty();
}

std::vector<Disclosure> Opening(const PhysicalPlan& plan, const OpenTableNode& open) {
  const std::uint64_t slots = SlotsOf(plan, open.input);
  const bool gated = CountsPersons(plan, open.input);
  std::vector<std::string> names;
  for (const ColumnId column : open.columns) names.push_back(plan.columns[column].name);
  const std::string rows = absl::StrCat(slots, open.dense ? (slots == 1 ? " cell" : " cells") : " shuffled slots");
  return {{.what = absl::StrCat("which of ", rows, gated ? " survive the gate" : " hold a row"),
           .recipient = plan.recipient,
           .max_values = slots,
           .rule = gated ? "release gate" : "rows about nobody"},
          // NULLs of values that leave the ring are told in planes of their own.
          {.what = absl::StrCat(gated ? "of the survivors: " : "of those: ", absl::StrJoin(names, ", ")),
           .recipient = plan.recipient,
           .max_values = slots * (open.columns.size() + 1),
           .rule = gated ? "release gate: every group holds at least the threshold of distinct persons" : "rows about nobody"}};
}

std::vector<Disclosure> OpeningsOfRun(const PhysicalPlan& plan, NodeId node) {
  if (const auto* open = std::get_if<OpenTableNode>(&plan.nodes[node])) return Opening(plan, *open);
  if (const auto* join = std::get_if<JoinTablesNode>(&plan.nodes[node]))
    return JoinOpenings(*join, SlotsOf(plan, join->left), SlotsOf(plan, join->right));
  if (const auto* group = std::get_if<GroupTableNode>(&plan.nodes[node])) return GroupOpenings(*group, SlotsOf(plan, group->input));
  if (const auto* window = std::get_if<WindowTableNode>(&plan.nodes[node])) return WindowOpenings(SlotsOf(plan, window->input));
  if (const auto* top = std::get_if<TopTableNode>(&plan.nodes[node])) return TopOpenings(SlotsOf(plan, top->input));
  if (const auto* compact = std::get_if<CompactTableNode>(&plan.nodes[node])) return CompactOpenings(SlotsOf(plan, compact->input));
  return {};
}

}  // namespace

std::vector<Disclosure> TableOpenings(const PhysicalPlan& plan, NodeId node) {
  std::vector<Disclosure> openings = OpeningsOfRun(plan, node);
  const std::uint32_t runs = RunsOf(plan, node);
  if (runs == 1) return openings;
  for (Disclosure& opening : openings) {
    opening.max_values *= runs;
    absl::StrAppend(&opening.what, ", in each of ", runs, " partitions");
  }
  return openings;
}

}  // namespace care::planner
