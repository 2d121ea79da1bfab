// connectors/cleaning/unique_rows.h
//
// Rows that share a key declared unique: found by hash, judged as the node file says. A NULL in a key equals nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/types/column_batch.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

struct UniqueRowsResult {
  bool repeated = false;        // two rows share a key, and OnDuplicate is kError
  std::uint64_t gone = 0;       // rows that did not stay
};

// Marks in `gone` the rows that do not stay; rows that are marked already do not count. `is_before` orders two rows
// for kFirst; of equals the one with the lower number stays.
UniqueRowsResult KeepUniqueRows(const std::vector<const Column*>& key, planner::OnDuplicate on_duplicate,
                                const std::function<bool(std::size_t, std::size_t)>& is_before,
                                std::vector<std::uint8_t>& gone);

// Whether more than `most` rows that are not marked in `gone` share a key.
bool HasMoreAlike(const std::vector<const Column*>& key, std::uint64_t most, const std::vector<std::uint8_t>& gone);

}  // namespace care::connectors
