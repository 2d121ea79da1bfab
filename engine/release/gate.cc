#include "engine/release/gate.h"

#include <bit>
#include <optional>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/join.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::Protocol;
using mpc::RingColumn;

constexpr int kPasses = 3;

// Rows by public position: the same rearrangement of every part.
BitColumn TakeRows(const BitColumn& column, const std::vector<std::size_t>& rows) {
  BitColumn taken(rows.size(), column.width(), column.part_count());
  for (unsigned part = 0; part < column.part_count(); ++part) {
    for (unsigned plane = 0; plane < column.width(); ++plane) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        taken.part(part).Set(i, plane, column.part(part).Get(rows[i], plane));
      }
    }
  }
  return taken;
}

RingColumn TakeRows(const RingColumn& column, const std::vector<std::size_t>& rows) {
  RingColumn taken(rows.size(), column.part_count());
  for (unsigned part = 0; part < column.part_count(); ++part) {
    for (std::size_t i = 0; i < rows.size(); ++i) taken.part(part)[i] = column.part(part)[rows[i]];
  }
  return taken;
}

// The lines along one dimension: position j of line l is cell lines[j][l].
std::vector<std::vector<std::size_t>> LinesAlong(const std::vector<std::uint32_t>& dimensions, std::size_t d) {
  std::size_t below = 1;
  for (std::size_t i = d + 1; i < dimensions.size(); ++i) below *= dimensions[i];
  std::size_t above = 1;
  for (std::size_t i = 0; i < d; ++i) above *= dimensions[i];
  std::vector<std::vector<std::size_t>> lines(dimensions[d]);
  for (std::size_t j = 0; j < dimensions[d]; ++j) {
    for (std::size_t a = 0; a < above; ++a) {
      for (std::size_t b = 0; b < below; ++b) lines[j].push_back((a * dimensions[d] + j) * below + b);
    }
  }
  return lines;
}

class Gate {
 public:
  Gate(Protocol& protocol, const GateShape& shape, const std::vector<RingColumn>& counts)
      : protocol_(protocol), shape_(shape), counts_(counts) {}

  absl::StatusOr<BitColumn> Decide() {
    for (const RingColumn& count : counts_) {
      CARE_ASSIGN_OR_RETURN(BitColumn bits, protocol_.RingToBits(count, shape_.count_bits));
      CARE_ASSIGN_OR_RETURN(BitColumn reaches, mpc::AtLeastPublic(protocol_, bits, shape_.threshold));
      CARE_ASSIGN_OR_RETURN(BitColumn occupied, mpc::AtLeastPublic(protocol_, bits, 1));
      if (survive_.rows() == 0) {
        survive_ = std::move(reaches);
      } else {
        CARE_ASSIGN_OR_RETURN(survive_, protocol_.And(survive_, reaches));
      }
      count_bits_.push_back(std::move(bits));
      occupied_.push_back(std::move(occupied));
    }
    std::size_t real_dimensions = 0;
    for (std::uint32_t size : shape_.dimensions) real_dimensions += size > 1 ? 1 : 0;
    // One line family and one count: hiding one survivor closes every margin at once.
    const bool closes_at_once = real_dimensions <= 1 && counts_.size() == 1;
    for (int pass = 0; pass < (closes_at_once ? 1 : kPasses); ++pass) {
      CARE_RETURN_IF_ERROR(VisitMargins(/*hide=*/true));
    }
    if (!closes_at_once) {
      CARE_RETURN_IF_ERROR(VisitMargins(/*hide=*/false));
      CARE_RETURN_IF_ERROR(HideAllIfOpen());
    }
    return survive_;
  }

 private:
  absl::Status VisitMargins(bool hide) {
    for (std::size_t d = 0; d < shape_.dimensions.size(); ++d) {
      if (shape_.dimensions[d] < 2) continue;
      for (std::size_t c = 0; c < counts_.size(); ++c) CARE_RETURN_IF_ERROR(VisitLines(d, c, hide));
    }
    return absl::OkStatus();
  }

