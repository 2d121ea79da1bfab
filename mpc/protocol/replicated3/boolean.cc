// Boolean columns. Linear operations are local. AND: P_i holds the terms x_i y_i ^ x_i y_{i+1} ^ x_{i+1} y_i
// of the product; it adds a fresh share of zero, F(s_{i+1}) ^ F(s_i), and sends the sum to P_{i-1}, to whom
// it is uniform because P_{i-1} lacks s_{i+1} (Araki et al., CCS 2016).

#include <algorithm>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/local_operations.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::mpc {

BitColumn Replicated3::PublicBits(const BitPlanes& value) const {
  BitColumn column(value.rows(), value.width(), 2);
  // Share 0 is the value, the other two are zero.
  if (role_ == 0) column.part(0) = value;
  if (role_ == 2) column.part(1) = value;
  return column;
}

BitColumn Replicated3::Xor(const BitColumn& a, const BitColumn& b) const { return local::Xor(a, b); }

BitColumn Replicated3::Not(const BitColumn& a) const {
  BitColumn result = a;
  if (role_ != 1) {
    for (std::uint64_t& word : result.part(role_ == 0 ? 0 : 1).words()) word = ~word;
  }
  return result;
}

BitColumn Replicated3::AndPublic(const BitColumn& a, const BitPlanes& mask) const {
  return local::AndPublic(a, mask);
}

BitColumn Replicated3::PrefixXor(const BitColumn& a) const { return local::PrefixXor(a); }

absl::StatusOr<BitColumn> Replicated3::And(const BitColumn& a, const BitColumn& b) {
  CARE_CHECK(a.rows() == b.rows() && (a.width() == b.width() || b.width() == 1));
  const std::uint32_t operation = NextOperation();
  ++rounds_;
  BitColumn z(a.rows(), a.width(), 2);
  const std::uint64_t* x0 = a.part(0).words().data();
  const std::uint64_t* x1 = a.part(1).words().data();
  const std::uint64_t* y0 = b.part(0).words().data();
  const std::uint64_t* y1 = b.part(1).words().data();
  const Kernels::MaskedProduct kernel = kernels().and_masked;
  if (b.width() == a.width()) {
    const auto operands = [&](std::size_t first, std::size_t) -> ShareProduct {
      return {.x0 = x0 + first, .x1 = x1 + first, .y0 = y0 + first, .y1 = y1 + first};
    };
    CARE_RETURN_IF_ERROR(Reshare(operation, kernel, z.part(0).words(), z.part(1).words(), operands));
    return z;
  }
  // One plane masks every plane: it is laid out again under each block of `a`.
  const std::size_t period = b.part(0).words_per_plane();
  std::vector<std::uint64_t> repeated0(std::min(z.part(0).words().size(), Prg::kChunkWords));
  std::vector<std::uint64_t> repeated1(repeated0.size());
  const auto operands = [&](std::size_t first, std::size_t count) -> ShareProduct {
    for (std::size_t done = 0; done < count;) {
      const std::size_t offset = (first + done) % period;
      const std::size_t run = std::min(count - done, period - offset);
      std::copy_n(y0 + offset, run, repeated0.begin() + done);
      std::copy_n(y1 + offset, run, repeated1.begin() + done);
      done += run;
    }
    return {.x0 = x0 + first, .x1 = x1 + first, .y0 = repeated0.data(), .y1 = repeated1.data()};
  };
  CARE_RETURN_IF_ERROR(Reshare(operation, kernel, z.part(0).words(), z.part(1).words(), operands));
  return z;
}

}  // namespace care::mpc
