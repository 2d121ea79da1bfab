#include "engine/release/gate.h"

#include <algorithm>
#include <bit>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/join.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::Protocol;
using mpc::RingColumn;

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
  return column.Gather(std::vector<std::uint32_t>(rows.begin(), rows.end()));
}

// The lines along one dimension: position j of line l is cell lines[j][l].
std::vector<std::vector<std::size_t>> LinesAlong(const std::vector<std::uint32_t>& dimensions,
                                                 std::size_t d) {
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

// `column` over and over, end to end.
BitColumn Repeat(const BitColumn& column, std::size_t times) {
  return BitColumn::JoinRows(std::vector<const BitColumn*>(times, &column));
}

BitColumn Stack(const std::vector<BitColumn>& columns) {
  std::vector<const BitColumn*> parts;
  for (const BitColumn& column : columns) parts.push_back(&column);
  return BitColumn::JoinRows(parts);
}

// All counts are looked at together, one below the other: row c * cells + i is count c of cell i, so that the
// rounds depend neither on the number of counts nor on that of the lines.
class Gate {
 public:
  Gate(Protocol& protocol, const GateShape& shape, const std::vector<RingColumn>& counts)
      : protocol_(protocol), shape_(shape), counts_(counts.size()), cells_(counts[0].rows()) {
    std::vector<const RingColumn*> parts;
    for (const RingColumn& count : counts) parts.push_back(&count);
    all_counts_ = RingColumn::JoinRows(parts);
  }

  absl::StatusOr<BitColumn> Decide() {
    CARE_ASSIGN_OR_RETURN(count_bits_, protocol_.RingToBits(all_counts_, shape_.count_bits));
    CARE_ASSIGN_OR_RETURN(reaches_, mpc::AtLeastPublic(protocol_, count_bits_, shape_.threshold));
    CARE_ASSIGN_OR_RETURN(occupied_, mpc::AtLeastPublic(protocol_, count_bits_, 1));
    CARE_ASSIGN_OR_RETURN(survive_, AndOverCounts(reaches_));

    std::vector<std::size_t> dimensions;
    for (std::size_t d = 0; d < shape_.dimensions.size(); ++d) {
      if (shape_.dimensions[d] > 1) dimensions.push_back(d);
    }
    if (dimensions.empty()) return survive_;
    for (int pass = 0; pass < GatePasses(dimensions.size(), counts_); ++pass) {
      for (std::size_t d : dimensions) CARE_RETURN_IF_ERROR(CloseMargins(d));
    }
    if (dimensions.size() == 1) return survive_;  // closed for good: see gate.h
    std::vector<BitColumn> open;
    for (std::size_t d : dimensions) {
      CARE_ASSIGN_OR_RETURN(BitColumn still_open, OpenSurvivors(d));
      open.push_back(std::move(still_open));
    }
    CARE_RETURN_IF_ERROR(HideAllIfAny(Stack(open)));
    return survive_;
  }

 private:
  // From counts * n rows to n: 1 where every count's row is 1.
  absl::StatusOr<BitColumn> AndOverCounts(const BitColumn& stacked) {
    const std::size_t rows = stacked.rows() / counts_;
    std::vector<BitColumn> parts;
    for (std::size_t c = 0; c < counts_; ++c) parts.push_back(stacked.Rows(c * rows, rows));
    while (parts.size() > 1) {
      const std::size_t half = parts.size() / 2;
      const std::vector<BitColumn> left(parts.begin(), parts.begin() + half);
      const std::vector<BitColumn> right(parts.begin() + half, parts.begin() + 2 * half);
      CARE_ASSIGN_OR_RETURN(const BitColumn both, protocol_.And(Stack(left), Stack(right)));
      std::vector<BitColumn> next;
      for (std::size_t i = 0; i < half; ++i) next.push_back(both.Rows(i * rows, rows));
      if (parts.size() % 2 == 1) next.push_back(parts.back());
      parts = std::move(next);
    }
    return parts[0];
  }

  // The rows of position j of every line, for every count: count by count, line by line.
  std::vector<std::size_t> RowsAt(const std::vector<std::size_t>& line_cells) const {
    std::vector<std::size_t> rows;
    for (std::size_t c = 0; c < counts_; ++c) {
      for (std::size_t cell : line_cells) rows.push_back(c * cells_ + cell);
    }
    return rows;
  }

  // What the hidden cells weigh against `enough`: their persons against the threshold; or, where a person may
  // stand in several cells, how many of them reach it against one. And a flag for each that is not empty.
  struct HiddenCells {
    RingColumn weight;
    RingColumn occupied;
    std::uint64_t enough = 1;
    unsigned line_bits = 1;  // of sums along a line
  };
  absl::StatusOr<HiddenCells> WeighHidden(const BitColumn& hidden, std::size_t positions) {
    HiddenCells cells;
    if (shape_.person_in_one_cell) {
      CARE_ASSIGN_OR_RETURN(const BitColumn occupied, protocol_.And(hidden, occupied_));
      CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> flags,
                            protocol_.BitsToRing(BitColumn::JoinPlanes({&hidden, &occupied})));
      CARE_ASSIGN_OR_RETURN(cells.weight, protocol_.Multiply(flags[0], all_counts_));
      cells.occupied = std::move(flags[1]);
      cells.enough = shape_.threshold;
      cells.line_bits = LineBits(positions);
    } else {
      CARE_ASSIGN_OR_RETURN(const BitColumn both,
                            protocol_.And(BitColumn::JoinPlanes({&reaches_, &occupied_}), hidden));
      CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> flags, protocol_.BitsToRing(both));
      cells.weight = std::move(flags[0]);
      cells.occupied = std::move(flags[1]);
      cells.line_bits = static_cast<unsigned>(std::bit_width(positions));
    }
    return cells;
  }

  // Per count and line: whether a hidden value could be had by subtraction. Of the hidden cells, z are not
  // empty and W is their weight: z = 1, or z > 0 and W is not enough.
  absl::StatusOr<BitColumn> OpenLines(const std::vector<std::vector<std::size_t>>& lines,
                                      const BitColumn& hidden) {
    CARE_ASSIGN_OR_RETURN(const HiddenCells cells, WeighHidden(hidden, lines.size()));
    RingColumn weight = TakeRows(cells.weight, RowsAt(lines[0]));
    RingColumn occupied = TakeRows(cells.occupied, RowsAt(lines[0]));
    for (std::size_t j = 1; j < lines.size(); ++j) {
      weight = protocol_.Add(weight, TakeRows(cells.weight, RowsAt(lines[j])));
      occupied = protocol_.Add(occupied, TakeRows(cells.occupied, RowsAt(lines[j])));
    }
    const std::size_t rows = weight.rows();
    CARE_ASSIGN_OR_RETURN(const BitColumn bits,
                          protocol_.RingToBits(RingColumn::JoinRows({&weight, &occupied}), cells.line_bits));
    const BitColumn weight_bits = bits.Rows(0, rows);
    const BitColumn occupied_bits = bits.Rows(rows, rows);
    CARE_ASSIGN_OR_RETURN(const BitColumn some, mpc::AtLeastPublic(protocol_, occupied_bits, 1));
    CARE_ASSIGN_OR_RETURN(const BitColumn little, mpc::LessThanPublic(protocol_, weight_bits, cells.enough));
    CARE_ASSIGN_OR_RETURN(const BitColumn too_little, protocol_.And(some, little));
    CARE_ASSIGN_OR_RETURN(
        const BitColumn alone,
        mpc::EqualBits(protocol_, occupied_bits, mpc::PublicConstant(protocol_, rows, bits.width(), 1)));
    return mpc::Or(protocol_, too_little, alone);
  }

  unsigned LineBits(std::size_t positions) const {
    return std::min(63u, shape_.count_bits + static_cast<unsigned>(std::bit_width(positions)));
  }

  // Hides the smallest survivor of each open line.
  absl::Status CloseMargins(std::size_t dimension) {
    const auto lines = LinesAlong(shape_.dimensions, dimension);
    const BitColumn hidden = Repeat(protocol_.Not(survive_), counts_);
    CARE_ASSIGN_OR_RETURN(const BitColumn open, OpenLines(lines, hidden));
    const std::size_t rows = open.rows();

    // A tournament: hidden cells rank above all by a leading bit, and of equals the lower cell wins.
    std::vector<BitColumn> ranks;
    for (const std::vector<std::size_t>& line_cells : lines) {
      const std::vector<std::size_t> at = RowsAt(line_cells);
      const BitColumn size = TakeRows(count_bits_, at);
      const BitColumn hidden_here = TakeRows(hidden, at);
      ranks.push_back(BitColumn::JoinPlanes({&size, &hidden_here}));
    }
    std::vector<BitColumn> upsets;  // by level: where the right one of each pair is smaller
    std::vector<std::size_t> sizes;
    while (ranks.size() > 1) {
      const std::size_t pairs = ranks.size() / 2;
      std::vector<BitColumn> left;
      std::vector<BitColumn> right;
      for (std::size_t i = 0; i < pairs; ++i) {
        left.push_back(ranks[2 * i]);
        right.push_back(ranks[2 * i + 1]);
      }
      const BitColumn lefts = Stack(left);
      const BitColumn rights = Stack(right);
      CARE_ASSIGN_OR_RETURN(BitColumn upset, mpc::LessThanBits(protocol_, rights, lefts));
      CARE_ASSIGN_OR_RETURN(const BitColumn best, mpc::Mux(protocol_, upset, rights, lefts));
      std::vector<BitColumn> next;
      for (std::size_t i = 0; i < pairs; ++i) next.push_back(best.Rows(i * rows, rows));
      if (ranks.size() % 2 == 1) next.push_back(ranks.back());
      sizes.push_back(ranks.size());
      upsets.push_back(std::move(upset));
      ranks = std::move(next);
    }
    // Back down: an open line's flag goes to its winner.
    std::vector<BitColumn> victims{open};
    for (std::size_t level = upsets.size(); level-- > 0;) {
      const std::size_t pairs = sizes[level] / 2;
      const BitColumn winners = Stack({victims.begin(), victims.begin() + pairs});
      CARE_ASSIGN_OR_RETURN(const BitColumn right, protocol_.And(winners, upsets[level]));
      const BitColumn left = protocol_.Xor(winners, right);
      std::vector<BitColumn> next;
      for (std::size_t i = 0; i < pairs; ++i) {
        next.push_back(left.Rows(i * rows, rows));
        next.push_back(right.Rows(i * rows, rows));
      }
      if (sizes[level] % 2 == 1) next.push_back(victims.back());
      victims = std::move(next);
    }
    BitColumn keep = Repeat(survive_, counts_);  // overwritten in every row
    for (std::size_t j = 0; j < lines.size(); ++j) PutRows(protocol_.Not(victims[j]), RowsAt(lines[j]), keep);
    CARE_ASSIGN_OR_RETURN(const BitColumn kept, AndOverCounts(keep));
    CARE_ASSIGN_OR_RETURN(survive_, protocol_.And(survive_, kept));
    return absl::OkStatus();
  }

  // 1 for each survivor of a line that is open; a line without survivors gives nothing away.
  absl::StatusOr<BitColumn> OpenSurvivors(std::size_t dimension) {
    const auto lines = LinesAlong(shape_.dimensions, dimension);
    const BitColumn surviving = Repeat(survive_, counts_);
    CARE_ASSIGN_OR_RETURN(const BitColumn open, OpenLines(lines, protocol_.Not(surviving)));
    BitColumn open_cells = surviving;  // overwritten in every row
    for (const std::vector<std::size_t>& line_cells : lines) PutRows(open, RowsAt(line_cells), open_cells);
    return protocol_.And(open_cells, surviving);
  }

  static void PutRows(const BitColumn& values, const std::vector<std::size_t>& rows, BitColumn& into) {
    for (unsigned part = 0; part < values.part_count(); ++part) {
      for (std::size_t i = 0; i < rows.size(); ++i)
        into.part(part).Set(rows[i], 0, values.part(part).Get(i, 0));
    }
  }

  absl::Status HideAllIfAny(const BitColumn& flags) {
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> ones, protocol_.BitsToRing(flags));
    CARE_ASSIGN_OR_RETURN(const BitColumn bits,
                          protocol_.RingToBits(protocol_.Sum(ones[0]), std::bit_width(flags.rows())));
    CARE_ASSIGN_OR_RETURN(const BitColumn any, mpc::AtLeastPublic(protocol_, bits, 1));
    const BitColumn for_each_cell = TakeRows(protocol_.Not(any), std::vector<std::size_t>(cells_, 0));
    CARE_ASSIGN_OR_RETURN(survive_, protocol_.And(survive_, for_each_cell));
    return absl::OkStatus();
  }

  Protocol& protocol_;
  const GateShape& shape_;
  std::size_t counts_;
  std::size_t cells_;
  RingColumn all_counts_;
  BitColumn count_bits_;
  BitColumn reaches_;   // the threshold
  BitColumn occupied_;  // one person
  BitColumn survive_;
};

}  // namespace

int GatePasses(std::size_t dimensions, std::size_t counts) {
  if (dimensions > 1) return 3;
  return counts == 1 ? 1 : 2;
}

absl::StatusOr<BitColumn> DecideSurvivors(Protocol& protocol, const GateShape& shape,
                                          const std::vector<RingColumn>& person_counts) {
  CARE_CHECK(!person_counts.empty());
  return Gate(protocol, shape, person_counts).Decide();
}

}  // namespace care::engine
