#include "engine/exec/tables/group_by_owner.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connectors/connector.h"
#include "engine/exec/local/sorted_rows.h"
#include "engine/exec/tables/group_rows.h"
#include "engine/exec/tables/share_table.h"
#include "engine/exec/tables/table_rows.h"
#include "engine/exec/tables/value_forms.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/join.h"
#include "mpc/relational/neighbours.h"
#include "planner/physical/columns_read.h"
#include "planner/physical/group_sorts.h"
#include "planner/physical/share_orders.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::Protocol;
using mpc::RingColumn;
using planner::AggregateFunction;
using planner::ColumnId;
using planner::GroupTableNode;

// What the owner knows of the groups.
struct Groups {
  std::vector<RowNumber> row_at_place;       // the rows by group; empty if they stand by it
  std::vector<std::uint32_t> last_of_group;  // the place of each group's last row
  ColumnBatch keys;                          // a row a group
};

absl::StatusOr<Groups> FindGroups(const ColumnBatch& batch, const GroupTableNode& node) {
  std::vector<const Column*> keys;
  ColumnBatch kept{.columns = {}, .rows = batch.rows};
  const auto column_of = [&](ColumnId id) -> absl::StatusOr<const Column*> {
    const int position = batch.FindColumn(connectors::ColumnName(id));
    if (position < 0) return absl::InternalError("a group's key is not a column of its owner's rows");
    return &batch.columns[static_cast<std::size_t>(position)];
  };
  for (const ColumnId id : node.group_by) {
    CARE_ASSIGN_OR_RETURN(const Column* const column, column_of(id));
    keys.push_back(column);
  }
  Groups groups;
  if (std::optional<std::vector<RowNumber>> sorted = SortedRows(keys, batch.rows)) groups.row_at_place = *std::move(sorted);
  const auto row_at = [&](std::size_t place) {
    return groups.row_at_place.empty() ? static_cast<RowNumber>(place) : groups.row_at_place[place];
  };
  const auto same = [&](RowNumber a, RowNumber b) {
    return std::ranges::all_of(keys, [&](const Column* column) {
      if (column->IsNull(a) || column->IsNull(b)) return column->IsNull(a) && column->IsNull(b);
      return CompareCells(*column, a, b) == 0;
    });
  };
  std::vector<RowNumber> row_of_group;
  for (std::size_t place = 0; place < batch.rows; ++place) {
    if (place + 1 < batch.rows && same(row_at(place), row_at(place + 1))) continue;
    groups.last_of_group.push_back(static_cast<std::uint32_t>(place));
    row_of_group.push_back(row_at(place));
  }
  groups.keys.rows = row_of_group.size();
  std::vector<ColumnId> columns = node.group_by;
  columns.insert(columns.end(), node.determined.begin(), node.determined.end());
  for (const ColumnId id : columns) {
    CARE_ASSIGN_OR_RETURN(const Column* const column, column_of(id));
    groups.keys.columns.push_back(GatherColumn(*column, row_of_group));
  }
  return groups;
}

class GroupsByOwner {
 public:
  GroupsByOwner(TableContext& context, const GroupTableNode& node, planner::NodeId id, SharedTable& table)
      : context_(context),
        protocol_(context.protocol),
        node_(node),
        id_(id),
        table_(table),
        groups_(static_cast<std::size_t>(node.group_bound)),
        // Narrow counts are made wide again at the groups, which must be few for that to pay.
        count_width_(groups_ <= table.slots / 8 ? mpc::RingWidthFor(table.slots) : mpc::kDefaultRing),
        flags_(table, table.valid) {}

