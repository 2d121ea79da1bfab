// engine/frontend/generate/random_stream.h
//
// Random numbers for example data: the same from a seed on every machine and with every library, which
// std::uniform_int_distribution does not promise. Integers only. Nothing secret depends on it.
#pragma once

#include <cstdint>

namespace care::engine {

class RandomStream {
 public:
  // Streams of one seed are independent of each other.
  RandomStream(std::uint64_t seed, std::uint64_t stream) : state_(seed * 0x9e3779b97f4a7c15u) {
    state_ = Next() ^ (stream * 0xd1342543de82ef95u);
    Next();
  }

  // SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
  std::uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // 0 .. bound-1; bound < 2^32. The bias, below 2^-32, does not matter here.
  std::uint64_t Below(std::uint64_t bound) { return (Next() >> 32) * bound >> 32; }
  std::int64_t Between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(Below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool Chance(std::uint64_t per_mille) { return Below(1000) < per_mille; }

 private:
  std::uint64_t state_;
};

}  // namespace care::engine
