#include "engine/exec/tables/gate_table.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/exec/tables/value_forms.h"
#include "engine/release/gate.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/circuit/compare_circuits.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/join.h"
#include "mpc/share/alternate_rows.h"
#include "planner/physical/shared_value.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::BooleanCircuit;
using mpc::Protocol;
using mpc::RingColumn;

BitColumn SideBySide(const std::vector<BitColumn>& columns) {
  std::vector<const BitColumn*> parts;
  for (const BitColumn& column : columns) parts.push_back(&column);
  return BitColumn::JoinPlanes(parts);
}

// Of `counts` fields side by side, of `width` planes each, the smaller of two; and for each whether that is the right one.
BooleanCircuit SmallerCircuit(unsigned counts, unsigned width) {
  BooleanCircuit circuit(2 * counts * width);
  std::vector<BooleanCircuit::Bit> upsets;
  for (unsigned c = 0; c < counts; ++c) {
    const auto left = circuit.Inputs(c * width, width);
    const auto right = circuit.Inputs((counts + c) * width, width);
    const BooleanCircuit::Bit upset = mpc::Less(circuit, right, left, mpc::CompareDepth::kTree);
    for (unsigned p = 0; p < width; ++p) circuit.Output(circuit.Select(upset, right[p], left[p]));
    upsets.push_back(upset);
  }
  for (const BooleanCircuit::Bit upset : upsets) circuit.Output(upset);
  return circuit;
}

// The AND of all planes of each row.
absl::StatusOr<BitColumn> AllPlanes(Protocol& protocol, BitColumn planes) {
  while (planes.width() > 1) {
    const unsigned half = planes.width() / 2;
    CARE_ASSIGN_OR_RETURN(BitColumn both, protocol.And(planes.Planes(0, half), planes.Planes(half, half)));
    if (planes.width() % 2 == 1) {
      const BitColumn last = planes.Planes(2 * half, 1);
      both = BitColumn::JoinPlanes({&both, &last});
    }
    planes = std::move(both);
  }
  return planes;
}

class Margin {
 public:
  Margin(Protocol& protocol, const std::vector<BitColumn>& counts, std::uint32_t threshold, bool person_in_one_cell)
      : protocol_(protocol),
        counts_(counts),
        fields_(static_cast<unsigned>(counts.size())),
        width_(counts[0].width()),
        rows_(counts[0].rows()),
        threshold_(threshold),
        person_in_one_cell_(person_in_one_cell) {}

  absl::StatusOr<BitColumn> Decide() {
    std::vector<BitColumn> reaches, occupied;
    for (const BitColumn& count : counts_) {
      CARE_ASSIGN_OR_RETURN(BitColumn enough, mpc::AtLeastPublic(protocol_, count, threshold_));
      CARE_ASSIGN_OR_RETURN(BitColumn some, mpc::AtLeastPublic(protocol_, count, 1));
      reaches.push_back(std::move(enough));
      occupied.push_back(std::move(some));
    }
    reaches_ = SideBySide(reaches);
    occupied_ = SideBySide(occupied);
    CARE_ASSIGN_OR_RETURN(survive_, AllPlanes(protocol_, reaches_));
    if (rows_ < 2) return survive_;
    for (int pass = 0; pass < GatePasses(1, counts_.size()); ++pass) CARE_RETURN_IF_ERROR(Close());
    return survive_;
  }

