#include "planner/physical/partition_columns.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/physical/partition_slots.h"
#include "planner/physical/table_shape.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

class PartitionWalk {
 public:
  explicit PartitionWalk(const PhysicalPlan& plan) : plan_(plan), within_(plan.nodes.size(), false) {
    found_.columns.resize(plan.nodes.size());
    found_.is_partial.resize(plan.nodes.size(), false);
  }

  absl::StatusOr<PartitionColumns> Run() {
    for (at_ = 0; at_ < plan_.nodes.size(); ++at_) {
      for (const NodeId input : TablesRead(plan_.nodes[at_])) {
        if (input >= at_) return Invalid("it reads a later node");
        if (const auto* gather = std::get_if<GatherPartitionsNode>(&plan_.nodes[input]); gather != nullptr && gather->is_partial)
          CARE_RETURN_IF_ERROR(CheckMakesWhole(*gather));
        if (within_[input]) within_[at_] = true;
      }
      CARE_RETURN_IF_ERROR(std::visit([&](const auto& node) { return Check(node); }, plan_.nodes[at_]));
    }
    for (const auto& [node, gathers] : gathers_) {
      if (gathers.size() != 1) return Invalid(absl::StrCat("what node ", node, " yields of partitions ends in several places"));
    }
    return std::move(found_);
  }

 private:
  absl::Status Invalid(std::string_view rule) const {
    return absl::InternalError(absl::StrCat("invalid plan, node ", at_, ": ", std::string(rule)));
  }
  bool Within(NodeId node) const { return within_[node]; }
  const ColumnSet& Columns(NodeId node) const { return found_.columns[node]; }
  ColumnSet& Own() { return found_.columns[at_]; }

  // Whether all rows of each of the column's values are in one partition, NULL counting as one.
  bool IsWhole(ColumnId column) { return Own().contains(column) && !plan_.columns[column].nullable; }

  absl::Status PassThrough(NodeId input) {
    if (!Within(input)) return absl::OkStatus();
    if (found_.is_partial[input]) return Invalid("it reads a part of a group");
    Own() = Columns(input);
    return absl::OkStatus();
  }

  absl::Status Check(const ShareTableNode& share) {
    if (!share.partitions) return absl::OkStatus();
    const SharePartitions& partitions = *share.partitions;
    const bool has = std::ranges::any_of(share.columns, [&](const ShareColumn& column) { return column.column == partitions.column; });
    if (!has) return Invalid("rows are partitioned by what they do not have");
    if (partitions.count < 2 || partitions.count > kMostPartitions || partitions.slots == 0) return Invalid("it has no partitions");
    if (count_ != 0 && partitions.count != count_) return Invalid("tables have different numbers of partitions");
    if (++tables_ > kMostPartitionedTables) return Invalid("too many tables are partitioned");
    if (share.local >= at_ || !std::holds_alternative<LocalNode>(plan_.nodes[share.local]) || std::get<LocalNode>(plan_.nodes[share.local]).outside)
      return Invalid("its owner partitions nothing");
    const std::uint64_t least = SlotsOfPartition(std::get<LocalNode>(plan_.nodes[share.local]).row_bound, 1, partitions.count);
    if (partitions.slots < least) return Invalid("a partition has too few slots");
    if (!locals_.insert(share.local).second || IsSharedTwice(share.local)) return Invalid("a fragment is shared twice, once in partitions");
    count_ = partitions.count;
    within_[at_] = true;
    Own() = {partitions.column};
    return absl::OkStatus();
  }

  absl::Status Check(const DeriveTableNode& derive) {
    CARE_RETURN_IF_ERROR(PassThrough(derive.input));
    for (const NamedExpression& item : derive.columns) {
      const auto* same = std::get_if<ColumnExpression>(&item.expression->node);
      if (same != nullptr && Columns(derive.input).contains(same->column)) Own().insert(item.column);
    }
    return absl::OkStatus();
  }
  absl::Status Check(const FilterTableNode& filter) { return PassThrough(filter.input); }
  absl::Status Check(const CompactTableNode& compact) { return PassThrough(compact.input); }

