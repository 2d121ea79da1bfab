#include "mpc/relational/compare.h"

#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::mpc {
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
  const BitColumn* inputs[] = {&a, &b};
  return protocol.Evaluate(EqualCircuit(a.width()), inputs);
}

absl::StatusOr<BitColumn> LessThanBits(Protocol& protocol, const BitColumn& a, const BitColumn& b,
                                       CompareDepth depth) {
  CARE_CHECK(a.rows() == b.rows() && a.width() == b.width());
  const BitColumn* inputs[] = {&a, &b};
  return protocol.Evaluate(LessThanCircuit(a.width(), depth), inputs);
}

absl::StatusOr<BitColumn> LessThanPublic(Protocol& protocol, const BitColumn& a, std::uint64_t constant,
                                         CompareDepth depth) {
  const BitColumn* inputs[] = {&a};
  return protocol.Evaluate(LessThanPublicCircuit(a.width(), constant, depth), inputs);
}

absl::StatusOr<BitColumn> AtLeastPublic(Protocol& protocol, const BitColumn& a, std::uint64_t constant,
                                        CompareDepth depth) {
  CARE_ASSIGN_OR_RETURN(const BitColumn below, LessThanPublic(protocol, a, constant, depth));
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
