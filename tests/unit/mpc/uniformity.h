// tests/unit/mpc/uniformity.h
//
// Is this noise? Chi-square over the byte values at each of the eight positions of a word, for the messages
// that a party received and for the difference and exclusive or of each two of them (a mask that serves twice
// cancels there and nowhere else). Each statistic has 255 degrees of freedom (mean 255, deviation 23); the
// bound of 400 is more than six deviations out, so that thousands of them pass together. Seeds are fixed: no
// run is lucky.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace care::mpc {

inline constexpr double kUniformityBound = 400;

// The largest statistic of the eight byte positions. Needs some 2,000 words to mean anything.
inline double WorstByteStatistic(std::span<const std::uint64_t> words) {
  double worst = 0;
  for (unsigned position = 0; position < 8; ++position) {
    std::array<double, 256> counts{};
    for (const std::uint64_t word : words) ++counts[word >> (8 * position) & 0xff];
    const double expected = static_cast<double>(words.size()) / 256;
    double statistic = 0;
    for (const double count : counts) statistic += (count - expected) * (count - expected) / expected;
    worst = std::max(worst, statistic);
  }
  return worst;
}

inline std::vector<std::uint64_t> Words(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint64_t> words(bytes.size() / 8);
  if (!words.empty()) std::memcpy(words.data(), bytes.data(), words.size() * 8);
  return words;
}

// The worst statistic of the columns alone and of each two of them; all of one length.
inline double WorstJointStatistic(const std::vector<std::vector<std::uint64_t>>& columns) {
  double worst = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    worst = std::max(worst, WorstByteStatistic(columns[i]));
    for (std::size_t j = 0; j < i; ++j) {
      std::vector<std::uint64_t> difference(columns[i].size()), exclusive(columns[i].size());
      for (std::size_t k = 0; k < columns[i].size(); ++k) {
        difference[k] = columns[i][k] - columns[j][k];
        exclusive[k] = columns[i][k] ^ columns[j][k];
      }
      worst = std::max({worst, WorstByteStatistic(difference), WorstByteStatistic(exclusive)});
    }
  }
  return worst;
}

}  // namespace care::mpc
