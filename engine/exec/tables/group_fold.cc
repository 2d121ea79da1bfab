#include "engine/exec/tables/group_fold.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/exec/tables/group_rows.h"
#include "engine/exec/tables/table_rows.h"
#include "engine/exec/tables/value_forms.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/any_row.h"
#include "mpc/relational/count_flags.h"
#include "mpc/relational/join.h"
#include "planner/physical/group_sorts.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::Protocol;
using mpc::RingColumn;
using planner::AggregateCall;
using planner::AggregateFunction;
using planner::ColumnId;

bool IsBoolean(AggregateFunction function) {
  return function == AggregateFunction::kBoolAnd || function == AggregateFunction::kBoolOr;
}

// A plane a cell in one row as a cell a row.
BitColumn Upright(const BitColumn& row) {
  std::vector<BitColumn> planes;
  std::vector<const BitColumn*> pointers;
  for (unsigned plane = 0; plane < row.width(); ++plane) planes.push_back(row.Planes(plane, 1));
  for (const BitColumn& plane : planes) pointers.push_back(&plane);
  return BitColumn::JoinRows(pointers);
}

// Questions to which the answers come together, each a plane a cell: their rounds are one question's.
class Batch {
 public:
  // A handle to the answer.
  std::size_t Add(BitColumn planes) {
    const std::size_t first = width_;
    width_ += planes.width();
    planes_.push_back(std::move(planes));
    return first;
  }
  bool empty() const { return planes_.empty(); }
  BitColumn Joined() const { return JoinedPlanes(planes_); }

 private:
  std::vector<BitColumn> planes_;
  unsigned width_ = 0;
};

class Fold {
 public:
  Fold(TableContext& context, const planner::GroupTableNode& node, SharedTable& table, const BitColumn& cells)
      : context_(context),
        protocol_(context.protocol),
        node_(node),
        table_(table),
        cells_(cells),
        flags_(table, std::nullopt) {}

  absl::Status Run(const std::vector<std::size_t>& calls, SharedTable& groups) {
    const bool may_be_empty = node_.method == planner::TableGroupMethod::kDense;
    if (may_be_empty) CARE_RETURN_IF_ERROR(AskAny({}));
    for (const std::size_t call : calls) CARE_RETURN_IF_ERROR(Ask(node_.calls[call]));
    CARE_RETURN_IF_ERROR(AnswerAll());
    if (may_be_empty) groups.valid = AnyOf(any_at_.at({}));
    for (const std::size_t call : calls) {
      CARE_ASSIGN_OR_RETURN(groups.columns[node_.calls[call].column], Answer(node_.calls[call]));
    }
    return absl::OkStatus();
  }

 private:
  using Key = GroupFlags::Key;

  std::size_t cells() const { return cells_.width(); }
  Key KeyOf(const AggregateCall& call) const {
    return flags_.KeyOf(planner::ColumnOf(call.argument), planner::ColumnOf(call.filter));
  }

