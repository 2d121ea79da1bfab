#include "engine/exec/tables/table_execution.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <set>
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
    first_disclosure_.push_back(0);
    for (NodeId id = 0; id < run.plan.nodes.size(); ++id) {
      runs_.push_back(planner::RunsOf(run.plan, id));
      first_disclosure_.push_back(first_disclosure_.back() + planner::TableOpenings(run.plan, id).size());
      for (const NodeId input : TablesRead(run.plan.nodes[id])) last_reader_[input] = id;
    }
  }

  absl::StatusOr<std::vector<OpenedTable>> Run() {
    if (first_disclosure_.back() > run_.disclosures.size()) return absl::InternalError("the leakage report lacks an opening of the plan");
    for (NodeId id = 0; id < run_.plan.nodes.size(); ++id) {
      if (!planner::IsTableNode(run_.plan.nodes[id]) || runs_[id] > 1) continue;
      if (const auto* gather = std::get_if<planner::GatherPartitionsNode>(&run_.plan.nodes[id])) {
        CARE_RETURN_IF_ERROR(RunPartitions(*gather, id));
        continue;
      }
      CARE_RETURN_IF_ERROR(RunOnce(id));
      for (const NodeId input : TablesRead(run_.plan.nodes[id]))
        if (last_reader_[input] == id) tables_.erase(input);
    }
    return std::move(opened_);
  }

 private:
  absl::Status RunOnce(NodeId id) {
    TableContext context{.protocol = run_.protocol,
                         .plan = run_.plan,
                         .tables = tables_,
                         .disclosures = std::span(run_.disclosures).subspan(first_disclosure_[id], first_disclosure_[id + 1] - first_disclosure_[id]),
                         .link = run_.link,
                         .title = run_.title};
    if (run_.progress) run_.progress(id, static_cast<double>(steps_) / std::accumulate(runs_.begin(), runs_.end(), 0.0));
    ++steps_;
    return RunNode(context, id);
  }

  // The nodes that run in partitions until a gather, in order.
  void CollectWithin(NodeId id, std::set<NodeId>& within) const {
    if (runs_[id] == 1 || !within.insert(id).second) return;
    for (const NodeId input : TablesRead(run_.plan.nodes[id])) CollectWithin(input, within);
  }

  absl::Status RunPartitions(const planner::GatherPartitionsNode& gather, NodeId id) {
    std::set<NodeId> within;
    CollectWithin(gather.input, within);
    std::set<NodeId> whole;  // tables that each partition reads
    for (const NodeId node : within) {
      for (const NodeId input : TablesRead(run_.plan.nodes[node]))
        if (!within.contains(input)) whole.insert(input);
    }
    for (const NodeId input : whole) last_reader_[input] = std::max(last_reader_[input], id);
    std::vector<SharedTable> parts;
    for (partition_ = 0; partition_ < runs_[gather.input]; ++partition_) {
      for (const NodeId node : within) {
        CARE_RETURN_IF_ERROR(RunOnce(node));
        for (const NodeId input : TablesRead(run_.plan.nodes[node]))
          if (within.contains(input) && last_reader_[input] == node) tables_.erase(input);
      }
      parts.push_back(std::move(tables_.at(gather.input)));
      for (const NodeId node : within) tables_.erase(node);
    }
    CARE_ASSIGN_OR_RETURN(tables_[id], GatherPartitions(run_.plan, id, std::move(parts)));
    for (const NodeId input : whole)
      if (last_reader_[input] == id) tables_.erase(input);
    return absl::OkStatus();
  }

  // The owner's rows where it is, of the partition whose turn it is; else null.
  absl::StatusOr<std::shared_ptr<const ColumnBatch>> BatchOf(const planner::ShareTableNode& share) const {
    if (share.partitions) {
      if (!run_.protocol.Holds(std::get<planner::LocalNode>(run_.plan.nodes[share.local]).party)) return nullptr;
      CARE_ASSIGN_OR_RETURN(ColumnBatch batch, run_.load_partition(share.local, partition_));
      return std::make_shared<const ColumnBatch>(std::move(batch));
    }
    const auto found = run_.batches.find(share.local);
    return found == run_.batches.end() ? nullptr : Borrowed(&found->second);
  }

  absl::Status RunNode(TableContext& context, NodeId id) {
    const planner::PhysicalNode& node = run_.plan.nodes[id];
    if (const auto* share = std::get_if<planner::ShareTableNode>(&node)) {
      CARE_ASSIGN_OR_RETURN(std::shared_ptr<const ColumnBatch> batch, BatchOf(*share));
      if (planner::IsLookedUpOnly(run_.plan, id)) {
        // Nothing of it enters but through the lookups.
        const auto& local = std::get<planner::LocalNode>(run_.plan.nodes[share->local]);
        tables_[id] = SharedTable{.slots = planner::SlotsOf(run_.plan, id), .order = local.party, .batch = std::move(batch)};
        return absl::OkStatus();
      }
      CARE_ASSIGN_OR_RETURN(tables_[id], ShareTable(run_.protocol, run_.plan, *share, std::move(batch), run_.title));
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
  std::vector<std::uint32_t> runs_;
  std::vector<std::size_t> first_disclosure_;  // by node, and behind the last
  std::vector<NodeId> last_reader_;
  std::uint32_t partition_ = 0;
  std::uint64_t steps_ = 0;
  std::map<NodeId, SharedTable> tables_;
  std::vector<OpenedTable> opened_;
  bool entered_ = false;
};

}  // namespace

absl::StatusOr<std::vector<OpenedTable>> RunTables(const TableRun& run) { return TableExecution(run).Run(); }

}  // namespace care::engine
