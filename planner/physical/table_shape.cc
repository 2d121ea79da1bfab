#include "planner/physical/table_shape.h"

#include <algorithm>
#include <set>

namespace care::planner {
namespace {

bool KeepsLeftSlots(const JoinTablesNode& join) { return join.kind == JoinKind::kSemi || join.kind == JoinKind::kAnti; }

struct Slots {
  const PhysicalPlan& plan;

  std::uint64_t Of(NodeId node) const { return std::visit(*this, plan.nodes[node]); }

  std::uint64_t operator()(const ShareTableNode& share) const {
    return SlotsOf(plan, share);
  }
  std::uint64_t operator()(const GatherPartitionsNode& gather) const { return RunsOf(plan, gather.input) * Of(gather.input); }
  std::uint64_t operator()(const ConcatTablesNode& concat) const {
    std::uint64_t slots = 0;
    for (NodeId input : concat.inputs) slots += Of(input);
    return slots;
  }
  std::uint64_t operator()(const DeriveTableNode& derive) const { return Of(derive.input); }
  std::uint64_t operator()(const FilterTableNode& filter) const { return Of(filter.input); }
  std::uint64_t operator()(const JoinTablesNode& join) const {
    const std::uint64_t left = Of(join.left);
    if (KeepsLeftSlots(join)) return left;
    const std::uint64_t right = Of(join.right);
    if (join.method == JoinMethod::kProduct) return left * right;
    return left * join.most_matches + (join.kind == JoinKind::kFull ? right : 0);
  }
  std::uint64_t operator()(const GroupTableNode& group) const { return group.group_bound; }
  std::uint64_t operator()(const WindowTableNode& window) const { return Of(window.input); }
  std::uint64_t operator()(const TopTableNode& top) const { return std::min(top.rows, Of(top.input)); }
  std::uint64_t operator()(const CompactTableNode& compact) const { return std::min(compact.bound, Of(compact.input)); }
  std::uint64_t operator()(const GateTableNode& gate) const { return Of(gate.input); }
  std::uint64_t operator()(const OpenTableNode& open) const { return Of(open.input); }
  std::uint64_t operator()(const LocalNode& local) const { return local.row_bound; }
  template <typename Node>
  std::uint64_t operator()(const Node&) const {
    return 0;
  }
};

}  // namespace

bool IsTableNode(const PhysicalNode& node) {
  return std::visit(
      [](const auto& part) {
        using Node = std::decay_t<decltype(part)>;
        return std::is_same_v<Node, ShareTableNode> || std::is_same_v<Node, GatherPartitionsNode> || std::is_same_v<Node, ConcatTablesNode> ||
               std::is_same_v<Node, DeriveTableNode> || std::is_same_v<Node, FilterTableNode> ||
               std::is_same_v<Node, JoinTablesNode> || std::is_same_v<Node, GroupTableNode> ||
               std::is_same_v<Node, WindowTableNode> || std::is_same_v<Node, TopTableNode> ||
               std::is_same_v<Node, CompactTableNode> || std::is_same_v<Node, GateTableNode> ||
               std::is_same_v<Node, OpenTableNode>;
      },
      node);
}

std::uint64_t SlotsOf(const PhysicalPlan& plan, const ShareTableNode& share) {
  return share.partitions ? share.partitions->slots : std::get<LocalNode>(plan.nodes[share.local]).row_bound;
}

std::uint64_t SlotsOf(const PhysicalPlan& plan, NodeId node) { return Slots{plan}.Of(node); }

std::uint32_t RunsOf(const PhysicalPlan& plan, NodeId node) {
  if (const auto* share = std::get_if<ShareTableNode>(&plan.nodes[node])) return share->partitions ? share->partitions->count : 1;
  if (std::holds_alternative<GatherPartitionsNode>(plan.nodes[node])) return 1;
  std::uint32_t runs = 1;
  for (const NodeId input : TablesRead(plan.nodes[node])) runs = std::max(runs, RunsOf(plan, input));
  return runs;
}

namespace {

void CollectWithin(const PhysicalPlan& plan, NodeId node, std::set<NodeId>& within) {
  if (RunsOf(plan, node) == 1 || !within.insert(node).second) return;
  for (const NodeId input : TablesRead(plan.nodes[node])) CollectWithin(plan, input, within);
}

}  // namespace

std::set<NodeId> NodesWithin(const PhysicalPlan& plan, const GatherPartitionsNode& gather) {
  std::set<NodeId> within;
  CollectWithin(plan, gather.input, within);
  return within;
}

std::vector<NodeId> OrderOfRuns(const PhysicalPlan& plan) {
  std::vector<NodeId> order;
  for (NodeId id = 0; id < plan.nodes.size(); ++id) {
    if (RunsOf(plan, id) > 1) continue;
    if (const auto* gather = std::get_if<GatherPartitionsNode>(&plan.nodes[id])) {
      const std::set<NodeId> within = NodesWithin(plan, *gather);
      order.insert(order.end(), within.begin(), within.end());
    }
    order.push_back(id);
  }
  return order;
}

PartyId OrderOf(const PhysicalPlan& plan, NodeId node) {
  if (const auto* share = std::get_if<ShareTableNode>(&plan.nodes[node])) {
    const auto& local = std::get<LocalNode>(plan.nodes[share->local]);
    return local.outside ? kNoParty : local.party;
  }
  if (const auto* derive = std::get_if<DeriveTableNode>(&plan.nodes[node])) return OrderOf(plan, derive->input);
  if (const auto* filter = std::get_if<FilterTableNode>(&plan.nodes[node])) return OrderOf(plan, filter->input);
  if (const auto* gate = std::get_if<GateTableNode>(&plan.nodes[node])) return OrderOf(plan, gate->input);
  if (const auto* group = std::get_if<GroupTableNode>(&plan.nodes[node]))
    return group->method == TableGroupMethod::kByOwner ? OrderOf(plan, group->input) : kNoParty;
  if (const auto* join = std::get_if<JoinTablesNode>(&plan.nodes[node])) {
    const bool moves = join->kind == JoinKind::kFull || join->most_matches > 1 ||
                       (join->method == JoinMethod::kProduct && !KeepsLeftSlots(*join) && SlotsOf(plan, join->right) != 1);
    return moves ? kNoParty : OrderOf(plan, join->left);
  }
  return kNoParty;
}

std::vector<PartyId> OutsideOwners(const PhysicalPlan& plan) {
  std::set<PartyId> owners;
  for (const PhysicalNode& node : plan.nodes) {
    const auto* local = std::get_if<LocalNode>(&node);
    if (local != nullptr && local->outside) owners.insert(local->party);
  }
  return {owners.begin(), owners.end()};
}

std::vector<NodeId> TablesRead(const PhysicalNode& node) {
  if (const auto* concat = std::get_if<ConcatTablesNode>(&node)) return concat->inputs;
  if (const auto* join = std::get_if<JoinTablesNode>(&node)) return {join->left, join->right};
  if (const auto* gather = std::get_if<GatherPartitionsNode>(&node)) return {gather->input};
  if (const auto* derive = std::get_if<DeriveTableNode>(&node)) return {derive->input};
  if (const auto* filter = std::get_if<FilterTableNode>(&node)) return {filter->input};
  if (const auto* group = std::get_if<GroupTableNode>(&node)) return {group->input};
  if (const auto* window = std::get_if<WindowTableNode>(&node)) return {window->input};
  if (const auto* top = std::get_if<TopTableNode>(&node)) return {top->input};
  if (const auto* compact = std::get_if<CompactTableNode>(&node)) return {compact->input};
  if (const auto* gate = std::get_if<GateTableNode>(&node)) return {gate->input};
  if (const auto* open = std::get_if<OpenTableNode>(&node)) return {open->input};
  return {};
}

bool IsLookedUpOnly(const PhysicalPlan& plan, NodeId share) {
  bool read = false;
  for (const PhysicalNode& node : plan.nodes) {
    for (const NodeId input : TablesRead(node)) {
      if (input != share) continue;
      const auto* join = std::get_if<JoinTablesNode>(&node);
      if (join == nullptr || (join->method != JoinMethod::kLookup && join->method != JoinMethod::kByOwner) || join->right != share || join->left == share) return false;
      read = true;
    }
  }
  return read;
}

}  // namespace care::planner
