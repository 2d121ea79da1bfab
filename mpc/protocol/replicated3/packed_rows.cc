#include "mpc/protocol/replicated3/packed_rows.h"

#include <algorithm>
#include <type_traits>

#include "engine/types/check.h"
#include "mpc/share/bit_planes.h"
#include "mpc/share/packed_words.h"

namespace care::mpc {
namespace {

// Far enough ahead that a row has arrived from memory when its turn comes.
constexpr std::size_t kPrefetchAhead = 16;

// Calls the visitor with the number of words a row as a constant where it is a common one.
template <typename Visit>
void WithStride(std::size_t stride, Visit visit) {
  switch (stride) {
    case 1:
      return visit(std::integral_constant<std::size_t, 1>());
    case 2:
      return visit(std::integral_constant<std::size_t, 2>());
    case 3:
      return visit(std::integral_constant<std::size_t, 3>());
    case 4:
      return visit(std::integral_constant<std::size_t, 4>());
    default:
      return visit(stride);
  }
}

// visit(i, row): row i of the result, and the words of row source[i].
template <typename Visit>
void ForEachSource(const std::uint64_t* in, std::size_t stride, std::span<const std::uint32_t> source,
                   Visit visit) {
  const std::size_t last = source.size() - (source.empty() ? 0 : 1);
  for (std::size_t i = 0; i < source.size(); ++i) {
    __builtin_prefetch(in + source[std::min(i + kPrefetchAhead, last)] * stride);
    visit(i, in + source[i] * stride);
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

BlockWire::BlockWire(const Protocol::Columns& columns)
    : shape_(ShapeOfColumns(columns)), words_(shape_.bit_words()) {
  for (const RingColumn& column : columns.rings) {
    ring_widths_.push_back(column.width());
    words_ += PackedWordCount(shape_.rows, column.width());
    flat_ = flat_ && column.width() == kWidestRing;
  }
}

RawBuffer<std::uint64_t> BlockWire::Pack(std::span<const std::uint64_t> flat) const {
  RawBuffer<std::uint64_t> wire(words_);
  std::copy_n(flat.begin(), shape_.bit_words(), wire.data());
  std::size_t from = shape_.bit_words(), to = from;
  for (const unsigned width : ring_widths_) {
    const std::size_t words = PackedWordCount(shape_.rows, width);
    PackWords(flat.subspan(from, shape_.rows), width, wire.span().subspan(to, words));
    from += shape_.rows;
    to += words;
  }
  return wire;
}

RawBuffer<std::uint64_t> BlockWire::Unpack(RawBuffer<std::uint64_t> wire) const {
  if (flat_) return wire;
  RawBuffer<std::uint64_t> flat(shape_.words());
  std::copy_n(wire.data(), shape_.bit_words(), flat.data());
  std::size_t from = shape_.bit_words(), to = from;
  for (const unsigned width : ring_widths_) {
    const std::size_t words = PackedWordCount(shape_.rows, width);
    UnpackWords(wire.span().subspan(from, words), width, flat.span().subspan(to, shape_.rows));
    from += words;
    to += shape_.rows;
  }
  return flat;
}

PackedRows::PackedRows(const BlockShape& shape) : shape_(shape), words_(shape.rows * stride()) {}

PackedRows PackedRows::FromPart(const Protocol::Columns& columns, unsigned part) {
  const BlockShape shape = ShapeOfColumns(columns);
  RawBuffer<std::uint64_t> flat(shape.words());
  std::uint64_t* out = flat.data();
  for (const BitColumn& column : columns.bits) out = std::ranges::copy(column.part(part).words(), out).out;
  for (const RingColumn& column : columns.rings) out = std::ranges::copy(column.part(part), out).out;
  return FromFlat(shape, std::move(flat));
}

PackedRows PackedRows::FromBothParts(const Protocol::Columns& columns) {
  PackedRows sum = FromPart(columns, 0);
  sum.Add(FromPart(columns, 1));
  return sum;
}

PackedRows PackedRows::FromFlat(const BlockShape& shape, RawBuffer<std::uint64_t> flat) {
  CARE_CHECK(flat.size() == shape.words());
  PackedRows packed;
  packed.shape_ = shape;
  if (packed.IsFlat()) {
    packed.words_ = std::move(flat);
    return packed;
  }
  const std::size_t stride = packed.stride();
  packed.words_ = RawBuffer<std::uint64_t>(shape.rows * stride);
  if (shape.width > 0) {
    BitPlanes planes(shape.rows, shape.width);
    std::copy_n(flat.data(), shape.bit_words(), planes.words().begin());
    planes.ToRows(packed.words(), stride);
  }
  for (unsigned c = 0; c < shape.rings; ++c) {
    const std::uint64_t* column = flat.data() + shape.bit_words() + c * shape.rows;
    std::uint64_t* out = packed.words_.data() + packed.bit_stride() + c;
    for (std::size_t row = 0; row < shape.rows; ++row) out[row * stride] = column[row];
  }
  return packed;
}

RawBuffer<std::uint64_t> PackedRows::ToFlat() && {
  if (IsFlat()) return std::move(words_);
  RawBuffer<std::uint64_t> flat(shape_.words());
  if (shape_.width > 0) {
    const BitPlanes planes = BitPlanes::FromRows(words_.span(), stride(), shape_.rows, shape_.width);
    std::copy_n(planes.words().begin(), shape_.bit_words(), flat.data());
  }
  for (unsigned c = 0; c < shape_.rings; ++c) {
    std::uint64_t* column = flat.data() + shape_.bit_words() + c * shape_.rows;
    const std::uint64_t* in = words_.data() + bit_stride() + c;
    for (std::size_t row = 0; row < shape_.rows; ++row) column[row] = in[row * stride()];
  }
  return flat;
}

void PackedRows::Add(const PackedRows& other) {
  CARE_CHECK(other.words_.size() == words_.size());
  std::uint64_t* out = words_.data();
  const std::uint64_t* in = other.words_.data();
  for (std::size_t row = 0; row < shape_.rows; ++row, out += stride(), in += stride()) {
    for (std::size_t w = 0; w < bit_stride(); ++w) out[w] ^= in[w];
    for (std::size_t w = bit_stride(); w < stride(); ++w) out[w] += in[w];
  }
}

void PackedRows::Subtract(const PackedRows& other) {
  CARE_CHECK(other.words_.size() == words_.size());
  std::uint64_t* out = words_.data();
  const std::uint64_t* in = other.words_.data();
  for (std::size_t row = 0; row < shape_.rows; ++row, out += stride(), in += stride()) {
    for (std::size_t w = 0; w < bit_stride(); ++w) out[w] ^= in[w];
    for (std::size_t w = bit_stride(); w < stride(); ++w) out[w] -= in[w];
  }
}

PackedRows PackedRows::Gather(std::span<const std::uint32_t> source) const {
  PackedRows out(shape_.WithRows(source.size()));
  WithStride(stride(), [&](auto stride) {
    std::uint64_t* words = out.words_.data();
    ForEachSource(words_.data(), stride, source, [&](std::size_t i, const std::uint64_t* row) {
      for (std::size_t w = 0; w < stride; ++w) words[i * stride + w] = row[w];
    });
  });
  return out;
}

void PackedRows::AddGathered(const PackedRows& other, std::span<const std::uint32_t> source) {
  CARE_CHECK(other.stride() == stride() && source.size() == shape_.rows);
  const std::size_t bits = bit_stride();
  WithStride(stride(), [&](auto stride) {
    std::uint64_t* words = words_.data();
    ForEachSource(other.words_.data(), stride, source, [&](std::size_t i, const std::uint64_t* row) {
      for (std::size_t w = 0; w < stride; ++w) {
        std::uint64_t& out = words[i * stride + w];
        out = w < bits ? out ^ row[w] : out + row[w];
      }
    });
  });
}

}  // namespace care::mpc
