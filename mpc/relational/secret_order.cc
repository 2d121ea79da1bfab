#include "mpc/relational/secret_order.h"

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/share/bit_rows.h"

namespace care::mpc {
namespace {

// What was opened is a permutation, or something broke: it indexes our memory.
absl::StatusOr<std::vector<std::uint32_t>> AsPermutation(const std::vector<std::uint64_t>& opened) {
  std::vector<std::uint32_t> permutation(opened.size());
  std::vector<bool> seen(opened.size());
  for (std::size_t i = 0; i < opened.size(); ++i) {
    if (opened[i] >= opened.size() || seen[opened[i]]) {
      return absl::DataLossError("row numbers from the peers are no permutation");
    }
    seen[opened[i]] = true;
    permutation[i] = static_cast<std::uint32_t>(opened[i]);
  }
  return permutation;
}

std::vector<std::uint32_t> InverseOf(const std::vector<std::uint32_t>& permutation) {
  std::vector<std::uint32_t> inverse(permutation.size());
  for (std::size_t i = 0; i < permutation.size(); ++i)
    inverse[permutation[i]] = static_cast<std::uint32_t>(i);
  return inverse;
}

}  // namespace

Protocol::Columns GatherPublic(const Protocol::Columns& columns, const std::vector<std::uint32_t>& source) {
  Protocol::Columns out;
  for (const BitColumn& column : columns.bits) out.bits.push_back(BitRows(column).Gather(source));
  for (const RingColumn& column : columns.rings) out.rings.push_back(column.Gather(source));
  return out;
}

absl::StatusOr<Protocol::Columns> MoveAlike(Protocol& protocol, const RowOrder& order,
                                            const Protocol::Columns& columns) {
  if (order.kind == RowOrder::Kind::kUnshuffled) {
    return protocol.Unshuffle(order.shuffle, GatherPublic(columns, order.opened));
  }
  CARE_ASSIGN_OR_RETURN(const Protocol::Columns shuffled, protocol.ShuffleAlike(order.shuffle, columns));
  return GatherPublic(shuffled, order.opened);
}

absl::StatusOr<Protocol::Columns> MoveBack(Protocol& protocol, const RowOrder& order,
                                           const Protocol::Columns& moved) {
  const std::vector<std::uint32_t> back = InverseOf(order.opened);
  if (order.kind == RowOrder::Kind::kShuffled) {
    return protocol.Unshuffle(order.shuffle, GatherPublic(moved, back));
  }
  CARE_ASSIGN_OR_RETURN(const Protocol::Columns shuffled, protocol.ShuffleAlike(order.shuffle, moved));
  return GatherPublic(shuffled, back);
}

absl::StatusOr<MovedRows> GatherSecretly(Protocol& protocol, const BitColumn& source,
                                         const Protocol::Columns& columns, const Disclosure& disclosure) {
  CARE_ASSIGN_OR_RETURN(Protocol::Shuffled shuffled, protocol.Shuffle({{source}, {}}));
  const auto opened = protocol.Open(shuffled.columns.bits[0], disclosure);
  CARE_RETURN_IF_ERROR(opened.status());
  MovedRows moved;
  moved.order.kind = RowOrder::Kind::kUnshuffled;
  moved.order.shuffle = std::move(shuffled.permutation);
  CARE_ASSIGN_OR_RETURN(moved.order.opened, AsPermutation((*opened)->ToIntegers()));
  CARE_ASSIGN_OR_RETURN(moved.columns, MoveAlike(protocol, moved.order, columns));
  return moved;
}

absl::StatusOr<MovedRows> ScatterSecretly(Protocol& protocol, const RingColumn& destination,
                                          const Protocol::Columns& columns, const Disclosure& disclosure) {
  Protocol::Columns block = columns;
  block.rings.push_back(destination);
  CARE_ASSIGN_OR_RETURN(Protocol::Shuffled shuffled, protocol.Shuffle(block));
  const RingColumn places = std::move(shuffled.columns.rings.back());
  shuffled.columns.rings.pop_back();
  const auto opened = protocol.Open(places, disclosure);
  CARE_RETURN_IF_ERROR(opened.status());
  CARE_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> place_of, AsPermutation(**opened));
  MovedRows moved;
  moved.order.shuffle = std::move(shuffled.permutation);
  moved.order.opened = InverseOf(place_of);
  moved.columns = GatherPublic(shuffled.columns, moved.order.opened);
  return moved;
}

}  // namespace care::mpc
