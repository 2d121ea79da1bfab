// flag * x where P_j owns x: a product that needs no Boolean conversion of the flag and no sharing of x.
//
// P_j knows b = c_j ^ c_{j+1} of the flag c; its peers P' = P_{j+1} and P'' = P_{j+2} know d = c_{j+2}. Then
// flag * x = x b + d x (1 - 2b) = alpha + d beta with alpha, beta known to P_j, who splits both: a' and b'
// are drawn with P' (nothing sent), a'' and b'' go to P''. Now P' holds m' = a' + d b', P'' holds m'' = a'' +
// d b'', and m' + m'' is the product. Shares j and j+1 are drawn by P_j with P'' and P'; the peers exchange
// m' and m'' under them and both set share j+2 to the sum. 4 elements a row, in exactly the ring's bits; 2 rounds.
//
// Views: P_j receives nothing. P'' receives a'', b'', uniform as it lacks P_j's seed with P', and m' under a
// fresh mask of that seed; P' receives m'' under a mask of P_j's seed with P''.

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/protocol/replicated3/replicated3.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc {
namespace {

constexpr std::uint8_t kOutput = 0;
constexpr std::uint8_t kAlpha = 1;
constexpr std::uint8_t kBeta = 2;

std::uint64_t BitAt(std::span<const std::uint64_t> plane, std::size_t row) { return plane[row / 64] >> (row % 64) & 1; }

}  // namespace

absl::StatusOr<Replicated3::Parts> Replicated3::SelectOwned(std::uint32_t operation, unsigned owner_role,
                                                            OwnedTerms terms, std::span<const std::uint64_t> d,
                                                            std::size_t d_rows, std::size_t count,
                                                            unsigned ring_width) {
  const unsigned peer = NextRole(owner_role);
  const unsigned far_peer = PreviousRole(owner_role);
  const std::size_t words = count * RingWords(ring_width);
  Parts parts;
  if (role_ == owner_role) {
    CARE_CHECK(terms.alpha.size() == words && terms.beta.size() == words);
    WithElements(ring_width, [&]<typename Elements>(Elements) {
      SubtractElements<Elements>(terms.alpha.data(), MaskWith(peer, operation, kAlpha, words).data(), count);
      SubtractElements<Elements>(terms.beta.data(), MaskWith(peer, operation, kBeta, words).data(), count);
    });
    CARE_RETURN_IF_ERROR(
        ExchangeElements(ring_width, {{&previous_, terms.alpha}, {&previous_, terms.beta}}, {}));
    parts[0] = MaskWith(far_peer, operation, kOutput, words);
    parts[1] = MaskWith(peer, operation, kOutput, words);
    return parts;
  }
  std::vector<std::uint64_t> alpha, beta;
  if (role_ == peer) {
    alpha = MaskWith(owner_role, operation, kAlpha, words);
    beta = MaskWith(owner_role, operation, kBeta, words);
  } else {
    alpha.resize(words);
    beta.resize(words);
    CARE_RETURN_IF_ERROR(ExchangeElements(ring_width, {}, {{&next_, alpha}, {&next_, beta}}));
  }
  Channel& other = ChannelTo(role_ == peer ? far_peer : peer);
  std::vector<std::uint64_t>& mask = parts[PartOfShare(ShareOfPair(role_, owner_role))];
  std::vector<std::uint64_t>& sum = parts[PartOfShare(far_peer)];
  mask = MaskWith(owner_role, operation, kOutput, words);
  sum.resize(words);
  WithElements(ring_width, [&](auto elements) {
    for (std::size_t k = 0; k < count; ++k) {
      const auto taken = elements.Get(beta.data(), k) & (elements.Of(0) - elements.Of(BitAt(d, k % d_rows)));
      elements.Set(alpha.data(), k, elements.Get(alpha.data(), k) + taken - elements.Get(mask.data(), k));
    }
  });
  CARE_RETURN_IF_ERROR(ExchangeElements(ring_width, {{&other, alpha}}, {{&other, sum}}));
  WithElements(ring_width, [&]<typename Elements>(Elements) {
    AddElements<Elements>(sum.data(), alpha.data(), count);
  });
  return parts;
}

absl::StatusOr<std::vector<RingColumn>> Replicated3::MaskOwned(
    const BitColumn& flag, PartyId owner, const std::vector<std::vector<std::uint64_t>>* values,
    unsigned value_count, unsigned ring_width) {
  CARE_CHECK(flag.width() == 1 && ring_width >= 1 && ring_width <= kWidestRing);
  CARE_CHECK(Holds(owner) == (values != nullptr));
  const std::uint32_t operation = NextOperation();
  rounds_ += 2;
  const unsigned owner_role = RoleOf(owner);
  const std::size_t rows = flag.rows();
  const std::size_t words = rows * RingWords(ring_width);  // of a column; column after column
  OwnedTerms terms;
  std::span<const std::uint64_t> d;
  if (role_ == owner_role) {
    CARE_CHECK(values->size() == value_count);
    terms.alpha.resize(words * value_count);
    terms.beta.resize(words * value_count);
    for (unsigned c = 0; c < value_count; ++c) {
      CARE_CHECK((*values)[c].size() == words);
      WithElements(ring_width, [&](auto elements) {
        for (std::size_t row = 0; row < rows; ++row) {
          const auto x = elements.Get((*values)[c].data(), row);
          const std::uint64_t b = BitAt(flag.part(0).plane(0), row) ^ BitAt(flag.part(1).plane(0), row);
          const auto x_if_b = x & (elements.Of(0) - elements.Of(b));
          elements.Set(terms.alpha.data() + c * words, row, x_if_b);
          elements.Set(terms.beta.data() + c * words, row, x - elements.Of(2) * x_if_b);
        }
      });
    }
  } else {
    d = flag.part(PartOfShare(PreviousRole(owner_role))).plane(0);  // share j + 2
  }
  CARE_ASSIGN_OR_RETURN(const Parts parts, SelectOwned(operation, owner_role, std::move(terms), d, rows,
                                                       rows * value_count, ring_width));
  std::vector<RingColumn> columns;
  for (unsigned c = 0; c < value_count; ++c) columns.push_back(RingFromParts(parts, c * words, rows, ring_width));
  return columns;
}

}  // namespace care::mpc
