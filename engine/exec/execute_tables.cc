#include "engine/exec/execute_tables.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/exec/finish.h"
#include "engine/exec/local_rows.h"
#include "engine/exec/tables/table_execution.h"
#include "engine/types/status_macros.h"
#include "planner/physical/table_shape.h"

namespace care::engine {
namespace {

std::string_view StepName(const planner::PhysicalNode& node) {
  if (std::holds_alternative<planner::ShareTableNode>(node)) return "sharing rows";
  if (std::holds_alternative<planner::JoinTablesNode>(node)) return "joining";
  if (std::holds_alternative<planner::GroupTableNode>(node)) return "grouping";
  if (std::holds_alternative<planner::WindowTableNode>(node)) return "windows";
  if (std::holds_alternative<planner::TopTableNode>(node)) return "ordering";
  if (std::holds_alternative<planner::GateTableNode>(node)) return "release gate";
  return "computing";
}

// Rows that stand, column by column. Slots in a public order say which of them were hidden; others hide how many they are.
ReleasedRows RowsOf(OpenedTable opened, const planner::OpenTableNode& node, bool counted, std::uint32_t threshold) {
  ReleasedRows rows;
  std::vector<RowIndex> standing;
  for (std::size_t slot = 0; slot < opened.stands.size(); ++slot) {
    if (opened.stands[slot] != 0) standing.push_back(static_cast<RowIndex>(slot));
  }
  rows.rows = standing.size();
  rows.incomplete = counted && threshold > 1;
  for (std::size_t i = 0; i < opened.columns.size(); ++i) {
    ReleasedColumn column;
    column.column = opened.columns[i];
    column.values.reserve(standing.size());
    for (const RowIndex slot : standing) column.values.push_back(std::move(opened.values[i][slot]));
    rows.columns.push_back(std::move(column));
  }
  (void)node;
  return rows;
}

}  // namespace

absl::StatusOr<std::optional<ReleasedTable>> ExecuteTables(ExecutionContext& context) {
  const planner::PhysicalPlan& plan = context.query->plan;
  CARE_ASSIGN_OR_RETURN(const LocalRows local, RunLocalFragments(context));
  const auto title = [&](planner::ColumnId column) {
    const planner::ColumnInfo& info = plan.columns[column];
    if (info.table < 0) return info.name;
    return absl::StrCat(context.catalog->tables[info.table].FullName(), ".", info.name);
  };
  const TableRun run{.protocol = *context.protocol,
                     .plan = plan,
                     .disclosures = context.query->disclosures,
                     .batches = local.batches,
                     .title = title,
                     .threshold = context.threshold,
                     .link = {},
                     .before_open = context.before_open,
                     .progress = [&](planner::NodeId node) {
                       if (!context.progress) return;
                       context.progress(0.3 + 0.65 * node / plan.nodes.size(), StepName(plan.nodes[node]));
                     }};
  CARE_ASSIGN_OR_RETURN(std::vector<OpenedTable> opened, RunTables(run));
  if (context.progress) context.progress(1.0, "released");
  if (!context.protocol->Holds(plan.recipient)) return std::optional<ReleasedTable>();
  std::vector<ReleasedRows> releases;
  for (const planner::PhysicalNode& node : plan.nodes) {
    const auto* open = std::get_if<planner::OpenTableNode>(&node);
    if (open == nullptr) continue;
    if (open->release >= opened.size()) return absl::InternalError("a release was not opened");
    const auto* gate = std::get_if<planner::GateTableNode>(&plan.nodes[open->input]);
    const bool counted = gate != nullptr && !gate->person_counts.empty();
    releases.push_back(RowsOf(std::move(opened[open->release]), *open, counted, context.threshold));
  }
  CARE_ASSIGN_OR_RETURN(ReleasedTable table, FinishRows(plan.finish, std::move(releases), plan.output, context.threshold));
  return std::optional<ReleasedTable>(std::move(table));
}

}  // namespace care::engine
