#include "engine/exec/table_answer.h"

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/exec/finish.h"
#include "engine/exec/local_rows.h"
#include "engine/exec/released_rows.h"
#include "engine/exec/tables/table_execution.h"
#include "engine/types/status_macros.h"
#include "planner/physical/query_link.h"
#include "planner/rules/table_rules.h"

namespace care::engine {
namespace {

using planner::GroupTableNode;
using planner::NodeId;
using planner::TableGroupMethod;

constexpr std::size_t kFirstTableNode = 8;  // of the variant PhysicalNode
static_assert(std::is_same_v<std::variant_alternative_t<kFirstTableNode, planner::PhysicalNode>, planner::ShareTableNode>);

// The key values of a cell: the first key is the most significant.
std::vector<Value> KeysOf(const GroupTableNode& group, std::size_t cell) {
  std::vector<Value> keys(group.domains.size());
  for (std::size_t i = group.domains.size(); i-- > 0;) {
    keys[i] = group.domains[i][cell % group.domains[i].size()];
    cell /= group.domains[i].size();
  }
  return keys;
}

// What an analyst who waits is told, and what `care bench` divides a query's time by.
std::string StepName(const planner::PhysicalPlan& plan, NodeId id) {
  static constexpr const char* kNames[] = {"sharing", "gathering", "concatenating", "computing",  "filtering",    "joining", "grouping",
                                                "windows", "top rows",      "compacting", "release gate", "opening"};
  static_assert(std::variant_size_v<planner::PhysicalNode> == kFirstTableNode + std::size(kNames));
  return absl::StrCat(kNames[plan.nodes[id].index() - kFirstTableNode], " (", id + 1, " of ", plan.nodes.size(), ")");
}

ReleasedRows RowsOf(const ExecutionContext& context, const planner::OpenTableNode& open, OpenedTable opened) {
  const planner::PhysicalPlan& plan = context.query->plan;
  const auto& gate = std::get<planner::GateTableNode>(plan.nodes[open.input]);
  const auto* group = std::get_if<GroupTableNode>(&plan.nodes[gate.input]);
  const bool hides = !gate.person_counts.empty() && context.threshold > 1;
  ReleasedRows rows;
  for (const planner::ColumnId column : opened.columns) rows.AddColumn(column);
  rows.incomplete = hides && !open.dense;
  std::vector<std::size_t> uncertain;
  for (std::size_t slot = 0; slot < opened.stands.size(); ++slot) {
    const bool stands = opened.stands[slot] != 0;
    // Where nothing is suppressed, or nobody can say which group it was, a slot that holds no row is no row.
    if (!stands && !(hides && open.dense)) continue;
    std::vector<Value> keys;
    if (!stands && group != nullptr && group->method == TableGroupMethod::kDense) {
      keys = KeysOf(*group, slot);
      uncertain.push_back(rows.rows);
    }
    for (std::size_t i = 0; i < opened.columns.size(); ++i) {
      if (stands) {
        rows.columns[i].Append(std::move(opened.values[i][slot]));
        continue;
      }
      const auto key = group == nullptr ? keys.size()
                                        : static_cast<std::size_t>(
                                              std::ranges::find(group->group_by, opened.columns[i]) - group->group_by.begin());
      const bool is_key = key < keys.size();
      rows.columns[i].Append(is_key ? keys[key] : Value(Null{}), !is_key);
    }
    ++rows.rows;
  }
  for (const std::size_t row : uncertain) rows.MarkUncertain(row);
  return rows;
}

}  // namespace

std::string TitleOf(const ExecutionContext& context, planner::ColumnId column) {
  const planner::ColumnInfo& info = context.query->plan.columns[column];
  if (info.name == planner::kUnnamedPart) return "a computed column";
  if (info.table < 0) return absl::StrCat("the computed column ", info.name);
  return absl::StrCat(context.catalog->tables[info.table].FullName(), ".", info.name);
}

absl::StatusOr<std::optional<ReleasedTable>> ExecuteTables(const ExecutionContext& context) {
  const planner::PhysicalPlan& plan = context.query->plan;
  CARE_ASSIGN_OR_RETURN(const LocalRows local, RunLocalFragments(context));
  TableRun run{.protocol = *context.protocol,
               .plan = plan,
               .disclosures = context.query->disclosures,
               .batches = local.batches,
               .load_partition = [&](NodeId node, std::uint32_t partition) { return local.partitions.at(node).Load(partition); },
               .title = [&](planner::ColumnId column) { return TitleOf(context, column); },
               .threshold = context.threshold,
               .link = planner::LinkOf(*context.catalog, context.query->inputs),
               .before_open = context.before_open,
               .progress = {}};
  run.begin = [&](NodeId id) {
    if (context.meter != nullptr) context.meter->Begin(id);
  };
  run.progress = [&](NodeId id, double done) {
    if (context.progress) context.progress(0.3 + 0.65 * done, StepName(plan, id));
  };
  std::vector<std::unique_ptr<NodeMeter>> meters;
  for (const ExecutionLane& lane : context.lanes) {
    meters.push_back(std::make_unique<NodeMeter>(plan.nodes.size(), lane.moved));
    run.lanes.push_back({lane.protocol, [meter = meters.back().get()](NodeId id) { meter->Begin(id); }});
  }
  run.give_up = context.give_up;
  run.pause = [&] {
    if (context.meter != nullptr) context.meter->End();
  };
  CARE_ASSIGN_OR_RETURN(std::vector<OpenedTable> opened, RunTables(run));
  if (context.meter != nullptr) {
    context.meter->End();
    std::vector<std::vector<mpc::Cost>> of_lanes;
    for (const auto& meter : meters) {
      meter->End();
      of_lanes.push_back(meter->nodes());
    }
    context.meter->Add(of_lanes);
  }
  if (context.progress) context.progress(1.0, "released");
  if (!context.protocol->Holds(plan.recipient)) return std::nullopt;
  std::vector<ReleasedRows> releases(opened.size());
  for (const planner::PhysicalNode& node : plan.nodes) {
    const auto* open = std::get_if<planner::OpenTableNode>(&node);
    if (open == nullptr) continue;
    if (open->release >= opened.size() || !std::holds_alternative<planner::GateTableNode>(plan.nodes[open->input]))
      return absl::InternalError("a release was not opened behind a gate");
    releases[open->release] = RowsOf(context, *open, std::move(opened[open->release]));
  }
  CARE_ASSIGN_OR_RETURN(ReleasedTable table, FinishRows(plan.finish, std::move(releases), plan.output, context.threshold));
  return table;
}

}  // namespace care::engine
