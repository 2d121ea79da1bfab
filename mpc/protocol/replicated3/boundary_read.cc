// A few rows read at positions that only their owner knows: two-server private retrieval on the shares
// (Chor, Goldreich, Kushilevitz, Sudan, FOCS 1995), with the answers kept shared.
//
// B = P_j owns the positions; A = P_{j+1} and H = P_{j+2} both hold v = x_{j+2}; B holds u = x_j + x_{j+1}.
// For each output A and B draw a fresh r in {0,1}^n; B sends H q = r ^ unit(position). A computes alpha = sum
// r_i v_i, H computes beta = sum q_i v_i, and both enter them as shares, never to B. As beta - alpha = s
// v[position] with s = 1 - 2 r[position], which B enters too, the row is u[position] + s (beta - alpha): one
// product, in which B adds u[position] to its own terms at no cost. One r serves all columns.
//
//   Rounds   3.
//   Traffic  n bits an output, k bits an output for s, 5 k bits an output and column; k is the widest column's width, in
//            which all of them travel: shares modulo a power of two are shares modulo a smaller one.
//   Views    r and q are each uniform to the one who sees it; entered values arrive under masks.

#include <algorithm>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/protocol/replicated3/replicated3.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc {
namespace {

constexpr std::uint8_t kQuery = 1;  // stream 0 is the product's
constexpr std::uint8_t kSign = 2;
constexpr std::uint8_t kAnswer = 3;

// The sum of the elements whose bit is set.
template <typename Elements>
absl::uint128 SelectedSum(const std::uint64_t* values, std::size_t rows, std::span<const std::uint64_t> bits) {
  typename Elements::Value sum = 0;
  for (std::size_t first = 0; first < rows; first += 64) {
    const std::uint64_t word = bits[first / 64];
    const std::size_t count = std::min<std::size_t>(64, rows - first);
    for (std::size_t k = 0; k < count; ++k) {
      sum += Elements::Get(values, first + k) & (Elements::Of(0) - Elements::Of(word >> k & 1));
    }
  }
  return sum;
}

}  // namespace

absl::StatusOr<std::vector<RingColumn>> Replicated3::ReadByOwner(PartyId owner,
                                                                 const std::vector<std::uint32_t>* positions,
                                                                 std::size_t outputs,
                                                                 const std::vector<RingColumn>& in) {
  CARE_CHECK(Holds(owner) == (positions != nullptr));
  const std::uint32_t operation = NextOperation();
  rounds_ += 3;
  const unsigned b = RoleOf(owner);
  const unsigned a = NextRole(b);
  const unsigned h = PreviousRole(b);
  const std::size_t rows = in.empty() ? 0 : in[0].rows();
  unsigned ring_width = 1;
  for (const RingColumn& column : in) {
    CARE_CHECK(column.rows() == rows);
    ring_width = std::max(ring_width, column.width());
  }
  const unsigned element_words = RingWords(ring_width);
  const std::size_t query_words = (rows + 63) / 64;
  const std::size_t answers = outputs * in.size();  // column after column

  std::vector<std::uint64_t> query;
  // Elements of the widest column's width.
  std::vector<std::uint64_t> sign, own, answer;
  const auto append = [&](std::vector<std::uint64_t>& elements, absl::uint128 value) {
    elements.push_back(absl::Uint128Low64(value));
    if (element_words > 1) elements.push_back(absl::Uint128High64(value));
  };
  if (role_ == b) {
    CARE_CHECK(positions->size() == outputs);
    query = MaskWith(a, operation, kQuery, outputs * query_words);
    for (std::size_t g = 0; g < outputs; ++g) {
      const std::size_t position = (*positions)[g];
      CARE_CHECK(position < rows || in.empty());
      if (in.empty()) continue;
      std::uint64_t& word = query[g * query_words + position / 64];
      append(sign, absl::uint128(1) - 2 * (word >> position % 64 & 1));
      word ^= std::uint64_t{1} << position % 64;
    }
    for (const RingColumn& column : in) {
      WithElements(column.width(), [&](auto elements) {
        for (const std::uint32_t position : *positions) {
          append(own, elements.Get(column.part(0).data(), position) + elements.Get(column.part(1).data(), position));
        }
      });
    }
    CARE_RETURN_IF_ERROR(Exchange({{&ChannelTo(h), query}}, {}));
  } else if (role_ == h) {
    query.resize(outputs * query_words);
    CARE_RETURN_IF_ERROR(Exchange({}, {{&ChannelTo(b), query}}));
  } else {
    query = MaskWith(b, operation, kQuery, outputs * query_words);
  }
  if (in.empty()) return std::vector<RingColumn>();

  if (role_ != b) {
    const unsigned part = PartOfShare(h);  // share j + 2 bears H's index
    for (const RingColumn& column : in) {
      WithElements(column.width(), [&]<typename Elements>(Elements) {
        for (std::size_t g = 0; g < outputs; ++g) {
          append(answer, SelectedSum<Elements>(column.part(part).data(), rows,
                                               std::span(query).subspan(g * query_words, query_words)));
        }
      });
    }
  }
  const std::span<const std::uint64_t> nothing;
  CARE_ASSIGN_OR_RETURN(const Parts s,
                        InputWords(operation, kSign, b, role_ == b ? sign : nothing, outputs * element_words,
                                   Group::kAdd, ring_width));
  CARE_ASSIGN_OR_RETURN(
      Parts alpha, InputWords(operation, kAnswer, a, role_ == a ? answer : nothing, answers * element_words,
                              Group::kAdd, ring_width));
  CARE_ASSIGN_OR_RETURN(Parts difference, InputWords(operation, kAnswer, h, role_ == h ? answer : nothing,
                                                     answers * element_words, Group::kAdd, ring_width));
  RingColumn z(answers, 2, ring_width);
  WithElements(ring_width, [&]<typename Elements>(Elements) {
    for (unsigned i = 0; i < 2; ++i) SubtractElements<Elements>(difference[i].data(), alpha[i].data(), answers);
  });
  const auto operands = [&](std::size_t first, std::size_t count) -> ShareProduct {
    WithElements(ring_width, [&](auto elements) {
      const std::uint64_t* s0 = s[0].data();
      const std::uint64_t* s1 = s[1].data();
      const std::uint64_t* d0 = difference[0].data();
      const std::uint64_t* d1 = difference[1].data();
      for (std::size_t k = first / element_words; k < (first + count) / element_words; ++k) {
        const std::size_t g = k % outputs;
        const auto d = elements.Get(d0, k);
        auto product = elements.Get(s0, g) * (d + elements.Get(d1, k)) + elements.Get(s1, g) * d;
        if (role_ == b) product += elements.Get(own.data(), k);
        elements.Set(z.part(0).data(), k, product);
      }
    });
    return {.x0 = z.part(0).data() + first};
  };
  CARE_RETURN_IF_ERROR(ReshareRing(operation, kernels().add_zero, z, operands));
  std::vector<RingColumn> out;
  for (std::size_t c = 0; c < in.size(); ++c) out.push_back(z.Rows(c * outputs, outputs).Narrowed(in[c].width()));
  return out;
}

}  // namespace care::mpc
