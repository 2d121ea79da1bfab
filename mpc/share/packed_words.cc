#include "mpc/share/packed_words.h"

#include <algorithm>

#include "engine/types/check.h"

namespace care::mpc {
namespace {

std::uint64_t LowBits(unsigned width) {
  return width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

}  // namespace

void PackWords(std::span<const std::uint64_t> values, unsigned width, std::span<std::uint64_t> packed) {
  CARE_CHECK(width >= 1 && width <= 64);
  CARE_CHECK(packed.size() == PackedWordCount(values.size(), width));
  const std::uint64_t mask = LowBits(width);
  std::uint64_t word = 0;
  unsigned used = 0;
  std::size_t out = 0;
  for (const std::uint64_t value : values) {
    const std::uint64_t bits = value & mask;
    word |= bits << used;
    used += width;
    if (used < 64) continue;
    packed[out++] = word;
    used -= 64;
    word = used == 0 ? 0 : bits >> (width - used);
  }
  if (used > 0) packed[out] = word;
}

void UnpackWords(std::span<const std::uint64_t> packed, unsigned width, std::span<std::uint64_t> values) {
  CARE_CHECK(width >= 1 && width <= 64);
  CARE_CHECK(packed.size() == PackedWordCount(values.size(), width));
  const std::uint64_t mask = LowBits(width);
  std::size_t in = 0;
  unsigned offset = 0;
  for (std::uint64_t& value : values) {
    std::uint64_t bits = packed[in] >> offset;
    if (offset + width > 64) bits |= packed[in + 1] << (64 - offset);
    value = bits & mask;
    offset += width;
    if (offset >= 64) {
      offset -= 64;
      ++in;
    }
  }
}

}  // namespace care::mpc
