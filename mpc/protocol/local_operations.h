// mpc/protocol/local_operations.h
//
// The linear operations that every protocol does part by part, without a message: the same for a value in
// the clear (one part) and for its shares. Plain loops over contiguous words, which compilers
// vectorise.
#pragma once

#include "absl/numeric/int128.h"

#include "mpc/share/bit_column.h"
#include "mpc/share/ring_column.h"

namespace care::mpc::local {

BitColumn Xor(const BitColumn& a, const BitColumn& b);
BitColumn AndPublic(const BitColumn& a, const BitPlanes& mask);
BitColumn PrefixXor(const BitColumn& a);
RingColumn Add(const RingColumn& a, const RingColumn& b);
RingColumn Subtract(const RingColumn& a, const RingColumn& b);
RingColumn MultiplyPublic(const RingColumn& a, absl::uint128 factor);
RingColumn PrefixSum(const RingColumn& a);
RingColumn Sum(const RingColumn& a);

}  // namespace care::mpc::local
