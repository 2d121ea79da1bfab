#include "mpc/relational/subtract_bits.h"

#include <vector>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::mpc {

absl::StatusOr<BitColumn> SubtractBits(Protocol& protocol, const BitColumn& a, const BitColumn& b) {
  CARE_CHECK(a.rows() == b.rows() && a.width() == b.width());
  const BitColumn without_borrow = protocol.Xor(a, b);
  if (a.width() <= 1) return without_borrow;
  // borrow' = borrow ^ (~a ^ borrow) & (b ^ borrow): the lesser of a digit and what is taken from it.
  std::vector<BitColumn> borrows;
  for (unsigned bit = 0; bit + 1 < a.width(); ++bit) {
    BitColumn left = protocol.Not(a.Planes(bit, 1));
    BitColumn right = b.Planes(bit, 1);
    if (bit > 0) {
      left = protocol.Xor(left, borrows.back());
      right = protocol.Xor(right, borrows.back());
    }
    CARE_ASSIGN_OR_RETURN(BitColumn borrow, protocol.And(left, right));
    borrows.push_back(bit > 0 ? protocol.Xor(borrow, borrows.back()) : std::move(borrow));
  }
  const BitColumn lowest = without_borrow.Planes(0, 1);
  const BitColumn upper = without_borrow.Planes(1, a.width() - 1);
  std::vector<const BitColumn*> pointers;
  for (const BitColumn& borrow : borrows) pointers.push_back(&borrow);
  const BitColumn difference = protocol.Xor(upper, BitColumn::JoinPlanes(pointers));
  return BitColumn::JoinPlanes({&lowest, &difference});
}

}  // namespace care::mpc
