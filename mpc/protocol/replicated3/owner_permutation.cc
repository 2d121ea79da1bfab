// Rows rearranged as their owner alone knows.
//
// B = P_j owns the permutation pi; A = P_{j+1}; H = P_{j+2}. B holds u = x_j + x_{j+1}; A and H both hold
// v = x_{j+2}. A and B draw a uniform permutation rho and a mask r'. A sends rho(v) + r' to H; B sends H the
// gather sigma[i] = rho^-1[pi[i]], so that H gets pi(v) + sigma(r'), and B keeps pi(u) - sigma(r'). These two
// summands become replicated as in ReshareFromPair: shares drawn by A with B and with H, one message each
// way.
//
//   Rounds   2.
//   Traffic  W bits a row in, k + 2W bits a row out (W the width of all columns, k that of a row's number).
//   Views    A receives nothing. H receives a masked column, a uniform permutation (rho is hidden from it;
//            cut to out_rows it is a uniform injection) and B's summand under A and B's mask. B receives H's
//            summand under A and H's mask.

#include <algorithm>
#include <bit>

#include "absl/status/status.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/protocol/replicated3/packed_rows.h"
#include "mpc/protocol/replicated3/replicated3.h"
#include "mpc/random/permutation.h"

namespace care::mpc {
namespace {

constexpr std::uint8_t kMask = 0;
constexpr std::uint8_t kPermutation = 1;
constexpr std::uint8_t kReshare = 2;

void CheckSource(std::span<const std::uint32_t> source, std::size_t rows) {
  std::vector<bool> used(rows);
  for (const std::uint32_t row : source) {
    CARE_CHECK(row < rows && !used[row]);
    used[row] = true;
  }
}

}  // namespace

absl::StatusOr<Protocol::Columns> Replicated3::GatherByOwner(PartyId owner,
                                                             const std::vector<std::uint32_t>* source,
                                                             std::size_t out_rows, const Columns& in) {
  CARE_CHECK(Holds(owner) == (source != nullptr));
  const std::uint32_t operation = NextOperation();
  rounds_ += 2;
  const unsigned b = RoleOf(owner);
  const unsigned a = NextRole(b);
  const unsigned h = PreviousRole(b);
  const BlockShape shape = ShapeOfColumns(in);
  const BlockShape out_shape = shape.WithRows(out_rows);
  CARE_CHECK(out_rows <= shape.rows);
  const unsigned index_bits =
      std::max(1, static_cast<int>(std::bit_width(std::max<std::size_t>(shape.rows, 1) - 1)));

  const BlockWire wire(in), out_wire(in, out_rows);
  const auto mask = [&](unsigned other) {
    PackedRows rows(shape);
    PrgWith(other).FillWords(operation, kMask, 0, rows.words());
    return rows;
  };
  RawBuffer<std::uint64_t> summand;
  if (role_ == a) {
    const std::vector<std::uint32_t> rho =
        UniformPermutation(PrgWith(b), operation, kPermutation, shape.rows);
    PackedRows rows = PackedRows::FromPart(in, 1).Gather(rho);
    rows.Add(mask(b));
    RawBuffer<std::uint64_t> masked = std::move(rows).ToFlat();
    if (!wire.IsFlat()) masked = wire.Pack(masked.span());
    CARE_RETURN_IF_ERROR(Exchange({{&ChannelTo(h), masked.span()}}, {}));
  } else if (role_ == b) {
    CARE_CHECK(source->size() == out_rows);
    CheckSource(*source, shape.rows);
    const std::vector<std::uint32_t> rho =
        UniformPermutation(PrgWith(a), operation, kPermutation, shape.rows);
    std::vector<std::uint32_t> rho_inverse(shape.rows);
    for (std::size_t i = 0; i < shape.rows; ++i) rho_inverse[rho[i]] = static_cast<std::uint32_t>(i);
    std::vector<std::uint32_t> sigma(out_rows);
    for (std::size_t i = 0; i < out_rows; ++i) sigma[i] = rho_inverse[(*source)[i]];
    const BitPlanes packed =
        BitPlanes::FromIntegers(std::vector<std::uint64_t>(sigma.begin(), sigma.end()), index_bits);
    CARE_RETURN_IF_ERROR(Exchange({{&ChannelTo(h), packed.words()}}, {}));
    PackedRows rows = PackedRows::FromBothParts(in).Gather(*source);
    rows.Subtract(mask(a).Gather(sigma));
    summand = std::move(rows).ToFlat();
  } else {
    RawBuffer<std::uint64_t> masked(wire.words());
    BitPlanes packed(out_rows, index_bits);
    CARE_RETURN_IF_ERROR(Exchange({}, {{&ChannelTo(b), packed.words()}, {&ChannelTo(a), masked.span()}}));
    const std::vector<std::uint64_t> indices = packed.ToIntegers();
    std::vector<std::uint32_t> sigma(out_rows);
    for (std::size_t i = 0; i < out_rows; ++i) {
      sigma[i] = static_cast<std::uint32_t>(indices[i]);
      // A peer's numbers index our memory: never on trust.
      if (sigma[i] >= shape.rows) return absl::DataLossError("a row index from the peer is out of range");
    }
    summand = PackedRows::FromFlat(shape, wire.Unpack(std::move(masked))).Gather(sigma).ToFlat();
  }
  CARE_ASSIGN_OR_RETURN(const Parts parts, ReshareFromPair(operation, kReshare, b, h, std::move(summand),
                                                           out_shape, out_wire));
  return ColumnsFromFlat(parts, out_rows, in);
}

}  // namespace care::mpc
