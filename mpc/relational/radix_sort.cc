#include "mpc/relational/radix_sort.h"

#include <algorithm>
#include <bit>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/row_numbers.h"
#include "mpc/relational/secret_order.h"

namespace care::mpc {
namespace {

// Every row the last one's value.
RingColumn Total(const RingColumn& prefix) {
  RingColumn total = prefix;
  for (unsigned part = 0; part < total.part_count(); ++part) {
    std::ranges::fill(total.part(part), prefix.part(part).back());
  }
  return total;
}

// The place of each row: flags[v - 1] is 1 where its digit is v; where none is, the digit is 0.
absl::StatusOr<RingColumn> Places(Protocol& protocol, const std::vector<RingColumn>& flags) {
  const std::size_t rows = flags[0].rows();
  const unsigned width = flags[0].width();
  std::vector<std::uint64_t> numbers(rows);
  for (std::size_t row = 0; row < rows; ++row) numbers[row] = row;
  // Among rows of digit 0, a row's place is its number less the rows before it that have another.
  RingColumn zero_place = protocol.PublicRing(numbers, width);
  std::vector<RingColumn> prefixes;
  for (const RingColumn& flag : flags) {
    prefixes.push_back(protocol.PrefixSum(flag));
    zero_place = protocol.Subtract(zero_place, prefixes.back());
  }
  // Rows of digit 0 come first: all rows less those that have another.
  RingColumn before = protocol.PublicRing(std::vector<std::uint64_t>(rows, rows - 1), width);
  for (const RingColumn& prefix : prefixes) before = protocol.Subtract(before, Total(prefix));
  std::vector<RingColumn> moves;  // what the place is more than zero_place
  for (const RingColumn& prefix : prefixes) {
    moves.push_back(protocol.Subtract(protocol.Add(before, prefix), zero_place));
    before = protocol.Add(before, Total(prefix));
  }
  CARE_ASSIGN_OR_RETURN(const RingColumn moved, protocol.SumOfProducts(flags, moves));
  return protocol.Add(zero_place, moved);
}

}  // namespace

absl::StatusOr<BitColumn> RadixOrder(Protocol& protocol, const BitColumn& key, const Disclosure& disclosure) {
  const std::size_t rows = key.rows();
  BitColumn numbers = RowNumbers(protocol, rows);
  if (rows < 2) return numbers;
  const unsigned ring_width = RowNumberBits(rows);  // places wrap, and are right in the end
  BitColumn left = key;
  while (left.width() > 0) {
    const unsigned digit = std::min(2u, left.width());
    BitColumn flags = left.Planes(0, digit);
    if (digit == 2) {
      const BitColumn low = left.Planes(0, 1), high = left.Planes(1, 1);
      CARE_ASSIGN_OR_RETURN(const BitColumn three, protocol.And(low, high));
      const BitColumn one = protocol.Xor(low, three), two = protocol.Xor(high, three);
      flags = BitColumn::JoinPlanes({&one, &two, &three});
    }
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> ring_flags, protocol.BitsToRing(flags, ring_width));
    CARE_ASSIGN_OR_RETURN(const RingColumn places, Places(protocol, ring_flags));
    left = left.Planes(digit, left.width() - digit);
    Protocol::Columns block{{numbers}, {}};
    if (left.width() > 0) block.bits.push_back(left);
    CARE_ASSIGN_OR_RETURN(MovedRows moved, ScatterSecretly(protocol, places, block, disclosure));
    numbers = std::move(moved.columns.bits[0]);
    if (left.width() > 0) left = std::move(moved.columns.bits[1]);
  }
  return numbers;
}

}  // namespace care::mpc
