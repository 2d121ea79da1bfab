#include "planner/physical/share_orders.h"

#include <algorithm>
#include <map>

#include "planner/physical/columns_read.h"
#include "planner/physical/shared_value.h"
#include "planner/physical/table_shape.h"

namespace care::planner {
namespace {

constexpr std::uint64_t kRingBits = 64;

// Bits that a lookup brings to each of the left's rows: whether there is one, and what is read of it.
std::uint64_t BitsBrought(const PhysicalPlan& plan, NodeId id, const JoinTablesNode& join) {
  std::uint64_t bits = 1;
  const auto* share = std::get_if<ShareTableNode>(&plan.nodes[join.right]);
  const bool only_whether = (join.kind == JoinKind::kSemi || join.kind == JoinKind::kAnti) && join.residual == nullptr;
  if (share == nullptr || only_whether) return bits;
  std::set<ColumnId> read = ColumnsReadAfter(plan, id);
  if (join.residual != nullptr) CollectColumns(join.residual, read);
  for (const ShareColumn& column : share->columns) {
    if (read.count(column.column) == 0) continue;
    const absl::StatusOr<SharedValueShape> shape = ShapeOfColumn(plan.columns[column.column]);
    if (column.bits && shape.ok()) bits += shape->width;
    if (column.ring) bits += kRingBits;
    if (plan.columns[column.column].nullable) ++bits;
  }
  return bits;
}

bool IsByOwner(const PhysicalNode& node) {
  const auto* group = std::get_if<GroupTableNode>(&node);
  return group != nullptr && group->method == TableGroupMethod::kByOwner;
}

// The node that put the rows into their slots; nothing if nobody knows where they stand.
std::optional<NodeId> OrderedBy(const PhysicalPlan& plan, NodeId node) {
  while (OrderOf(plan, node) != kNoParty) {
    if (std::holds_alternative<ShareTableNode>(plan.nodes[node]) || IsByOwner(plan.nodes[node])) return node;
    node = TablesRead(plan.nodes[node]).front();
  }
  return std::nullopt;
}

bool IsSubsetOf(const std::vector<ColumnId>& columns, const std::vector<ColumnId>& of) {
  return std::all_of(columns.begin(), columns.end(),
                     [&](ColumnId column) { return std::find(of.begin(), of.end(), column) != of.end(); });
}

std::optional<NodeId> OrderedShare(const PhysicalPlan& plan, NodeId node) {
  const std::optional<NodeId> by = OrderedBy(plan, node);
  return by && std::holds_alternative<ShareTableNode>(plan.nodes[*by]) ? by : std::nullopt;
}

}  // namespace

bool StandsBy(const PhysicalPlan& plan, NodeId node, const std::vector<ColumnId>& columns) {
  const std::optional<NodeId> share = OrderedShare(plan, node);
  return share && !columns.empty() && std::get<ShareTableNode>(plan.nodes[*share]).order_by == columns;
}

std::vector<ColumnId> LeftKeys(const JoinTablesNode& join) {
  std::vector<ColumnId> keys;
  for (const auto& [left, right] : join.keys) keys.push_back(left);
  return keys;
}

bool LeftKeysAreDistinct(const PhysicalPlan& plan, const JoinTablesNode& join) {
  const std::optional<NodeId> share = OrderedBy(plan, join.left);
  if (!share) return false;
  if (const auto* group = std::get_if<GroupTableNode>(&plan.nodes[*share])) return IsSubsetOf(group->group_by, LeftKeys(join));
  if (join.keys.size() != 1) return false;
  const auto& local = std::get<LocalNode>(plan.nodes[std::get<ShareTableNode>(plan.nodes[*share]).local]);
  return local.key_unique && local.key == join.keys[0].first;
}

void OrderShares(PhysicalPlan& plan) {
  std::map<NodeId, std::uint64_t> most;
  const auto wish = [&](NodeId table, std::uint64_t bits, const std::vector<ColumnId>& columns) {
    const std::optional<NodeId> share = OrderedShare(plan, table);
    if (!share || bits <= most[*share]) return;
    most[*share] = bits;
    std::get<ShareTableNode>(plan.nodes[*share]).order_by = columns;
  };
  for (NodeId id = 0; id < plan.nodes.size(); ++id) {
    if (const auto* join = std::get_if<JoinTablesNode>(&plan.nodes[id])) {
      if (join->method == JoinMethod::kLookup && !LeftKeysAreDistinct(plan, *join))
        wish(join->left, BitsBrought(plan, id, *join), LeftKeys(*join));
    } else if (IsByOwner(plan.nodes[id])) {
      const auto& group = std::get<GroupTableNode>(plan.nodes[id]);
      wish(group.input, kRingBits * (1 + group.calls.size()), group.group_by);
    }
  }
}

}  // namespace care::planner
