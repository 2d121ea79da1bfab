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
//   Traffic  n bits an output, 64 bits an output for s, 5 * 64 bits an output and column.
//   Views    r and q are each uniform to the one who sees it; entered values arrive under masks.

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::mpc {
namespace {

constexpr std::uint8_t kQuery = 1;  // stream 0 is the product's
constexpr std::uint8_t kSign = 2;
constexpr std::uint8_t kAnswer = 3;

// The sum of the values whose bit is set.
std::uint64_t SelectedSum(std::span<const std::uint64_t> values, std::span<const std::uint64_t> bits) {
  std::uint64_t sum = 0;
  for (std::size_t first = 0; first < values.size(); first += 64) {
    const std::uint64_t word = bits[first / 64];
    const std::size_t count = std::min<std::size_t>(64, values.size() - first);
    for (std::size_t k = 0; k < count; ++k) sum += values[first + k] & (0 - (word >> k & 1));
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
  for (const RingColumn& column : in) CARE_CHECK(column.rows() == rows);
  const std::size_t query_words = (rows + 63) / 64;
  const std::size_t answers = outputs * in.size();  // column after column

  std::vector<std::uint64_t> query;
  std::vector<std::uint64_t> sign;
  std::vector<std::uint64_t> own;
  if (role_ == b) {
    CARE_CHECK(positions->size() == outputs);
    query = MaskWith(a, operation, kQuery, outputs * query_words);
    for (std::size_t g = 0; g < outputs; ++g) {
      const std::size_t position = (*positions)[g];
      CARE_CHECK(position < rows || in.empty());
      if (in.empty()) continue;
      std::uint64_t& word = query[g * query_words + position / 64];
      sign.push_back(1 - 2 * (word >> position % 64 & 1));
      word ^= std::uint64_t{1} << position % 64;
    }
    for (const RingColumn& column : in) {
      for (const std::uint32_t position : *positions)
        own.push_back(column.part(0)[position] + column.part(1)[position]);
    }
    CARE_RETURN_IF_ERROR(Exchange({{&ChannelTo(h), query}}, {}));
  } else if (role_ == h) {
    query.resize(outputs * query_words);
    CARE_RETURN_IF_ERROR(Exchange({}, {{&ChannelTo(b), query}}));
  } else {
    query = MaskWith(b, operation, kQuery, outputs * query_words);
  }
  if (in.empty()) return std::vector<RingColumn>();

  std::vector<std::uint64_t> answer;
  if (role_ != b) {
    const unsigned part = PartOfShare(h);  // share j + 2 bears H's index
    for (const RingColumn& column : in) {
      for (std::size_t g = 0; g < outputs; ++g) {
        answer.push_back(
            SelectedSum(column.part(part), std::span(query).subspan(g * query_words, query_words)));
      }
    }
  }
  const std::span<const std::uint64_t> nothing;
  CARE_ASSIGN_OR_RETURN(const Parts s,
                        InputWords(operation, kSign, b, role_ == b ? sign : nothing, outputs, Group::kAdd));
  CARE_ASSIGN_OR_RETURN(
      Parts alpha, InputWords(operation, kAnswer, a, role_ == a ? answer : nothing, answers, Group::kAdd));
  CARE_ASSIGN_OR_RETURN(Parts difference, InputWords(operation, kAnswer, h, role_ == h ? answer : nothing,
                                                     answers, Group::kAdd));
  for (unsigned i = 0; i < 2; ++i) {
    for (std::size_t k = 0; k < answers; ++k) difference[i][k] -= alpha[i][k];
  }
  Parts z;
  for (auto& part : z) part.resize(answers);
  const auto operands = [&](std::size_t first, std::size_t count) -> ShareProduct {
    for (std::size_t k = first; k < first + count; ++k) {
      const std::size_t g = k % outputs;
      z[0][k] = s[0][g] * (difference[0][k] + difference[1][k]) + s[1][g] * difference[0][k];
      if (role_ == b) z[0][k] += own[k];
    }
    return {.x0 = z[0].data() + first};
  };
  CARE_RETURN_IF_ERROR(Reshare(operation, kernels().add_zero, z[0], z[1], operands));
  std::vector<RingColumn> out;
  for (std::size_t c = 0; c < in.size(); ++c) out.push_back(RingFromParts(z, c * outputs, outputs, in[c].width()));
  return out;
}

}  // namespace care::mpc