  absl::StatusOr<SharedTable> Run() {
    if (table_.order == kNoParty) return absl::InternalError("nobody knows the groups of these rows");
    here_ = protocol_.Holds(table_.order);
    if (here_) {
      CARE_ASSIGN_OR_RETURN(known_, FindGroups(*table_.batch, node_));
      if (known_.keys.rows > groups_) {
        return absl::FailedPreconditionError(absl::StrCat(
            context_.title(node_.group_by[0]), ": there are more different values than the ", groups_,
            " that the federation file allows by its references and ranges; correct the rows, or the declaration"));
      }
    }
    CARE_RETURN_IF_ERROR(MakeRings());
    CARE_RETURN_IF_ERROR(SumUp(wide_));
    CARE_RETURN_IF_ERROR(SumUp(narrow_));
    SharedTable result{.slots = groups_, .order = table_.order};
    CARE_RETURN_IF_ERROR(AddCounts());
    result.valid = is_there_.at({});
    CARE_RETURN_IF_ERROR(AddKeys(result));
    for (const planner::NamedAggregate& named : node_.calls) {
      const Key key = KeyOf(named.call);
      SharedValue& value = result.columns[named.column];
      if (named.call.function == AggregateFunction::kSum) {
        value.ring = wide_.at(sum_at_.at({key, *planner::ColumnOf(named.call.argument)}));
        value.not_null = is_there_.at(key);
      } else {
        value.ring = counts_.at(key);
      }
    }
    if (here_) result.batch = std::make_shared<ColumnBatch>(std::move(known_.keys));
    return result;
  }

 private:
  using Key = GroupFlags::Key;

  Key KeyOf(const planner::AggregateCall& call) const {
    return flags_.KeyOf(planner::ColumnOf(call.argument), planner::ColumnOf(call.filter));
  }

