// Between Boolean and ring columns.
//
//   Bit to ring   c = b0 ^ b1 is known to P0, d = b2 to P1 and P2. P0 sends t = c - r0 to P1, r0 from its
//                 seed with P2. As b = c + d - 2cd, b = [t(1 - 2d) + d] + [r0(1 - 2d)], the first known to
//                 P1, the second to P2. Shares y0 and y1 are drawn by P0 with P2 and P1; P1 and P2 exchange
//                 the rest under y1 and y0 and both set y2 to the sum. 3 elements, 2 rounds; P0 receives
//                 nothing, t is uniform to P1 and each exchanged message to the other, which lacks the mask.
//   Ring to bits  x0 + x1 is P0's input, x2 is known to P1 and P2 and so is a sharing already; an adder adds the low
//                 bits.
//   Integers to   P0 draws shares y0 with P2 and y1 with P1 and inputs t = y0 + y1 in bits. A subtraction gives x - t,
//   ring          which P1 and P2 open to each other: it is share 2. P0 sees nothing of it; to P1, who lacks y0, and
//                 to P2, who lacks y1, t hides x.

#include <algorithm>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/circuit/add_circuits.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/protocol/replicated3/replicated3.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc {
namespace {

// Streams of IntegersToRing.
constexpr std::uint8_t kShare0 = 0;
constexpr std::uint8_t kShare1 = 1;
constexpr std::uint8_t kInput = 2;

// Calls visit(k, bit) for rows first + k, k < count, of a plane.
template <typename Visit>
void ForEachBit(std::span<const std::uint64_t> plane, std::size_t first, std::size_t count, Visit visit) {
  for (std::size_t k = 0; k < count; ++k) visit(k, plane[(first + k) / 64] >> ((first + k) % 64) & 1);
}

// Rows of one plane that travel together, in elements of some words; the first element is at a multiple of a stream's
// chunk, and planes begin on one.
struct BitPiece {
  unsigned plane;
  std::size_t first;
  std::size_t count;
  std::size_t in_stream;  // in words
};
std::vector<BitPiece> PiecesOf(std::size_t rows, unsigned width, unsigned element_words) {
  const std::size_t chunks = (rows + Prg::kChunkWords - 1) / Prg::kChunkWords;
  const std::size_t most = kPieceWords / element_words;
  std::vector<BitPiece> pieces;
  for (unsigned p = 0; p < width; ++p) {
    for (std::size_t first = 0; first < rows; first += most) {
      pieces.push_back({p, first, std::min(most, rows - first),
                        (p * chunks * Prg::kChunkWords + first) * element_words});
    }
  }
  return pieces;
}

// P0's sum of its two shares, in planes.
BitPlanes SumInPlanes(std::span<const std::uint64_t> share, std::span<const std::uint64_t> other, std::size_t rows,
                      unsigned ring_width, unsigned width) {
  std::vector<std::uint64_t> sum(share.begin(), share.end());
  WithElements(ring_width, [&]<typename Elements>(Elements) {
    AddElements<Elements>(sum.data(), other.data(), rows);
  });
  return BitPlanes::FromRows(sum, RingWords(ring_width), rows, width);
}

}  // namespace

absl::StatusOr<std::vector<RingColumn>> Replicated3::BitsToRing(const BitColumn& bits, unsigned ring_width) {
  CARE_CHECK(ring_width >= 1 && ring_width <= kWidestRing);
  const std::uint32_t operation = NextOperation();
  rounds_ += 2;
  std::vector<RingColumn> columns;
  for (unsigned p = 0; p < bits.width(); ++p) columns.emplace_back(bits.rows(), 2, ring_width);
  // Piece by piece, so that streams, bits and messages meet in a core's cache.
  const unsigned words = RingWords(ring_width);
  const std::vector<BitPiece> pieces = PiecesOf(bits.rows(), bits.width(), words);
  std::vector<std::uint64_t> buffer(std::min(kPieceWords, bits.rows() * words));
  const auto part_of = [&](const BitPiece& piece, unsigned part) {
    return std::span(columns[piece.plane].part(part)).subspan(piece.first * words, piece.count * words);
  };
  if (role_ == 0) {
    BitPlanes c = bits.part(0);
    for (std::size_t k = 0; k < c.words().size(); ++k) c.words()[k] ^= bits.part(1).words()[k];
    for (const BitPiece& piece : pieces) {
      PrgWith(2).FillWords(operation, 0, piece.in_stream, part_of(piece, 0));
      PrgWith(1).FillWords(operation, 0, piece.in_stream, part_of(piece, 1));
      const std::span<std::uint64_t> t = std::span(buffer).first(piece.count * words);
      PrgWith(2).FillWords(operation, 1, piece.in_stream, t);
      WithElements(ring_width, [&](auto elements) {
        ForEachBit(c.plane(piece.plane), piece.first, piece.count, [&](std::size_t k, std::uint64_t bit) {
          elements.Set(t.data(), k, elements.Of(bit) - elements.Get(t.data(), k));
        });
      });
      CARE_RETURN_IF_ERROR(SendElements(next_, ring_width, t));
    }
    return columns;
  }
  const unsigned mask_part = role_ == 1 ? 0 : 1;
  const unsigned sum_part = 1 - mask_part;
  Channel& other = ChannelTo(3 - role_);
  for (std::size_t step = 0; step < pieces.size() + kPiecesInFlight; ++step) {
    if (step < pieces.size()) {
      // `mine` is b's summand that this party can compute, less its mask; d as 0 or all ones negates.
      const BitPiece& piece = pieces[step];
      const std::span<std::uint64_t> mask = part_of(piece, mask_part);
      const std::span<std::uint64_t> mine = part_of(piece, sum_part);
      PrgWith(0).FillWords(operation, 0, piece.in_stream, mask);
      if (role_ == 1) {
        CARE_RETURN_IF_ERROR(ReceiveElements(previous_, ring_width, mine));
      } else {
        PrgWith(0).FillWords(operation, 1, piece.in_stream, mine);
      }
      const std::uint64_t times = role_ == 1 ? 2 : 1;
      const auto d_plane = bits.part(role_ == 1 ? 1 : 0).plane(piece.plane);
      WithElements(ring_width, [&](auto elements) {
        ForEachBit(d_plane, piece.first, piece.count, [&](std::size_t k, std::uint64_t d) {
          const auto negated = elements.Get(mine.data(), k) ^ (elements.Of(0) - elements.Of(d));
          elements.Set(mine.data(), k, negated + elements.Of(times * d) - elements.Get(mask.data(), k));
        });
      });
      CARE_RETURN_IF_ERROR(SendElements(other, ring_width, mine));
    }
    if (step >= kPiecesInFlight) {
      const BitPiece& piece = pieces[step - kPiecesInFlight];
      const std::span<std::uint64_t> theirs = std::span(buffer).first(piece.count * words);
      const std::span<std::uint64_t> sum = part_of(piece, sum_part);
      CARE_RETURN_IF_ERROR(ReceiveElements(other, ring_width, theirs));
      WithElements(ring_width, [&]<typename Elements>(Elements) {
        AddElements<Elements>(sum.data(), theirs.data(), piece.count);
      });
    }
  }
  return columns;
}

