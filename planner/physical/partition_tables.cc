#include "planner/physical/partition_tables.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "planner/logical/build_expressions.h"
#include "planner/logical/row_facts.h"
#include "planner/physical/partition_slots.h"
#include "planner/physical/table_shape.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

// Beside what the validator asks of each, planning is to take milliseconds.
constexpr std::size_t kMostWays = 12;

// The columns of each node's table.
std::vector<ColumnSet> ColumnsOfTables(const PhysicalPlan& plan) {
  std::vector<ColumnSet> columns(plan.nodes.size());
  for (NodeId id = 0; id < plan.nodes.size(); ++id) {
    ColumnSet& own = columns[id];
    const PhysicalNode& node = plan.nodes[id];
    for (const NodeId input : TablesRead(node)) own.insert(columns[input].begin(), columns[input].end());
    if (const auto* share = std::get_if<ShareTableNode>(&node)) {
      for (const ShareColumn& column : share->columns) own.insert(column.column);
    } else if (const auto* derive = std::get_if<DeriveTableNode>(&node)) {
      for (const NamedExpression& item : derive->columns) own.insert(item.column);
    } else if (const auto* concat = std::get_if<ConcatTablesNode>(&node)) {
      own = {concat->columns.begin(), concat->columns.end()};
    } else if (const auto* group = std::get_if<GroupTableNode>(&node)) {
      own = {group->group_by.begin(), group->group_by.end()};
      own.insert(group->determined.begin(), group->determined.end());
      for (const NamedAggregate& named : group->calls) own.insert(named.column);
    } else if (const auto* window = std::get_if<WindowTableNode>(&node)) {
      for (const NamedWindowCall& named : window->calls) own.insert(named.column);
    }
  }
  return columns;
}

// By which column each owner partitions, if the rows of a node's table are to be partitioned by one of its columns.
class Assignment {
 public:
  Assignment(const PhysicalPlan& plan, const Catalog& catalog, const std::vector<ColumnSet>& columns, std::uint32_t partitions,
             Padding padding)
      : plan_(plan), columns_(columns), partitions_(partitions), padding_(padding), facts_(plan.columns, catalog) {}

  // The columns that hold the values by which the node's rows are partitioned then; nothing if they cannot be.
  std::optional<ColumnSet> Assign(NodeId id, ColumnId column) {
    std::map<NodeId, SharePartitions> before = shares_;
    std::optional<ColumnSet> assigned = std::visit([&](const auto& node) { return AssignNode(id, node, column); }, plan_.nodes[id]);
    if (assigned) {
      by_node_[id] = *assigned;
    } else {
      shares_ = std::move(before);
    }
    return assigned;
  }

  const std::map<NodeId, SharePartitions>& shares() const { return shares_; }
  const ColumnSet& ColumnsBy(NodeId id) { return by_node_[id]; }

 private:
  std::optional<ColumnSet> AssignNode(NodeId id, const ShareTableNode& share, ColumnId column) {
    const auto& local = std::get<LocalNode>(plan_.nodes[share.local]);
    if (local.outside || !columns_[id].contains(column)) return std::nullopt;
    if (const auto found = shares_.find(id); found != shares_.end())
      return found->second.column == column ? std::optional<ColumnSet>({column}) : std::nullopt;
    const bool unique = facts_.IsKey(*local.fragment, {column});
    const std::uint64_t most = unique ? 1 : facts_.MostRowsPer(*local.fragment, {column}).value_or(local.row_bound);
    const std::uint64_t slots = SlotsOfPartition(local.row_bound, most, partitions_);
    if (padding_ == Padding::kAtMostDouble && slots * partitions_ > 2 * local.row_bound) return std::nullopt;
    if (shares_.size() == kMostPartitionedTables) return std::nullopt;
    shares_[id] = {column, partitions_, slots};
    return ColumnSet{column};
  }
  std::optional<ColumnSet> AssignNode(NodeId, const DeriveTableNode& derive, ColumnId column) {
    ColumnId below = column;
    for (const NamedExpression& item : derive.columns) {
      if (item.column != column) continue;
      const auto* same = std::get_if<ColumnExpression>(&item.expression->node);
      if (same == nullptr) return std::nullopt;
      below = same->column;
    }
    std::optional<ColumnSet> columns = Assign(derive.input, below);
    if (!columns) return std::nullopt;
    const ColumnSet of_input = *columns;
    for (const NamedExpression& item : derive.columns) {
      const auto* same = std::get_if<ColumnExpression>(&item.expression->node);
      if (same != nullptr && of_input.contains(same->column)) columns->insert(item.column);
    }
    return columns;
  }
  std::optional<ColumnSet> AssignNode(NodeId, const FilterTableNode& filter, ColumnId column) { return Assign(filter.input, column); }
  std::optional<ColumnSet> AssignNode(NodeId, const CompactTableNode& compact, ColumnId column) { return Assign(compact.input, column); }
  std::optional<ColumnSet> AssignNode(NodeId, const WindowTableNode& window, ColumnId column) {
    // Rows without a value are in any partition.
    if (plan_.columns[column].nullable || std::ranges::find(window.partition_by, column) == window.partition_by.end()) return std::nullopt;
    return Assign(window.input, column);
  }
  std::optional<ColumnSet> AssignNode(NodeId, const GroupTableNode& group, ColumnId column) {
    if (plan_.columns[column].nullable || std::ranges::find(group.group_by, column) == group.group_by.end()) return std::nullopt;
    const std::optional<ColumnSet> below = Assign(group.input, column);
    if (!below) return std::nullopt;
    ColumnSet keys = Within(*below, {group.group_by.begin(), group.group_by.end()});
    std::erase_if(keys, [&](ColumnId key) { return plan_.columns[key].nullable; });
    return keys;
  }

