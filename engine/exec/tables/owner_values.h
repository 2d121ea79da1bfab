// engine/exec/tables/owner_values.h
//
// An owner's cells in the forms in which they are shared (planner/physical/shared_value.h), before they are.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/column_batch.h"
#include "mpc/share/bit_planes.h"
#include "planner/physical/shared_value.h"

namespace care::engine {

// Row by row; zero where NULL. OutOfRange, without the value, if a cell is none that the shape holds: the declaration is wrong.
absl::StatusOr<mpc::BitPlanes> OwnerBits(const Column& column, const planner::SharedValueShape& shape);
mpc::BitPlanes OwnerNotNull(const Column& column);
std::vector<std::uint64_t> OwnerIntegers(const Column& column);

}  // namespace care::engine
