// Columns modulo 2^width; elements are computed modulo 2^64 or 2^128, whose low bits are the same. Linear operations are
// local; products as in boolean.cc with sums for exclusive ors. A dot product adds up each party's terms
// first, so that it costs one element whatever its length.

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/local_operations.h"
#include "mpc/protocol/replicated3/replicated3.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc {
namespace {

// This party's terms of the products of `count` rows from `first` on, added to `out`.
template <typename Elements>
void AddProducts(const RingColumn& a, const RingColumn& b, std::size_t first, std::size_t count, std::uint64_t* out) {
  const std::uint64_t* x0 = a.part(0).data() + first * Elements::kWords;
  const std::uint64_t* x1 = a.part(1).data() + first * Elements::kWords;
  const std::uint64_t* y0 = b.part(0).data() + first * Elements::kWords;
  const std::uint64_t* y1 = b.part(1).data() + first * Elements::kWords;
  for (std::size_t k = 0; k < count; ++k) {
    const auto y = Elements::Get(y0, k);
    Elements::Set(out, k, Elements::Get(out, k) + Elements::Get(x0, k) * (y + Elements::Get(y1, k)) +
                              Elements::Get(x1, k) * y);
  }
}

// The same of all rows, added up.
template <typename Elements>
typename Elements::Value SumOfTerms(const RingColumn& a, const RingColumn& b) {
  const std::uint64_t* x0 = a.part(0).data();
  const std::uint64_t* x1 = a.part(1).data();
  const std::uint64_t* y0 = b.part(0).data();
  const std::uint64_t* y1 = b.part(1).data();
  typename Elements::Value sum = 0;
  for (std::size_t k = 0; k < a.rows(); ++k) {
    const auto y = Elements::Get(y0, k);
    sum += Elements::Get(x0, k) * (y + Elements::Get(y1, k)) + Elements::Get(x1, k) * y;
  }
  return sum;
}

}  // namespace

RingColumn Replicated3::PublicRing(std::span<const std::uint64_t> value, unsigned width) const {
  CARE_CHECK(value.size() % RingWords(width) == 0);
  RingColumn column(value.size() / RingWords(width), 2, width);
  // Share 0 is the value, the other two are zero.
  if (role_ == 0) column.part(0).assign(value.begin(), value.end());
  if (role_ == 2) column.part(1).assign(value.begin(), value.end());
  return column;
}

RingColumn Replicated3::Add(const RingColumn& a, const RingColumn& b) const { return local::Add(a, b); }
RingColumn Replicated3::Subtract(const RingColumn& a, const RingColumn& b) const {
  return local::Subtract(a, b);
}
RingColumn Replicated3::MultiplyPublic(const RingColumn& a, absl::uint128 factor) const {
  return local::MultiplyPublic(a, factor);
}
RingColumn Replicated3::PrefixSum(const RingColumn& a) const { return local::PrefixSum(a); }
RingColumn Replicated3::Sum(const RingColumn& a) const { return local::Sum(a); }

absl::StatusOr<RingColumn> Replicated3::Multiply(const RingColumn& a, const RingColumn& b) {
  CARE_CHECK(a.rows() == b.rows() && a.width() == b.width());
  const std::uint32_t operation = NextOperation();
  ++rounds_;
  RingColumn z(a.rows(), 2, a.width());
  if (z.words_per_row() > 1) {
    const auto operands = [&](std::size_t first, std::size_t count) -> ShareProduct {
      AddProducts<TwoWords>(a, b, first / 2, count / 2, z.part(0).data() + first);
      return {.x0 = z.part(0).data() + first};
    };
    CARE_RETURN_IF_ERROR(ReshareRing(operation, kernels().add_zero, z, operands));
    return z;
  }
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
    WithElements(z.width(), [&]<typename Elements>(Elements) {
      for (std::size_t j = 0; j < lefts.size(); ++j) {
        AddProducts<Elements>(lefts[j], rights[j], first / Elements::kWords, count / Elements::kWords, sum);
      }
    });
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
  RingColumn z(lefts.size(), 2, lefts.empty() ? kDefaultRing : lefts[0]->width());
  for (std::size_t j = 0; j < lefts.size(); ++j) {
    CARE_CHECK(lefts[j]->rows() == rights[j]->rows());
    CARE_CHECK(lefts[j]->width() == z.width() && rights[j]->width() == z.width());
  }
  const auto operands = [&](std::size_t first, std::size_t count) -> ShareProduct {
    WithElements(z.width(), [&]<typename Elements>(Elements) {
      for (std::size_t j = first / Elements::kWords; j < (first + count) / Elements::kWords; ++j) {
        Elements::Set(z.part(0).data(), j, SumOfTerms<Elements>(*lefts[j], *rights[j]));
      }
    });
    return {.x0 = z.part(0).data() + first};
  };
  const Kernels::MaskedProduct kernel = kernels().add_zero;
  CARE_RETURN_IF_ERROR(ReshareRing(operation, kernel, z, operands));
  return z;
}

}  // namespace care::mpc
