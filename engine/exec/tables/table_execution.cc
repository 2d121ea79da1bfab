#include "engine/exec/tables/table_execution.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>
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

// Runs nodes with one protocol, over tables of its own.
class NodeRunner {
 public:
  using Tables = std::map<NodeId, SharedTable>;

  NodeRunner(const TableRun& run, mpc::Protocol& protocol, const std::vector<std::size_t>& first_disclosure)
      : run_(run), protocol_(protocol), first_disclosure_(first_disclosure), last_reader_(run.plan.nodes.size(), 0) {
    for (NodeId id = 0; id < run.plan.nodes.size(); ++id)
      for (const NodeId input : TablesRead(run.plan.nodes[id])) last_reader_[input] = id;
  }

  Tables& tables() { return tables_; }

  // The table stays until `reader` has run.
  void KeepFor(NodeId table, NodeId reader) { last_reader_[table] = std::max(last_reader_[table], reader); }
  void DropTablesRead(NodeId id) { DropTablesRead(id, id); }
  // Those of them that nobody reads after `last`.
  void DropTablesRead(NodeId id, NodeId last) {
    for (const NodeId input : TablesRead(run_.plan.nodes[id]))
      if (last_reader_[input] == last) tables_.erase(input);
  }

  // `partition`: of rows that enter in partitions.
  absl::Status Run(NodeId id, std::uint32_t partition = 0) {
    TableContext context = ContextOf(id);
    partition_ = partition;
    CARE_RETURN_IF_ERROR(RunNode(context, id));
    DropTablesRead(id);
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<OpenedTable>> Open(const planner::OpenTableNode& node, NodeId id) {
    TableContext context = ContextOf(id);
    return OpenTable(context, node, Take(node.input, id));
  }

 private:
  TableContext ContextOf(NodeId id) {
    return {.protocol = protocol_,
            .plan = run_.plan,
            .tables = tables_,
            .disclosures = std::span(run_.disclosures).subspan(first_disclosure_[id], first_disclosure_[id + 1] - first_disclosure_[id]),
            .link = run_.link,
            .title = run_.title};
  }

  // The owner's rows where it is, of the partition whose turn it is; else null.
  absl::StatusOr<std::shared_ptr<const ColumnBatch>> BatchOf(const planner::ShareTableNode& share) const {
    if (share.partitions) {
      if (!protocol_.Holds(std::get<planner::LocalNode>(run_.plan.nodes[share.local]).party)) return nullptr;
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
      CARE_ASSIGN_OR_RETURN(tables_[id], ShareTable(protocol_, run_.plan, *share, std::move(batch), run_.title));
      return absl::OkStatus();
    }
    if (const auto* concat = std::get_if<planner::ConcatTablesNode>(&node)) {
      CARE_ASSIGN_OR_RETURN(tables_[id], ConcatTables(context, *concat));
      return absl::OkStatus();
    }
    if (const auto* derive = std::get_if<planner::DeriveTableNode>(&node)) {
      SharedTable table = Take(derive->input, id);
      TableEvaluator evaluator(protocol_, run_.plan, table, run_.link);
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
      TableEvaluator evaluator(protocol_, run_.plan, table, run_.link);
      CARE_ASSIGN_OR_RETURN(const mpc::BitColumn passes, evaluator.IsTrue(filter->predicate));
      CARE_ASSIGN_OR_RETURN(table.valid, protocol_.And(table.valid, passes));
      tables_[id] = std::move(table);
      return absl::OkStatus();
    }
    if (const auto* gate = std::get_if<planner::GateTableNode>(&node)) {
      CARE_ASSIGN_OR_RETURN(tables_[id], GateTable(context, *gate, Take(gate->input, id), run_.threshold));
      return absl::OkStatus();
    }
    CARE_ASSIGN_OR_RETURN(tables_[id], RunTableOperator(context, id));
    return absl::OkStatus();
  }

  // The table of a node, for `reader`: moved out for the last that reads it.
  SharedTable Take(NodeId input, NodeId reader) {
    if (last_reader_[input] != reader) return tables_.at(input);
    return std::move(tables_.at(input));
  }

  const TableRun& run_;
  mpc::Protocol& protocol_;
  const std::vector<std::size_t>& first_disclosure_;  // by node, and behind the last
  std::vector<NodeId> last_reader_;
  Tables tables_;
  std::uint32_t partition_ = 0;
};

class TableExecution {
 public:
  explicit TableExecution(const TableRun& run) : run_(run), first_disclosure_(FirstDisclosures(run.plan)), main_(run, run.protocol, first_disclosure_) {
    for (NodeId id = 0; id < run.plan.nodes.size(); ++id) runs_.push_back(planner::RunsOf(run.plan, id));
    for (NodeId id = 0; id < run.plan.nodes.size(); ++id) {
      const auto* gather = std::get_if<planner::GatherPartitionsNode>(&run.plan.nodes[id]);
      if (gather == nullptr) continue;
      Within& within = within_[id];
      within.nodes = planner::NodesWithin(run.plan, *gather);
      for (const NodeId node : within.nodes) {
        for (const NodeId input : TablesRead(run.plan.nodes[node]))
          if (!within.nodes.contains(input)) within.whole.insert(input);
      }
      // Its readers run when the gather does, after others that come behind them in the plan.
      for (const NodeId input : within.whole) main_.KeepFor(input, id);
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
      Begin(id);
      if (const auto* open = std::get_if<planner::OpenTableNode>(&run_.plan.nodes[id])) {
        CARE_RETURN_IF_ERROR(Open(*open, id));
      } else {
        CARE_RETURN_IF_ERROR(main_.Run(id));
      }
    }
    return std::move(opened_);
  }

