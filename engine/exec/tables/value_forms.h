// engine/exec/tables/value_forms.h
//
// The forms of shared values and the ways between them. A form is made once and kept in the table.
//
//   Shape     a column of n slots; results as shared_table.h says.
//   Rounds    bits from the ring: those of RingToBits. The ring from bits: those of BitsToRing for up to three planes, of
//             IntegersToRing beyond. Reshaping: none where the base stays and none for text that is padded; else one adder; a
//             code of another domain is looked up in a public table, by a selection tree.
//   Leakage   none; shapes are public.
#pragma once

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"
#include "planner/physical/shared_value.h"

namespace care::engine {

// The column's value in that form. The pointer is into the table and stays good until the column is replaced.
absl::StatusOr<const mpc::BitColumn*> BitsOf(mpc::Protocol& protocol, const planner::PhysicalPlan& plan, SharedTable& table,
                                             planner::ColumnId column);
// Numbers, dates and booleans (0 or 1); text has no ring form.
absl::StatusOr<const mpc::RingColumn*> RingOf(mpc::Protocol& protocol, const planner::PhysicalPlan& plan,
                                              SharedTable& table, planner::ColumnId column);

// Bits of one shape as bits of another that holds every value of the first, in all slots where the value is not NULL and
// the slot valid; elsewhere unspecified. Kinds: equal, or codes to bytes. `target.nullable` is not looked at.
absl::StatusOr<mpc::BitColumn> Reshape(mpc::Protocol& protocol, const mpc::BitColumn& bits,
                                       const planner::SharedValueShape& from, const planner::SharedValueShape& target);
// The smallest shape that holds the values of both: the hull of ranges, the union of domains, the longer bytes. Codes and
// bytes together make bytes. InvalidArgument if the kinds differ otherwise or the range leaves 63 bits.
absl::StatusOr<planner::SharedValueShape> CommonShape(const planner::SharedValueShape& a,
                                                      const planner::SharedValueShape& b);

// Between unsigned offsets from a base, in bits, and the stored integer in the ring. An offset is below 2^width.
absl::StatusOr<mpc::RingColumn> BitsToStored(mpc::Protocol& protocol, const mpc::BitColumn& bits, std::int64_t base);
absl::StatusOr<mpc::BitColumn> StoredToBits(mpc::Protocol& protocol, const mpc::RingColumn& ring, std::int64_t base,
                                            unsigned width);

// Zero where not_null is zero; the bits themselves where it is absent. Rounds 1 or 0.
absl::StatusOr<mpc::BitColumn> ZeroWhereNull(mpc::Protocol& protocol, const mpc::BitColumn& bits,
                                             const std::optional<mpc::BitColumn>& not_null);

}  // namespace care::engine
