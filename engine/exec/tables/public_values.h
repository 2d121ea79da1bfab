// engine/exec/tables/public_values.h
//
// Values that everybody knows, as a column's bits: the values of a public domain.
#pragma once

#include <span>

#include "absl/status/statusor.h"
#include "engine/types/value.h"
#include "mpc/share/bit_planes.h"
#include "planner/physical/shared_value.h"

namespace care::engine {

// A row a value, zero where NULL. InvalidArgument for a value that the shape does not hold. `scale`: decimals of the column.
absl::StatusOr<mpc::BitPlanes> EncodePublicValues(std::span<const Value> values,
                                                  const planner::SharedValueShape& shape, unsigned scale);

}  // namespace care::engine
