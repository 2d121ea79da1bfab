#include "mpc/relational/count_flags.h"

#include <algorithm>
#include <vector>

#include "engine/types/status_macros.h"
#include "mpc/circuit/add_circuits.h"
#include "mpc/cost/cost.h"

namespace care::mpc {

absl::StatusOr<RingColumn> CountFlags(Protocol& protocol, const BitColumn& flags, unsigned ring_width) {
  const std::size_t rows = flags.rows();
  const unsigned planes = flags.width();
  const unsigned slices = CountFlagsSlices(rows, ring_width);
  const std::size_t slice_rows = CountFlagsSliceRows(rows, slices);
  std::vector<BitColumn> layers;  // of each plane its slice, one behind the other
  for (std::size_t first = 0; first < rows; first += slice_rows) {
    const std::size_t count = std::min(slice_rows, rows - first);
    const BitColumn slice = flags.Rows(first, count);
    const BitColumn zeroes = protocol.PublicBits(BitPlanes(slice_rows - count, 1));
    std::vector<BitColumn> columns;
    for (unsigned plane = 0; plane < planes; ++plane) columns.push_back(slice.Planes(plane, 1));
    std::vector<const BitColumn*> parts;
    for (const BitColumn& column : columns) {
      parts.push_back(&column);
      if (count < slice_rows) parts.push_back(&zeroes);
    }
    layers.push_back(parts.size() == 1 ? std::move(columns[0]) : BitColumn::JoinRows(parts));
  }
  if (layers.empty() || planes == 0) return protocol.PublicRing(std::vector<std::uint64_t>(planes), ring_width);
  std::vector<const BitColumn*> inputs;
  for (const BitColumn& layer : layers) inputs.push_back(&layer);
  CARE_ASSIGN_OR_RETURN(const BitColumn counts,
                        protocol.Evaluate(CountOnesCircuit(static_cast<unsigned>(inputs.size())), inputs));
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> digits, protocol.BitsToRing(counts, ring_width));
  std::vector<RingColumn> totals;
  for (unsigned plane = 0; plane < planes; ++plane) {
    const auto of_plane = [&](unsigned bit) { return protocol.Sum(digits[bit].Rows(plane * slice_rows, slice_rows)); };
    RingColumn total = of_plane(0);
    for (unsigned bit = 1; bit < digits.size(); ++bit)
      total = protocol.Add(total, protocol.MultiplyPublic(of_plane(bit), std::uint64_t{1} << bit));
    totals.push_back(std::move(total));
  }
  std::vector<const RingColumn*> pointers;
  for (const RingColumn& total : totals) pointers.push_back(&total);
  return RingColumn::JoinRows(pointers);
}

}  // namespace care::mpc
