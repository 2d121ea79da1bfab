#include "mpc/cost/cost.h"

#include <algorithm>
#include <bit>

#include "mpc/circuit/add_circuits.h"

namespace care::mpc {
namespace {

constexpr std::uint64_t kWordBytes = 8;

std::uint64_t PlaneBytes(std::uint64_t rows) { return kWordBytes * ((rows + 63) / 64); }

// Ring elements without a gap.
std::uint64_t ElementBytes(std::uint64_t elements, unsigned ring_width) {
  return kWordBytes * ((elements * ring_width + 63) / 64);
}

// Both kinds of column of one block of rows.
std::uint64_t BlockBytes(std::uint64_t rows, unsigned width, unsigned rings) {
  return PlaneBytes(rows) * width + kWordBytes * rows * rings;
}

// The AND tree that folds `planes` to one (EqualBits, and the lookup's tag).
Cost AndTreeCost(std::uint64_t rows, unsigned planes) {
  Cost cost;
  for (; planes > 1; planes -= planes / 2) cost += AndCost(rows, planes / 2);
  return cost;
}

std::uint64_t CeilingSquareRoot(std::uint64_t value) {
  std::uint64_t low = 0;
  std::uint64_t high = std::uint64_t{1} << 32;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (middle * middle >= value) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

Cost InputBitsCost(std::uint64_t rows, unsigned width) { return {PlaneBytes(rows) * width, 1}; }
Cost InputRingCost(std::uint64_t rows, unsigned ring_width) { return {ElementBytes(rows, ring_width), 1}; }
Cost AndCost(std::uint64_t rows, unsigned width) { return {3 * PlaneBytes(rows) * width, 1}; }
Cost CircuitCost(std::uint64_t rows, const BooleanCircuit& circuit) {
  Cost cost;
  for (const unsigned ands : circuit.AndsByRound()) cost += AndCost(rows, ands);
  return cost;
}
Cost MultiplyCost(std::uint64_t rows, unsigned ring_width) { return {3 * ElementBytes(rows, ring_width), 1}; }
Cost DotProductsCost(std::uint64_t outputs, unsigned ring_width) {
  return {3 * ElementBytes(outputs, ring_width), 1};
}
Cost BitsToRingCost(std::uint64_t rows, unsigned planes, unsigned ring_width) {
  return {3 * ElementBytes(rows, ring_width) * planes, 2};
}
Cost IntegersToRingCost(std::uint64_t rows, unsigned width, unsigned ring_width, CompareDepth depth) {
  return InputBitsCost(rows, ring_width) +
         CircuitCost(rows, WideSubtractCircuit(std::min(width, ring_width), ring_width, depth)) +
         Cost{2 * PlaneBytes(rows) * ring_width, 1};
}
Cost MaskOwnedCost(std::uint64_t rows, unsigned values, unsigned ring_width) {
  return {4 * ElementBytes(rows * values, ring_width), 2};
}

Cost RingToBitsCost(std::uint64_t rows, unsigned width, CompareDepth depth) {
  return InputBitsCost(rows, width) + CircuitCost(rows, AddCircuit(width, depth));
}

Cost WidenCost(std::uint64_t rows, unsigned width, unsigned ring_width) {
  return {4 * ElementBytes(rows, ring_width - width), 2};
}

std::uint64_t LookupTableCells(std::uint64_t arm_bound) {
  constexpr std::uint64_t kBucketKeys = std::uint64_t{1} << 14;
  constexpr std::uint64_t kDenseCells = 48;
  const std::uint64_t buckets = std::max<std::uint64_t>(1, (arm_bound + kBucketKeys - 1) / kBucketKeys);
  const std::uint64_t mean = (arm_bound + buckets - 1) / buckets;
  const std::uint64_t capacity = buckets == 1 ? arm_bound : mean + CeilingSquareRoot(81 * mean);
  const std::uint64_t third = (13 * capacity + 1280 + 29) / 30;
  return buckets * (3 * third + kDenseCells);
}

Cost LookupCost(const LookupSize& size) {
  if (size.spine_rows == 0) return {};
  const unsigned tag_bits = size.long_tags || size.spine_rows > std::uint64_t{1} << 24 ? 96 : 64;
  const unsigned xor_bits = tag_bits + size.payload_bits;
  const std::uint64_t cell_bytes = (xor_bits + 7) / 8 + kWordBytes * size.payload_rings;
  Cost cost = AndTreeCost(size.spine_rows, tag_bits);
  cost.rounds = 1 + (size.spine_rows + size.block_rows - 1) / size.block_rows * (1 + cost.rounds);
  cost.bytes += LookupTableCells(size.arm_bound) * cell_bytes;
  cost.bytes += 12 * size.spine_rows;
  cost.bytes += 2 * BlockBytes(size.spine_rows, xor_bits, size.payload_rings);
  return cost;
}

Cost GatherByOwnerCost(std::uint64_t rows, std::uint64_t out_rows, unsigned width, unsigned rings,
                       unsigned ring_width) {
  const auto block = [&](std::uint64_t count) {
    return PlaneBytes(count) * width + ElementBytes(count, ring_width) * rings;
  };
  const auto index_bits = static_cast<std::uint64_t>(
      std::max(1, static_cast<int>(std::bit_width(std::max<std::uint64_t>(rows, 1) - 1))));
  return {block(rows) + PlaneBytes(out_rows) * index_bits + 2 * block(out_rows), 2};
}

Cost ShuffleCost(std::uint64_t rows, unsigned width, unsigned rings, unsigned ring_width) {
  return {4 * (PlaneBytes(rows) * width + ElementBytes(rows, ring_width) * rings), 2};
}

Cost ReadByOwnerCost(std::uint64_t rows, std::uint64_t outputs, unsigned columns, unsigned ring_width) {
  if (columns == 0) return {0, 3};
  return {PlaneBytes(rows) * outputs + ElementBytes(outputs, ring_width) +
              5 * ElementBytes(outputs * columns, ring_width),
          3};
}

Cost OpenBitsCost(std::uint64_t rows, unsigned width, unsigned recipients) {
  return {PlaneBytes(rows) * width * recipients, 1};
}
Cost OpenRingCost(std::uint64_t rows, unsigned recipients, unsigned ring_width) {
  return {ElementBytes(rows, ring_width) * recipients, 1};
}

Cost OutsideInputBitsCost(std::uint64_t rows, unsigned width) { return {2 * PlaneBytes(rows) * width, 1}; }
Cost OutsideInputRingCost(std::uint64_t rows, unsigned ring_width) { return {2 * ElementBytes(rows, ring_width), 1}; }
Cost OutsideOpenBitsCost(std::uint64_t rows, unsigned width) { return {2 * PlaneBytes(rows) * width, 1}; }
Cost OutsideOpenRingCost(std::uint64_t rows, unsigned ring_width) { return {2 * ElementBytes(rows, ring_width), 1}; }

Cost EqualBitsCost(std::uint64_t rows, unsigned width) { return CircuitCost(rows, EqualCircuit(width)); }

Cost LessThanBitsCost(std::uint64_t rows, unsigned width, CompareDepth depth) {
  return CircuitCost(rows, LessThanCircuit(width, depth));
}

Cost LessThanPublicCost(std::uint64_t rows, unsigned width, std::uint64_t constant, CompareDepth depth) {
  return CircuitCost(rows, LessThanPublicCircuit(width, constant, depth));
}

std::uint64_t CountFlagsSliceRows(std::uint64_t rows, unsigned slices) {
  return (rows + 64 * std::uint64_t{slices} - 1) / (64 * std::uint64_t{slices}) * 64;
}

namespace {

Cost SlicedCountCost(std::uint64_t rows, unsigned slices, unsigned ring_width, unsigned planes = 1) {
  const std::uint64_t slice_rows = CountFlagsSliceRows(rows, slices);
  if (slice_rows == 0 || planes == 0) return {};
  const auto used = static_cast<unsigned>((rows + slice_rows - 1) / slice_rows);
  return CircuitCost(planes * slice_rows, CountOnesCircuit(used)) +
         BitsToRingCost(planes * slice_rows, static_cast<unsigned>(std::bit_width(used)), ring_width);
}

}  // namespace

unsigned CountFlagsSlices(std::uint64_t rows, unsigned ring_width) {
  unsigned best = 1;
  std::uint64_t least = SlicedCountCost(rows, 1, ring_width).bytes;
  for (unsigned slices = 3; slices < 1024; slices = 2 * slices + 1) {
    const std::uint64_t bytes = SlicedCountCost(rows, slices, ring_width).bytes;
    if (bytes < least) {
      best = slices;
      least = bytes;
    }
  }
  return best;
}

Cost CountFlagsCost(std::uint64_t rows, unsigned ring_width, unsigned planes) {
  return SlicedCountCost(rows, CountFlagsSlices(rows, ring_width), ring_width, planes);
}

Cost OrCost(std::uint64_t rows, unsigned width) { return AndCost(rows, width); }
Cost MuxCost(std::uint64_t rows, unsigned width) { return AndCost(rows, width); }

Cost MultiplyEachCost(std::uint64_t rows, unsigned columns, unsigned ring_width) {
  return columns == 0 ? Cost{} : MultiplyCost(rows * columns, ring_width);
}

Cost LookupJoinCost(const LookupSize& size) {
  Cost cost = LookupCost(size);
  if (size.payload_bits > 0) cost += AndCost(size.spine_rows, size.payload_bits);
  if (size.payload_rings > 0) {
    cost += BitsToRingCost(size.spine_rows, 1) + MultiplyEachCost(size.spine_rows, size.payload_rings);
  }
  return cost;
}

Cost ExpandCost(std::uint64_t keys, std::uint64_t row_bound, unsigned width, unsigned rings, unsigned ring_width) {
  return GatherByOwnerCost(keys + row_bound, keys + row_bound, width, rings, ring_width);
}

Cost SpreadCost(std::uint64_t keys, std::uint64_t rows, unsigned width, unsigned rings, unsigned ring_width) {
  return GatherByOwnerCost(keys + rows, rows, width, rings, ring_width);
}

Cost SegmentReduceCost(std::uint64_t keys, std::uint64_t row_bound, unsigned width, unsigned rings,
                       unsigned ring_width) {
  return GatherByOwnerCost(keys + row_bound, keys, width, rings, ring_width);
}

Cost SumByBoundariesCost(std::uint64_t rows, std::uint64_t groups, unsigned values, unsigned ring_width) {
  return values == 0 ? Cost{} : ReadByOwnerCost(rows + 1, groups, values, ring_width);
}

Cost SumByCodesCost(std::uint64_t rows, std::span<const unsigned> domain_sizes, unsigned values,
                    unsigned ring_width) {
  if (values == 0 || domain_sizes.empty()) return {};
  unsigned planes = 0;
  std::uint64_t cells = 1;
  std::size_t largest = 0;
  for (std::size_t d = 0; d < domain_sizes.size(); ++d) {
    planes += domain_sizes[d];
    cells *= domain_sizes[d];
    if (domain_sizes[d] >= domain_sizes[largest]) largest = d;
  }
  Cost cost = BitsToRingCost(rows, planes, ring_width);
  std::uint64_t products = values;
  for (std::size_t d = 0; d < domain_sizes.size(); ++d) {
    if (d == largest) continue;
    products *= domain_sizes[d];
    cost += MultiplyCost(rows * products, ring_width);
  }
  return cost + DotProductsCost(values * cells, ring_width);
}

}  // namespace care::mpc