 private:
  // Hides the smallest survivor by each count by which the margin is open.
  absl::Status Close() {
    const BitColumn hidden = protocol_.Not(survive_);
    CARE_ASSIGN_OR_RETURN(const BitColumn open, OpenCounts(hidden));
    std::vector<BitColumn> ranks;
    for (const BitColumn& count : counts_) ranks.push_back(BitColumn::JoinPlanes({&count, &hidden}));
    BitColumn field = SideBySide(ranks);
    std::vector<BitColumn> upsets;  // by level, of each pair of neighbours
    std::vector<std::size_t> sizes;
    const BooleanCircuit smaller = SmallerCircuit(fields_, width_ + 1);
    while (field.rows() > 1) {
      const BitColumn odd = mpc::OddRows(field);
      const BitColumn even = mpc::EvenRows(field);
      const std::size_t pairs = odd.rows();
      const BitColumn left = even.Rows(0, pairs);
      const BitColumn* const inputs[] = {&left, &odd};
      CARE_ASSIGN_OR_RETURN(const BitColumn outcome, protocol_.Evaluate(smaller, inputs));
      BitColumn winners = outcome.Planes(0, field.width());
      upsets.push_back(outcome.Planes(field.width(), fields_));
      sizes.push_back(field.rows());
      if (even.rows() > pairs) {
        const BitColumn last = even.Rows(pairs, 1);
        winners = BitColumn::JoinRows({&winners, &last});
      }
      field = std::move(winners);
    }
    // Back down: an open count's flag goes to its winner.
    BitColumn victims = open;
    for (std::size_t level = upsets.size(); level-- > 0;) {
      const std::size_t pairs = sizes[level] / 2;
      const BitColumn winners = victims.Rows(0, pairs);
      CARE_ASSIGN_OR_RETURN(const BitColumn right, protocol_.And(winners, upsets[level]));
      BitColumn left = protocol_.Xor(winners, right);
      if (sizes[level] % 2 == 1) {
        const BitColumn last = victims.Rows(pairs, 1);
        left = BitColumn::JoinRows({&left, &last});
      }
      victims = mpc::AlternateRows(left, right);
    }
    CARE_ASSIGN_OR_RETURN(const BitColumn kept, AllPlanes(protocol_, protocol_.Not(victims)));
    CARE_ASSIGN_OR_RETURN(survive_, protocol_.And(survive_, kept));
    return absl::OkStatus();
  }

  // One row, a plane a count: of the hidden groups z are not empty and weigh W; z = 1, or z > 0 and W is not enough.
  absl::StatusOr<BitColumn> OpenCounts(const BitColumn& hidden) {
    CARE_ASSIGN_OR_RETURN(const BitColumn occupied, protocol_.And(occupied_, hidden));
    std::vector<BitColumn> open;
    for (unsigned c = 0; c < fields_; ++c) {
      const std::uint64_t enough = person_in_one_cell_ ? threshold_ : 1;
      const unsigned rows_bits = static_cast<unsigned>(std::bit_width(rows_));
      const unsigned sum_bits = std::min(63u, (person_in_one_cell_ ? width_ : 0) + rows_bits);
      RingColumn weight;
      const BitColumn occupied_here = occupied.Planes(c, 1);
      CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> occupied_ring, protocol_.BitsToRing(occupied_here));
      if (person_in_one_cell_) {
        // Hidden persons: the count's planes one by one, each weighing its power of two.
        CARE_ASSIGN_OR_RETURN(const BitColumn masked, protocol_.And(counts_[c], hidden));
        CARE_ASSIGN_OR_RETURN(const RingColumn persons, BitsToStored(protocol_, masked, 0));
        weight = protocol_.Sum(persons);
      } else {
        CARE_ASSIGN_OR_RETURN(const BitColumn alone, protocol_.And(reaches_.Planes(c, 1), hidden));
        CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> flags, protocol_.BitsToRing(alone));
        weight = protocol_.Sum(flags[0]);
      }
      const RingColumn number = protocol_.Sum(occupied_ring[0]);
      CARE_ASSIGN_OR_RETURN(const BitColumn sums,
                            protocol_.RingToBits(RingColumn::JoinRows({&weight, &number}), sum_bits));
      const BitColumn weight_bits = sums.Rows(0, 1), number_bits = sums.Rows(1, 1);
      CARE_ASSIGN_OR_RETURN(const BitColumn some, mpc::AtLeastPublic(protocol_, number_bits, 1));
      CARE_ASSIGN_OR_RETURN(const BitColumn several, mpc::AtLeastPublic(protocol_, number_bits, 2));
      CARE_ASSIGN_OR_RETURN(const BitColumn enough_hidden, mpc::AtLeastPublic(protocol_, weight_bits, enough));
      // Closed: nothing is hidden, or several that are enough together.
      CARE_ASSIGN_OR_RETURN(const BitColumn closed, protocol_.And(several, enough_hidden));
      CARE_ASSIGN_OR_RETURN(BitColumn is_open, protocol_.And(some, protocol_.Not(closed)));
      open.push_back(std::move(is_open));
    }
    return SideBySide(open);
  }

  Protocol& protocol_;
  const std::vector<BitColumn>& counts_;
  const unsigned fields_;
  const unsigned width_;
  const std::size_t rows_;
  const std::uint32_t threshold_;
  const bool person_in_one_cell_;
  BitColumn reaches_;   // a plane a count
  BitColumn occupied_;  // a plane a count
  BitColumn survive_;
};

}  // namespace

