#include "engine/frontend/init/public_bounds.h"

#include <algorithm>

#include "engine/types/date.h"

namespace care::engine {
namespace {

constexpr std::uint64_t kLeastCount = 1'000;
constexpr std::int64_t kMost = std::int64_t{1} << 62;
constexpr std::int64_t kFirstYear = 1850;
constexpr std::int64_t kLastYear = 2100;

std::int64_t FloorTo(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = ((value % step) + step) % step;
  return value - rest;
}

}  // namespace

std::optional<std::int64_t> UpTheLadder(std::int64_t value) {
  for (std::int64_t power = 1; power < kMost / 100; power *= 10) {
    for (const std::int64_t doubled : {2, 3, 4, 6, 8, 12, 16}) {
      if (doubled * power % 2 == 0 && doubled * power / 2 >= value) return doubled * power / 2;
    }
  }
  return std::nullopt;
}

std::uint64_t PublicCount(std::uint64_t measured) {
  const std::uint64_t wanted = std::max(measured + measured / 4 + 1, kLeastCount);
  return static_cast<std::uint64_t>(UpTheLadder(static_cast<std::int64_t>(wanted)).value_or(kMost));
}

std::optional<std::pair<std::int64_t, std::int64_t>> PublicRange(std::int64_t least, std::int64_t greatest) {
  if (least >= kFirstYear && greatest <= kLastYear) {
    return std::pair(FloorTo(least - 1, 10), FloorTo(greatest, 10) + 20);
  }
  // Strictly beyond the measured value, by a tenth at least.
  const auto beyond = [](std::int64_t size) -> std::optional<std::int64_t> {
    if (size > kMost / 2) return std::nullopt;
    return UpTheLadder(std::max<std::int64_t>(size + size / 10 + 1, 10));
  };
  std::int64_t low = 0;
  std::int64_t high = 0;
  if (least < 0) {
    if (least < -kMost / 2) return std::nullopt;
    const auto rung = beyond(-least);
    if (!rung.has_value()) return std::nullopt;
    low = -*rung;
  }
  if (greatest > 0) {
    const auto rung = beyond(greatest);
    if (!rung.has_value()) return std::nullopt;
    high = *rung;
  }
  return std::pair(low, high);
}

std::pair<std::int32_t, std::int32_t> PublicDates(std::int32_t least, std::int32_t greatest) {
  const auto first = static_cast<std::int32_t>(FloorTo(CivilFromDays(least).year - 2, 5));
  const auto last = static_cast<std::int32_t>(FloorTo(CivilFromDays(greatest).year + 2, 5) + 5);
  return {DaysFromCivil({first, 1, 1}), DaysFromCivil({last, 12, 31})};
}

}  // namespace care::engine
