#include "mpc/relational/expand.h"

#include <numeric>
#include <vector>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/neighbours.h"

namespace care::mpc {
namespace {

// A permutation of the slots: headers take the keys' differences in order, all other slots the zero rows.
std::vector<std::uint32_t> HeaderSources(const SegmentLayout& layout, std::size_t key_count,
                                         std::size_t row_bound) {
  CARE_CHECK(layout.header_of_key.size() == key_count);
  std::vector<std::uint32_t> source(key_count + row_bound);
  std::size_t key = 0;
  std::size_t zero_row = key_count;
  for (std::size_t slot = 0; slot < source.size(); ++slot) {
    const bool header = key < key_count && layout.header_of_key[key] == slot;
    source[slot] = static_cast<std::uint32_t>(header ? key++ : zero_row++);
  }
  CARE_CHECK(key == key_count && zero_row == source.size());
  return source;
}

}  // namespace

absl::StatusOr<Protocol::Columns> Expand(Protocol& protocol, PartyId owner, const SegmentLayout* layout,
                                         std::size_t key_count, std::size_t row_bound,
                                         const Protocol::Columns& at_keys) {
  CARE_CHECK((layout != nullptr) == protocol.Holds(owner));
  Protocol::Columns differences;
  for (const BitColumn& column : at_keys.bits) {
    CARE_CHECK(column.rows() == key_count);
    const BitColumn difference = XorNeighbours(protocol, column);
    const BitColumn zeroes = PublicZeroes(protocol, row_bound, column.width());
    differences.bits.push_back(BitColumn::JoinRows({&difference, &zeroes}));
  }
  for (const RingColumn& column : at_keys.rings) {
    CARE_CHECK(column.rows() == key_count);
    const RingColumn difference = SubtractNeighbours(protocol, column);
    const RingColumn zeroes = PublicElements(protocol, row_bound, 0, column.width());
    differences.rings.push_back(RingColumn::JoinRows({&difference, &zeroes}));
  }
  std::vector<std::uint32_t> source;
  if (layout != nullptr) source = HeaderSources(*layout, key_count, row_bound);
  CARE_ASSIGN_OR_RETURN(Protocol::Columns spread,
                        protocol.GatherByOwner(owner, layout != nullptr ? &source : nullptr,
                                               key_count + row_bound, differences));
  for (BitColumn& column : spread.bits) column = protocol.PrefixXor(column);
  for (RingColumn& column : spread.rings) column = protocol.PrefixSum(column);
  return spread;
}

}  // namespace care::mpc