absl::StatusOr<BitColumn> Replicated3::RingToBits(const RingColumn& a, unsigned width, CompareDepth depth) {
  CARE_CHECK(width >= 1 && width <= a.width());
  const std::uint32_t operation = NextOperation();
  ++rounds_;
  const std::size_t rows = a.rows();
  BitPlanes clear;
  BitColumn right(rows, width, 2);  // x2: share 2, the other two zero
  if (role_ == 0) {
    clear = SumInPlanes(a.part(0), a.part(1), rows, a.width(), width);
  } else {
    const unsigned part = PartOfShare(2);
    right.part(part) = BitPlanes::FromRows(a.part(part), a.words_per_row(), rows, width);
  }
  const std::size_t words = right.part(0).words().size();
  CARE_ASSIGN_OR_RETURN(const Parts parts, InputWords(operation, 0, 0, clear.words(), words, Group::kXor));
  const BitColumn left = BitsFromParts(parts, 0, rows, width);
  const BitColumn* inputs[] = {&left, &right};
  return Evaluate(AddCircuit(width, depth), inputs);
}

absl::StatusOr<RingColumn> Replicated3::IntegersToRing(const BitColumn& a, unsigned ring_width,
                                                       CompareDepth depth) {
  CARE_CHECK(ring_width >= 1 && ring_width <= kWidestRing);
  const std::uint32_t operation = NextOperation();
  rounds_ += 2;
  const std::size_t rows = a.rows();
  Parts parts;
  BitPlanes clear;
  const unsigned element_words = RingWords(ring_width);
  if (role_ != 2) parts[role_ == 0 ? 1 : 0] = MaskWith(1 - role_, operation, kShare1, rows * element_words);
  if (role_ != 1) parts[role_ == 0 ? 0 : 1] = MaskWith(2 - role_, operation, kShare0, rows * element_words);
  if (role_ == 0) clear = SumInPlanes(parts[0], parts[1], rows, ring_width, ring_width);
  const std::size_t words = (rows + 63) / 64 * ring_width;
  CARE_ASSIGN_OR_RETURN(const Parts input,
                        InputWords(operation, kInput, 0, clear.words(), words, Group::kXor));
  const BitColumn known = BitsFromParts(input, 0, rows, ring_width);
  const BitColumn low = a.Planes(0, std::min(a.width(), ring_width));
  const BitColumn* inputs[] = {&low, &known};
  CARE_ASSIGN_OR_RETURN(BitColumn rest,
                        Evaluate(WideSubtractCircuit(low.width(), ring_width, depth), inputs));
  if (role_ != 0) {
    // Share 2 of the result is the difference in the clear. P1 lacks its share 0, P2 share 1. Bits past the
    // last row may belong to other rows.
    BitPlanes& own = rest.part(role_ == 1 ? 0 : 1);
    own.ClearPastLastRow();
    std::vector<std::uint64_t> missing(words);
    Channel& other = ChannelTo(3 - role_);
    CARE_RETURN_IF_ERROR(Exchange({{&other, own.words()}}, {{&other, missing}}));
    BitPlanes& both = rest.part(role_ == 1 ? 1 : 0);
    for (std::size_t k = 0; k < words; ++k) both.words()[k] ^= own.words()[k] ^ missing[k];
    std::vector<std::uint64_t>& share2 = parts[role_ == 1 ? 1 : 0];
    share2.resize(rows * element_words);
    both.ToRows(share2, element_words);
  }
  return RingFromParts(parts, 0, rows, ring_width);
}

}  // namespace care::mpc