absl::StatusOr<BitColumn> DecideMargin(Protocol& protocol, const std::vector<BitColumn>& counts, std::uint32_t threshold,
                                       bool person_in_one_cell) {
  CARE_CHECK(!counts.empty());
  return Margin(protocol, counts, threshold, person_in_one_cell).Decide();
}

absl::StatusOr<SharedTable> GateTable(TableContext& context, const planner::GateTableNode& node, SharedTable table,
                                      std::uint32_t threshold) {
  if (node.person_counts.empty()) return table;
  Protocol& protocol = context.protocol;
  std::uint64_t cells = 1;
  for (const std::uint32_t size : node.dimensions) cells *= size;
  const bool dense = !node.dimensions.empty();
  if (dense && cells != table.slots) return absl::InternalError("a gate's dimensions do not make its table");
  // A threshold of one hides nothing but groups that do not exist.
  if (threshold <= 1) {
    if (dense) {
      CARE_ASSIGN_OR_RETURN(const BitColumn* const persons,
                            BitsOf(protocol, context.plan, table, node.person_counts[0]));
      CARE_ASSIGN_OR_RETURN(const BitColumn some, mpc::AtLeastPublic(protocol, *persons, 1));
      CARE_ASSIGN_OR_RETURN(table.valid, protocol.And(table.valid, some));
    }
    return table;
  }
  // Slots that hold no group count nobody, whatever stands in them.
  std::vector<BitColumn> counts;
  unsigned width = 1;
  for (const planner::ColumnId column : node.person_counts) {
    CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape shape, planner::ShapeOfColumn(context.plan.columns[column]));
    CARE_ASSIGN_OR_RETURN(const BitColumn* const bits, BitsOf(protocol, context.plan, table, column));
    planner::SharedValueShape from_zero = shape;
    from_zero.base = 0;
    from_zero.width = static_cast<unsigned>(
        std::bit_width(static_cast<std::uint64_t>(shape.base) + (~std::uint64_t{0} >> (64 - shape.width))));
    if (shape.base < 0) return absl::InternalError("a count of persons that may be negative");
    CARE_ASSIGN_OR_RETURN(const BitColumn count, Reshape(protocol, *bits, shape, from_zero));
    CARE_ASSIGN_OR_RETURN(BitColumn masked, protocol.And(count, table.valid));
    width = std::max(width, masked.width());
    counts.push_back(std::move(masked));
  }
  for (BitColumn& count : counts) {
    if (count.width() == width) continue;
    const BitColumn zeroes = mpc::PublicConstant(protocol, table.slots, width - count.width(), 0);
    count = BitColumn::JoinPlanes({&count, &zeroes});
  }
  BitColumn survive;
  if (dense) {
    std::vector<RingColumn> rings;
    for (const BitColumn& count : counts) {
      CARE_ASSIGN_OR_RETURN(RingColumn ring, BitsToStored(protocol, count, 0));
      rings.push_back(std::move(ring));
    }
    const GateShape shape{.dimensions = node.dimensions,
                          .threshold = threshold,
                          .count_bits = width,
                          .person_in_one_cell = node.person_in_one_cell};
    CARE_ASSIGN_OR_RETURN(survive, DecideSurvivors(protocol, shape, rings));
  } else {
    CARE_ASSIGN_OR_RETURN(survive, DecideMargin(protocol, counts, threshold, node.person_in_one_cell));
  }
  CARE_ASSIGN_OR_RETURN(table.valid, protocol.And(table.valid, survive));
  return table;
}

}  // namespace care::engine