  absl::Status VisitLines(std::size_t dimension, std::size_t count, bool hide) {
    const auto lines = LinesAlong(shape_.dimensions, dimension);
    const std::size_t positions = lines.size();
    const std::size_t line_count = lines[0].size();

    // Of the hidden cells: S persons together, z of them not empty.
    const BitColumn hidden = protocol_.Not(survive_);
    CARE_ASSIGN_OR_RETURN(const BitColumn hidden_occupied, protocol_.And(hidden, occupied_[count]));
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> flags,
                          protocol_.BitsToRing(BitColumn::JoinPlanes({&hidden, &hidden_occupied})));
    CARE_ASSIGN_OR_RETURN(const RingColumn hidden_persons, protocol_.Multiply(flags[0], counts_[count]));
    RingColumn persons = TakeRows(hidden_persons, lines[0]);
    RingColumn cells = TakeRows(flags[1], lines[0]);
    for (std::size_t j = 1; j < positions; ++j) {
      persons = protocol_.Add(persons, TakeRows(hidden_persons, lines[j]));
      cells = protocol_.Add(cells, TakeRows(flags[1], lines[j]));
    }
    const unsigned position_bits = std::bit_width(positions);
    CARE_ASSIGN_OR_RETURN(const BitColumn person_bits,
                          protocol_.RingToBits(persons, std::min(63u, shape_.count_bits + position_bits)));
    CARE_ASSIGN_OR_RETURN(const BitColumn cell_bits, protocol_.RingToBits(cells, position_bits));
    CARE_ASSIGN_OR_RETURN(const BitColumn some, mpc::AtLeastPublic(protocol_, person_bits, 1));
    CARE_ASSIGN_OR_RETURN(const BitColumn few, mpc::LessThanPublic(protocol_, person_bits, shape_.threshold));
    CARE_ASSIGN_OR_RETURN(const BitColumn too_few, protocol_.And(some, few));
    CARE_ASSIGN_OR_RETURN(
        const BitColumn alone,
        mpc::EqualBits(protocol_, cell_bits, mpc::PublicConstant(protocol_, line_count, position_bits, 1)));
    CARE_ASSIGN_OR_RETURN(const BitColumn open, mpc::Or(protocol_, too_few, alone));

    if (!hide) {
      // Open margins without a survivor give nothing away.
      for (std::size_t j = 0; j < positions; ++j) {
        CARE_ASSIGN_OR_RETURN(BitColumn bad, protocol_.And(open, TakeRows(survive_, lines[j])));
        still_open_.push_back(std::move(bad));
      }
      return absl::OkStatus();
    }

    // The smallest survivor of each line: hidden cells rank above all by a leading bit.
    std::vector<BitColumn> is_smallest(positions);
    BitColumn best;
    for (std::size_t j = 0; j < positions; ++j) {
      const BitColumn size = TakeRows(count_bits_[count], lines[j]);
      const BitColumn hidden_here = TakeRows(hidden, lines[j]);
      const BitColumn rank = BitColumn::JoinPlanes({&size, &hidden_here});
      if (j == 0) {
        best = rank;
        is_smallest[0] = mpc::PublicConstant(protocol_, line_count, 1, 1);
        continue;
      }
      CARE_ASSIGN_OR_RETURN(const BitColumn smaller, mpc::LessThanBits(protocol_, rank, best));
      CARE_ASSIGN_OR_RETURN(best, mpc::Mux(protocol_, smaller, rank, best));
      const BitColumn not_smaller = protocol_.Not(smaller);
      for (std::size_t i = 0; i < j; ++i) {
        CARE_ASSIGN_OR_RETURN(is_smallest[i], protocol_.And(is_smallest[i], not_smaller));
      }
      is_smallest[j] = smaller;
    }
    for (std::size_t j = 0; j < positions; ++j) {
      CARE_ASSIGN_OR_RETURN(const BitColumn victim, protocol_.And(open, is_smallest[j]));
      const BitColumn keep = protocol_.Not(victim);
      CARE_ASSIGN_OR_RETURN(const BitColumn kept, protocol_.And(TakeRows(survive_, lines[j]), keep));
      PutRows(kept, lines[j]);
    }
    return absl::OkStatus();
  }

  void PutRows(const BitColumn& rows, const std::vector<std::size_t>& cells) {
    for (unsigned part = 0; part < rows.part_count(); ++part) {
      for (std::size_t i = 0; i < cells.size(); ++i) survive_.part(part).Set(cells[i], 0, rows.part(part).Get(i, 0));
    }
  }

  absl::Status HideAllIfOpen() {
    if (still_open_.empty()) return absl::OkStatus();
    std::vector<const BitColumn*> parts;
    for (const BitColumn& bad : still_open_) parts.push_back(&bad);
    // All flags in one column; the sum of them is zero if and only if every margin is closed.
    const BitColumn flags = BitColumn::JoinRows(parts);
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> ones, protocol_.BitsToRing(flags));
    CARE_ASSIGN_OR_RETURN(const BitColumn bits,
                          protocol_.RingToBits(protocol_.Sum(ones[0]), std::bit_width(flags.rows())));
    CARE_ASSIGN_OR_RETURN(const BitColumn any, mpc::AtLeastPublic(protocol_, bits, 1));
    const BitColumn none = protocol_.Not(any);
    const BitColumn for_each_cell = TakeRows(none, std::vector<std::size_t>(survive_.rows(), 0));
    CARE_ASSIGN_OR_RETURN(survive_, protocol_.And(survive_, for_each_cell));
    return absl::OkStatus();
  }

  Protocol& protocol_;
  const GateShape& shape_;
  const std::vector<RingColumn>& counts_;
  std::vector<BitColumn> count_bits_;
  std::vector<BitColumn> occupied_;
  std::vector<BitColumn> still_open_;
  BitColumn survive_;
};

}  // namespace

absl::StatusOr<BitColumn> DecideSurvivors(Protocol& protocol, const GateShape& shape,
                                          const std::vector<RingColumn>& person_counts) {
  CARE_CHECK(!person_counts.empty());
  return Gate(protocol, shape, person_counts).Decide();
}

}  // namespace care::engine
