// The last step of the lookup: what B and H hold of each row's record, 2-of-2, becomes replicated shares, and
// the tag becomes the match bit.
//
// Resharing. Shares with A are drawn: B and A draw s_AB, H and A s_AH. B sends H its summand less s_AB, H
// sends B its own less s_AH, and both set the share that they have in common to the sum. Rows go in pieces of
// about half a megabyte, a few ahead of what has been received: within a piece the planes of the tag, the
// planes of the payload bits, the rings.
//
// Match. NOT of every tag plane, folded by AND to one. At most block_rows at a time: their tags are twelve to
// sixteen bytes a row here.

#include <algorithm>
#include <bit>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/protocol/replicated3/lookup_table.h"
#include "mpc/protocol/replicated3/raw_buffer.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::mpc {
namespace {

constexpr std::uint8_t kReshareStream = 0;  // of the pairs' keys
constexpr std::size_t kNoPart = 2;

std::size_t PlaneWords(std::size_t rows) { return (rows + 63) / 64; }

// Rows of a piece: whole words of planes, whole cache lines if the records are not very wide.
std::size_t PieceRows(const LookupShape& shape) {
  const std::size_t bits = LookupXorBits(shape) + 64 * std::size_t{shape.payload_rings};
  const std::size_t rows = kPieceWords * 64 / bits;
  return rows >= 512 ? rows / 512 * 512 : std::max<std::size_t>(64, rows / 64 * 64);
}

// One piece of one block, and where its words go.
struct Piece {
  const LookupShape& shape;
  std::size_t first_row;  // of all rows
  std::size_t first_in_block;
  std::size_t rows;

  unsigned tag_planes() const { return shape.tag_bits(); }
  std::size_t plane_words() const { return PlaneWords(rows); }
  std::size_t xor_words() const { return plane_words() * LookupXorBits(shape); }
  std::size_t words() const { return xor_words() + rows * shape.payload_rings; }
};

// The planes and columns of a piece's records.
void ToColumns(const Piece& piece, std::span<const std::uint64_t> records, std::span<std::uint64_t> out) {
  const OkvsRecord record = RecordOf(piece.shape);
  const unsigned words = record.words();
  const BitPlanes planes = BitPlanes::FromRows(records, words, piece.rows, LookupXorBits(piece.shape));
  std::uint64_t* next = std::copy(planes.words().begin(), planes.words().end(), out.data());
  for (unsigned ring = 0; ring < record.ring_words; ++ring) {
    const std::uint64_t* value = records.data() + record.xor_words + ring;
    for (std::size_t row = 0; row < piece.rows; ++row) *next++ = value[row * words];
  }
}

// A block's tag planes and the result's columns: one of the two parts.
struct PartTarget {
  std::uint64_t* tags;
  std::size_t tag_plane_words;  // from plane to plane
  LookupResult& result;
  unsigned part;
  bool invert_tags;  // NOT, which one share of three takes upon itself
};

void Put(const Piece& piece, std::span<const std::uint64_t> words, const PartTarget& target) {
  const std::uint64_t flip = target.invert_tags ? ~std::uint64_t{0} : 0;
  const std::size_t count = piece.plane_words();
  const std::uint64_t* next = words.data();
  for (unsigned p = 0; p < piece.tag_planes(); ++p, next += count) {
    std::uint64_t* plane = target.tags + p * target.tag_plane_words + PlaneWords(piece.first_in_block);
    for (std::size_t k = 0; k < count; ++k) plane[k] = next[k] ^ flip;
  }
  for (unsigned p = 0; p < piece.shape.payload_bits; ++p, next += count) {
    std::copy_n(next, count,
                target.result.bits.part(target.part).plane(p).data() + PlaneWords(piece.first_row));
  }
  for (RingColumn& ring : target.result.rings) {
    std::copy_n(next, piece.rows, ring.part(target.part).data() + piece.first_row);
    next += piece.rows;
  }
}

void AddTo(const Piece& piece, std::span<const std::uint64_t> words, const PartTarget& target) {
  const std::size_t count = piece.plane_words();
  const std::uint64_t* next = words.data();
  for (unsigned p = 0; p < piece.tag_planes(); ++p, next += count) {
    std::uint64_t* plane = target.tags + p * target.tag_plane_words + PlaneWords(piece.first_in_block);
    for (std::size_t k = 0; k < count; ++k) plane[k] ^= next[k];
  }
  for (unsigned p = 0; p < piece.shape.payload_bits; ++p, next += count) {
    std::uint64_t* plane = target.result.bits.part(target.part).plane(p).data() + PlaneWords(piece.first_row);
    for (std::size_t k = 0; k < count; ++k) plane[k] ^= next[k];
  }
  for (RingColumn& ring : target.result.rings) {
    std::uint64_t* values = ring.part(target.part).data() + piece.first_row;
    for (std::size_t row = 0; row < piece.rows; ++row) values[row] += next[row];
    next += piece.rows;
  }
}

std::span<const std::uint8_t> AsBytes(std::span<const std::uint64_t> words) {
  return {reinterpret_cast<const std::uint8_t*>(words.data()), words.size_bytes()};
}
std::span<std::uint8_t> AsBytes(std::span<std::uint64_t> words) {
  return {reinterpret_cast<std::uint8_t*>(words.data()), words.size_bytes()};
}

}  // namespace

