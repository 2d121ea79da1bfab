// engine/exec/slot_space.h
//
// The shared columns of one slot space as a plan runs. NULL is stored as zero in every form; `not_null` says
// where there is a value (absent: everywhere that the slot is valid).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/types/column_batch.h"
#include "mpc/protocol/protocol.h"
#include "mpc/relational/segment_layout.h"
#include "planner/physical/physical_plan.h"

namespace care::engine {

struct SharedColumn {
  std::optional<mpc::BitColumn> flag;
  std::optional<mpc::BitColumn> bits;
  std::optional<mpc::BitColumn> one_hot;
  std::optional<mpc::RingColumn> ring;
  std::optional<mpc::BitColumn> not_null;
  // The validity under which `ring` is zero in invalid slots; 0 if it is not.
  std::uint32_t ring_masked_under = 0;
};

struct SlotSpace {
  std::size_t slots = 0;
  PartyId owner = kNoParty;
  std::map<planner::ColumnId, SharedColumn> columns;

  // Key spaces: which slots are in the join so far. A change of validity has a new number.
  mpc::BitColumn valid;
  std::uint32_t validity = 1;
  std::optional<mpc::RingColumn> valid_ring;  // `valid` in the ring, once computed

  // Where the owner's process is this one: what stands in the slots.
  const ColumnBatch* batch = nullptr;
  std::vector<std::int32_t> row_of_slot;
  mpc::LookupSpine spine;  // key spaces: by slot
  std::vector<std::uint32_t>
      end_of_cell;            // key spaces in the order of groups: slots before it are in cells up to it
  mpc::SegmentLayout layout;  // row spaces

  // Row spaces: n keys and m rows make n + m slots.
  std::size_t key_count = 0;
  std::size_t row_bound = 0;

  void SetValid(mpc::BitColumn next) {
    valid = std::move(next);
    valid_ring.reset();
    ++validity;
  }
};

}  // namespace care::engine
