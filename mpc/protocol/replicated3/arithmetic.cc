// Columns modulo 2^width; words are computed modulo 2^64, whose low bits are the same. Linear operations are
// local; products as in boolean.cc with sums for exclusive ors. A dot product adds up each party's terms
// first, so that it costs one element whatever its length.

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/local_operations.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::mpc {

RingColumn Replicated3::PublicRing(std::span<const std::uint64_t> value, unsigned width) const {
  RingColumn column(value.size(), 2, width);
  // Share 0 is the value, the other two are zero.
  if (role_ == 0) column.part(0).assign(value.begin(), value.end());
  if (role_ == 2) column.part(1).assign(value.begin(), value.end());
  return column;
}

RingColumn Replicated3::Add(const RingColumn& a, const RingColumn& b) const { return local::Add(a, b); }
RingColumn Replicated3::Subtract(const RingColumn& a, const RingColumn& b) const {
  return local::Subtract(a, b);
}
RingColumn Replicated3::MultiplyPublic(const RingColumn& a, std::uint64_t factor) const {
  return local::MultiplyPublic(a, factor);
}
RingColumn Replicated3::PrefixSum(const RingColumn& a) const { return local::PrefixSum(a); }
RingColumn Replicated3::Sum(const RingColumn& a) const { return local::Sum(a); }

absl::StatusOr<RingColumn> Replicated3::Multiply(const RingColumn& a, const RingColumn& b) {
  CARE_CHECK(a.rows() == b.rows() && a.width() == b.width());
  const std::uint32_t operation = NextOperation();
  ++rounds_;
  RingColumn z(a.rows(), 2, a.width());
  const std::uint64_t* x0 = a.part(0).data();
  const std::uint64_t* x1 = a.part(1).data();
  const std::uint64_t* y0 = b.part(0).data();
  const std::uint64_t* y1 = b.part(1).data();
  const auto operands = [&](std::size_t first, std::size_t) -> ShareProduct {
    return {.x0 = x0 + first, .x1 = x1 + first, .y0 = y0 + first, .y1 = y1 + first};
  };
  const Kernels::MaskedProduct kernel = kernels().multiply_masked;
  CARE_RETURN_IF_ERROR(ReshareRing(operation, kernel, z, operands));
  return z;
}

absl::StatusOr<RingColumn> Replicated3::SumOfProducts(const std::vector<RingColumn>& lefts,
                                                      const std::vector<RingColumn>& rights) {
  CARE_CHECK(!lefts.empty() && lefts.size() == rights.size());
  const std::uint32_t operation = NextOperation();
  ++rounds_;
  RingColumn z(lefts[0].rows(), 2, lefts[0].width());
  for (std::size_t j = 0; j < lefts.size(); ++j) {
    CARE_CHECK(lefts[j].rows() == z.rows() && rights[j].rows() == z.rows());
    CARE_CHECK(lefts[j].width() == z.width() && rights[j].width() == z.width());
  }
  const auto operands = [&](std::size_t first, std::size_t count) -> ShareProduct {
    std::uint64_t* sum = z.part(0).data() + first;
    for (std::size_t j = 0; j < lefts.size(); ++j) {
      const std::uint64_t* x0 = lefts[j].part(0).data() + first;
      const std::uint64_t* x1 = lefts[j].part(1).data() + first;
      const std::uint64_t* y0 = rights[j].part(0).data() + first;
      const std::uint64_t* y1 = rights[j].part(1).data() + first;
      for (std::size_t k = 0; k < count; ++k) sum[k] += x0[k] * (y0[k] + y1[k]) + x1[k] * y0[k];
    }
    return {.x0 = sum};
  };
  CARE_RETURN_IF_ERROR(ReshareRing(operation, kernels().add_zero, z, operands));
  return z;
}

absl::StatusOr<RingColumn> Replicated3::DotProducts(std::span<const RingColumn* const> lefts,
                                                    std::span<const RingColumn* const> rights) {
  CARE_CHECK(lefts.size() == rights.size());
  const std::uint32_t operation = NextOperation();
  ++rounds_;
  RingColumn z(lefts.size(), 2, lefts.empty() ? kWidestRing : lefts[0]->width());
  const auto operands = [&](std::size_t first, std::size_t count) -> ShareProduct {
    for (std::size_t j = first; j < first + count; ++j) {
      CARE_CHECK(lefts[j]->rows() == rights[j]->rows());
      CARE_CHECK(lefts[j]->width() == z.width() && rights[j]->width() == z.width());
      const std::uint64_t* x0 = lefts[j]->part(0).data();
      const std::uint64_t* x1 = lefts[j]->part(1).data();
      const std::uint64_t* y0 = rights[j]->part(0).data();
      const std::uint64_t* y1 = rights[j]->part(1).data();
      std::uint64_t sum = 0;
      for (std::size_t k = 0; k < lefts[j]->rows(); ++k) sum += x0[k] * (y0[k] + y1[k]) + x1[k] * y0[k];
      z.part(0)[j] = sum;
    }
    return {.x0 = z.part(0).data() + first};
  };
  const Kernels::MaskedProduct kernel = kernels().add_zero;
  CARE_RETURN_IF_ERROR(ReshareRing(operation, kernel, z, operands));
  return z;
}

}  // namespace care::mpc