// The tag planes of one block.
struct Replicated3::TagPlanes {
  std::size_t rows;
  unsigned planes;
  std::array<RawBuffer<std::uint64_t>, 2> parts;

  std::size_t plane_words() const { return PlaneWords(rows); }
};

absl::Status Replicated3::ShareRecords(std::uint32_t operation, const LookupShape& shape,
                                       std::size_t first_row, std::span<const std::uint64_t> records,
                                       TagPlanes& tags, LookupResult& result) {
  const unsigned spine_role = RoleOf(shape.spine);
  const unsigned helper_role = RoleOf(shape.helper);
  const unsigned third = RoleOf(shape.arm);
  const unsigned record_words = RecordOf(shape).words();
  const std::size_t piece_rows = PieceRows(shape);
  const std::size_t pieces = (tags.rows + piece_rows - 1) / piece_rows;
  const std::size_t pieces_in_block = (shape.block_rows + piece_rows - 1) / piece_rows;
  const std::size_t first_piece = first_row / shape.block_rows * pieces_in_block;
  // Share 0 takes the NOT.
  const std::size_t inverted = role_ == 0 ? 0 : role_ == 2 ? 1 : kNoPart;
  const auto target = [&](unsigned part) {
    return PartTarget{tags.parts[part].data(), tags.plane_words(), result, part, part == inverted};
  };
  const auto piece_at = [&](std::size_t index) {
    const std::size_t first = index * piece_rows;
    return Piece{shape, first_row + first, first, std::min(piece_rows, tags.rows - first)};
  };
  const auto draw = [&](unsigned other, std::size_t index, std::span<std::uint64_t> mask) {
    PrgWith(other).Fill(operation, kReshareStream, static_cast<std::uint32_t>(first_piece + index),
                        AsBytes(mask));
  };
  RawBuffer<std::uint64_t> mask(piece_at(0).words());
  if (role_ == third) {
    for (std::size_t index = 0; index < pieces; ++index) {
      const Piece piece = piece_at(index);
      const std::span<std::uint64_t> words = mask.span().first(piece.words());
      for (const unsigned other : {spine_role, helper_role}) {
        draw(other, index, words);
        Put(piece, words, target(PartOfShare(ShareOfPair(role_, other))));
      }
    }
    return absl::OkStatus();
  }
  const unsigned peer = role_ == spine_role ? helper_role : spine_role;
  const PartTarget with_third = target(PartOfShare(ShareOfPair(role_, third)));
  const PartTarget with_peer = target(PartOfShare(ShareOfPair(role_, peer)));
  RawBuffer<std::uint64_t> message(mask.size());
  for (std::size_t step = 0; step < pieces + kPiecesInFlight; ++step) {
    if (step < pieces) {
      const Piece piece = piece_at(step);
      const std::span<std::uint64_t> words = message.span().first(piece.words());
      const std::span<std::uint64_t> drawn = mask.span().first(piece.words());
      ToColumns(piece, records.subspan(piece.first_in_block * record_words, piece.rows * record_words),
                words);
      draw(third, step, drawn);
      const std::size_t xor_words = piece.xor_words();
      for (std::size_t k = 0; k < xor_words; ++k) words[k] ^= drawn[k];
      for (std::size_t k = xor_words; k < words.size(); ++k) words[k] -= drawn[k];
      CARE_RETURN_IF_ERROR(ChannelTo(peer).Send(AsBytes(std::span<const std::uint64_t>(words))));
      Put(piece, drawn, with_third);
      Put(piece, words, with_peer);
    }
    if (step >= kPiecesInFlight) {
      const Piece piece = piece_at(step - kPiecesInFlight);
      const std::span<std::uint64_t> words = message.span().first(piece.words());
      CARE_RETURN_IF_ERROR(ChannelTo(peer).Receive(AsBytes(words)));
      AddTo(piece, words, with_peer);
    }
  }
  return absl::OkStatus();
}

