// planner/physical/table_report.h
//
// How EXPLAIN shows a node: what it is called, what is particular to it, what it reads. Of stars in plan_report.cc, of shared
// tables here.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "planner/physical/physical_plan.h"
#include "planner/physical/readable_names.h"

namespace care::planner {

// One node as both forms show it.
struct NodeReport {
  std::string operation;
  PartyId party = kNoParty;  // kNoParty: joint
  std::string title;         // operation and what is particular to it
  std::vector<std::string> details;
  std::uint64_t slots = 0;
  std::vector<NodeId> inputs;
  std::vector<std::string> sql;                              // of a fragment
  std::vector<std::pair<std::string, std::string>> parties;  // role, name
};

NodeReport ReportTable(const ShareTableNode& node, const PhysicalPlan& plan, const Catalog& catalog, const ReadableNames& names);
NodeReport ReportTable(const GatherPartitionsNode& node, const PhysicalPlan& plan, const Catalog& catalog, const ReadableNames& names);
NodeReport ReportTable(const ConcatTablesNode& node, const PhysicalPlan& plan, const Catalog& catalog, const ReadableNames& names);
NodeReport ReportTable(const DeriveTableNode& node, const PhysicalPlan& plan, const Catalog& catalog, const ReadableNames& names);
NodeReport ReportTable(const FilterTableNode& node, const PhysicalPlan& plan, const Catalog& catalog, const ReadableNames& names);
NodeReport ReportTable(const JoinTablesNode& node, const PhysicalPlan& plan, const Catalog& catalog, const ReadableNames& names);
NodeReport ReportTable(const GroupTableNode& node, const PhysicalPlan& plan, const Catalog& catalog, const ReadableNames& names);
NodeReport ReportTable(const WindowTableNode& node, const PhysicalPlan& plan, const Catalog& catalog, const ReadableNames& names);
NodeReport ReportTable(const TopTableNode& node, const PhysicalPlan& plan, const Catalog& catalog, const ReadableNames& names);
NodeReport ReportTable(const CompactTableNode& node, const PhysicalPlan& plan, const Catalog& catalog, const ReadableNames& names);
NodeReport ReportTable(const GateTableNode& node, const PhysicalPlan& plan, const Catalog& catalog, const ReadableNames& names);
NodeReport ReportTable(const OpenTableNode& node, const PhysicalPlan& plan, const Catalog& catalog, const ReadableNames& names);

}  // namespace care::planner