  // A column of each flag, and of each sum its values where the flag is set.
  absl::Status MakeRings() {
    std::map<Key, std::vector<ColumnId>> sums = {{Key{}, {}}};
    for (const planner::NamedAggregate& named : node_.calls) {
      std::vector<ColumnId>& of_flag = sums[KeyOf(named.call)];
      if (named.call.function != AggregateFunction::kSum) continue;
      const ColumnId argument = *planner::ColumnOf(named.call.argument);
      if (std::ranges::find(of_flag, argument) == of_flag.end()) of_flag.push_back(argument);
    }
    for (const auto& [key, arguments] : sums) {
      CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> flag, flags_.Of(protocol_, key));
      std::vector<RingColumn>& rings = arguments.empty() ? narrow_ : wide_;
      CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> ring, protocol_.BitsToRing(*flag, arguments.empty() ? count_width_ : mpc::kDefaultRing));
      count_at_[key] = {&rings, rings.size()};
      std::vector<RingColumn> values;
      for (const ColumnId argument : arguments) {
        CARE_ASSIGN_OR_RETURN(const RingColumn* const value, RingOf(protocol_, context_.plan, table_, argument));
        values.push_back(*value);
      }
      CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> products, mpc::MultiplyEach(protocol_, ring[0], values));
      rings.push_back(std::move(ring[0]));
      for (std::size_t i = 0; i < arguments.size(); ++i) {
        sum_at_[{key, arguments[i]}] = rings.size();
        rings.push_back(std::move(products[i]));
      }
    }
    return absl::OkStatus();
  }

  // Rows to groups.
  absl::Status SumUp(std::vector<RingColumn>& rings) {
    if (rings.empty()) return absl::OkStatus();
    const std::size_t slots = table_.slots;
    Protocol::Columns block{.bits = {}, .rings = std::move(rings)};
    if (!planner::StandsBy(context_.plan, node_.input, node_.group_by)) {
      std::vector<std::uint32_t> source(here_ ? slots : 0);
      std::iota(source.begin(), source.end(), 0);
      std::ranges::copy(known_.row_at_place, source.begin());
      CARE_ASSIGN_OR_RETURN(block, protocol_.GatherByOwner(table_.order, here_ ? &source : nullptr, slots, block));
    }
    // A slot without a group ends where all rows have been, and so adds nothing.
    for (RingColumn& ring : block.rings) {
      const RingColumn sums = protocol_.PrefixSum(ring);
      const RingColumn all = RepeatRow(sums, slots - 1, groups_);
      ring = RingColumn::JoinRows({&sums, &all});
    }
    std::vector<std::uint32_t> last;
    if (here_) {
      last = known_.last_of_group;
      for (std::size_t group = last.size(); group < groups_; ++group) last.push_back(static_cast<std::uint32_t>(slots + group));
    }
    CARE_ASSIGN_OR_RETURN(Protocol::Columns picked, protocol_.GatherByOwner(table_.order, here_ ? &last : nullptr, groups_, block));
    rings = std::move(picked.rings);
    for (RingColumn& ring : rings) ring = mpc::SubtractNeighbours(protocol_, ring);
    return absl::OkStatus();
  }

  // How many rows each flag has in a group, in the ring, and whether it has any.
  absl::Status AddCounts() {
    const unsigned bits = mpc::RingWidthFor(table_.slots);
    for (const std::vector<RingColumn>* const rings : {&wide_, &narrow_}) {
      std::vector<Key> keys;
      std::vector<const RingColumn*> columns;
      for (const auto& [key, at] : count_at_) {
        if (at.first != rings) continue;
        keys.push_back(key);
        columns.push_back(&(*rings)[at.second]);
      }
      if (keys.empty()) continue;
      CARE_ASSIGN_OR_RETURN(const BitColumn numbers, protocol_.RingToBits(RingColumn::JoinRows(columns), bits));
      CARE_ASSIGN_OR_RETURN(const BitColumn some, mpc::AtLeastPublic(protocol_, numbers, 1));
      RingColumn wide;
      const bool widens = columns[0]->width() != mpc::kDefaultRing;
      if (widens) {
        CARE_ASSIGN_OR_RETURN(wide, UnsignedToRing(protocol_, numbers, context_.link));
      }
      for (std::size_t i = 0; i < keys.size(); ++i) {
        is_there_[keys[i]] = some.Rows(i * groups_, groups_);
        counts_[keys[i]] = widens ? wide.Rows(i * groups_, groups_) : *columns[i];
      }
    }
    return absl::OkStatus();
  }

  absl::Status AddKeys(SharedTable& result) const {
    const std::set<ColumnId> read = planner::ColumnsReadAfter(context_.plan, id_);
    std::vector<planner::ShareColumn> columns;
    for (const std::vector<ColumnId>* const list : {&node_.group_by, &node_.determined}) {
      for (const ColumnId column : *list)
        if (read.contains(column)) columns.push_back({.column = column, .bits = true, .ring = false});
    }
    if (columns.empty()) return absl::OkStatus();
    CARE_ASSIGN_OR_RETURN(const EncodedShape shape, EncodedShapeOf(context_.plan, columns));
    EncodedTable encoded;
    if (here_) {
      CARE_ASSIGN_OR_RETURN(encoded, EncodeTable(context_.plan, columns, known_.keys, groups_, context_.title));
    }
    CARE_ASSIGN_OR_RETURN(const BitColumn bits,
                          protocol_.InputBits(table_.order, here_ ? &encoded.bits : nullptr, groups_, shape.planes));
    return TakeEncoded(context_.plan, columns, bits, {}, result);
  }

  TableContext& context_;
  Protocol& protocol_;
  const GroupTableNode& node_;
  const planner::NodeId id_;
  SharedTable& table_;
  const std::size_t groups_;
  const unsigned count_width_;
  GroupFlags flags_;
  bool here_ = false;
  Groups known_;

  // At the rows, then at the groups.
  std::vector<RingColumn> wide_, narrow_;
  std::map<Key, std::pair<const std::vector<RingColumn>*, std::size_t>> count_at_;
  std::map<std::pair<Key, ColumnId>, std::size_t> sum_at_;  // in wide_
  std::map<Key, BitColumn> is_there_;
  std::map<Key, RingColumn> counts_;
};

}  // namespace

absl::StatusOr<SharedTable> GroupByOwner(TableContext& context, const GroupTableNode& node, planner::NodeId id, SharedTable& table) {
  return GroupsByOwner(context, node, id, table).Run();
}

}  // namespace care::engine
