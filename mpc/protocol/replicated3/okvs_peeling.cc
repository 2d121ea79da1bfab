#include "mpc/protocol/replicated3/okvs_peeling.h"

#include <limits>

#include "engine/types/check.h"

namespace care::mpc {

void Peeling::Run(std::size_t cells, std::span<const Placement> rows) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint16_t>::max();
  CARE_CHECK(rows.size() <= kMost && cells <= kMost);
  touching_.assign(cells, Touching{});
  alive_.assign(rows.size(), 1);
  steps_.clear();
  single_.clear();
  core_.clear();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (const std::uint16_t cell : rows[row].cell) {
      ++touching_[cell].count;
      touching_[cell].rows_xor ^= static_cast<std::uint16_t>(row);
    }
  }
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (touching_[cell].count == 1) single_.push_back(static_cast<std::uint16_t>(cell));
  }
  while (!single_.empty()) {
    const std::uint16_t cell = single_.back();
    single_.pop_back();
    if (touching_[cell].count != 1) continue;
    const std::uint16_t row = touching_[cell].rows_xor;
    alive_[row] = 0;
    steps_.push_back({row, cell});
    for (const std::uint16_t other : rows[row].cell) {
      Touching& touching = touching_[other];
      touching.rows_xor ^= row;
      if (--touching.count == 1) single_.push_back(other);
    }
  }
  if (steps_.size() == rows.size()) return;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (alive_[row]) core_.push_back(row);
  }
}

}  // namespace care::mpc