  std::optional<ColumnSet> AssignNode(NodeId, const JoinTablesNode& join, ColumnId column) {
    std::optional<ColumnSet> left, right;
    if (columns_[join.left].contains(column)) {
      left = Assign(join.left, column);
    } else if (join.kind == JoinKind::kInner) {
      right = Assign(join.right, column);
      if (!right) return std::nullopt;
      for (const auto& [a, b] : join.keys) {
        if (!left && right->contains(b)) left = Assign(join.left, a);
      }
    }
    if (!left) return std::nullopt;
    for (const auto& [a, b] : join.keys) {
      if (!right && left->contains(a)) right = Assign(join.right, b);
    }
    // A right table that is not partitioned is joined whole with each partition.
    if (!right) return join.kind == JoinKind::kFull ? std::nullopt : left;
    if (join.kind == JoinKind::kFull) return ColumnSet();
    if (join.kind == JoinKind::kInner) left->insert(right->begin(), right->end());
    return left;
  }

  std::optional<ColumnSet> AssignNode(NodeId, const ConcatTablesNode& concat, ColumnId column) {
    const auto at = std::ranges::find(concat.columns, column) - concat.columns.begin();
    if (at == static_cast<std::ptrdiff_t>(concat.columns.size())) return std::nullopt;
    for (std::size_t i = 0; i < concat.inputs.size(); ++i) {
      if (!Assign(concat.inputs[i], concat.input_columns[i][static_cast<std::size_t>(at)])) return std::nullopt;
    }
    return ColumnSet{column};
  }
  template <typename Node>
  std::optional<ColumnSet> AssignNode(NodeId, const Node&, ColumnId) {
    return std::nullopt;
  }

  const PhysicalPlan& plan_;
  const std::vector<ColumnSet>& columns_;
  const std::uint32_t partitions_;
  const Padding padding_;
  const RowFacts facts_;
  std::map<NodeId, SharePartitions> shares_;
  std::map<NodeId, ColumnSet> by_node_;
};

// The function that makes a whole of the parts; nothing where it takes the rows themselves.
std::optional<AggregateFunction> OfParts(const AggregateCall& call, const ColumnSet& partitioned_by) {
  if (call.distinct) {
    const auto* argument = call.argument == nullptr ? nullptr : std::get_if<ColumnExpression>(&call.argument->node);
    const bool adds_up = call.function == AggregateFunction::kCount || call.function == AggregateFunction::kSum;
    if (adds_up && (argument == nullptr || !partitioned_by.contains(argument->column))) return std::nullopt;
  }
  AggregateCall of_part = call;
  of_part.distinct = false;
  return Merges(of_part);
}

// Writes the plan anew with `root` and what is below it in partitions, and, if asked, what makes a whole of their parts above.
class Rewriter {
 public:
  Rewriter(const PhysicalPlan& plan, Assignment& assignment, NodeId root, bool combines, std::uint32_t partitions)
      : plan_(plan), assignment_(assignment), root_(root), combines_(combines), partitions_(partitions) {}

  PhysicalPlan Run() {
    result_ = plan_;
    result_.nodes.clear();
    result_.reasons.clear();
    for (NodeId id = 0; id < plan_.nodes.size(); ++id) {
      PhysicalNode node = plan_.nodes[id];
      Renumber(node);
      if (const auto share = assignment_.shares().find(id); share != assignment_.shares().end())
        std::get<ShareTableNode>(node).partitions = share->second;
      if (RunsIn(node) || std::holds_alternative<ShareTableNode>(node)) Bound(id, node);
      if (const auto reason = plan_.reasons.find(id); reason != plan_.reasons.end())
        result_.reasons[static_cast<NodeId>(result_.nodes.size())] = reason->second;
      number_.push_back(id == root_ ? AddRoot(std::move(node)) : Add(std::move(node)));
    }
    return std::move(result_);
  }