 private:
  // What a gather ends.
  struct Within {
    std::set<NodeId> nodes;
    std::set<NodeId> whole;  // tables that each partition reads
  };

  static std::vector<std::size_t> FirstDisclosures(const planner::PhysicalPlan& plan) {
    std::vector<std::size_t> first = {0};
    for (NodeId id = 0; id < plan.nodes.size(); ++id) first.push_back(first.back() + planner::TableOpenings(plan, id).size());
    return first;
  }

  void Report(NodeId id, std::uint64_t steps = 1) {
    const double all = std::accumulate(runs_.begin(), runs_.end(), 0.0);
    if (run_.progress) run_.progress(id, std::min(1.0, static_cast<double>(steps_) / all));
    steps_ += steps;
  }
  void Begin(NodeId id) {
    Report(id);
    if (run_.begin) run_.begin(id);
  }

  absl::Status RunPartitions(const planner::GatherPartitionsNode& gather, NodeId id) {
    const std::set<NodeId>& within = within_.at(id).nodes;
    const std::set<NodeId>& whole = within_.at(id).whole;
    std::vector<SharedTable> parts(runs_[gather.input]);
    const auto run_partition = [&](NodeRunner& runner, std::uint32_t partition, const std::function<void(NodeId)>& begin) -> absl::Status {
      for (const NodeId node : within) {
        if (begin) begin(node);
        CARE_RETURN_IF_ERROR(runner.Run(node, partition));
      }
      parts[partition] = std::move(runner.tables().at(gather.input));
      for (const NodeId node : within) runner.tables().erase(node);
      return absl::OkStatus();
    };
    if (run_.lanes.empty()) {
      for (std::uint32_t partition = 0; partition < parts.size(); ++partition)
        CARE_RETURN_IF_ERROR(run_partition(main_, partition, [&](NodeId node) { Begin(node); }));
    } else {
      if (run_.pause) run_.pause();
      const auto run_lane = [&](std::size_t lane) -> absl::Status {
        NodeRunner runner(run_, *run_.lanes[lane].protocol, first_disclosure_);
        for (const NodeId input : whole) {
          runner.tables()[input] = main_.tables().at(input);
          runner.KeepFor(input, id);
        }
        for (std::size_t partition = lane; partition < parts.size(); partition += run_.lanes.size())
          CARE_RETURN_IF_ERROR(run_partition(runner, static_cast<std::uint32_t>(partition), [&](NodeId node) {
            // The others are about as far.
            if (lane == 0) Report(node, run_.lanes.size());
            if (run_.lanes[lane].begin) run_.lanes[lane].begin(node);
          }));
        return absl::OkStatus();
      };
      CARE_RETURN_IF_ERROR(RunOnLanes(run_lane));
    }
    CARE_ASSIGN_OR_RETURN(main_.tables()[id], GatherPartitions(run_.plan, id, std::move(parts)));
    for (const NodeId node : within) main_.DropTablesRead(node, id);
    return absl::OkStatus();
  }

  // Each on a thread of its own, the first on this one, until all have ended; the first failure counts.
  absl::Status RunOnLanes(const std::function<absl::Status(std::size_t)>& run_lane) const {
    std::mutex mutex;
    absl::Status failure;
    const auto run = [&](std::size_t lane) {
      const absl::Status status = run_lane(lane);
      if (status.ok()) return;
      {
        std::lock_guard lock(mutex);
        if (!failure.ok()) return;
        failure = status;
      }
      if (run_.give_up) run_.give_up(status);
    };
    std::vector<std::thread> threads;
    for (std::size_t lane = 1; lane < run_.lanes.size(); ++lane) threads.emplace_back(run, lane);
    run(0);
    for (std::thread& thread : threads) thread.join();
    return failure;
  }

  absl::Status Open(const planner::OpenTableNode& node, NodeId id) {
    // The ledger first: a crash from here on loses the answer, never the entry.
    if (run_.before_open && !entered_) CARE_RETURN_IF_ERROR(run_.before_open());
    entered_ = true;
    CARE_ASSIGN_OR_RETURN(std::optional<OpenedTable> opened, main_.Open(node, id));
    main_.DropTablesRead(id);
    if (!opened) return absl::OkStatus();
    if (opened_.size() <= node.release) opened_.resize(node.release + 1);
    opened_[node.release] = *std::move(opened);
    return absl::OkStatus();
  }

  const TableRun& run_;
  const std::vector<std::size_t> first_disclosure_;
  NodeRunner main_;
  std::vector<std::uint32_t> runs_;
  std::map<NodeId, Within> within_;  // by gather
  std::vector<OpenedTable> opened_;
  std::uint64_t steps_ = 0;
  bool entered_ = false;
};

}  // namespace

absl::StatusOr<std::vector<OpenedTable>> RunTables(const TableRun& run) { return TableExecution(run).Run(); }

}  // namespace care::engine
