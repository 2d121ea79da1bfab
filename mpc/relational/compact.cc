#include "mpc/relational/compact.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/sort.h"

namespace care::mpc {
namespace {

// 1, 2, 3 ..
RingColumn PublicRamp(const Protocol& protocol, std::size_t rows) {
  std::vector<std::uint64_t> numbers(rows);
  for (std::size_t row = 0; row < rows; ++row) numbers[row] = row + 1;
  return protocol.PublicRing(numbers);
}

RingColumn Repeat(const RingColumn& one_row, std::size_t rows) {
  std::vector<std::vector<std::uint64_t>> parts;
  for (unsigned part = 0; part < one_row.part_count(); ++part)
    parts.emplace_back(rows, one_row.part(part)[0]);
  return RingColumn(std::move(parts));
}

// Of each row, where it goes.
absl::StatusOr<RingColumn> Places(Protocol& protocol, const RingColumn& flag) {
  const std::size_t rows = flag.rows();
  const RingColumn flagged = protocol.PrefixSum(flag);  // up to and with this row
  const RingColumn total = Repeat(flagged.Rows(rows - 1, 1), rows);
  const std::vector<std::uint64_t> ones(rows, 1);
  const RingColumn if_flagged = protocol.Subtract(flagged, protocol.PublicRing(ones));
  const RingColumn if_not = protocol.Subtract(
      protocol.Add(total, protocol.Subtract(PublicRamp(protocol, rows), flagged)), protocol.PublicRing(ones));
  CARE_ASSIGN_OR_RETURN(const RingColumn change,
                        protocol.Multiply(flag, protocol.Subtract(if_flagged, if_not)));
  return protocol.Add(if_not, change);
}

absl::Status CheckBound(Protocol& protocol, const CompactBound& bound, const RingColumn& flag) {
  const unsigned width = static_cast<unsigned>(std::bit_width(flag.rows()));
  CARE_ASSIGN_OR_RETURN(const BitColumn total, protocol.RingToBits(protocol.Sum(flag), width));
  CARE_ASSIGN_OR_RETURN(const BitColumn exceeds, AtLeastPublic(protocol, total, bound.rows + 1));
  CARE_ASSIGN_OR_RETURN(const auto opened, protocol.Open(exceeds, bound.overflow));
  if (!opened.has_value() || !opened->Get(0, 0)) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("more than ", bound.rows, " ", bound.what, ", the declared bound"));
}

absl::StatusOr<CompactRows> CompactFlagged(Protocol& protocol, const CompactBound* bound,
                                           const BitColumn& flag, const Protocol::Columns& columns,
                                           const Disclosure& disclosure) {
  CARE_CHECK(flag.width() == 1);
  const std::size_t rows = flag.rows();
  if (rows == 0) return CompactRows{columns, flag, {}};
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> flags, protocol.BitsToRing(flag));
  if (bound != nullptr) CARE_RETURN_IF_ERROR(CheckBound(protocol, *bound, flags[0]));
  Protocol::Columns block = columns;
  CARE_ASSIGN_OR_RETURN(RingColumn places, Places(protocol, flags[0]));
  block.rings.push_back(std::move(places));
  block.bits.push_back(flag);
  CARE_ASSIGN_OR_RETURN(Protocol::Shuffled shuffled, protocol.Shuffle(block));
  CARE_ASSIGN_OR_RETURN(const auto opened, protocol.Open(shuffled.columns.rings.back(), disclosure));
  shuffled.columns.rings.pop_back();

  CompactRows result;
  result.order.shuffle = std::move(shuffled.permutation);
  const std::vector<std::uint64_t>& places_opened = opened.value();
  result.order.places.assign(places_opened.begin(), places_opened.end());
  std::vector<std::uint32_t> source(rows);
  std::vector<bool> taken(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    // Peers have a hand in these numbers, which index our memory: never on trust.
    const std::uint64_t place = places_opened[row];
    if (place >= rows || taken[place])
      return absl::DataLossError("row numbers from the peers are no permutation");
    taken[place] = true;
    source[place] = static_cast<std::uint32_t>(row);
  }
  if (bound != nullptr) source.resize(std::min(rows, bound->rows));
  result.columns = GatherPublic(shuffled.columns, source);
  result.valid = std::move(result.columns.bits.back());
  result.columns.bits.pop_back();
  return result;
}

}  // namespace

Disclosure CompactDisclosure(std::uint32_t id, std::uint64_t rows, std::string what) {
  return {.id = id,
          .what = std::move(what),
          .recipient = kNoParty,
          .max_values = rows,
          .rule = "places of shuffled rows: a uniformly random permutation"};
}

absl::StatusOr<CompactRows> Compact(Protocol& protocol, const BitColumn& flag,
                                    const Protocol::Columns& columns, const Disclosure& disclosure) {
  return CompactFlagged(protocol, nullptr, flag, columns, disclosure);
}

absl::StatusOr<CompactRows> CompactTo(Protocol& protocol, const CompactBound& bound, const BitColumn& flag,
                                      const Protocol::Columns& columns, const Disclosure& disclosure) {
  return CompactFlagged(protocol, &bound, flag, columns, disclosure);
}

absl::StatusOr<Protocol::Columns> Uncompact(Protocol& protocol, const CompactOrder& order,
                                            const Protocol::Columns& compact) {
  if (order.places.empty()) return compact;
  for (const BitColumn& column : compact.bits) CARE_CHECK(column.rows() == order.places.size());
  for (const RingColumn& column : compact.rings) CARE_CHECK(column.rows() == order.places.size());
  return protocol.Unshuffle(order.shuffle, GatherPublic(compact, order.places));
}

}  // namespace care::mpc
