// grammar/interval_text.h
//
// Reads what stands between the quotes of INTERVAL '...': years, months, weeks, days, hours, minutes and
// seconds, as PostgreSQL reads them.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "engine/types/value.h"

namespace care::sql {

// `default_unit` names the unit of a number without one: the field after the literal (INTERVAL '1' MONTH),
// in lower case, or empty. Error messages are short and meant to follow a position.
absl::StatusOr<Interval> ParseInterval(std::string_view text, std::string_view default_unit);

// The text that reads back as the same interval: "14 months 3 days".
std::string FormatInterval(Interval interval);

}  // namespace care::sql
