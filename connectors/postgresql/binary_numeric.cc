#include "connectors/postgresql/binary_numeric.h"

#include <endian.h>

#include <cstring>
#include <limits>

#include "engine/types/decimal.h"

namespace care::connectors {
namespace {

constexpr std::size_t kHeader = 8;
constexpr int kDigitsPerGroup = 4;
constexpr std::uint16_t kPositive = 0x0000;
constexpr std::uint16_t kNegative = 0x4000;
constexpr std::uint16_t kNotANumber = 0xc000;
constexpr std::uint16_t kPlusInfinity = 0xd000;
constexpr std::uint16_t kMinusInfinity = 0xf000;

std::uint16_t Number(const char* at) {
  std::uint16_t number;
  std::memcpy(&number, at, sizeof number);
  return be16toh(number);
}

constexpr std::int64_t kPowers[] = {1, 10, 100, 1000, 10000};

}  // namespace

CellRule ReadBinaryNumeric(const char* data, std::size_t size, int scale, std::int64_t& value) {
  value = 0;
  if (size < kHeader) return CellRule::kStorage;
  const std::uint16_t groups = Number(data);
  const auto weight = static_cast<std::int16_t>(Number(data + 2));
  const std::uint16_t sign = Number(data + 4);
  if (sign == kNotANumber || sign == kPlusInfinity || sign == kMinusInfinity) return CellRule::kDecimal;
  if ((sign != kPositive && sign != kNegative) || size != kHeader + 2 * std::size_t{groups}) return CellRule::kStorage;
  if (groups == 0) return CellRule::kHolds;
  // Each group counts 10000^position; below zero, positions are after the point.
  const int last_position = weight - groups + 1;
  // Digits that the last group holds after the point beyond `scale`.
  int excess = -last_position * kDigitsPerGroup - scale;
  std::uint64_t magnitude = 0;
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;
  int groups_left = groups;
  const char* at = data + kHeader;
  for (; groups_left > 1; --groups_left, at += 2) {
    const std::uint16_t group = Number(at);
    if (group > 9999) return CellRule::kStorage;
    // With more than 64 bits before the last group, the whole has them too, unless digits beyond scale follow.
    if (magnitude > kLimit / 10000) return excess >= kDigitsPerGroup ? CellRule::kDecimal : CellRule::kRange;
    magnitude = magnitude * 10000 + group;
  }
  std::uint16_t last = Number(at);
  if (last > 9999) return CellRule::kStorage;
  int shift = -excess;  // powers of ten from the last group's unit to the result's
  Int128 total;
  if (excess > 0) {
    if (excess >= kDigitsPerGroup || last % kPowers[excess] != 0) return CellRule::kDecimal;
    total = static_cast<Int128>(magnitude) * kPowers[kDigitsPerGroup - excess] + last / kPowers[excess];
    shift = 0;
  } else {
    total = static_cast<Int128>(magnitude) * 10000 + last;
  }
  for (; shift > 0; --shift) {
    if (total > static_cast<Int128>(kLimit)) return CellRule::kRange;
    total *= 10;
  }
  if (sign == kNegative) total = -total;
  if (total < std::numeric_limits<std::int64_t>::min() || total > std::numeric_limits<std::int64_t>::max()) {
    return CellRule::kRange;
  }
  value = static_cast<std::int64_t>(total);
  return CellRule::kHolds;
}

}  // namespace care::connectors