absl::Status Replicated3::FoldTags(TagPlanes& tags) {
  const std::size_t plane_words = tags.plane_words();
  while (tags.planes > 1) {
    const unsigned half = tags.planes / 2;
    const unsigned left_over = tags.planes % 2;
    const std::size_t words = half * plane_words;
    std::array<RawBuffer<std::uint64_t>, 2> folded;
    for (unsigned i = 0; i < 2; ++i) {
      folded[i] = RawBuffer<std::uint64_t>((half + left_over) * plane_words);
      std::copy_n(tags.parts[i].data() + 2 * words, left_over * plane_words, folded[i].data() + words);
    }
    const auto operands = [&](std::size_t first, std::size_t) {
      return ShareProduct{.x0 = tags.parts[0].data() + first,
                          .x1 = tags.parts[1].data() + first,
                          .y0 = tags.parts[0].data() + words + first,
                          .y1 = tags.parts[1].data() + words + first};
    };
    ++rounds_;
    CARE_RETURN_IF_ERROR(Reshare(NextOperation(), kernels().and_masked,
                                 folded[0].span().first(words), folded[1].span().first(words), operands));
    tags.parts = std::move(folded);
    tags.planes = half + left_over;
  }
  return absl::OkStatus();
}

absl::StatusOr<LookupResult> Replicated3::MatchRecords(std::uint32_t operation, const LookupShape& shape,
                                                       std::span<const std::uint64_t> records) {
  LookupResult result;
  result.matched = BitColumn(shape.spine_rows, 1, 2);
  result.bits = BitColumn(shape.spine_rows, shape.payload_bits, 2);
  for (unsigned ring = 0; ring < shape.payload_rings; ++ring) result.rings.emplace_back(shape.spine_rows, 2);
  const unsigned record_words = RecordOf(shape).words();
  for (std::size_t first = 0; first < shape.spine_rows; first += shape.block_rows) {
    TagPlanes tags;
    tags.rows = std::min(shape.block_rows, shape.spine_rows - first);
    tags.planes = shape.tag_bits();
    for (auto& part : tags.parts) part = RawBuffer<std::uint64_t>(tags.planes * tags.plane_words());
    std::span<const std::uint64_t> of_block;
    if (!records.empty()) of_block = records.subspan(first * record_words, tags.rows * record_words);
    ++rounds_;
    CARE_RETURN_IF_ERROR(ShareRecords(operation, shape, first, of_block, tags, result));
    CARE_RETURN_IF_ERROR(FoldTags(tags));
    for (unsigned i = 0; i < 2; ++i) {
      std::copy_n(tags.parts[i].data(), PlaneWords(tags.rows),
                  result.matched.part(i).words().data() + PlaneWords(first));
    }
  }
  return result;
}

}  // namespace care::mpc
