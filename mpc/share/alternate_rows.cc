#include "mpc/share/alternate_rows.h"

#include <array>

#include "engine/types/check.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc {
namespace {

// Runs of 1, 2, 4, 8 and 16 bits at every other place.
constexpr std::array<std::uint64_t, 6> kRuns = {0x5555555555555555, 0x3333333333333333, 0x0f0f0f0f0f0f0f0f,
                                                0x00ff00ff00ff00ff, 0x0000ffff0000ffff, 0x00000000ffffffff};

// The 32 bits at even places, side by side at the low end.
std::uint64_t Gather(std::uint64_t word) {
  word &= kRuns[0];
  for (unsigned level = 0; level + 1 < kRuns.size(); ++level)
    word = (word | word >> (1u << level)) & kRuns[level + 1];
  return word;
}

// The way back: the 32 low bits to the even places.
std::uint64_t Spread(std::uint64_t word) {
  word &= kRuns.back();
  for (unsigned level = kRuns.size() - 1; level-- > 0;) word = (word | word << (1u << level)) & kRuns[level];
  return word;
}

BitColumn EveryOther(const BitColumn& column, unsigned first) {
  const std::size_t rows = (column.rows() + 1 - first) / 2;
  BitColumn result(rows, column.width(), column.part_count());
  for (unsigned part = 0; part < column.part_count(); ++part) {
    for (unsigned p = 0; p < column.width(); ++p) {
      const auto in = column.part(part).plane(p);
      const auto out = result.part(part).plane(p);
      for (std::size_t k = 0; k < out.size(); ++k) {
        out[k] = Gather(in[2 * k] >> first);
        if (2 * k + 1 < in.size()) out[k] |= Gather(in[2 * k + 1] >> first) << 32;
      }
    }
  }
  return result;
}

RingColumn EveryOther(const RingColumn& column, unsigned first) {
  const std::size_t rows = (column.rows() + 1 - first) / 2;
  RingColumn result(rows, column.part_count(), column.width());
  WithElements(column.width(), [&](auto elements) {
    for (unsigned part = 0; part < column.part_count(); ++part) {
      const std::uint64_t* in = column.part(part).data();
      std::uint64_t* out = result.part(part).data();
      for (std::size_t i = 0; i < rows; ++i) elements.Set(out, i, elements.Get(in, 2 * i + first));
    }
  });
  return result;
}

}  // namespace

BitColumn EvenRows(const BitColumn& column) { return EveryOther(column, 0); }
RingColumn EvenRows(const RingColumn& column) { return EveryOther(column, 0); }
BitColumn OddRows(const BitColumn& column) { return EveryOther(column, 1); }
RingColumn OddRows(const RingColumn& column) { return EveryOther(column, 1); }

BitColumn AlternateRows(const BitColumn& even, const BitColumn& odd) {
  CARE_CHECK(even.rows() - odd.rows() <= 1 && even.width() == odd.width());
  BitColumn result(even.rows() + odd.rows(), even.width(), even.part_count());
  for (unsigned part = 0; part < even.part_count(); ++part) {
    for (unsigned p = 0; p < even.width(); ++p) {
      const auto evens = even.part(part).plane(p);
      const auto odds = odd.part(part).plane(p);
      const auto out = result.part(part).plane(p);
      for (std::size_t k = 0; k < out.size(); ++k) {
        const unsigned half = k % 2 * 32;
        out[k] = Spread(evens[k / 2] >> half);
        if (k / 2 < odds.size()) out[k] |= Spread(odds[k / 2] >> half) << 1;
      }
    }
  }
  return result;
}

RingColumn AlternateRows(const RingColumn& even, const RingColumn& odd) {
  CARE_CHECK(even.rows() - odd.rows() <= 1 && even.width() == odd.width());
  RingColumn result(even.rows() + odd.rows(), even.part_count(), even.width());
  WithElements(even.width(), [&](auto elements) {
    for (unsigned part = 0; part < even.part_count(); ++part) {
      std::uint64_t* out = result.part(part).data();
      const std::uint64_t* evens = even.part(part).data();
      const std::uint64_t* odds = odd.part(part).data();
      for (std::size_t i = 0; i < even.rows(); ++i) elements.Set(out, 2 * i, elements.Get(evens, i));
      for (std::size_t i = 0; i < odd.rows(); ++i) elements.Set(out, 2 * i + 1, elements.Get(odds, i));
    }
  });
  return result;
}

}  // namespace care::mpc
