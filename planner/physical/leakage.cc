#include "planner/physical/leakage.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "planner/physical/table_openings.h"

namespace care::planner {
namespace {

// What a node discloses. No catch-all: a new kind of node does not compile until it says.
struct NodeDisclosures {
  const PhysicalPlan& plan;
  const Catalog& catalog;
  std::vector<Disclosure>& report;

  void operator()(const LocalNode&) const {}
  void operator()(const KeysNode&) const {}
  void operator()(const LookupNode&) const {}
  void operator()(const RowsNode&) const {}
  void operator()(const RowSumsNode&) const {}
  void operator()(const ConditionNode&) const {}
  void operator()(const CellsNode&) const {}
  template <typename Table>
  void operator()(const Table&) const {}  // over shared tables: table_openings.h
  void operator()(const GateNode& gate) const {
    const auto& cells = std::get<CellsNode>(plan.nodes[gate.cells]);
    std::vector<std::string> names;
    for (const GroupDomain& group : cells.groups) names.push_back(plan.columns[group.column].name);
    const std::string shape = names.empty() ? "1 cell" : absl::StrCat(cells.cells(), " cells (", absl::StrJoin(names, " x "), ")");
    std::vector<std::string> measures;
    for (const Measure& measure : cells.measures) measures.push_back(measure.name);
    report.push_back({.id = kSurvivorsDisclosure,
                      .what = absl::StrCat("which of ", shape, " survive the gate"),
                      .recipient = plan.recipient,
                      .max_values = cells.cells(),
                      .rule = "release gate"});
    report.push_back({.id = kCellsDisclosure,
                      .what = absl::StrCat("of the survivors: ", absl::StrJoin(measures, ", ")),
                      .recipient = plan.recipient,
                      .max_values = cells.cells() * cells.measures.size(),
                      .rule = "release gate: every cell holds at least the threshold of distinct persons"});
  }
};

}  // namespace

std::vector<Disclosure> LeakageOf(const PhysicalPlan& plan, const Catalog& catalog) {
  std::vector<Disclosure> report;
  for (const PhysicalNode& node : plan.nodes) std::visit(NodeDisclosures{plan, catalog, report}, node);
  for (NodeId node = 0; node < plan.nodes.size(); ++node) {
    for (Disclosure& opening : TableOpenings(plan, node)) {
      opening.id = static_cast<std::uint32_t>(report.size());
      report.push_back(std::move(opening));
    }
  }
  return report;
}

}  // namespace care::planner
