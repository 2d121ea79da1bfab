#include "mpc/relational/expand.h"

#include <vector>

#include "engine/types/check.h"
#include "mpc/relational/spread.h"

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
  std::vector<std::uint32_t> source;
  if (layout != nullptr) source = HeaderSources(*layout, key_count, row_bound);
  return SpreadDifferences(protocol, owner, layout != nullptr ? &source : nullptr, key_count, row_bound, key_count + row_bound, at_keys);
}

}  // namespace care::mpc
