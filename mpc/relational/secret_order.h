// mpc/relational/secret_order.h
//
// Rows in an order that is itself a column of secret row numbers. The numbers are shuffled and opened, which shows a
// uniformly random permutation, and the rest is local but for a shuffle of the rows themselves.
//
//   Shape     numbers[n] of k = ceil(log2 n) bits, a permutation of 0 .. n - 1; columns[n] of W bits -> the same moved.
//   Units     row numbers as planes, or positions in a ring of any width that holds them.
//   Rounds    GatherSecretly 2 + 1 + 2; ScatterSecretly 2 + 1.
//   Traffic   bits a row: GatherSecretly 4 k + 3 k + 4 W; ScatterSecretly 4 (W + k) + 3 k.
//   Leakage   n. What is opened, to all parties, is independent of the data.
//   Security  the Protocol's own.
//   Source    Hamada, Ikarashi, Chida, Takahashi, ePrint 2014/121; Asharov et al., CCS 2022.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

// How rows were moved, to move other columns of theirs likewise or back.
struct RowOrder {
  enum class Kind : std::uint8_t {
    kShuffled,   // shuffled, and of those row `opened[i]` went to place i
    kUnshuffled  // row `opened[i]` went to place i, and that was unshuffled
  };
  Kind kind = Kind::kShuffled;
  SecretPermutation shuffle;
  std::vector<std::uint32_t> opened;
};

// Row i of the result is row source[i]: a public rearrangement, local. Rows may repeat.
Protocol::Columns GatherPublic(const Protocol::Columns& columns, const std::vector<std::uint32_t>& source);

// More columns of the rows that were moved, and the way back. Rounds 2; traffic 4 W bits a row.
absl::StatusOr<Protocol::Columns> MoveAlike(Protocol& protocol, const RowOrder& order,
                                            const Protocol::Columns& columns);
absl::StatusOr<Protocol::Columns> MoveBack(Protocol& protocol, const RowOrder& order,
                                           const Protocol::Columns& moved);

struct MovedRows {
  Protocol::Columns columns;
  RowOrder order;
};
// Row i of the result is row source[i].
absl::StatusOr<MovedRows> GatherSecretly(Protocol& protocol, const BitColumn& source,
                                         const Protocol::Columns& columns, const Disclosure& disclosure);
// Row i goes to place destination[i].
absl::StatusOr<MovedRows> ScatterSecretly(Protocol& protocol, const RingColumn& destination,
                                          const Protocol::Columns& columns, const Disclosure& disclosure);

}  // namespace care::mpc
