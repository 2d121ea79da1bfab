#include "mpc/relational/segment_layout.h"

#include "engine/types/check.h"

namespace care::mpc {

SegmentLayout LayOutSegments(std::span<const std::uint32_t> key_of_row, std::size_t key_count,
                             std::size_t row_bound) {
  CARE_CHECK(key_of_row.size() <= row_bound && key_count + row_bound <= UINT32_MAX);
  std::vector<std::uint32_t> rows_of_key(key_count, 0);
  for (const std::uint32_t key : key_of_row) {
    CARE_CHECK(key < key_count);
    ++rows_of_key[key];
  }
  SegmentLayout layout;
  std::uint32_t slot = 0;
  for (std::size_t key = 0; key < key_count; ++key) {
    layout.header_of_key.push_back(slot);
    layout.last_of_key.push_back(slot + rows_of_key[key]);
    slot += 1 + rows_of_key[key];
  }
  std::vector<std::uint32_t> next = layout.header_of_key;
  layout.slot_of_row.reserve(key_of_row.size());
  for (const std::uint32_t key : key_of_row) layout.slot_of_row.push_back(++next[key]);
  return layout;
}

}  // namespace care::mpc
