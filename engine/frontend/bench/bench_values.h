// engine/frontend/bench/bench_values.h
//
// Numbers that look random and follow from their position alone, so that every party of a benchmark, and
// whoever checks its result, can make the same ones without sending them.
#pragma once

#include <cstdint>

namespace care::engine {

// A permutation of the 64-bit numbers for each `series` (the finalizer of SplitMix64: Steele, Lea, Flood,
// OOPSLA 2014).
inline std::uint64_t BenchValue(std::uint64_t series, std::uint64_t position) {
  std::uint64_t z = position + (series + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace care::engine
