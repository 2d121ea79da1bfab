// flag * x where P_j owns x: a product that needs no Boolean conversion of the flag and no sharing of x.
//
// P_j knows b = c_j ^ c_{j+1} of the flag c; its peers P' = P_{j+1} and P'' = P_{j+2} know d = c_{j+2}. Then
// flag * x = x b + d x (1 - 2b) = alpha + d beta with alpha, beta known to P_j, who splits both: a' and b'
// are drawn with P' (nothing sent), a'' and b'' go to P''. Now P' holds m' = a' + d b', P'' holds m'' = a'' +
// d b'', and m' + m'' is the product. Shares j and j+1 are drawn by P_j with P'' and P'; the peers exchange
// m' and m'' under them and both set share j+2 to the sum. 4 elements a row, 2 rounds.
//
// Views: P_j receives nothing. P'' receives a'', b'', uniform as it lacks P_j's seed with P', and m' under a
// fresh mask of that seed; P' receives m'' under a mask of P_j's seed with P''.

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::mpc {
namespace {

constexpr std::uint8_t kOutput = 0;
constexpr std::uint8_t kAlpha = 1;
constexpr std::uint8_t kBeta = 2;

}  // namespace

absl::StatusOr<std::vector<RingColumn>> Replicated3::MaskOwned(
    const BitColumn& flag, PartyId owner, const std::vector<std::vector<std::uint64_t>>* values,
    unsigned value_count) {
  CARE_CHECK(flag.width() == 1);
  CARE_CHECK(Holds(owner) == (values != nullptr));
  const std::uint32_t operation = NextOperation();
  rounds_ += 2;
  const unsigned owner_role = RoleOf(owner);
  const unsigned peer = NextRole(owner_role);
  const unsigned far_peer = PreviousRole(owner_role);
  const std::size_t rows = flag.rows();
  const std::size_t words = rows * value_count;
  // Column after column; the flag repeats.
  const auto bit = [](std::span<const std::uint64_t> plane, std::size_t row) {
    return plane[row / 64] >> (row % 64) & 1;
  };
  Parts parts;
  if (role_ == owner_role) {
    CARE_CHECK(values->size() == value_count);
    std::vector<std::uint64_t> alpha = MaskWith(peer, operation, kAlpha, words);
    std::vector<std::uint64_t> beta = MaskWith(peer, operation, kBeta, words);
    for (unsigned c = 0; c < value_count; ++c) {
      CARE_CHECK((*values)[c].size() == rows);
      for (std::size_t row = 0; row < rows; ++row) {
        const std::uint64_t x = (*values)[c][row];
        const std::uint64_t b = bit(flag.part(0).plane(0), row) ^ bit(flag.part(1).plane(0), row);
        const std::size_t k = c * rows + row;
        alpha[k] = (x & (0 - b)) - alpha[k];
        beta[k] = x - 2 * (x & (0 - b)) - beta[k];
      }
    }
    CARE_RETURN_IF_ERROR(Exchange({{&previous_, alpha}, {&previous_, beta}}, {}));
    parts[0] = MaskWith(far_peer, operation, kOutput, words);
    parts[1] = MaskWith(peer, operation, kOutput, words);
  } else {
    std::vector<std::uint64_t> alpha, beta;
    if (role_ == peer) {
      alpha = MaskWith(owner_role, operation, kAlpha, words);
      beta = MaskWith(owner_role, operation, kBeta, words);
    } else {
      alpha.resize(words);
      beta.resize(words);
      CARE_RETURN_IF_ERROR(Exchange({}, {{&next_, alpha}, {&next_, beta}}));
    }
    const auto d = flag.part(PartOfShare(far_peer)).plane(0);  // share j + 2 bears the far peer's index
    const unsigned other = role_ == peer ? far_peer : peer;
    std::vector<std::uint64_t>& mask = parts[PartOfShare(ShareOfPair(role_, owner_role))];
    std::vector<std::uint64_t>& sum = parts[PartOfShare(far_peer)];
    mask = MaskWith(owner_role, operation, kOutput, words);
    for (unsigned c = 0; c < value_count; ++c) {
      for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t k = c * rows + row;
        alpha[k] += (beta[k] & (0 - bit(d, row))) - mask[k];
      }
    }
    sum.resize(words);
    CARE_RETURN_IF_ERROR(Exchange({{&ChannelTo(other), alpha}}, {{&ChannelTo(other), sum}}));
    for (std::size_t k = 0; k < words; ++k) sum[k] += alpha[k];
  }
  std::vector<RingColumn> columns;
  for (unsigned c = 0; c < value_count; ++c) columns.push_back(RingFromParts(parts, c * rows, rows));
  return columns;
}

}  // namespace care::mpc
