// connectors/cleaning/timestamp_text.h
//
// Dates and times of day written as text, as exports and SQLite hold them: ISO 8601, with T or a space between date
// and time, and with an offset if the text means an instant rather than the owner's clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "connectors/cleaning/raw_cell.h"

namespace care::connectors {

// Of kind kDate, kLocal or kInstant; nothing if `text` is none of these forms:
//   YYYY-MM-DD
//   YYYY-MM-DD HH:MM[:SS[.digits]]            on the owner's clock
//   the same followed by Z, +HH, +HHMM, +HH:MM or a minus of these, after a space or not
// Digits beyond microseconds are rounded as PostgreSQL rounds them in a timestamp, or cut off, as in a date, which they never
// change there.
enum class Fraction : std::uint8_t { kCut, kRounded };
std::optional<RawCell> ReadTimestampText(std::string_view text, Fraction fraction = Fraction::kCut);

}  // namespace care::connectors
