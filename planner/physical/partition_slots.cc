#include "planner/physical/partition_slots.h"

#include <algorithm>

#include "absl/numeric/int128.h"

namespace care::planner {
namespace {

// ln(2^40 * 2^14): of a plan's tables, and of the joins and groups above them whose distinct keys are bounded alike, each in each
// of its partitions.
constexpr std::uint64_t kNaturalLogarithm = 38;
static_assert(kMostPartitions * kMostPartitionedTables == 1u << 10);

// The least integer whose square is at least the number. By integers: all parties must find the same.
std::uint64_t RootAbove(absl::uint128 number) {
  std::uint64_t low = 0, high = std::uint64_t{1} << 62;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (absl::uint128(middle) * middle >= number) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

std::uint64_t SlotsOfPartition(std::uint64_t rows, std::uint64_t rows_per_value, std::uint32_t partitions) {
  if (partitions <= 1) return rows;
  const absl::uint128 mean = (rows + partitions - 1) / partitions;
  const absl::uint128 weight = absl::uint128(std::min(rows_per_value, rows)) * kNaturalLogarithm;
  const absl::uint128 third = (weight + 2) / 3;
  const absl::uint128 most = mean + third + RootAbove(third * third + 2 * weight * mean);
  return most >= rows ? rows : absl::Uint128Low64(most);
}

}  // namespace care::planner
