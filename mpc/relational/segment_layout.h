// mpc/relational/segment_layout.h
//
// Where one owner's rows stand when several of them may have the same key. At the key level there is a slot
// a distinct key, in the keys' order; at the row level every key's segment is a header slot followed by its
// rows, and the slots that nobody needs trail. With n keys and a bound of m rows the row level has n + m
// slots, always: the header gives every key a slot of its own, so that a value can be spread from it
// (expand.h) and a sum read at the segment's end (segment_reduce.h) by one permutation each, even for
// keys without rows.
//
// Only the owner builds a layout. Others know n and m.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace care::mpc {

struct SegmentLayout {
  std::vector<std::uint32_t> header_of_key;  // the slot of each key's header
  std::vector<std::uint32_t> last_of_key;    // the slot of its last row; of its header if it has none
  std::vector<std::uint32_t> slot_of_row;    // the slot of each row, in the order given
};

// Rows keep their order within a key; keys that no row names are allowed. Requires every key_of_row below
// key_count, at most row_bound rows and fewer than 2^32 slots.
SegmentLayout LayOutSegments(std::span<const std::uint32_t> key_of_row, std::size_t key_count,
                             std::size_t row_bound);

}  // namespace care::mpc
