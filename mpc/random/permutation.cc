#include "mpc/random/permutation.h"

#include <numeric>
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

}  // namespace

std::vector<std::uint32_t> UniformPermutation(Prg& prg, std::uint32_t operation, std::uint8_t stream,
                                              std::size_t size) {
  CARE_CHECK(size < UINT32_MAX);
  std::vector<std::uint32_t> permutation(size);
  std::iota(permutation.begin(), permutation.end(), 0);
  WordSource source(prg, operation, stream);
  for (std::size_t i = size; i > 1; --i) {
    std::swap(permutation[i - 1], permutation[source.Below(static_cast<std::uint32_t>(i))]);
  }
  return permutation;
}

}  // namespace care::mpc
