#include "mpc/protocol/replicated3/packed_rows.h"

#include <algorithm>

#include "engine/types/check.h"
#include "mpc/share/bit_planes.h"

namespace care::mpc {
namespace {

// Far enough ahead that a row has arrived from memory when its turn comes.
constexpr std::size_t kPrefetchAhead = 16;

template <std::size_t kStride>
void GatherWords(const std::uint64_t* in, std::size_t stride, std::span<const std::uint32_t> source,
                 std::uint64_t* out) {
  const std::size_t words = kStride == 0 ? stride : kStride;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (i + kPrefetchAhead < source.size()) __builtin_prefetch(in + source[i + kPrefetchAhead] * words);
    const std::uint64_t* row = in + source[i] * words;
    for (std::size_t w = 0; w < words; ++w) out[i * words + w] = row[w];
  }
}

}  // namespace

BlockShape ShapeOfColumns(const Protocol::Columns& columns) {
  BlockShape shape;
  if (!columns.bits.empty()) shape.rows = columns.bits[0].rows();
  if (!columns.rings.empty()) shape.rows = columns.rings[0].rows();
  for (const BitColumn& column : columns.bits) {
    CARE_CHECK(column.rows() == shape.rows);
    shape.width += column.width();
  }
  for (const RingColumn& column : columns.rings) CARE_CHECK(column.rows() == shape.rows);
  shape.rings = static_cast<unsigned>(columns.rings.size());
  return shape;
}

PackedRows::PackedRows(const BlockShape& shape) : shape_(shape), words_(shape.rows * stride()) {}

PackedRows PackedRows::FromPart(const Protocol::Columns& columns, unsigned part) {
  std::vector<std::uint64_t> flat;
  const BlockShape shape = ShapeOfColumns(columns);
  flat.reserve(shape.words());
  for (const BitColumn& column : columns.bits) {
    const auto words = column.part(part).words();
    flat.insert(flat.end(), words.begin(), words.end());
  }
  for (const RingColumn& column : columns.rings) {
    flat.insert(flat.end(), column.part(part).begin(), column.part(part).end());
  }
  return FromFlat(shape, flat);
}

PackedRows PackedRows::FromBothParts(const Protocol::Columns& columns) {
  PackedRows sum = FromPart(columns, 0);
  sum.Add(FromPart(columns, 1).words_);
  return sum;
}

PackedRows PackedRows::FromFlat(const BlockShape& shape, std::span<const std::uint64_t> flat) {
  CARE_CHECK(flat.size() == shape.words());
  PackedRows packed(shape);
  const std::size_t stride = packed.stride();
  if (shape.width > 0) {
    BitPlanes planes(shape.rows, shape.width);
    std::copy_n(flat.begin(), shape.bit_words(), planes.words().begin());
    planes.ToRows(packed.words_, stride);
  }
  for (unsigned c = 0; c < shape.rings; ++c) {
    const std::uint64_t* column = flat.data() + shape.bit_words() + c * shape.rows;
    std::uint64_t* out = packed.words_.data() + packed.bit_stride() + c;
    for (std::size_t row = 0; row < shape.rows; ++row) out[row * stride] = column[row];
  }
  return packed;
}

std::vector<std::uint64_t> PackedRows::ToFlat() const {
  std::vector<std::uint64_t> flat(shape_.words());
  if (shape_.width > 0) {
    const BitPlanes planes = BitPlanes::FromRows(words_, stride(), shape_.rows, shape_.width);
    std::copy_n(planes.words().begin(), shape_.bit_words(), flat.begin());
  }
  for (unsigned c = 0; c < shape_.rings; ++c) {
    std::uint64_t* column = flat.data() + shape_.bit_words() + c * shape_.rows;
    const std::uint64_t* in = words_.data() + bit_stride() + c;
    for (std::size_t row = 0; row < shape_.rows; ++row) column[row] = in[row * stride()];
  }
  return flat;
}

void PackedRows::Add(std::span<const std::uint64_t> mask) {
  CARE_CHECK(mask.size() == words_.size());
  for (std::size_t row = 0, k = 0; row < shape_.rows; ++row) {
    for (std::size_t w = 0; w < bit_stride(); ++w, ++k) words_[k] ^= mask[k];
    for (std::size_t w = 0; w < shape_.rings; ++w, ++k) words_[k] += mask[k];
  }
}

void PackedRows::Subtract(std::span<const std::uint64_t> mask) {
  CARE_CHECK(mask.size() == words_.size());
  for (std::size_t row = 0, k = 0; row < shape_.rows; ++row) {
    for (std::size_t w = 0; w < bit_stride(); ++w, ++k) words_[k] ^= mask[k];
    for (std::size_t w = 0; w < shape_.rings; ++w, ++k) words_[k] -= mask[k];
  }
}

PackedRows PackedRows::Gather(std::span<const std::uint32_t> source) const {
  PackedRows out(shape_.WithRows(source.size()));
  switch (stride()) {
    case 1: GatherWords<1>(words_.data(), 1, source, out.words_.data()); break;
    case 2: GatherWords<2>(words_.data(), 2, source, out.words_.data()); break;
    case 3: GatherWords<3>(words_.data(), 3, source, out.words_.data()); break;
    case 4: GatherWords<4>(words_.data(), 4, source, out.words_.data()); break;
    default: GatherWords<0>(words_.data(), stride(), source, out.words_.data());
  }
  return out;
}

}  // namespace care::mpc
