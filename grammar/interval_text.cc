#include "grammar/interval_text.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/decimal.h"
#include "engine/types/status_macros.h"

namespace care::sql {
namespace {

constexpr std::int64_t kLimit = std::numeric_limits<std::int32_t>::max();

struct Unit {
  std::int64_t months = 0;
  std::int64_t days = 0;
  std::int64_t microseconds = 0;

  bool operator==(const Unit&) const = default;
};

absl::StatusOr<Unit> FindUnit(std::string_view name) {
  if (name == "year" || name == "years" || name == "yr" || name == "yrs" || name == "y") return Unit{12, 0};
  if (name == "month" || name == "months" || name == "mon" || name == "mons") return Unit{1, 0};
  if (name == "week" || name == "weeks" || name == "w") return Unit{0, 7};
  if (name == "day" || name == "days" || name == "d") return Unit{0, 1};
  if (name == "decade" || name == "decades") return Unit{120, 0};
  if (name == "century" || name == "centuries") return Unit{1200, 0};
  if (name.empty()) return absl::InvalidArgumentError("an interval needs a unit, such as '12 months'");
  constexpr std::int64_t kSecond = 1'000'000;
  struct Named {
    std::string_view name;
    std::int64_t microseconds;
  };
  static constexpr Named kTimes[] = {
      {"hour", 3600 * kSecond},  {"hr", 3600 * kSecond},     {"h", 3600 * kSecond}, {"minute", 60 * kSecond}, {"min", 60 * kSecond},
      {"m", 60 * kSecond},       {"second", kSecond},        {"sec", kSecond},      {"s", kSecond},           {"millisecond", 1000},
      {"microsecond", 1}};
  for (const Named& time : kTimes) {
    const bool plural = time.name.size() > 1 && name == absl::StrCat(std::string(time.name), "s");
    if (name == time.name || plural) return Unit{0, 0, time.microseconds};
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown unit of an interval: \"", std::string(name), "\"; there are years, months, weeks, days, hours, minutes and seconds"));
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
  Int128 microseconds = 0;
  std::vector<Unit> units;
  for (skip_spaces(); !at_end(at); skip_spaces()) {
    if (!units.empty() && lower.substr(at) == "ago") {
      months = -months;
      days = -days;
      microseconds = -microseconds;
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
      return absl::InvalidArgumentError("intervals are whole numbers of years, months, weeks, days, hours, minutes and seconds");
    }
    skip_spaces();
    const std::size_t begin = at;
    while (!at_end(at) && absl::ascii_isalpha(static_cast<unsigned char>(lower[at]))) ++at;
    const std::string_view name = std::string_view(lower).substr(begin, at - begin);
    if (!default_unit.empty() && !name.empty()) {
      return absl::InvalidArgumentError("an interval has its unit inside the quotes or after them, not both");
    }
    CARE_ASSIGN_OR_RETURN(const Unit unit, FindUnit(name.empty() ? default_unit : name));
    if (std::find(units.begin(), units.end(), unit) != units.end()) {
      return absl::InvalidArgumentError("an interval names each unit once");
    }
    units.push_back(unit);
    months += (negative ? -number : number) * unit.months;
    days += (negative ? -number : number) * unit.days;
    microseconds += Int128{negative ? -number : number} * unit.microseconds;
    constexpr Int128 kMostMicroseconds = std::numeric_limits<std::int64_t>::max();
    if (std::max(std::abs(months), std::abs(days)) > kLimit || microseconds > kMostMicroseconds || microseconds < -kMostMicroseconds) {
      return absl::InvalidArgumentError("the interval is too long");
    }
  }
  if (units.empty()) return absl::InvalidArgumentError("the interval is empty");
  return Interval{static_cast<std::int32_t>(months), static_cast<std::int32_t>(days), static_cast<std::int64_t>(microseconds)};
}

std::string FormatInterval(Interval interval) {
  std::vector<std::string> parts;
  if (interval.months != 0) parts.push_back(absl::StrCat(interval.months, " months"));
  if (interval.days != 0) parts.push_back(absl::StrCat(interval.days, " days"));
  if (const std::int64_t time = interval.microseconds; time != 0) {
    const bool whole = time % 1'000'000 == 0 && std::abs(time / 1'000'000) <= kLimit;
    // As seconds and microseconds, neither beyond what is read back.
    if (whole) {
      parts.push_back(absl::StrCat(time / 1'000'000, " seconds"));
    } else {
      parts.push_back(absl::StrCat(time / 3'600'000'000, " hours"));
      parts.push_back(absl::StrCat(time % 3'600'000'000 / 1'000'000, " seconds"));
      parts.push_back(absl::StrCat(time % 1'000'000, " microseconds"));
    }
  }
  return parts.empty() ? "0 days" : absl::StrJoin(parts, " ");
}

}  // namespace care::sql