  absl::Status Check(const WindowTableNode& window) {
    CARE_RETURN_IF_ERROR(PassThrough(window.input));
    const bool parts = std::ranges::any_of(window.partition_by, [&](ColumnId column) { return IsWhole(column); });
    return Within(at_) && !parts ? Invalid("its windows reach over partitions") : absl::OkStatus();
  }

  absl::Status Check(const TopTableNode& top) {
    CARE_RETURN_IF_ERROR(PassThrough(top.input));
    Own().clear();
    found_.is_partial[at_] = Within(at_);
    return absl::OkStatus();
  }

  absl::Status Check(const GroupTableNode& group) {
    CARE_RETURN_IF_ERROR(PassThrough(group.input));
    ColumnSet keys;
    for (const ColumnId column : group.group_by) {
      if (IsWhole(column)) keys.insert(column);
    }
    found_.is_partial[at_] = Within(at_) && keys.empty();
    Own() = std::move(keys);
    return absl::OkStatus();
  }

  absl::Status Check(const JoinTablesNode& join) {
    if (!Within(at_)) return absl::OkStatus();
    if (found_.is_partial[join.left] || found_.is_partial[join.right]) return Invalid("it reads a part of a group");
    if (!Within(join.left)) return Invalid("rows of all partitions meet those of one");
    if (!Within(join.right)) {
      // Each of the left's rows meets all that it can.
      if (join.kind == JoinKind::kFull) return Invalid("rows without a match would be there once for each partition");
      Own() = Columns(join.left);
      return absl::OkStatus();
    }
    const bool agree = std::ranges::any_of(join.keys, [&](const auto& key) {
      return Columns(join.left).contains(key.first) && Columns(join.right).contains(key.second);
    });
    if (!agree) return Invalid("rows of different partitions may match");
    // Of rows without a match the other side is NULL, in every partition.
    if (join.kind != JoinKind::kFull) Own() = Columns(join.left);
    if (join.kind == JoinKind::kInner) Own().insert(Columns(join.right).begin(), Columns(join.right).end());
    return absl::OkStatus();
  }

  absl::Status Check(const ConcatTablesNode& concat) {
    if (!Within(at_)) return absl::OkStatus();
    for (const NodeId input : concat.inputs) {
      if (!Within(input) || found_.is_partial[input]) return Invalid("a union mixes partitions with whole tables");
    }
    for (std::size_t c = 0; c < concat.columns.size(); ++c) {
      bool all = true;
      for (std::size_t i = 0; i < concat.inputs.size(); ++i) {
        const DataType &from = plan_.columns[concat.input_columns[i][c]].type, &to = plan_.columns[concat.columns[c]].type;
        all = all && Columns(concat.inputs[i]).contains(concat.input_columns[i][c]) && from.scale == to.scale;
      }
      if (all) Own().insert(concat.columns[c]);
    }
    return absl::OkStatus();
  }

  bool IsSharedTwice(NodeId local) const {
    return std::ranges::count_if(plan_.nodes, [&](const PhysicalNode& node) {
             const auto* share = std::get_if<ShareTableNode>(&node);
             return share != nullptr && share->local == local;
           }) > 1;
  }