 private:
  NodeId Add(PhysicalNode node) {
    result_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(result_.nodes.size() - 1);
  }

  void Renumber(PhysicalNode& node) const {
    const auto renumber = [&](NodeId& id) { id = number_[id]; };
    if (auto* share = std::get_if<ShareTableNode>(&node)) renumber(share->local);
    if (auto* concat = std::get_if<ConcatTablesNode>(&node)) std::ranges::for_each(concat->inputs, renumber);
    if (auto* join = std::get_if<JoinTablesNode>(&node)) renumber(join->left), renumber(join->right);
    if (auto* derive = std::get_if<DeriveTableNode>(&node)) renumber(derive->input);
    if (auto* filter = std::get_if<FilterTableNode>(&node)) renumber(filter->input);
    if (auto* group = std::get_if<GroupTableNode>(&node)) renumber(group->input);
    if (auto* window = std::get_if<WindowTableNode>(&node)) renumber(window->input);
    if (auto* top = std::get_if<TopTableNode>(&node)) renumber(top->input);
    if (auto* compact = std::get_if<CompactTableNode>(&node)) renumber(compact->input);
    if (auto* gate = std::get_if<GateTableNode>(&node)) renumber(gate->input);
    if (auto* open = std::get_if<OpenTableNode>(&node)) renumber(open->input);
  }

  bool RunsIn(const PhysicalNode& node) const {
    const std::vector<NodeId> inputs = TablesRead(node);
    return std::ranges::any_of(inputs, [&](NodeId input) { return RunsOf(result_, input) > 1; });
  }

  // Of distinct values of the column by which rows are partitioned, a partition has its share.
  std::uint64_t ShareOf(std::uint64_t values, NodeId input, const std::vector<ColumnId>& keys) {
    if (keys.size() != 1 || !assignment_.ColumnsBy(input).contains(keys[0])) return values;
    // NULL is one, and in every partition.
    return std::min(values, SlotsOfPartition(values, 1, partitions_) + 1);
  }

  // What bounds a run of the node is bounded by its inputs.
  void Bound(NodeId id, PhysicalNode& node) {
    if (auto* join = std::get_if<JoinTablesNode>(&node); join != nullptr && join->left_keys != 0) {
      std::vector<ColumnId> keys;
      for (const auto& [left, right] : join->keys) keys.push_back(left);
      const std::uint64_t most = ShareOf(join->left_keys, std::get<JoinTablesNode>(plan_.nodes[id]).left, keys);
      join->left_keys = std::max<std::uint64_t>(1, std::min(most, SlotsOf(result_, join->left)));
    }
    if (auto* group = std::get_if<GroupTableNode>(&node);
        group != nullptr && (group->method == TableGroupMethod::kSorted || group->method == TableGroupMethod::kByOwner)) {
      const std::uint64_t most = ShareOf(group->group_bound, std::get<GroupTableNode>(plan_.nodes[id]).input, group->group_by);
      group->group_bound = std::max<std::uint64_t>(1, std::min(most, SlotsOf(result_, group->input)));
    }
    if (auto* compact = std::get_if<CompactTableNode>(&node))
      compact->bound = std::max<std::uint64_t>(1, std::min(compact->bound, SlotsOf(result_, compact->input)));
  }

  NodeId AddRoot(PhysicalNode node) {
    if (!combines_) return Add(GatherPartitionsNode{.input = Add(std::move(node))});
    if (auto* top = std::get_if<TopTableNode>(&node)) {
      TopTableNode whole = *top;
      whole.input = Add(GatherPartitionsNode{.input = Add(std::move(node)), .is_partial = true});
      return Add(std::move(whole));
    }
    GroupTableNode& parts = std::get<GroupTableNode>(node);
    const ColumnSet& by = assignment_.ColumnsBy(std::get<GroupTableNode>(plan_.nodes[root_]).input);
    const bool has_key = std::ranges::any_of(parts.group_by, [&](ColumnId key) { return by.contains(key) && !plan_.columns[key].nullable; });
    GroupTableNode whole = std::get<GroupTableNode>(plan_.nodes[root_]);
    for (std::size_t i = 0; i < parts.calls.size(); ++i) {
      const AggregateCall call = parts.calls[i].call;
      const auto part = static_cast<ColumnId>(result_.columns.size());
      result_.columns.push_back(result_.columns[parts.calls[i].column]);
      parts.calls[i].column = part;
      whole.calls[i].call = {.function = *OfParts(call, by),
                             .argument = MakeColumn(part, call.type, call.position),
                             .type = call.type,
                             .position = call.position};
    }
    if (whole.method == TableGroupMethod::kByOwner) whole.method = TableGroupMethod::kSorted;
    whole.input = Add(GatherPartitionsNode{.input = Add(std::move(node)), .is_partial = !has_key});
    return Add(std::move(whole));
  }

