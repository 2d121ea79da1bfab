#include "mpc/relational/any_row.h"

#include "engine/types/status_macros.h"
#include "mpc/cost/relational_cost.h"
#include "mpc/relational/compare.h"

namespace care::mpc {

absl::StatusOr<BitColumn> AnyRow(Protocol& protocol, const BitColumn& flags) {
  if (flags.rows() == 0) return PublicConstant(protocol, 1, flags.width(), 0);
  BitColumn unset = protocol.Not(flags);  // all of them, in the end
  while (unset.rows() > 1) {
    const std::size_t rows = unset.rows();
    const std::size_t half = AnyRowHalf(rows);
    const BitColumn first = unset.Rows(0, half);
    BitColumn second = unset.Rows(half, rows - half);
    if (second.rows() < half) {
      const BitColumn ones = protocol.Not(PublicConstant(protocol, half - second.rows(), flags.width(), 0));
      second = BitColumn::JoinRows({&second, &ones});
    }
    CARE_ASSIGN_OR_RETURN(unset, protocol.And(first, second));
  }
  return protocol.Not(unset);
}

}  // namespace care::mpc
