#include "grammar/interval_text.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care::sql {
namespace {

constexpr std::int64_t kLimit = std::numeric_limits<std::int32_t>::max();

struct Unit {
  std::int64_t months = 0;
  std::int64_t days = 0;
};

absl::StatusOr<Unit> FindUnit(std::string_view name) {
  if (name == "year" || name == "years" || name == "yr" || name == "yrs" || name == "y") return Unit{12, 0};
  if (name == "month" || name == "months" || name == "mon" || name == "mons") return Unit{1, 0};
  if (name == "week" || name == "weeks" || name == "w") return Unit{0, 7};
  if (name == "day" || name == "days" || name == "d") return Unit{0, 1};
  if (name == "decade" || name == "decades") return Unit{120, 0};
  if (name == "century" || name == "centuries") return Unit{1200, 0};
  if (name.empty()) return absl::InvalidArgumentError("an interval needs a unit, such as '12 months'");
  for (const std::string_view small :
       {"hour", "minute", "second", "min", "sec", "h", "m", "s", "millisecond"}) {
    if (name == small || name == absl::StrCat(std::string(small), "s")) {
      return absl::InvalidArgumentError("intervals are made of years, months, weeks and days");
    }
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown unit of an interval: \"", std::string(name), "\"; there are years, months, weeks and days"));
}

}  // namespace

absl::StatusOr<Interval> ParseInterval(std::string_view text, std::string_view default_unit) {
  std::string lower(text);
  absl::AsciiStrToLower(&lower);
  const auto at_end = [&](std::size_t at) { return at >= lower.size(); };
  std::size_t at = 0;
  const auto skip_spaces = [&] {
    while (!at_end(at) && absl::ascii_isspace(static_cast<unsigned char>(lower[at]))) ++at;
  };
  std::int64_t months = 0;
  std::int64_t days = 0;
  std::size_t parts = 0;
  for (skip_spaces(); !at_end(at); skip_spaces()) {
    if (parts > 0 && lower.substr(at) == "ago") {
      months = -months;
      days = -days;
      break;
    }
    const bool negative = lower[at] == '-';
    if (lower[at] == '-' || lower[at] == '+') ++at;
    std::int64_t number = 0;
    const std::size_t first_digit = at;
    for (; !at_end(at) && absl::ascii_isdigit(static_cast<unsigned char>(lower[at])); ++at) {
      number = number * 10 + (lower[at] - '0');
      if (number > kLimit) return absl::InvalidArgumentError("the interval is too long");
    }
    if (at == first_digit) return absl::InvalidArgumentError("an interval is written as '1 year 6 months'");
    if (!at_end(at) && (lower[at] == '.' || lower[at] == ':' || lower[at] == '-')) {
      return absl::InvalidArgumentError("intervals are whole numbers of years, months, weeks and days");
    }
    skip_spaces();
    const std::size_t begin = at;
    while (!at_end(at) && absl::ascii_isalpha(static_cast<unsigned char>(lower[at]))) ++at;
    const std::string_view name = std::string_view(lower).substr(begin, at - begin);
    if (!default_unit.empty() && !name.empty()) {
      return absl::InvalidArgumentError("an interval has its unit inside the quotes or after them, not both");
    }
    CARE_ASSIGN_OR_RETURN(const Unit unit, FindUnit(name.empty() ? default_unit : name));
    months += (negative ? -number : number) * unit.months;
    days += (negative ? -number : number) * unit.days;
    if (std::max(std::abs(months), std::abs(days)) > kLimit) {
      return absl::InvalidArgumentError("the interval is too long");
    }
    ++parts;
  }
  if (parts == 0) return absl::InvalidArgumentError("the interval is empty");
  return Interval{static_cast<std::int32_t>(months), static_cast<std::int32_t>(days)};
}

std::string FormatInterval(Interval interval) {
  if (interval.months == 0) return absl::StrCat(interval.days, " days");
  if (interval.days == 0) return absl::StrCat(interval.months, " months");
  return absl::StrCat(interval.months, " months ", interval.days, " days");
}

}  // namespace care::sql