  const PhysicalPlan& plan_;
  Assignment& assignment_;
  const NodeId root_;
  const bool combines_;
  const std::uint32_t partitions_;
  PhysicalPlan result_;
  std::vector<NodeId> number_;
};

class Ways {
 public:
  Ways(const PhysicalPlan& plan, const Catalog& catalog, std::uint32_t partitions, Padding padding)
      : plan_(plan), catalog_(catalog), columns_(ColumnsOfTables(plan)), partitions_(partitions), padding_(padding) {}

  std::vector<PhysicalPlan> Run() {
    for (NodeId id = static_cast<NodeId>(plan_.nodes.size()); id-- > 0;) Try(id);
    return std::move(ways_);
  }

 private:
  // By what rows of the node's table meet on their way into it, and by whom they are about.
  void CollectKeys(NodeId id, ColumnSet& keys, std::set<NodeId>& seen) const {
    if (!seen.insert(id).second) return;
    const PhysicalNode& node = plan_.nodes[id];
    if (const auto* join = std::get_if<JoinTablesNode>(&node)) {
      for (const auto& [left, right] : join->keys) keys.insert({left, right});
    }
    if (const auto* group = std::get_if<GroupTableNode>(&node)) {
      keys.insert(group->group_by.begin(), group->group_by.end());
      for (const NamedAggregate& named : group->calls)
        if (named.call.distinct) CollectColumns(named.call.argument, keys);
    }
    if (const auto* share = std::get_if<ShareTableNode>(&node)) {
      for (const ShareColumn& column : share->columns) {
        const ColumnInfo& info = plan_.columns[column.column];
        if (info.table >= 0 && catalog_.tables[static_cast<std::size_t>(info.table)].subject_column == info.table_column) keys.insert(column.column);
      }
    }
    if (const auto* window = std::get_if<WindowTableNode>(&node)) keys.insert(window->partition_by.begin(), window->partition_by.end());
    for (const NodeId input : TablesRead(node)) CollectKeys(input, keys, seen);
  }

  void Try(NodeId id) {
    const PhysicalNode& node = plan_.nodes[id];
    const auto* group = std::get_if<GroupTableNode>(&node);
    const auto* top = std::get_if<TopTableNode>(&node);
    const bool meets = group != nullptr || top != nullptr || std::holds_alternative<JoinTablesNode>(node) || std::holds_alternative<WindowTableNode>(node);
    if (!meets) return;
    ColumnSet keys;
    std::set<NodeId> seen;
    CollectKeys(id, keys, seen);
    if (group == nullptr && top == nullptr) return TryEach(id, id, keys, /*combines=*/false);
    if (group != nullptr && group->method != TableGroupMethod::kDense) TryEach(id, id, keys, /*combines=*/false);
    TryEach(id, TablesRead(node).front(), keys, /*combines=*/true);
  }

  // With the rows of `input` partitioned by each of the columns that it has.
  void TryEach(NodeId root, NodeId input, const ColumnSet& keys, bool combines) {
    for (const ColumnId column : Within(keys, columns_[input])) {
      if (ways_.size() == kMostWays) return;
      Assignment assignment(plan_, catalog_, columns_, partitions_, padding_);
      const std::optional<ColumnSet> by = assignment.Assign(input, column);
      if (!by || !seen_.insert({root, combines, SharesOf(assignment)}).second) continue;
      if (const auto* group = std::get_if<GroupTableNode>(&plan_.nodes[root]); combines && group != nullptr) {
        const bool has_parts = std::ranges::all_of(group->calls, [&](const NamedAggregate& named) { return OfParts(named.call, *by).has_value(); });
        if (!has_parts) continue;
      }
      ways_.push_back(Rewriter(plan_, assignment, root, combines, partitions_).Run());
    }
  }

  static std::vector<std::pair<NodeId, ColumnId>> SharesOf(const Assignment& assignment) {
    std::vector<std::pair<NodeId, ColumnId>> shares;
    for (const auto& [share, partitions] : assignment.shares()) shares.emplace_back(share, partitions.column);
    return shares;
  }

  const PhysicalPlan& plan_;
  const Catalog& catalog_;
  const std::vector<ColumnSet> columns_;
  const std::uint32_t partitions_;
  const Padding padding_;
  std::set<std::tuple<NodeId, bool, std::vector<std::pair<NodeId, ColumnId>>>> seen_;
  std::vector<PhysicalPlan> ways_;
};

}  // namespace

std::vector<PhysicalPlan> PartitionedPlans(const PhysicalPlan& plan, const Catalog& catalog, std::uint32_t partitions, Padding padding) {
  return Ways(plan, catalog, partitions, padding).Run();
}

}  // namespace care::planner
