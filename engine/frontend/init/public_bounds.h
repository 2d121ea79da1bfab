// engine/frontend/init/public_bounds.h
//
// From what was measured in an owner's database to what may stand in the public federation file: bounds that
// are always beyond the measured value and look like anybody's guess, so that the file gives no count and no
// extreme away.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "engine/types/decimal.h"

namespace care::engine {

// The next of 1, 1.5, 2, 3, 4, 6, 8 times a power of ten that is at least `value`. OutOfRange is nullopt.
std::optional<std::int64_t> UpTheLadder(std::int64_t value);

// For a table of so many rows: with head-room of a quarter, and at least 1,000.
std::uint64_t PublicCount(std::uint64_t measured);

// A range for whole numbers (or for unscaled decimals): zero or a rung below the least, a rung above the
// greatest. Calendar years get whole decades. nullopt if no such range fits 63 bits.
std::optional<std::pair<std::int64_t, std::int64_t>> PublicRange(std::int64_t least, std::int64_t greatest);

// A range for dates, in days since 1970: whole years that end in 0 or 5, two years of room at least.
std::pair<std::int32_t, std::int32_t> PublicDates(std::int32_t least, std::int32_t greatest);

}  // namespace care::engine
