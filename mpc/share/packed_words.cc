#include "mpc/share/packed_words.h"

#include <algorithm>

#include "engine/types/check.h"

namespace care::mpc {
namespace {

std::uint64_t LowBits(unsigned width) {
  return width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

// Appends pieces of up to 64 bits to a stream.
class BitWriter {
 public:
  explicit BitWriter(std::span<std::uint64_t> out) : out_(out) {}
  void Append(std::uint64_t bits, unsigned count) {
    word_ |= bits << used_;
    used_ += count;
    if (used_ < 64) return;
    out_[next_++] = word_;
    used_ -= 64;
    word_ = used_ == 0 ? 0 : bits >> (count - used_);
  }
  void Finish() {
    if (used_ > 0) out_[next_] = word_;
  }

 private:
  std::span<std::uint64_t> out_;
  std::size_t next_ = 0;
  std::uint64_t word_ = 0;
  unsigned used_ = 0;
};

// The `count` bits from `first` on.
std::uint64_t ReadBits(std::span<const std::uint64_t> packed, std::size_t first, unsigned count) {
  const std::size_t in = first / 64;
  const unsigned offset = first % 64;
  std::uint64_t bits = packed[in] >> offset;
  if (offset + count > 64) bits |= packed[in + 1] << (64 - offset);
  return bits & LowBits(count);
}

void PackPairs(std::span<const std::uint64_t> values, unsigned width, std::span<std::uint64_t> packed) {
  BitWriter writer(packed);
  for (std::size_t i = 0; i < values.size(); i += 2) {
    writer.Append(values[i], 64);
    writer.Append(values[i + 1] & LowBits(width - 64), width - 64);
  }
  writer.Finish();
}

void UnpackPairs(std::span<const std::uint64_t> packed, unsigned width, std::span<std::uint64_t> values) {
  std::size_t position = 0;
  for (std::size_t i = 0; i < values.size(); i += 2, position += width) {
    values[i] = ReadBits(packed, position, 64);
    values[i + 1] = ReadBits(packed, position + 64, width - 64);
  }
}

}  // namespace

void PackWords(std::span<const std::uint64_t> values, unsigned width, std::span<std::uint64_t> packed) {
  CARE_CHECK(width >= 1 && width <= 128);
  CARE_CHECK(packed.size() == PackedWordCount(values.size() / (width > 64 ? 2 : 1), width));
  if (width > 64) return PackPairs(values, width, packed);
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
  CARE_CHECK(width >= 1 && width <= 128);
  CARE_CHECK(packed.size() == PackedWordCount(values.size() / (width > 64 ? 2 : 1), width));
  if (width > 64) return UnpackPairs(packed, width, values);
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
