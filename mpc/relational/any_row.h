// mpc/relational/any_row.h
//
// Whether any row has a flag set, as one secret row: what is opened where a declared bound may not hold, so that
// nobody learns in which rows, or in how many, it does not.
//
//   Shape     flags[n], a plane a question -> one row of as many planes. No rows: zero.
//   Units     n - 1 ANDs a plane, in halves that fold onto each other.
//   Rounds    ceil(log2 n), one more at most.
//   Traffic   3 bits a row and plane, in words (mpc/cost: AnyRowCost).
//   Leakage   n.
//   Security  the Protocol's own.
//   Source    this project.
#pragma once

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

absl::StatusOr<BitColumn> AnyRow(Protocol& protocol, const BitColumn& flags);

}  // namespace care::mpc