  // The cells' planes where the flag is set.
  absl::StatusOr<const BitColumn*> InCells(const Key& key) {
    if (const auto made = in_cells_.find(key); made != in_cells_.end()) return &made->second;
    CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> flag, flags_.Of(protocol_, key));
    BitColumn planes = cells_;
    if (flag) {
      CARE_ASSIGN_OR_RETURN(planes, protocol_.And(planes, *flag));
    }
    return &(in_cells_[key] = std::move(planes));
  }

  // --- What the calls ask for.

  absl::Status AskAny(const Key& key) {
    if (any_at_.contains(key)) return absl::OkStatus();
    CARE_ASSIGN_OR_RETURN(const BitColumn* const planes, InCells(key));
    any_at_[key] = any_.Add(*planes);
    return absl::OkStatus();
  }

  absl::Status AskCount(const Key& key) {
    if (count_at_.contains(key)) return absl::OkStatus();
    CARE_ASSIGN_OR_RETURN(const BitColumn* const planes, InCells(key));
    count_at_[key] = counts_.Add(*planes);
    return absl::OkStatus();
  }

  absl::Status Ask(const planner::NamedAggregate& named) {
    const AggregateCall& call = named.call;
    const Key key = KeyOf(call);
    if (IsBoolean(call.function)) {
      CARE_RETURN_IF_ERROR(AskAny(key));
      CARE_ASSIGN_OR_RETURN(const BitColumn* bits, BitsOf(protocol_, context_.plan, table_, *planner::ColumnOf(call.argument)));
      CARE_ASSIGN_OR_RETURN(const BitColumn* const planes, InCells(key));
      // AND: there is none that is false.
      CARE_ASSIGN_OR_RETURN(BitColumn set, protocol_.And(*planes, WantsLeast(call.function) ? protocol_.Not(*bits) : *bits));
      boolean_at_[named.column] = any_.Add(std::move(set));
      return absl::OkStatus();
    }
    if (WantsExtreme(call.function)) return AskAny(key);
    if (call.function != AggregateFunction::kSum) return AskCount(key);
    CARE_RETURN_IF_ERROR(AskAny(key));
    const ColumnId argument = *planner::ColumnOf(call.argument);
    if (!SumsByBits(argument)) {
      std::vector<ColumnId>& arguments = ring_sums_[key];
      if (std::ranges::find(arguments, argument) == arguments.end()) arguments.push_back(argument);
      return absl::OkStatus();
    }
    if (bit_sum_at_.contains({key, argument})) return absl::OkStatus();
    CARE_RETURN_IF_ERROR(AskCount(key));
    CARE_ASSIGN_OR_RETURN(const BitColumn* const planes, InCells(key));
    const BitColumn& bits = *table_.columns.at(argument).bits;
    std::vector<BitColumn> cells, digits;
    for (unsigned bit = 0; bit < bits.width(); ++bit) {
      for (unsigned cell = 0; cell < planes->width(); ++cell) {
        cells.push_back(planes->Planes(cell, 1));
        digits.push_back(bits.Planes(bit, 1));
      }
    }
    CARE_ASSIGN_OR_RETURN(BitColumn set, protocol_.And(JoinedPlanes(cells), JoinedPlanes(digits)));
    bit_sum_at_[{key, argument}] = counts_.Add(std::move(set));
    return absl::OkStatus();
  }

  bool SumsByBits(ColumnId argument) const {
    const SharedValue& value = table_.columns.at(argument);
    return !value.ring && value.bits && planner::SumsByBits(cells(), value.bits->width());
  }

  // --- The answers.

  absl::Status AnswerAll() {
    if (!any_.empty()) {
      CARE_ASSIGN_OR_RETURN(const BitColumn row, mpc::AnyRow(protocol_, any_.Joined()));
      any_answers_ = Upright(row);
    }
    if (!counts_.empty()) {
      CARE_ASSIGN_OR_RETURN(count_answers_, mpc::CountFlags(protocol_, counts_.Joined()));
    }
    return SumInRing();
  }

  BitColumn AnyOf(std::size_t at) const { return any_answers_.Rows(at, cells()); }
  RingColumn CountOf(std::size_t at) const { return count_answers_.Rows(at, cells()); }

  // Cells go as cell = left * across + right, so that a row's flags for the cells are products of a flag of the left and one of the
  // right: fewer enter the ring than there are cells, and the values are multiplied by the left alone.
  absl::Status SumInRing() {
    if (ring_sums_.empty()) return absl::OkStatus();
    std::vector<std::uint64_t> sums_of_flag;
    std::vector<Sums> sums;
    for (const auto& [key, arguments] : ring_sums_) {
      sums_of_flag.push_back(arguments.size());
      CARE_ASSIGN_OR_RETURN(const BitColumn* const flags, InCells(key));
      Sums& of_flag = sums.emplace_back(Sums{flags, {}, {}});
      for (const ColumnId argument : arguments) {
        CARE_ASSIGN_OR_RETURN(const RingColumn* const value, RingOf(protocol_, context_.plan, table_, argument));
        of_flag.values.push_back(value);
        of_flag.totals.push_back(&ring_answers_[{key, argument}]);
      }
    }
    const std::uint64_t across = planner::CellsAcross(cells(), sums_of_flag);
    const std::uint64_t block = planner::FoldBlockRows(table_.slots, context_.link);
    for (std::size_t first = 0; first < table_.slots; first += block)
      CARE_RETURN_IF_ERROR(AddBlock(sums, across, first, std::min<std::size_t>(block, table_.slots - first)));
    return absl::OkStatus();
  }

  // The values under one flag, and their sums so far.
  struct Sums {
    const BitColumn* flags = nullptr;
    std::vector<const RingColumn*> values;
    std::vector<RingColumn*> totals;
  };

  absl::Status AddBlock(const std::vector<Sums>& sums, std::size_t across, std::size_t first, std::size_t rows) {
    const bool direct = across == cells();
    std::vector<RingColumn> rights;
    if (!direct) {
      CARE_ASSIGN_OR_RETURN(rights, protocol_.BitsToRing(EveryNth(cells_.Rows(first, rows), across)));
    }
    for (const Sums& of_flag : sums) {
      const BitColumn flags = of_flag.flags->Rows(first, rows);
      CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> lefts, protocol_.BitsToRing(direct ? flags : Runs(flags, across)));
      for (std::size_t i = 0; i < of_flag.values.size(); ++i) {
        const RingColumn value = of_flag.values[i]->Rows(first, rows);
        std::vector<RingColumn> products;
        if (!direct) {
          CARE_ASSIGN_OR_RETURN(products, mpc::MultiplyEach(protocol_, value, lefts));
        }
        std::vector<const RingColumn*> terms, factors;
        for (std::size_t cell = 0; cell < cells(); ++cell) {
          terms.push_back(direct ? &value : &products[cell / across]);
          factors.push_back(direct ? &lefts[cell] : &rights[cell % across]);
        }
        CARE_ASSIGN_OR_RETURN(RingColumn total, protocol_.DotProducts(terms, factors));
        *of_flag.totals[i] = first == 0 ? std::move(total) : protocol_.Add(*of_flag.totals[i], total);
      }
    }
    return absl::OkStatus();
  }

  // A row is in one cell at most, so that "in one of these cells" is the XOR of their flags.
  BitColumn XorOf(const BitColumn& planes, std::size_t first, std::size_t step, std::size_t end) const {
    BitColumn sum = planes.Planes(static_cast<unsigned>(first), 1);
    for (std::size_t cell = first + step; cell < end; cell += step)
      sum = protocol_.Xor(sum, planes.Planes(static_cast<unsigned>(cell), 1));
    return sum;
  }
  BitColumn EveryNth(const BitColumn& planes, std::size_t across) const {
    std::vector<BitColumn> sums;
    for (std::size_t right = 0; right < across; ++right) sums.push_back(XorOf(planes, right, across, cells()));
    return JoinedPlanes(sums);
  }
  BitColumn Runs(const BitColumn& planes, std::size_t across) const {
    std::vector<BitColumn> sums;
    for (std::size_t first = 0; first < cells(); first += across)
      sums.push_back(XorOf(planes, first, 1, std::min(cells(), first + across)));
    return JoinedPlanes(sums);
  }

  absl::StatusOr<SharedValue> Answer(const planner::NamedAggregate& named) {
    const AggregateCall& call = named.call;
    const Key key = KeyOf(call);
    SharedValue result;
    if (call.function == AggregateFunction::kCount || call.function == AggregateFunction::kCountStar) {
      result.ring = CountOf(count_at_.at(key));
      return result;
    }
    result.not_null = AnyOf(any_at_.at(key));
    const ColumnId argument = *planner::ColumnOf(call.argument);
    if (IsBoolean(call.function)) {
      const BitColumn found = AnyOf(boolean_at_.at(named.column));
      CARE_ASSIGN_OR_RETURN(result.bits, protocol_.And(WantsLeast(call.function) ? protocol_.Not(found) : found, *result.not_null));
    } else if (WantsExtreme(call.function)) {
      CARE_ASSIGN_OR_RETURN(const BitColumn extreme, Extreme(named, argument, key));
      CARE_ASSIGN_OR_RETURN(result.bits, protocol_.And(extreme, *result.not_null));
    } else if (const auto at = bit_sum_at_.find({key, argument}); at != bit_sum_at_.end()) {
      CARE_ASSIGN_OR_RETURN(result.ring, SumOfDigits(argument, key, at->second));
    } else {
      result.ring = ring_answers_.at({key, argument});
    }
    return result;
  }

  // The counts of the digits, and the base of each row that counts.
  absl::StatusOr<RingColumn> SumOfDigits(ColumnId argument, const Key& key, std::size_t at) const {
    CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape shape, planner::ShapeOfColumn(context_.plan.columns[argument]));
    RingColumn sum = protocol_.MultiplyPublic(CountOf(count_at_.at(key)), static_cast<std::uint64_t>(shape.base));
    for (unsigned bit = 0; bit < shape.width; ++bit)
      sum = protocol_.Add(sum, protocol_.MultiplyPublic(CountOf(at + bit * cells()), std::uint64_t{1} << bit));
    return sum;
  }

  // Row i of plane g as row i * cells + g.
  BitColumn ByRow(const BitColumn& planes) const {
    if (cells() == 1) return planes;
    std::vector<std::uint32_t> source(cells() * table_.slots);
    for (std::size_t i = 0; i < source.size(); ++i)
      source[i] = static_cast<std::uint32_t>(i % cells() * table_.slots + i / cells());
    return Gathered(Upright(planes), source);
  }

  absl::StatusOr<BitColumn> Extreme(const planner::NamedAggregate& named, ColumnId argument, const Key& key) {
    const bool least = WantsLeast(named.call.function);
    CARE_ASSIGN_OR_RETURN(const BitColumn* bits, BitsOf(protocol_, context_.plan, table_, argument));
    CARE_ASSIGN_OR_RETURN(const BitColumn* const flags, InCells(key));
    std::vector<std::uint32_t> source(cells() * table_.slots);
    for (std::size_t i = 0; i < source.size(); ++i) source[i] = static_cast<std::uint32_t>(i / cells());
    // The least is what is largest when all bits are turned; rows that do not count are zero.
    const BitColumn values = Gathered(least ? protocol_.Not(*bits) : *bits, source);
    CARE_ASSIGN_OR_RETURN(const BitColumn masked, protocol_.And(values, ByRow(*flags)));
    CARE_ASSIGN_OR_RETURN(const BitColumn largest, Largest(protocol_, masked, cells()));
    CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape from,
                          planner::ShapeOfColumn(context_.plan.columns[argument]));
    CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape target,
                          planner::ShapeOfColumn(context_.plan.columns[named.column]));
    return Reshape(protocol_, least ? protocol_.Not(largest) : largest, from, target);
  }

  TableContext& context_;
  Protocol& protocol_;
  const planner::GroupTableNode& node_;
  SharedTable& table_;
  const BitColumn& cells_;
  GroupFlags flags_;
  std::map<Key, BitColumn> in_cells_;

  Batch any_, counts_;
  std::map<Key, std::size_t> any_at_, count_at_;
  std::map<ColumnId, std::size_t> boolean_at_;  // by the call's column
  std::map<std::pair<Key, ColumnId>, std::size_t> bit_sum_at_;
  std::map<Key, std::vector<ColumnId>> ring_sums_;

  BitColumn any_answers_;
  RingColumn count_answers_;
  std::map<std::pair<Key, ColumnId>, RingColumn> ring_answers_;
};

}  // namespace

absl::Status FoldGroups(TableContext& context, const planner::GroupTableNode& node, SharedTable& table,
                        const std::vector<std::size_t>& calls, const BitColumn& cells, SharedTable& groups) {
  return Fold(context, node, table, cells).Run(calls, groups);
}

}  // namespace care::engine
