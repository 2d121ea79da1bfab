#include "mpc/relational/join.h"

#include <utility>

#include "engine/types/status_macros.h"

namespace care::mpc {

absl::StatusOr<std::vector<RingColumn>> MultiplyEach(Protocol& protocol, const RingColumn& flag,
                                                     const std::vector<RingColumn>& columns) {
  std::vector<RingColumn> products;
  if (columns.empty()) return products;
  if (columns.size() == 1) {
    CARE_ASSIGN_OR_RETURN(RingColumn product, protocol.Multiply(columns[0], flag));
    products.push_back(std::move(product));
    return products;
  }
  std::vector<const RingColumn*> values;
  for (const RingColumn& column : columns) values.push_back(&column);
  const std::vector<const RingColumn*> flags(columns.size(), &flag);
  CARE_ASSIGN_OR_RETURN(const RingColumn all,
                        protocol.Multiply(RingColumn::JoinRows(values), RingColumn::JoinRows(flags)));
  for (std::size_t c = 0; c < columns.size(); ++c) products.push_back(all.Rows(c * flag.rows(), flag.rows()));
  return products;
}

absl::StatusOr<Joined> LookupJoin(Protocol& protocol, const LookupShape& shape, const LookupArm* arm,
                                  const LookupSpine* spine) {
  CARE_ASSIGN_OR_RETURN(LookupResult found, protocol.Lookup(shape, arm, spine));
  Joined joined;
  if (shape.payload_bits > 0) {
    CARE_ASSIGN_OR_RETURN(joined.bits, protocol.And(found.bits, found.matched));
  } else {
    joined.bits = std::move(found.bits);
  }
  if (!found.rings.empty()) {
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> flag, protocol.BitsToRing(found.matched));
    CARE_ASSIGN_OR_RETURN(joined.rings, MultiplyEach(protocol, flag[0], found.rings));
  }
  joined.matched = std::move(found.matched);
  return joined;
}

}  // namespace care::mpc
