// engine/frontend/bench/okvs_failures.h
//
// How often the encoding of a lookup's table has no solution: many small tables of random keys, of one key to
// two thousand, where failures would be likeliest. A failure ends a query; the sizes are meant to make it
// rarer than 2^-40, so one in a million would refute them.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "engine/frontend/bench/figures.h"

namespace care::engine {

inline constexpr std::uint64_t kOkvsEncodes = 1'000'000;

absl::StatusOr<Figures> MeasureOkvsFailures(std::uint64_t encodes);

}  // namespace care::engine
