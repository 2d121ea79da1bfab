// mpc/share/packed_words.h
//
// Integers of `width` bits (1 to 128) without a gap, the way ring columns travel: value i takes bits i * width up to
// (i + 1) * width of the stream, lowest first. Unpacked a value is one word, or two from 65 bits on, the low one
// first; bits above the width are dropped on packing and zero after unpacking.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace care::mpc {

constexpr std::size_t PackedWordCount(std::size_t values, unsigned width) {
  return (values * width + 63) / 64;
}

// Values in words of their own. `packed` has PackedWordCount of their number; bits past the last value are zero.
void PackWords(std::span<const std::uint64_t> values, unsigned width, std::span<std::uint64_t> packed);
void UnpackWords(std::span<const std::uint64_t> packed, unsigned width, std::span<std::uint64_t> values);

}  // namespace care::mpc
