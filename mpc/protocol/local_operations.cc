#include "mpc/protocol/local_operations.h"

#include "engine/types/check.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc::local {
namespace {

// Combines two columns element by element: out[row] = operation(left[row], right[row]).
template <typename Operation>
RingColumn PartByPart(const RingColumn& a, const RingColumn& b, Operation operation) {
  CARE_CHECK(a.rows() == b.rows() && a.part_count() == b.part_count() && a.width() == b.width());
  RingColumn result(a.rows(), a.part_count(), a.width());
  WithElements(a.width(), [&](auto elements) {
    for (unsigned i = 0; i < a.part_count(); ++i) {
      const std::uint64_t* left = a.part(i).data();
      const std::uint64_t* right = b.part(i).data();
      std::uint64_t* out = result.part(i).data();
      for (std::size_t row = 0; row < a.rows(); ++row) {
        elements.Set(out, row, operation(elements.Get(left, row), elements.Get(right, row)));
      }
    }
  });
  return result;
}

}  // namespace

BitColumn Xor(const BitColumn& a, const BitColumn& b) {
  CARE_CHECK(a.rows() == b.rows() && a.width() == b.width() && a.part_count() == b.part_count());
  BitColumn result(a.rows(), a.width(), a.part_count());
  for (unsigned i = 0; i < a.part_count(); ++i) {
    const auto left = a.part(i).words();
    const auto right = b.part(i).words();
    const auto out = result.part(i).words();
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = left[k] ^ right[k];
  }
  return result;
}

BitColumn AndPublic(const BitColumn& a, const BitPlanes& mask) {
  CARE_CHECK(a.rows() == mask.rows() && a.width() == mask.width());
  BitColumn result(a.rows(), a.width(), a.part_count());
  for (unsigned i = 0; i < a.part_count(); ++i) {
    const auto left = a.part(i).words();
    const auto right = mask.words();
    const auto out = result.part(i).words();
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = left[k] & right[k];
  }
  return result;
}

BitColumn PrefixXor(const BitColumn& a) {
  BitColumn result(a.rows(), a.width(), a.part_count());
  for (unsigned i = 0; i < a.part_count(); ++i) {
    for (unsigned p = 0; p < a.width(); ++p) {
      const auto in = a.part(i).plane(p);
      const auto out = result.part(i).plane(p);
      std::uint64_t carry = 0;  // all ones where the rows before this word have odd parity
      for (std::size_t k = 0; k < out.size(); ++k) {
        std::uint64_t word = in[k];
        for (unsigned shift = 1; shift < 64; shift *= 2) word ^= word << shift;
        word ^= carry;
        out[k] = word;
        carry = 0 - (word >> 63);
      }
    }
  }
  return result;
}

RingColumn Add(const RingColumn& a, const RingColumn& b) {
  return PartByPart(a, b, [](auto x, auto y) { return x + y; });
}

RingColumn Subtract(const RingColumn& a, const RingColumn& b) {
  return PartByPart(a, b, [](auto x, auto y) { return x - y; });
}

RingColumn MultiplyPublic(const RingColumn& a, absl::uint128 factor) {
  RingColumn result = a;
  WithElements(a.width(), [&](auto elements) {
    const auto times = elements.Of(factor);
    for (unsigned i = 0; i < a.part_count(); ++i) {
      std::uint64_t* out = result.part(i).data();
      for (std::size_t row = 0; row < a.rows(); ++row) elements.Set(out, row, elements.Get(out, row) * times);
    }
  });
  return result;
}

RingColumn PrefixSum(const RingColumn& a) {
  RingColumn result(a.rows(), a.part_count(), a.width());
  WithElements(a.width(), [&](auto elements) {
    for (unsigned i = 0; i < a.part_count(); ++i) {
      const std::uint64_t* in = a.part(i).data();
      std::uint64_t* out = result.part(i).data();
      auto sum = elements.Of(0);
      for (std::size_t row = 0; row < a.rows(); ++row) elements.Set(out, row, sum += elements.Get(in, row));
    }
  });
  return result;
}

RingColumn Sum(const RingColumn& a) {
  RingColumn result(1, a.part_count(), a.width());
  WithElements(a.width(), [&](auto elements) {
    for (unsigned i = 0; i < a.part_count(); ++i) {
      const std::uint64_t* in = a.part(i).data();
      auto sum = elements.Of(0);
      for (std::size_t row = 0; row < a.rows(); ++row) sum += elements.Get(in, row);
      elements.Set(result.part(i).data(), 0, sum);
    }
  });
  return result;
}

}  // namespace care::mpc::local
