#include "mpc/relational/group_boundaries.h"

#include <utility>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/neighbours.h"

namespace care::mpc {

absl::StatusOr<std::vector<RingColumn>> SumByBoundaries(Protocol& protocol, PartyId owner,
                                                        const std::vector<std::uint32_t>* end_of_group,
                                                        std::size_t groups,
                                                        std::vector<RingColumn> masked_values) {
  CARE_CHECK((end_of_group != nullptr) == protocol.Holds(owner));
  if (end_of_group != nullptr) {
    CARE_CHECK(end_of_group->size() == groups);
    for (std::size_t g = 0; g < groups; ++g) {
      CARE_CHECK(g == 0 || (*end_of_group)[g - 1] <= (*end_of_group)[g]);
      for (const RingColumn& column : masked_values) CARE_CHECK((*end_of_group)[g] <= column.rows());
    }
  }
  if (masked_values.empty()) return std::vector<RingColumn>();
  // A virtual zero row in front: position p then holds the sum of the rows before p.
  std::vector<RingColumn> sums_before;
  for (RingColumn& column : masked_values) {
    sums_before.push_back(SumsBefore(column));
    column = RingColumn();
  }
  CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> sums,
                        protocol.ReadByOwner(owner, end_of_group, groups, sums_before));
  for (RingColumn& column : sums) column = SubtractNeighbours(protocol, column);
  return sums;
}

}  // namespace care::mpc
