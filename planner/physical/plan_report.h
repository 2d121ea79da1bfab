// planner/physical/plan_report.h
//
// What EXPLAIN says of a plan, before it is laid out: of each node what it is called, where it runs and what it reads, and on
// which assumptions the leakage report stands. As text (explain_text.cc) and as JSON (explain_json.cc) it is the same.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "planner/catalog/catalog.h"
#include "planner/physical/physical_plan.h"
#include "planner/physical/plan_query.h"
#include "planner/physical/readable_names.h"
#include "planner/physical/table_report.h"

namespace care::planner {

class PlanReport {
 public:
  // Both must outlive the report.
  PlanReport(const PlannedQuery& query, const Catalog& catalog);

  const std::vector<NodeReport>& nodes() const { return nodes_; }
  std::string Party(PartyId party) const { return party == kNoParty ? "joint" : catalog_.PartyName(party); }
  // Who sees what is opened.
  std::string Recipient(PartyId recipient) const {
    return recipient == kNoParty ? "every compute party" : Party(recipient);
  }

  std::vector<std::string> Assumptions() const;
  // The columns of floating point that are read, and what each is computed as.
  std::set<std::string> FixedPoints() const;
  // On the declared link, without computation.
  std::uint64_t Microseconds() const;

 private:
  std::string Spine() const;
  const LocalNode& Local(NodeId id) const { return std::get<LocalNode>(plan_.nodes[id]); }
  std::string Shared(const std::vector<SharedForm>& forms) const;
  NodeReport Report(const LocalNode& local) const;
  NodeReport Report(const KeysNode& keys) const;
  NodeReport Report(const LookupNode& lookup) const;
  NodeReport Report(const RowsNode& rows) const;
  NodeReport Report(const RowSumsNode& sums) const;
  NodeReport Report(const ConditionNode& condition) const;
  NodeReport Report(const CellsNode& cells) const;
  NodeReport Report(const GateNode& gate) const;
  template <typename Node>
  NodeReport Report(const Node& node) const {
    return ReportTable(node, plan_, catalog_, names_);
  }

  const PlannedQuery& query_;
  const PhysicalPlan& plan_;
  const Catalog& catalog_;
  ReadableNames names_;
  NodeId last_on_keys_ = 0;
  std::vector<NodeReport> nodes_;
};

}  // namespace care::planner
