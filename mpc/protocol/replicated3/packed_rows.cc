#include "mpc/protocol/replicated3/packed_rows.h"

#include <algorithm>
#include <type_traits>

#include "engine/types/check.h"
#include "mpc/share/bit_planes.h"
#include "mpc/share/packed_words.h"
#include "mpc/share/ring_elements.h"

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

// The numbers of the ring columns as the flat form has them.
std::vector<std::size_t> FlatOrder(const Protocol::Columns& columns) {
  std::vector<std::size_t> order;
  for (const unsigned words : {1u, 2u}) {
    for (std::size_t c = 0; c < columns.rings.size(); ++c) {
      if (columns.rings[c].words_per_row() == words) order.push_back(c);
    }
  }
  return order;
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
  for (const RingColumn& column : columns.rings) {
    CARE_CHECK(column.rows() == shape.rows);
    ++(column.words_per_row() == 1 ? shape.rings : shape.wide_rings);
  }
  return shape;
}

Protocol::Columns ColumnsFromFlat(const std::array<std::vector<std::uint64_t>, 2>& parts, std::size_t rows,
                                  const Protocol::Columns& like) {
  Protocol::Columns out;
  std::size_t position = 0;
  for (const BitColumn& column : like.bits) {
    BitColumn& copy = out.bits.emplace_back(rows, column.width(), 2);
    for (unsigned i = 0; i < 2; ++i) {
      std::copy_n(parts[i].begin() + position, copy.part(i).words().size(), copy.part(i).words().begin());
    }
    position += copy.part(0).words().size();
  }
  for (const RingColumn& column : like.rings) out.rings.emplace_back(rows, 2, column.width());
  for (const std::size_t c : FlatOrder(like)) {
    RingColumn& column = out.rings[c];
    const std::size_t words = rows * column.words_per_row();
    for (unsigned i = 0; i < 2; ++i) std::copy_n(parts[i].begin() + position, words, column.part(i).begin());
    position += words;
  }
  return out;
}

BlockWire::BlockWire(const Protocol::Columns& columns, std::size_t rows)
    : shape_(ShapeOfColumns(columns).WithRows(rows)), words_(shape_.bit_words()) {
  for (const std::size_t c : FlatOrder(columns)) {
    const unsigned width = columns.rings[c].width();
    ring_widths_.push_back(width);
    words_ += PackedWordCount(rows, width);
    flat_ = flat_ && width % 64 == 0;
  }
}

RawBuffer<std::uint64_t> BlockWire::Pack(std::span<const std::uint64_t> flat) const {
  RawBuffer<std::uint64_t> wire(words_);
  std::copy_n(flat.begin(), shape_.bit_words(), wire.data());
  std::size_t from = shape_.bit_words(), to = from;
  for (const unsigned width : ring_widths_) {
    const std::size_t words = PackedWordCount(shape_.rows, width), unpacked = shape_.rows * RingWords(width);
    PackWords(flat.subspan(from, unpacked), width, wire.span().subspan(to, words));
    from += unpacked;
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
    const std::size_t words = PackedWordCount(shape_.rows, width), unpacked = shape_.rows * RingWords(width);
    UnpackWords(wire.span().subspan(from, words), width, flat.span().subspan(to, unpacked));
    from += words;
    to += unpacked;
  }
  return flat;
}

PackedRows::PackedRows(const BlockShape& shape) : shape_(shape), words_(shape.rows * stride()) {}

PackedRows PackedRows::FromPart(const Protocol::Columns& columns, unsigned part) {
  const BlockShape shape = ShapeOfColumns(columns);
  RawBuffer<std::uint64_t> flat(shape.words());
  std::uint64_t* out = flat.data();
  for (const BitColumn& column : columns.bits) out = std::ranges::copy(column.part(part).words(), out).out;
  for (const std::size_t c : FlatOrder(columns)) out = std::ranges::copy(columns.rings[c].part(part), out).out;
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
  for (unsigned c = 0; c < shape.wide_rings; ++c) {
    const std::uint64_t* column = flat.data() + shape.bit_words() + (shape.rings + 2 * c) * shape.rows;
    std::uint64_t* out = packed.words_.data() + packed.one_word_end() + 2 * c;
    for (std::size_t row = 0; row < shape.rows; ++row) std::copy_n(column + 2 * row, 2, out + row * stride);
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
  for (unsigned c = 0; c < shape_.wide_rings; ++c) {
    std::uint64_t* column = flat.data() + shape_.bit_words() + (shape_.rings + 2 * c) * shape_.rows;
    const std::uint64_t* in = words_.data() + one_word_end() + 2 * c;
    for (std::size_t row = 0; row < shape_.rows; ++row) std::copy_n(in + row * stride(), 2, column + 2 * row);
  }
  return flat;
}

void PackedRows::Add(const PackedRows& other) {
  CARE_CHECK(other.words_.size() == words_.size());
  std::uint64_t* out = words_.data();
  const std::uint64_t* in = other.words_.data();
  for (std::size_t row = 0; row < shape_.rows; ++row, out += stride(), in += stride()) {
    for (std::size_t w = 0; w < bit_stride(); ++w) out[w] ^= in[w];
    for (std::size_t w = bit_stride(); w < one_word_end(); ++w) out[w] += in[w];
    AddElements<TwoWords>(out + one_word_end(), in + one_word_end(), shape_.wide_rings);
  }
}

void PackedRows::Subtract(const PackedRows& other) {
  CARE_CHECK(other.words_.size() == words_.size());
  std::uint64_t* out = words_.data();
  const std::uint64_t* in = other.words_.data();
  for (std::size_t row = 0; row < shape_.rows; ++row, out += stride(), in += stride()) {
    for (std::size_t w = 0; w < bit_stride(); ++w) out[w] ^= in[w];
    for (std::size_t w = bit_stride(); w < one_word_end(); ++w) out[w] -= in[w];
    SubtractElements<TwoWords>(out + one_word_end(), in + one_word_end(), shape_.wide_rings);
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
  if (shape_.wide_rings > 0) {
    std::uint64_t* out = words_.data();
    ForEachSource(other.words_.data(), stride(), source, [&](std::size_t, const std::uint64_t* row) {
      for (std::size_t w = 0; w < bits; ++w) out[w] ^= row[w];
      for (std::size_t w = bits; w < one_word_end(); ++w) out[w] += row[w];
      AddElements<TwoWords>(out + one_word_end(), row + one_word_end(), shape_.wide_rings);
      out += stride();
    });
    return;
  }
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
