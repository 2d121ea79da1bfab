// mpc/share/secret_permutation.h
//
// An order of rows that no party knows: one party's part of a uniform permutation pi, made by
// Protocol::Shuffle. Row i of the shuffled block is row pi[i] of the block before. What a part holds is the
// protocol's business (Plain: pi itself; Replicated3: two of the three permutations whose composition is pi),
// so only a Protocol looks inside.
//
// It belongs to one block of rows: it may move all columns of that block, and move them back, and nothing
// else. A second sort or compaction draws a fresh one; what is opened under two orders that share a
// permutation tells how the orders relate.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace care::mpc {

class SecretPermutation {
 public:
  using Factor = std::vector<std::uint32_t>;

  SecretPermutation() = default;
  SecretPermutation(std::size_t rows, unsigned dealer, std::array<Factor, 3> factors)
      : rows_(rows), dealer_(dealer), factors_(std::move(factors)) {}

  std::size_t rows() const { return rows_; }
  unsigned dealer() const { return dealer_; }  // the role that knows the first two factors
  // By share: the factor known to the two holders of that share; empty where this party is not one.
  const Factor& factor(unsigned share) const { return factors_[share]; }

 private:
  std::size_t rows_ = 0;
  unsigned dealer_ = 0;
  std::array<Factor, 3> factors_;
};

}  // namespace care::mpc
