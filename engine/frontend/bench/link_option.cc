#include "engine/frontend/bench/link_option.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace care::engine {
namespace {

constexpr std::uint64_t kMostRoundMicroseconds = 10'000'000;
constexpr std::uint64_t kMostMegabits = 1'000'000;

struct Unit {
  const char* name;
  std::uint64_t factor;
};

// Longer names first: "ms" ends in "s".
constexpr Unit kTimes[] = {{"us", 1}, {"ms", 1'000}, {"s", 1'000'000}};
constexpr Unit kRates[] = {{"mbit", 1}, {"gbit", 1'000}};

// In units of factor 1; 0 if the text is no positive number with one of the units.
template <std::size_t count>
std::uint64_t Parse(const std::string& text, const Unit (&units)[count], std::uint64_t most) {
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.name)) continue;
    std::uint64_t number = 0;
    const std::string digits = text.substr(0, text.size() - std::string(unit.name).size());
    if (!absl::SimpleAtoi(digits, &number) || number > most / unit.factor) return 0;
    return number * unit.factor;
  }
  return 0;
}

template <std::size_t count>
std::string Format(std::uint64_t number, const Unit (&units)[count]) {
  const Unit* best = &units[0];
  for (const Unit& unit : units) {
    if (number % unit.factor == 0) best = &unit;
  }
  return absl::StrCat(number / best->factor, best->name);
}

}  // namespace

absl::StatusOr<mpc::LinkSpeed> ParseLink(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ',');
  mpc::LinkSpeed link;
  if (parts.size() == 2) {
    link.round_us = Parse(parts[0], kTimes, kMostRoundMicroseconds);
    link.megabit_per_second = Parse(parts[1], kRates, kMostMegabits);
    if (link.round_us > 0 && link.megabit_per_second > 0) return link;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--link \"", text, "\": write a time of at most 10s and a rate of at most 1000gbit, for example ",
      "50ms,100mbit"));
}

std::string LinkText(const mpc::LinkSpeed& link) {
  return absl::StrCat(Format(link.round_us, kTimes), ",", Format(link.megabit_per_second, kRates));
}

}  // namespace care::engine
