#include "mpc/random/permutation.h"

#include <array>
#include <cstring>
#include <numeric>
#include <span>
#include <utility>

#include "engine/types/check.h"

namespace care::mpc {
namespace {

// Random 32-bit words in the order of the stream.
class WordSource {
 public:
  WordSource(Prg& prg, std::uint32_t operation, std::uint8_t stream)
      : prg_(prg), operation_(operation), stream_(stream), words_(kWords) {}

  std::uint32_t Next() {
    if (position_ == kWords) {
      prg_.Fill(operation_, stream_, chunk_++,
                {reinterpret_cast<std::uint8_t*>(words_.data()), kWords * sizeof(std::uint32_t)});
      position_ = 0;
    }
    return words_[position_++];
  }

  // Uniform in [0, bound): the high half of word * bound, where low halves that would favour some values
  // are drawn again (Lemire, ACM TOMACS 2019).
  std::uint32_t Below(std::uint32_t bound) {
    std::uint64_t product = std::uint64_t{Next()} * bound;
    if (static_cast<std::uint32_t>(product) < bound) {
      const std::uint32_t threshold = (0u - bound) % bound;
      while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{Next()} * bound;
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

 private:
  static constexpr std::size_t kWords = 4096;
  Prg& prg_;
  std::uint32_t operation_;
  std::uint8_t stream_;
  std::vector<std::uint32_t> words_;
  std::size_t position_ = kWords;
  std::uint32_t chunk_ = 0;
};

// Fisher and Yates's shuffle.
void ShuffleInPlace(std::span<std::uint32_t> items, WordSource& source) {
  for (std::size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1], items[source.Below(static_cast<std::uint32_t>(i))]);
  }
}

// Above this size the shuffle would wait for memory at every step.
constexpr std::size_t kCachedItems = std::size_t{1} << 16;
constexpr std::size_t kBuckets = 256;

}  // namespace

std::vector<std::uint32_t> UniformPermutation(Prg& prg, std::uint32_t operation, std::uint8_t stream,
                                              std::size_t size) {
  CARE_CHECK(size < UINT32_MAX);
  std::vector<std::uint32_t> permutation(size);
  WordSource source(prg, operation, stream);
  if (size <= kCachedItems) {
    std::iota(permutation.begin(), permutation.end(), 0);
    ShuffleInPlace(permutation, source);
    return permutation;
  }
  // Each item falls into a random bucket; buckets one after the other, each shuffled, are a uniform permutation.
  std::vector<std::uint8_t> bucket_of(size + sizeof(std::uint32_t));
  for (std::size_t i = 0; i < size; i += sizeof(std::uint32_t)) {
    const std::uint32_t four = source.Next();
    std::memcpy(bucket_of.data() + i, &four, sizeof four);
  }
  std::array<std::size_t, kBuckets + 1> begin = {};
  for (std::size_t i = 0; i < size; ++i) ++begin[bucket_of[i] + 1];
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) begin[bucket + 1] += begin[bucket];
  auto position = begin;
  for (std::size_t i = 0; i < size; ++i) permutation[position[bucket_of[i]]++] = static_cast<std::uint32_t>(i);
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    ShuffleInPlace(std::span(permutation).subspan(begin[bucket], begin[bucket + 1] - begin[bucket]), source);
  }
  return permutation;
}

}  // namespace care::mpc
