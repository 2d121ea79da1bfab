#include "engine/exec/local_rows.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/exec/local/join_keys.h"
#include "engine/exec/local/evaluator.h"
#include "engine/exec/local/sorted_rows.h"
#include "engine/exec/table_answer.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::LocalNode;
using planner::NodeId;

// An owner that does not compute has no protocol; its connector is its own.
bool IsHere(const ExecutionContext& context, PartyId party) {
  return context.protocol != nullptr ? context.protocol->Holds(party) : context.connectors.contains(party);
}

std::string TableName(const ExecutionContext& context, planner::ColumnId column) {
  const int table = context.query->plan.columns[column].table;
  return table >= 0 ? context.catalog->tables[table].FullName() : "a subquery";
}

absl::Status CheckFragment(const ExecutionContext& context, const LocalNode& local, std::size_t row_count,
                           const std::vector<mpc::JoinKey>& keys) {
  const std::string& party = context.catalog->PartyName(local.party);
  if (row_count > local.row_bound) {
    return absl::ResourceExhaustedError(
        absl::StrCat(party, ": more rows than the public bound of ", local.row_bound,
                     "; raise row_bound or subject_bound in the federation file"));
  }
  if (!local.key) return absl::OkStatus();
  const std::string table = TableName(context, *local.key);
  if (local.key_unique && HasDuplicate(keys)) {
    return absl::FailedPreconditionError(
        absl::StrCat(party, ": ", table,
                     " holds a key twice, although it is declared unique; remove the duplicates or do not "
                     "declare the key"));
  }
  if (local.max_rows_per_key && !local.key_unique) {
    ByJoinKey<std::uint64_t> rows;
    for (const mpc::JoinKey& one : keys) {
      if (++rows[one] > *local.max_rows_per_key) {
        return absl::ResourceExhaustedError(
            absl::StrCat(party, ": ", table, " has more rows for one key than the declared ",
                         *local.max_rows_per_key, "; raise max_rows_per_subject in the federation file"));
      }
    }
  }
  return absl::OkStatus();
}

// How the fragment's rows enter; null in a star.
const planner::ShareTableNode* ShareOf(const planner::PhysicalPlan& plan, NodeId local) {
  for (const planner::PhysicalNode& node : plan.nodes) {
    const auto* share = std::get_if<planner::ShareTableNode>(&node);
    if (share != nullptr && share->local == local) return share;
  }
  return nullptr;
}

absl::Status RunOne(const ExecutionContext& context, NodeId id, const LocalNode& local,
                    connectors::Connector& connector, LocalRows& rows) {
  CARE_ASSIGN_OR_RETURN(ColumnBatch batch,
                        RunFragment(*local.fragment, connector, context.query->plan.columns));
  const planner::ShareTableNode* const share = ShareOf(context.query->plan, id);
  std::vector<const Column*> order;
  for (const planner::ColumnId column : share == nullptr ? std::vector<planner::ColumnId>() : share->order_by) {
    const int position = batch.FindColumn(connectors::ColumnName(column));
    if (position < 0) return absl::InternalError("a fragment lacks a column by which its rows shall stand");
    order.push_back(&batch.columns[static_cast<std::size_t>(position)]);
  }
  if (const std::optional<std::vector<RowNumber>> sorted = SortedRows(order, batch.rows)) batch = GatherRows(batch, *sorted);
  std::vector<mpc::JoinKey> keys;
  if (local.key) keys = CanonicalKeys(batch.columns[batch.FindColumn(connectors::ColumnName(*local.key))]);
  CARE_RETURN_IF_ERROR(CheckFragment(context, local, batch.rows, keys));
  if (share != nullptr && share->partitions) {
    if (rows.spill == nullptr) {
      CARE_ASSIGN_OR_RETURN(rows.spill, SpillFile::Create());
    }
    const PartitionKey key = DerivePartitionKey(context.session_id, context.query->execution_digest);
    CARE_ASSIGN_OR_RETURN(PartitionedRows parts, PartitionedRows::Spill(batch, *share->partitions, key, TitleOf(context, share->partitions->column), *rows.spill));
    rows.partitions.insert_or_assign(id, std::move(parts));
    return absl::OkStatus();
  }
  rows.keys[id] = std::move(keys);
  rows.batches[id] = std::move(batch);
  return absl::OkStatus();
}

// A database may withdraw a snapshot before its rows were shared: a standby that has to replay what the snapshot
// still reads, a conflict with a writer. Nothing has left this process then, so the whole may be read again.
constexpr int kMostSnapshots = 4;

absl::StatusOr<LocalRows> RunInOneSnapshot(const ExecutionContext& context) {
  const planner::PhysicalPlan& plan = context.query->plan;
  LocalRows rows;
  std::vector<connectors::Connector*> open;
  absl::Status status;
  for (NodeId id = 0; id < plan.nodes.size() && status.ok(); ++id) {
    const auto* local = std::get_if<LocalNode>(&plan.nodes[id]);
    if (local == nullptr || !IsHere(context, local->party)) continue;
    if (context.progress) context.progress(0.3 * id / plan.nodes.size(), "reading own database");
    const auto connector = context.connectors.find(local->party);
    if (connector == context.connectors.end()) {
      status = absl::InternalError("no connector for this party's fragment");
      break;
    }
    if (std::find(open.begin(), open.end(), connector->second) == open.end()) {
      status = connector->second->BeginSnapshot();
      if (!status.ok()) break;
      open.push_back(connector->second);
    }
    status = RunOne(context, id, *local, *connector->second, rows);
  }
  for (connectors::Connector* connector : open) {
    const absl::Status closed = connector->EndSnapshot();
    if (status.ok()) status = closed;
  }
  if (!status.ok()) return status;
  return rows;
}

}  // namespace

absl::StatusOr<LocalRows> RunLocalFragments(const ExecutionContext& context) {
  for (int snapshot = 1;; ++snapshot) {
    absl::StatusOr<LocalRows> rows = RunInOneSnapshot(context);
    if (!absl::IsAborted(rows.status()) || snapshot == kMostSnapshots) return rows;
  }
}

}  // namespace care::engine
