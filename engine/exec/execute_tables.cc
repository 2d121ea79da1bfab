#include "engine/exec/execute_tables.h"

#include <algorithm>
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

// The group's value in a cell of a dense table.
const Value& LabelOf(const planner::GroupTableNode& group, std::size_t key, std::size_t cell) {
  for (std::size_t later = group.domains.size(); --later > key;) cell /= group.domains[later].size();
  return group.domains[key][cell % group.domains[key].size()];
}

// What opened, column by column. `group`: of cells in a public order, else null. A hidden cell of those is a row whose labels
// stand and whose values are hidden; it may hold few persons or nobody. Of other groups nobody can tell how many are hidden.
ReleasedRows RowsOf(OpenedTable opened, const planner::GroupTableNode* group, bool hides) {
  ReleasedRows rows;
  const bool shows_hidden = hides && group != nullptr;
  rows.incomplete = hides && group == nullptr;
  std::vector<RowIndex> shown;
  for (std::size_t slot = 0; slot < opened.stands.size(); ++slot) {
    if (opened.stands[slot] != 0 || shows_hidden) shown.push_back(static_cast<RowIndex>(slot));
  }
  rows.rows = shown.size();
  for (std::size_t i = 0; i < opened.columns.size(); ++i) {
    ReleasedColumn column;
    column.column = opened.columns[i];
    column.values.reserve(shown.size());
    std::size_t key = 0;
    if (group != nullptr)
      key = std::find(group->group_by.begin(), group->group_by.end(), column.column) - group->group_by.begin();
    for (const RowIndex slot : shown) {
      const bool stands = opened.stands[slot] != 0;
      if (!stands && key < group->group_by.size()) {
        column.Append(LabelOf(*group, key, slot));
      } else {
        column.Append(std::move(opened.values[i][slot]), !stands);
      }
    }
    rows.columns.push_back(std::move(column));
  }
  for (std::size_t row = 0; row < shown.size(); ++row) {
    if (opened.stands[shown[row]] == 0) rows.MarkUncertain(row);
  }
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
    const bool hides = gate != nullptr && !gate->person_counts.empty() && context.threshold > 1;
    const auto* group =
        open->dense && gate != nullptr ? std::get_if<planner::GroupTableNode>(&plan.nodes[gate->input]) : nullptr;
    releases.push_back(RowsOf(std::move(opened[open->release]), group, hides));
  }
  CARE_ASSIGN_OR_RETURN(ReleasedTable table, FinishRows(plan.finish, std::move(releases), plan.output, context.threshold));
  return std::optional<ReleasedTable>(std::move(table));
}

}  // namespace care::engine
