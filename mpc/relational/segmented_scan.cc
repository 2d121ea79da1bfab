#include "mpc/relational/segmented_scan.h"

#include <utility>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/neighbours.h"
#include "mpc/share/alternate_rows.h"

namespace care::mpc {
namespace {

// Rows `before` and `after`, combined where `after` continues. The flag of the pair (`both`) is wanted only
// if `before_continues` is given.
struct Combined {
  BitColumn values;
  BitColumn both;
};

// Takes the row before where the segment goes on.
struct TakeBefore {
  absl::StatusOr<Combined> operator()(Protocol& protocol, const BitColumn& before, const BitColumn& after,
                                      const BitColumn& continues, const BitColumn* before_continues) const {
    const BitColumn change = protocol.Xor(before, after);
    const BitColumn mask =
        before_continues == nullptr ? change : BitColumn::JoinPlanes({&change, before_continues});
    CARE_ASSIGN_OR_RETURN(const BitColumn products, protocol.And(mask, continues));
    Combined combined{protocol.Xor(after, products.Planes(0, after.width())), {}};
    if (before_continues != nullptr) combined.both = products.Planes(after.width(), 1);
    return combined;
  }
};

// Takes the row before where the segment goes on and that row comes first.
struct TakeExtreme {
  bool greatest;

  absl::StatusOr<Combined> operator()(Protocol& protocol, const BitColumn& before, const BitColumn& after,
                                      const BitColumn& continues, const BitColumn* before_continues) const {
    CARE_ASSIGN_OR_RETURN(const BitColumn wins, greatest ? LessThanBits(protocol, after, before)
                                                         : LessThanBits(protocol, before, after));
    const BitColumn flags =
        before_continues == nullptr ? wins : BitColumn::JoinPlanes({&wins, before_continues});
    CARE_ASSIGN_OR_RETURN(const BitColumn taken, protocol.And(flags, continues));
    CARE_ASSIGN_OR_RETURN(const BitColumn change,
                          protocol.And(protocol.Xor(before, after), taken.Planes(0, 1)));
    Combined combined{protocol.Xor(after, change), {}};
    if (before_continues != nullptr) combined.both = taken.Planes(1, 1);
    return combined;
  }
};

template <typename Combine>
absl::StatusOr<BitColumn> Scan(Protocol& protocol, const BitColumn& continues, const BitColumn& values,
                               const Combine& combine) {
  const std::size_t rows = values.rows();
  if (rows <= 1) return values;
  const std::size_t pairs = rows / 2;
  const BitColumn even = EvenRows(values);
  const BitColumn even_continues = EvenRows(continues);
  BitColumn scanned;  // up to and with the odd rows
  {
    const BitColumn before_continues = even_continues.Rows(0, pairs);
    CARE_ASSIGN_OR_RETURN(const Combined pair,
                          combine(protocol, even.Rows(0, pairs), OddRows(values), OddRows(continues),
                                  pairs > 1 ? &before_continues : nullptr));
    CARE_ASSIGN_OR_RETURN(scanned, Scan(protocol, pair.both, pair.values, combine));
  }
  const std::size_t later = even.rows() - 1;  // the even rows that have one before
  if (later == 0) return AlternateRows(even, scanned);
  CARE_ASSIGN_OR_RETURN(const Combined rest, combine(protocol, scanned.Rows(0, later), even.Rows(1, later),
                                                     even_continues.Rows(1, later), nullptr));
  const BitColumn first = even.Rows(0, 1);
  return AlternateRows(BitColumn::JoinRows({&first, &rest.values}), scanned);
}

// Of one level of the tree: the flags of the odd rows, and of the even rows but the first.
struct LevelFlags {
  RingColumn odd;
  RingColumn even;
};

absl::StatusOr<std::vector<LevelFlags>> FlagsOfLevels(Protocol& protocol, const BitColumn& continues,
                                                      unsigned ring_width) {
  std::vector<BitColumn> flags;  // odd, even, odd, even ..
  for (BitColumn level = continues; level.rows() > 1;) {
    const std::size_t pairs = level.rows() / 2;
    const BitColumn even = EvenRows(level);
    flags.push_back(OddRows(level));
    flags.push_back(even.Rows(1, even.rows() - 1));
    if (pairs == 1) break;
    CARE_ASSIGN_OR_RETURN(level, protocol.And(even.Rows(0, pairs), flags[flags.size() - 2]));
  }
  std::vector<const BitColumn*> pointers;
  for (const BitColumn& column : flags) pointers.push_back(&column);
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> rings,
                        protocol.BitsToRing(BitColumn::JoinRows(pointers), ring_width));
  std::vector<LevelFlags> levels;
  std::size_t first = 0;
  for (std::size_t k = 0; k < flags.size(); k += 2) {
    LevelFlags level;
    level.odd = rings[0].Rows(first, flags[k].rows());
    first += flags[k].rows();
    level.even = rings[0].Rows(first, flags[k + 1].rows());
    first += flags[k + 1].rows();
    levels.push_back(std::move(level));
  }
  return levels;
}

// after + continues * before, for each column.
absl::StatusOr<std::vector<RingColumn>> AddBefore(Protocol& protocol, const std::vector<RingColumn>& before,
                                                  const std::vector<RingColumn>& after,
                                                  const RingColumn& continues) {
  std::vector<const RingColumn*> values;
  for (const RingColumn& column : before) values.push_back(&column);
  const std::vector<const RingColumn*> flags(before.size(), &continues);
  CARE_ASSIGN_OR_RETURN(const RingColumn products,
                        protocol.Multiply(RingColumn::JoinRows(values), RingColumn::JoinRows(flags)));
  std::vector<RingColumn> sums;
  for (std::size_t c = 0; c < after.size(); ++c) {
    sums.push_back(protocol.Add(after[c], products.Rows(c * continues.rows(), continues.rows())));
  }
  return sums;
}

absl::StatusOr<std::vector<RingColumn>> ScanSums(Protocol& protocol, const std::vector<LevelFlags>& levels,
                                                 std::size_t depth, const std::vector<RingColumn>& values) {
  const std::size_t rows = values[0].rows();
  if (rows <= 1) return values;
  const std::size_t pairs = rows / 2;
  std::vector<RingColumn> even, before, odd;
  for (const RingColumn& column : values) {
    even.push_back(EvenRows(column));
    before.push_back(even.back().Rows(0, pairs));
    odd.push_back(OddRows(column));
  }
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> pair,
                        AddBefore(protocol, before, odd, levels[depth].odd));
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> scanned, ScanSums(protocol, levels, depth + 1, pair));
  const std::size_t later = even[0].rows() - 1;
  std::vector<RingColumn> out;
  if (later == 0) {
    for (std::size_t c = 0; c < values.size(); ++c) out.push_back(AlternateRows(even[c], scanned[c]));
    return out;
  }
  std::vector<RingColumn> last, rest;
  for (std::size_t c = 0; c < values.size(); ++c) {
    last.push_back(scanned[c].Rows(0, later));
    rest.push_back(even[c].Rows(1, later));
  }
  CARE_ASSIGN_OR_RETURN(rest, AddBefore(protocol, last, rest, levels[depth].even));
  for (std::size_t c = 0; c < values.size(); ++c) {
    const RingColumn first = even[c].Rows(0, 1);
    out.push_back(AlternateRows(RingColumn::JoinRows({&first, &rest[c]}), scanned[c]));
  }
  return out;
}

}  // namespace

