#include "mpc/relational/segment_reduce.h"

#include <utility>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/neighbours.h"

namespace care::mpc {

absl::StatusOr<Protocol::Columns> SegmentReduce(Protocol& protocol, PartyId owner,
                                                const SegmentLayout* layout, std::size_t key_count,
                                                std::size_t row_bound, const Protocol::Columns& at_rows) {
  CARE_CHECK((layout != nullptr) == protocol.Holds(owner));
  CARE_CHECK(layout == nullptr || layout->last_of_key.size() == key_count);
  Protocol::Columns sums;
  for (const BitColumn& column : at_rows.bits) {
    CARE_CHECK(column.rows() == key_count + row_bound);
    sums.bits.push_back(protocol.PrefixXor(column));
  }
  for (const RingColumn& column : at_rows.rings) {
    CARE_CHECK(column.rows() == key_count + row_bound);
    sums.rings.push_back(protocol.PrefixSum(column));
  }
  CARE_ASSIGN_OR_RETURN(
      Protocol::Columns ends,
      protocol.GatherByOwner(owner, layout != nullptr ? &layout->last_of_key : nullptr, key_count, sums));
  for (BitColumn& column : ends.bits) column = XorNeighbours(protocol, column);
  for (RingColumn& column : ends.rings) column = SubtractNeighbours(protocol, column);
  return ends;
}

absl::StatusOr<std::vector<RingColumn>> SegmentSum(Protocol& protocol, PartyId owner,
                                                   const SegmentLayout* layout, std::size_t key_count,
                                                   std::size_t row_bound,
                                                   const std::vector<RingColumn>& at_rows) {
  CARE_ASSIGN_OR_RETURN(Protocol::Columns sums,
                        SegmentReduce(protocol, owner, layout, key_count, row_bound, {{}, at_rows}));
  return std::move(sums.rings);
}

absl::StatusOr<std::vector<BitColumn>> SegmentXor(Protocol& protocol, PartyId owner,
                                                  const SegmentLayout* layout, std::size_t key_count,
                                                  std::size_t row_bound,
                                                  const std::vector<BitColumn>& at_rows) {
  CARE_ASSIGN_OR_RETURN(Protocol::Columns sums,
                        SegmentReduce(protocol, owner, layout, key_count, row_bound, {at_rows, {}}));
  return std::move(sums.bits);
}

}  // namespace care::mpc