  // The node reads parts of groups, or of an order, from several partitions: it makes whole ones of them.
  absl::Status CheckMakesWhole(const GatherPartitionsNode& gather) const {
    const PhysicalNode& node = plan_.nodes[at_];
    if (const auto* whole = std::get_if<TopTableNode>(&node)) {
      const auto* parts = std::get_if<TopTableNode>(&plan_.nodes[gather.input]);
      const auto same = [](const TableKey& a, const TableKey& b) {
        return a.column == b.column && a.descending == b.descending && a.nulls_first == b.nulls_first;
      };
      const bool first_of_all = parts != nullptr && parts->rows >= whole->rows && std::ranges::equal(parts->keys, whole->keys, same);
      return first_of_all ? absl::OkStatus() : Invalid("it takes the first of other rows than each partition's first");
    }
    const auto* whole = std::get_if<GroupTableNode>(&node);
    const auto* parts = std::get_if<GroupTableNode>(&plan_.nodes[gather.input]);
    if (whole == nullptr || parts == nullptr || whole->group_by != parts->group_by) return Invalid("it takes parts of groups for groups");
    for (const NamedAggregate& named : whole->calls) {
      const auto* column = named.call.argument == nullptr ? nullptr : std::get_if<ColumnExpression>(&named.call.argument->node);
      const auto part = std::ranges::find_if(parts->calls, [&](const NamedAggregate& call) { return column != nullptr && call.column == column->column; });
      if (part == parts->calls.end() || named.call.filter != nullptr || named.call.distinct || !MakesWhole(named.call.function, part->call, parts->input))
        return Invalid("parts of a group do not add up to it");
    }
    return absl::OkStatus();
  }

  bool MakesWhole(AggregateFunction function, const AggregateCall& part, NodeId rows) const {
    const bool adds_up = part.function == AggregateFunction::kCountStar || part.function == AggregateFunction::kCount || part.function == AggregateFunction::kSum;
    if (adds_up && part.distinct) {
      const auto* argument = part.argument == nullptr ? nullptr : std::get_if<ColumnExpression>(&part.argument->node);
      if (argument == nullptr || !Columns(rows).contains(argument->column)) return false;
    }
    if (adds_up) return function == AggregateFunction::kSum;
    const bool picks = part.function == AggregateFunction::kMin || part.function == AggregateFunction::kMax ||
                       part.function == AggregateFunction::kBoolAnd || part.function == AggregateFunction::kBoolOr;
    return picks && function == part.function;
  }

  // Everything below that runs in partitions ends here, and only here.
  void MarkBelow(NodeId node, NodeId gather) {
    if (!within_[node] || !gathers_[node].insert(gather).second) return;
    for (const NodeId input : TablesRead(plan_.nodes[node])) MarkBelow(input, gather);
  }
  absl::Status Check(const GatherPartitionsNode& gather) {
    if (!Within(gather.input)) return Invalid("it gathers what is whole");
    if (gather.is_partial != found_.is_partial[gather.input]) return Invalid("it mistakes parts of groups for groups");
    within_[at_] = false;
    MarkBelow(gather.input, at_);
    return absl::OkStatus();
  }

  absl::Status Check(const GateTableNode&) { return Within(at_) ? Invalid("a gate sees one partition alone") : absl::OkStatus(); }
  absl::Status Check(const OpenTableNode&) { return Within(at_) ? Invalid("a partition opens alone") : absl::OkStatus(); }
  // No catch-all: a new kind of node does not compile until it says what becomes of partitions.
  absl::Status Check(const LocalNode&) { return absl::OkStatus(); }
  absl::Status Check(const KeysNode&) { return absl::OkStatus(); }
  absl::Status Check(const LookupNode&) { return absl::OkStatus(); }
  absl::Status Check(const RowsNode&) { return absl::OkStatus(); }
  absl::Status Check(const RowSumsNode&) { return absl::OkStatus(); }
  absl::Status Check(const ConditionNode&) { return absl::OkStatus(); }
  absl::Status Check(const CellsNode&) { return absl::OkStatus(); }
  absl::Status Check(const GateNode&) { return absl::OkStatus(); }

  const PhysicalPlan& plan_;
  PartitionColumns found_;
  std::vector<bool> within_;
  std::map<NodeId, std::set<NodeId>> gathers_;
  NodeId at_ = 0;
  std::uint32_t count_ = 0;
  unsigned tables_ = 0;
  std::set<NodeId> locals_;
};

}  // namespace

absl::StatusOr<PartitionColumns> FindPartitionColumns(const PhysicalPlan& plan) { return PartitionWalk(plan).Run(); }

}  // namespace care::planner
