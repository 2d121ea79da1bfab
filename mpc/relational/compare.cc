#include "mpc/relational/compare.h"

#include <bit>
#include <vector>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::mpc {
namespace {

BitColumn JoinAll(const std::vector<BitColumn>& planes) {
  std::vector<const BitColumn*> pointers;
  for (const BitColumn& plane : planes) pointers.push_back(&plane);
  return BitColumn::JoinPlanes(pointers);
}

// Folds adjacent digits, least significant first, where less[i] says that digit i of a is less than b's and
// equal[i] that the two are equal: high.less ^ (high.equal & low.less). equal[0] is never needed.
absl::StatusOr<BitColumn> FoldDigits(Protocol& protocol, std::vector<BitColumn> less,
                                     std::vector<BitColumn> equal) {
  while (less.size() > 1) {
    const std::size_t pairs = less.size() / 2;
    std::vector<BitColumn> left;
    std::vector<BitColumn> right;
    for (std::size_t j = 0; j < pairs; ++j) {
      left.push_back(equal[2 * j + 1]);
      right.push_back(less[2 * j]);
    }
    for (std::size_t j = 1; j < pairs; ++j) {
      left.push_back(equal[2 * j + 1]);
      right.push_back(equal[2 * j]);
    }
    CARE_ASSIGN_OR_RETURN(const BitColumn products, protocol.And(JoinAll(left), JoinAll(right)));
    std::vector<BitColumn> next_less;
    std::vector<BitColumn> next_equal;
    for (std::size_t j = 0; j < pairs; ++j) {
      next_less.push_back(protocol.Xor(less[2 * j + 1], products.Planes(j, 1)));
      next_equal.push_back(j == 0 ? BitColumn() : products.Planes(pairs + j - 1, 1));
    }
    if (less.size() % 2 == 1) {
      next_less.push_back(less.back());
      next_equal.push_back(equal.back());
    }
    less = std::move(next_less);
    equal = std::move(next_equal);
  }
  return less[0];
}

}  // namespace

BitColumn PublicConstant(const Protocol& protocol, std::size_t rows, unsigned width, std::uint64_t value) {
  BitPlanes planes(rows, width);
  for (unsigned p = 0; p < width && p < 64; ++p) {
    if ((value >> p & 1) == 0) continue;
    for (std::uint64_t& word : planes.plane(p)) word = ~std::uint64_t{0};
  }
  planes.ClearPastLastRow();
  return protocol.PublicBits(planes);
}

absl::StatusOr<BitColumn> EqualBits(Protocol& protocol, const BitColumn& a, const BitColumn& b) {
  CARE_CHECK(a.rows() == b.rows() && a.width() == b.width());
  if (a.width() == 0) return PublicConstant(protocol, a.rows(), 1, 1);
  BitColumn same = protocol.Not(protocol.Xor(a, b));
  while (same.width() > 1) {
    const unsigned half = same.width() / 2;
    const bool odd = same.width() % 2 == 1;
    CARE_ASSIGN_OR_RETURN(BitColumn folded, protocol.And(same.Planes(0, half), same.Planes(half, half)));
    if (odd) {
      const BitColumn last = same.Planes(2 * half, 1);
      folded = BitColumn::JoinPlanes({&folded, &last});
    }
    same = std::move(folded);
  }
  return same;
}

absl::StatusOr<BitColumn> LessThanBits(Protocol& protocol, const BitColumn& a, const BitColumn& b) {
  CARE_CHECK(a.rows() == b.rows() && a.width() == b.width());
  if (a.width() == 0) return PublicConstant(protocol, a.rows(), 1, 0);
  CARE_ASSIGN_OR_RETURN(const BitColumn below, protocol.And(protocol.Not(a), b));
  const BitColumn same = protocol.Not(protocol.Xor(a, b));
  std::vector<BitColumn> less;
  std::vector<BitColumn> equal;
  for (unsigned p = 0; p < a.width(); ++p) {
    less.push_back(below.Planes(p, 1));
    equal.push_back(same.Planes(p, 1));
  }
  return FoldDigits(protocol, std::move(less), std::move(equal));
}

absl::StatusOr<BitColumn> LessThanPublic(Protocol& protocol, const BitColumn& a, std::uint64_t constant) {
  if (constant == 0) return PublicConstant(protocol, a.rows(), 1, 0);
  if (a.width() < 64 && constant >> a.width() != 0) return PublicConstant(protocol, a.rows(), 1, 1);
  // Below the constant's lowest set bit nothing decides: a < c * 2^t if and only if floor(a / 2^t) < c.
  const unsigned zeroes = static_cast<unsigned>(std::countr_zero(constant));
  std::vector<BitColumn> less;
  std::vector<BitColumn> equal;
  for (unsigned p = zeroes; p < a.width(); ++p) {
    const BitColumn bit = a.Planes(p, 1);
    const bool one = p < 64 && (constant >> p & 1) != 0;
    less.push_back(one ? protocol.Not(bit) : PublicConstant(protocol, a.rows(), 1, 0));
    equal.push_back(one ? bit : protocol.Not(bit));
  }
  return FoldDigits(protocol, std::move(less), std::move(equal));
}

absl::StatusOr<BitColumn> AtLeastPublic(Protocol& protocol, const BitColumn& a, std::uint64_t constant) {
  CARE_ASSIGN_OR_RETURN(const BitColumn below, LessThanPublic(protocol, a, constant));
  return protocol.Not(below);
}

absl::StatusOr<BitColumn> Or(Protocol& protocol, const BitColumn& a, const BitColumn& b) {
  CARE_ASSIGN_OR_RETURN(const BitColumn neither, protocol.And(protocol.Not(a), protocol.Not(b)));
  return protocol.Not(neither);
}

absl::StatusOr<BitColumn> Mux(Protocol& protocol, const BitColumn& flag, const BitColumn& when_set,
                              const BitColumn& otherwise) {
  CARE_CHECK(flag.width() == 1);
  CARE_ASSIGN_OR_RETURN(const BitColumn change, protocol.And(protocol.Xor(when_set, otherwise), flag));
  return protocol.Xor(otherwise, change);
}

}  // namespace care::mpc
