#include "mpc/relational/count_flags.h"

#include <algorithm>
#include <vector>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/circuit/add_circuits.h"
#include "mpc/cost/cost.h"

namespace care::mpc {

absl::StatusOr<RingColumn> CountFlags(Protocol& protocol, const BitColumn& flags, unsigned ring_width) {
  CARE_CHECK(flags.width() == 1);
  const std::size_t rows = flags.rows();
  const unsigned slices = CountFlagsSlices(rows, ring_width);
  const std::size_t slice_rows = CountFlagsSliceRows(rows, slices);
  std::vector<BitColumn> layers;
  for (std::size_t first = 0; first < rows; first += slice_rows) {
    BitColumn slice = flags.Rows(first, std::min(slice_rows, rows - first));
    if (slice.rows() < slice_rows) {
      const BitColumn zeroes = protocol.PublicBits(BitPlanes(slice_rows - slice.rows(), 1));
      slice = BitColumn::JoinRows({&slice, &zeroes});
    }
    layers.push_back(std::move(slice));
  }
  if (layers.empty()) return protocol.PublicRing(std::vector<std::uint64_t>(1), ring_width);
  std::vector<const BitColumn*> inputs;
  for (const BitColumn& layer : layers) inputs.push_back(&layer);
  CARE_ASSIGN_OR_RETURN(const BitColumn counts,
                        protocol.Evaluate(CountOnesCircuit(static_cast<unsigned>(inputs.size())), inputs));
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> digits, protocol.BitsToRing(counts, ring_width));
  RingColumn total = protocol.Sum(digits[0]);
  for (unsigned bit = 1; bit < digits.size(); ++bit) {
    total = protocol.Add(total, protocol.MultiplyPublic(protocol.Sum(digits[bit]), std::uint64_t{1} << bit));
  }
  return total;
}

}  // namespace care::mpc
