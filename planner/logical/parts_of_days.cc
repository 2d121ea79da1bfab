#include "planner/logical/parts_of_days.h"

#include <optional>
#include <set>
#include <string_view>

#include "engine/types/date.h"

namespace care::planner {
namespace {

constexpr std::size_t kMostParts = 1024;
constexpr std::size_t kYear = 4, kMonth = 7, kDay = 10;  // where they end in YYYY-MM-DD
constexpr int kMostSteps = 20'000;                       // planning takes milliseconds

}  // namespace

std::vector<std::string> PartsOfDays(std::int32_t first_day, std::int32_t last_day, std::size_t begin, std::size_t length) {
  const std::size_t end = begin + length;
  if (end > kDay || length == 0 || first_day > last_day) return {};
  const std::string_view unit = end <= kYear ? "year" : end <= kMonth ? "month" : "day";
  std::set<std::string> parts;
  const std::optional<std::int32_t> first = StartOfPeriod(unit, first_day);
  if (!first) return {};
  int steps = 0;
  for (std::int32_t day = *first; day <= last_day; day = NextPeriod(unit, day)) {
    if (++steps > kMostSteps) return {};
    parts.insert(FormatDate(day).substr(begin, length));
    if (parts.size() > kMostParts) return {};
  }
  return {parts.begin(), parts.end()};
}

}  // namespace care::planner