absl::StatusOr<BitColumn> CopyDown(Protocol& protocol, const BitColumn& continues, const BitColumn& values) {
  CARE_CHECK(continues.width() == 1 && continues.rows() == values.rows());
  return Scan(protocol, continues, values, TakeBefore{});
}

absl::StatusOr<BitColumn> RunningOr(Protocol& protocol, const BitColumn& continues, const BitColumn& flag) {
  CARE_CHECK(flag.width() == 1);
  // A row that is set needs nothing from before: it may as well begin a segment.
  CARE_ASSIGN_OR_RETURN(const BitColumn open, protocol.And(continues, protocol.Not(flag)));
  return CopyDown(protocol, open, flag);
}

absl::StatusOr<BitColumn> RunningMinimum(Protocol& protocol, const BitColumn& continues,
                                         const BitColumn& values) {
  CARE_CHECK(continues.width() == 1 && continues.rows() == values.rows());
  return Scan(protocol, continues, values, TakeExtreme{.greatest = false});
}

absl::StatusOr<BitColumn> RunningMaximum(Protocol& protocol, const BitColumn& continues,
                                         const BitColumn& values) {
  CARE_CHECK(continues.width() == 1 && continues.rows() == values.rows());
  return Scan(protocol, continues, values, TakeExtreme{.greatest = true});
}

absl::StatusOr<std::vector<RingColumn>> RunningSums(Protocol& protocol, const BitColumn& continues,
                                                    const std::vector<RingColumn>& values) {
  if (values.empty() || continues.rows() <= 1) return values;
  CARE_CHECK(continues.width() == 1 && continues.rows() == values[0].rows());
  CARE_ASSIGN_OR_RETURN(const std::vector<LevelFlags> levels,
                        FlagsOfLevels(protocol, continues, values[0].width()));
  return ScanSums(protocol, levels, 0, values);
}

absl::StatusOr<RingColumn> RowNumbers(Protocol& protocol, const BitColumn& continues) {
  const std::vector<std::uint64_t> ones(continues.rows(), 1);
  CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> numbers,
                        RunningSums(protocol, continues, {protocol.PublicRing(ones)}));
  return std::move(numbers[0]);
}

}  // namespace care::mpc
