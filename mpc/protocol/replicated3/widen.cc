// The same values in a larger ring: from k bits to K.
//
// Shares modulo 2^k add up to x only up to multiples of 2^k, and the larger ring sees how many. Let 2^(k-2) be added to
// x, so that it lies in [0, 2^(k-1)). P0 knows s = x0 + x1 = a + u 2^k with a < 2^k; P1 and P2 know x2. Now a + x2 is x or x
// + 2^k; as x lacks the top bit, it is the latter exactly if a or x2 has the top bit: one product of a bit that P0 knows,
// m, with one that P1 and P2 know, d. So
//
//   x0 + x1 + x2 = x + h 2^k,  h = u + (m or d) = (u + m) + d (1 - m),
//
// which is the product that MaskOwned makes of an owner's terms (mask_owned.cc), with P0 for the owner, alpha = u + m and
// beta = 1 - m. It is made modulo 2^(K-k), for it counts multiples of 2^k modulo 2^K, and taken off. A value outside of
// [-2^(k-2), 2^(k-2)) comes out wrong.
//
//   Rounds   2.
//   Traffic  4 (K - k) bits a row.
//   Views    those of MaskOwned.
//   Source   that a known top bit makes the wrap of two shares an OR of theirs: SIRNN, Rathee et al., IEEE S&P 2021; with
//            three shares and MaskOwned's product: this project.

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/replicated3.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc {
namespace {

absl::uint128 Modulo(absl::uint128 value, unsigned width) { return value & ((absl::uint128(1) << width) - 1); }

void Append(std::vector<std::uint64_t>& elements, unsigned words, absl::uint128 value) {
  elements.push_back(absl::Uint128Low64(value));
  if (words > 1) elements.push_back(absl::Uint128High64(value));
}

absl::uint128 At(const std::vector<std::uint64_t>& elements, unsigned words, std::size_t row) {
  return words == 1 ? absl::uint128(elements[row]) : TwoWords::Get(elements.data(), row);
}

}  // namespace

absl::StatusOr<RingColumn> Replicated3::Widen(const RingColumn& a, unsigned ring_width) {
  const unsigned width = a.width();
  CARE_CHECK(width >= 2 && width <= 64 && width < ring_width && ring_width <= kWidestRing);
  const std::uint32_t operation = NextOperation();
  rounds_ += 2;
  const std::size_t rows = a.rows();
  const unsigned multiples_width = ring_width - width;
  const std::uint64_t shift = std::uint64_t{1} << (width - 2);
  const RingColumn shifted = Add(a, PublicRing(std::vector<std::uint64_t>(rows, shift), width));

  OwnedTerms terms;
  BitPlanes top;
  if (role_ == 0) {
    for (std::size_t row = 0; row < rows; ++row) {
      const absl::uint128 sum = Modulo(shifted.part(0)[row], width) + Modulo(shifted.part(1)[row], width);
      const std::uint64_t has_top = absl::Uint128Low64(sum >> (width - 1)) & 1;
      Append(terms.alpha, RingWords(multiples_width), (sum >> width) + has_top);
      Append(terms.beta, RingWords(multiples_width), 1 - has_top);
    }
  } else {
    top = BitPlanes::FromIntegers(shifted.part(PartOfShare(2)), width).Planes(width - 1, 1);
  }
  CARE_ASSIGN_OR_RETURN(const Parts multiples,
                        SelectOwned(operation, 0, std::move(terms),
                                    role_ == 0 ? std::span<const std::uint64_t>() : std::as_const(top).plane(0), rows,
                                    rows, multiples_width));
  Parts parts;
  for (unsigned i = 0; i < 2; ++i) {
    for (std::size_t row = 0; row < rows; ++row) {
      Append(parts[i], RingWords(ring_width),
             Modulo(shifted.part(i)[row], width) - (At(multiples[i], RingWords(multiples_width), row) << width));
    }
  }
  std::vector<std::uint64_t> shifts;
  for (std::size_t row = 0; row < rows; ++row) Append(shifts, RingWords(ring_width), shift);
  return Subtract(RingFromParts(parts, 0, rows, ring_width), PublicRing(shifts, ring_width));
}

}  // namespace care::mpc
