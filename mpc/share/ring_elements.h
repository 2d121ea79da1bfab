// mpc/share/ring_elements.h
//
// How an element of a ring column lies in memory: one word, or two (the low one first) if it has more than 64 bits.
// What computes with elements is written once, as a template, and compiled for both: with one word it is the plain
// loop over words that compilers vectorise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/numeric/int128.h"
#include "mpc/share/ring_column.h"

namespace care::mpc {

struct OneWord {
  using Value = std::uint64_t;
  static constexpr std::size_t kWords = 1;
  static Value Get(const std::uint64_t* words, std::size_t i) { return words[i]; }
  static void Set(std::uint64_t* words, std::size_t i, Value value) { words[i] = value; }
  static Value Of(absl::uint128 value) { return absl::Uint128Low64(value); }
};

struct TwoWords {
  using Value = absl::uint128;
  static constexpr std::size_t kWords = 2;
  static Value Get(const std::uint64_t* words, std::size_t i) {
    return absl::MakeUint128(words[2 * i + 1], words[2 * i]);
  }
  static void Set(std::uint64_t* words, std::size_t i, Value value) {
    words[2 * i] = absl::Uint128Low64(value);
    words[2 * i + 1] = absl::Uint128High64(value);
  }
  static Value Of(absl::uint128 value) { return value; }
};

// visit(OneWord()) or visit(TwoWords()), for elements of `width` bits.
template <typename Visit>
decltype(auto) WithElements(unsigned width, Visit&& visit) {
  return RingWords(width) == 1 ? visit(OneWord()) : visit(TwoWords());
}

// Word by word of `count` elements: out += summand, out -= summand.
template <typename Elements>
void AddElements(std::uint64_t* out, const std::uint64_t* summand, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    Elements::Set(out, i, Elements::Get(out, i) + Elements::Get(summand, i));
  }
}
template <typename Elements>
void SubtractElements(std::uint64_t* out, const std::uint64_t* summand, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    Elements::Set(out, i, Elements::Get(out, i) - Elements::Get(summand, i));
  }
}

// The values of elements, without what lies above their width.
inline void ClearAboveWidth(std::span<std::uint64_t> words, unsigned width) {
  const unsigned step = RingWords(width);
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 * step - width);
  for (std::size_t k = step - 1; k < words.size(); k += step) words[k] &= mask;
}

}  // namespace care::mpc
