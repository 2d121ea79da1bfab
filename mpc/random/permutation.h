// mpc/random/permutation.h
//
// Uniform permutations that two parties draw alike from the PRG that they share. Fisher and Yates's shuffle,
// each index by rejection, so that no permutation is likelier than another; long ones in random buckets that fit a
// cache (Rao, Sankhya 1961; Sandelius, J. Royal Statistical Society B 1962).
#pragma once

#include <cstdint>
#include <vector>

#include "mpc/random/prg.h"

namespace care::mpc {

// A permutation of 0 .. size-1, from a stream that nothing else draws from.
std::vector<std::uint32_t> UniformPermutation(Prg& prg, std::uint32_t operation, std::uint8_t stream,
                                              std::size_t size);

}  // namespace care::mpc
