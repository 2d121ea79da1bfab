#include "mpc/protocol/replicated3/row_block.h"

#include <algorithm>

#include "engine/types/check.h"
#include "mpc/share/bit_planes.h"

namespace care::mpc {

std::vector<std::uint64_t> GatherRows(const BlockShape& shape, std::span<const std::uint64_t> flat,
                                      std::span<const std::uint32_t> source) {
  CARE_CHECK(flat.size() == shape.words());
  const std::size_t bit_stride = (shape.width + 63) / 64;
  const std::size_t stride = bit_stride + shape.rings;
  std::vector<std::uint64_t> rows(shape.rows * stride);
  BitPlanes planes(shape.rows, shape.width);
  std::copy_n(flat.begin(), shape.bit_words(), planes.words().begin());
  planes.ToRows(rows, stride);
  for (unsigned c = 0; c < shape.rings; ++c) {
    const std::uint64_t* column = flat.data() + shape.bit_words() + c * shape.rows;
    for (std::size_t row = 0; row < shape.rows; ++row) rows[row * stride + bit_stride + c] = column[row];
  }

  std::vector<std::uint64_t> gathered(source.size() * stride);
  for (std::size_t i = 0; i < source.size(); ++i) {
    std::copy_n(rows.data() + source[i] * stride, stride, gathered.data() + i * stride);
  }

  const BlockShape out_shape = shape.WithRows(source.size());
  std::vector<std::uint64_t> out(out_shape.words());
  const BitPlanes out_planes = BitPlanes::FromRows(gathered, stride, source.size(), shape.width);
  std::copy_n(out_planes.words().begin(), out_shape.bit_words(), out.begin());
  for (unsigned c = 0; c < shape.rings; ++c) {
    std::uint64_t* column = out.data() + out_shape.bit_words() + c * source.size();
    for (std::size_t i = 0; i < source.size(); ++i) column[i] = gathered[i * stride + bit_stride + c];
  }
  return out;
}

}  // namespace care::mpc
