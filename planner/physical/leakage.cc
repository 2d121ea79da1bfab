#include "planner/physical/leakage.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "planner/physical/table_openings.h"

namespace care::planner {
namespace {

// What a node discloses; those over shared tables in table_openings.h. No catch-all: a new kind of node does not compile until
// it says.
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
  void operator()(const ShareTableNode&) const {}
  void operator()(const ConcatTablesNode&) const {}
  void operator()(const DeriveTableNode&) const {}
  void operator()(const FilterTableNode&) const {}
  void operator()(const JoinTablesNode&) const {}
  void operator()(const GroupTableNode&) const {}
  void operator()(const WindowTableNode&) const {}
  void operator()(const TopTableNode&) const {}
  void operator()(const CompactTableNode&) const {}
  void operator()(const GateTableNode&) const {}
  void operator()(const OpenTableNode&) const {}
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
  for (NodeId id = 0; id < plan.nodes.size(); ++id) {
    std::visit(NodeDisclosures{plan, catalog, report}, plan.nodes[id]);
    for (Disclosure& opening : TableOpenings(plan, id)) {
      opening.id = static_cast<std::uint32_t>(report.size());
      report.push_back(std::move(opening));
    }
  }
  return report;
}

}  // namespace care::planner
