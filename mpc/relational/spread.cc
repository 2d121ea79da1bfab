#include "mpc/relational/spread.h"

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/neighbours.h"

namespace care::mpc {
namespace {

// Of each row: its key's difference if it is the key's first, else a zero row of its own.
std::vector<std::uint32_t> FirstRowSources(const std::vector<std::uint32_t>& key_of_row, std::size_t key_count, std::size_t rows) {
  CARE_CHECK(key_of_row.size() <= rows);
  std::vector<std::uint32_t> source(rows);
  std::size_t next_key = 0, next_zero = key_count;
  for (std::size_t row = 0; row < rows; ++row) {
    const bool first = row < key_of_row.size() && key_of_row[row] == next_key;
    CARE_CHECK(first || row >= key_of_row.size() || key_of_row[row] + 1 == next_key);
    source[row] = static_cast<std::uint32_t>(first ? next_key++ : next_zero++);
  }
  CARE_CHECK(next_key <= key_count);
  return source;
}

}  // namespace

absl::StatusOr<Protocol::Columns> SpreadDifferences(Protocol& protocol, PartyId owner, const std::vector<std::uint32_t>* source,
                                                    std::size_t key_count, std::size_t zeroes, std::size_t slots,
                                                    const Protocol::Columns& at_keys) {
  Protocol::Columns differences;
  for (const BitColumn& column : at_keys.bits) {
    CARE_CHECK(column.rows() == key_count);
    const BitColumn difference = XorNeighbours(protocol, column);
    const BitColumn padding = PublicZeroes(protocol, zeroes, column.width());
    differences.bits.push_back(BitColumn::JoinRows({&difference, &padding}));
  }
  for (const RingColumn& column : at_keys.rings) {
    CARE_CHECK(column.rows() == key_count);
    const RingColumn difference = SubtractNeighbours(protocol, column);
    const RingColumn padding = PublicElements(protocol, zeroes, 0, column.width());
    differences.rings.push_back(RingColumn::JoinRows({&difference, &padding}));
  }
  CARE_ASSIGN_OR_RETURN(Protocol::Columns spread, protocol.GatherByOwner(owner, source, slots, differences));
  for (BitColumn& column : spread.bits) column = protocol.PrefixXor(column);
  for (RingColumn& column : spread.rings) column = protocol.PrefixSum(column);
  return spread;
}

absl::StatusOr<Protocol::Columns> Spread(Protocol& protocol, PartyId owner, const std::vector<std::uint32_t>* key_of_row,
                                         std::size_t key_count, std::size_t rows, const Protocol::Columns& at_keys) {
  CARE_CHECK((key_of_row != nullptr) == protocol.Holds(owner));
  std::vector<std::uint32_t> source;
  if (key_of_row != nullptr) source = FirstRowSources(*key_of_row, key_count, rows);
  return SpreadDifferences(protocol, owner, key_of_row != nullptr ? &source : nullptr, key_count, rows, rows, at_keys);
}

}  // namespace care::mpc
