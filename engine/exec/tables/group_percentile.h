// engine/exec/tables/group_percentile.h
//
// PERCENTILE_DISC and PERCENTILE_CONT over sorted rows.
//
// Which row of each group is the one of a percentile: of N rows that count, number ceil(fraction * N), from 1 (PostgreSQL's
// PERCENTILE_DISC). N is secret, so every row compares its own number with it: with fraction p / q, row k is the one if
// q (k - 1) < p N <= q k.
//
//   Shape     same_group[n], counts[n] of one plane; sorted so that in a group the rows that count come last -> one plane.
//   Rounds    RingToBits, 4 log2 n for two copies along the segments, IntegersToRing, RingToBits and 1.
//   Traffic   about 20 k + 28 m bits a row, k those of a row number, m k more than those of q.
//   Leakage   n and the fraction.
//
// PostgreSQL multiplies fraction and N as doubles, which rounds: InvalidArgument if that would give another row for some N up to
// n. Quarters never do.
#pragma once

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"
#include "engine/types/decimal.h"

namespace care::engine {

// `counts`: null if all rows do. `descending`: numbers count from the largest value.
absl::StatusOr<mpc::BitColumn> RowOfPercentile(TableContext& context, const mpc::BitColumn& same_group,
                                               const std::optional<mpc::BitColumn>& counts, Decimal fraction,
                                               bool descending);

// PERCENTILE_CONT lies at p (N - 1) / q rows after the first, mostly between two. Each row's weight in it, times 10 to the
// fraction's digits: what is left of one row's distance, max(0, 1 - |k - 1 - p (N - 1) / q|), so that the sum of weight times
// value is the exact value with as many digits more. Rows that do not count weigh nothing. Without rounding, so that the
// double precision made of the sum is the exact value's nearest; PostgreSQL interpolates in double precision.
//
//   Rounds    as above, one more BitsToRing and two of Multiply.
//   Traffic   the same of three values in the whole ring.
absl::StatusOr<mpc::RingColumn> WeightsOfPercentile(TableContext& context, const mpc::BitColumn& same_group,
                                                    const std::optional<mpc::BitColumn>& counts, Decimal fraction,
                                                    bool descending);

}  // namespace care::engine
