#include "mpc/protocol/replicated3/row_block.h"

#include "engine/types/check.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc {

void AddFlat(const BlockShape& shape, std::span<std::uint64_t> flat, std::span<const std::uint64_t> summand) {
  CARE_CHECK(flat.size() == shape.words() && summand.size() == flat.size());
  const std::size_t bits = shape.bit_words(), narrow = shape.rows * shape.rings;
  for (std::size_t k = 0; k < bits; ++k) flat[k] ^= summand[k];
  AddElements<OneWord>(flat.data() + bits, summand.data() + bits, narrow);
  AddElements<TwoWords>(flat.data() + bits + narrow, summand.data() + bits + narrow, shape.rows * shape.wide_rings);
}

void SubtractFlat(const BlockShape& shape, std::span<std::uint64_t> flat, std::span<const std::uint64_t> summand) {
  CARE_CHECK(flat.size() == shape.words() && summand.size() == flat.size());
  const std::size_t bits = shape.bit_words(), narrow = shape.rows * shape.rings;
  for (std::size_t k = 0; k < bits; ++k) flat[k] ^= summand[k];
  SubtractElements<OneWord>(flat.data() + bits, summand.data() + bits, narrow);
  SubtractElements<TwoWords>(flat.data() + bits + narrow, summand.data() + bits + narrow,
                             shape.rows * shape.wide_rings);
}

}  // namespace care::mpc
