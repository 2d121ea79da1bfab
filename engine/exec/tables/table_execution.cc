#include "engine/exec/tables/table_execution.h"

#include <algorithm>
#include <utility>

#include "engine/exec/tables/concat_tables.h"
#include "engine/exec/tables/gate_table.h"
#include "engine/exec/tables/table_evaluator.h"
#include "engine/exec/tables/table_operators.h"
#include "engine/types/status_macros.h"
#include "planner/physical/table_openings.h"
#include "planner/physical/table_shape.h"

namespace care::engine {
namespace {

using planner::NodeId;
using planner::TablesRead;

class TableExecution {
 public:
  explicit TableExecution(const TableRun& run) : run_(run), last_reader_(run.plan.nodes.size(), 0) {
    for (NodeId id = 0; id < run.plan.nodes.size(); ++id)
      for (const NodeId input : TablesRead(run.plan.nodes[id])) last_reader_[input] = id;
  }

  absl::StatusOr<std::vector<OpenedTable>> Run() {
    std::size_t next_disclosure = 0;
    for (NodeId id = 0; id < run_.plan.nodes.size(); ++id) {
      const std::size_t openings = planner::TableOpenings(run_.plan, id).size();
      if (next_disclosure + openings > run_.disclosures.size())
        return absl::InternalError("the leakage report lacks an opening of the plan");
      TableContext context{.protocol = run_.protocol,
                           .plan = run_.plan,
                           .tables = tables_,
                           .disclosures = std::span(run_.disclosures).subspan(next_disclosure, openings),
                           .link = run_.link,
                           .title = run_.title};
      next_disclosure += openings;
      if (!planner::IsTableNode(run_.plan.nodes[id])) continue;
      if (run_.progress) run_.progress(id);
      CARE_RETURN_IF_ERROR(RunNode(context, id));
      for (const NodeId input : TablesRead(run_.plan.nodes[id]))
        if (last_reader_[input] == id) tables_.erase(input);
    }
    return std::move(opened_);
  }

 private:
  absl::Status RunNode(TableContext& context, NodeId id) {
    const planner::PhysicalNode& node = run_.plan.nodes[id];
    if (const auto* share = std::get_if<planner::ShareTableNode>(&node)) {
      const auto found = run_.batches.find(share->local);
      const ColumnBatch* const batch = found == run_.batches.end() ? nullptr : &found->second;
      if (planner::IsLookedUpOnly(run_.plan, id)) {
        // Nothing of it enters but through the lookups.
        const auto& local = std::get<planner::LocalNode>(run_.plan.nodes[share->local]);
        tables_[id] = SharedTable{.slots = local.row_bound, .order = local.party, .batch = Borrowed(batch)};
        return absl::OkStatus();
      }
      CARE_ASSIGN_OR_RETURN(tables_[id], ShareTable(run_.protocol, run_.plan, *share, batch, run_.title));
      return absl::OkStatus();
    }
    if (const auto* concat = std::get_if<planner::ConcatTablesNode>(&node)) {
      CARE_ASSIGN_OR_RETURN(tables_[id], ConcatTables(context, *concat));
      return absl::OkStatus();
    }
    if (const auto* derive = std::get_if<planner::DeriveTableNode>(&node)) {
      SharedTable table = Take(derive->input, id);
      TableEvaluator evaluator(run_.protocol, run_.plan, table, run_.link);
      // All see the input's columns and none each other's.
      std::vector<SharedValue> values;
      for (const planner::NamedExpression& item : derive->columns) {
        CARE_ASSIGN_OR_RETURN(SharedValue value,
                              evaluator.Evaluate(item.expression, run_.plan.columns[item.column]));
        values.push_back(std::move(value));
      }
      for (std::size_t i = 0; i < values.size(); ++i) table.columns[derive->columns[i].column] = std::move(values[i]);
      tables_[id] = std::move(table);
      return absl::OkStatus();
    }
    if (const auto* filter = std::get_if<planner::FilterTableNode>(&node)) {
      SharedTable table = Take(filter->input, id);
      TableEvaluator evaluator(run_.protocol, run_.plan, table, run_.link);
      CARE_ASSIGN_OR_RETURN(const mpc::BitColumn passes, evaluator.IsTrue(filter->predicate));
      CARE_ASSIGN_OR_RETURN(table.valid, run_.protocol.And(table.valid, passes));
      tables_[id] = std::move(table);
      return absl::OkStatus();
    }
    if (const auto* gate = std::get_if<planner::GateTableNode>(&node)) {
      CARE_ASSIGN_OR_RETURN(tables_[id], GateTable(context, *gate, Take(gate->input, id), run_.threshold));
      return absl::OkStatus();
    }
    if (const auto* open = std::get_if<planner::OpenTableNode>(&node)) return Open(context, *open, id);
    CARE_ASSIGN_OR_RETURN(tables_[id], RunTableOperator(context, id));
    return absl::OkStatus();
  }

  absl::Status Open(TableContext& context, const planner::OpenTableNode& node, NodeId id) {
    // The ledger first: a crash from here on loses the answer, never the entry.
    if (run_.before_open && !entered_) CARE_RETURN_IF_ERROR(run_.before_open());
    entered_ = true;
    CARE_ASSIGN_OR_RETURN(std::optional<OpenedTable> opened, OpenTable(context, node, Take(node.input, id)));
    if (!opened) return absl::OkStatus();
    if (opened_.size() <= node.release) opened_.resize(node.release + 1);
    opened_[node.release] = *std::move(opened);
    return absl::OkStatus();
  }

  // The table of a node, for `reader`: moved out for the last that reads it.
  SharedTable Take(NodeId input, NodeId reader) {
    if (last_reader_[input] != reader) return tables_.at(input);
    return std::move(tables_.at(input));
  }

  const TableRun& run_;
  std::vector<NodeId> last_reader_;
  std::map<NodeId, SharedTable> tables_;
  std::vector<OpenedTable> opened_;
  bool entered_ = false;
};

}  // namespace

absl::StatusOr<std::vector<OpenedTable>> RunTables(const TableRun& run) { return TableExecution(run).Run(); }

}  // namespace care::engine
