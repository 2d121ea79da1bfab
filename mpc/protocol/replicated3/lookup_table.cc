#include "mpc/protocol/replicated3/lookup_table.h"

#include <algorithm>
#include <cstring>

#include "engine/types/check.h"

namespace care::mpc {
namespace {

constexpr std::size_t kBatch = 2048;  // blocks that go to the cipher at once

// For the few bytes of one cell, where a call would cost more than the copy.
void CopyBytes(std::uint8_t* to, const std::uint8_t* from, std::size_t count) {
  for (; count >= 8; count -= 8, to += 8, from += 8) std::memcpy(to, from, 8);
  if (count >= 4) {
    std::memcpy(to, from, 4);
    count -= 4;
    to += 4;
    from += 4;
  }
  for (; count > 0; --count) *to++ = *from++;
}

std::size_t XorBytes(const LookupShape& shape) { return (LookupXorBits(shape) + 7) / 8; }

}  // namespace

LookupSecrets::LookupSecrets(const Seed& seed_of_owners, std::string_view instance)
    : query(DeriveKey(seed_of_owners, "okvs-q", instance)),
      tag(DeriveKey(seed_of_owners, "okvs-t", instance)),
      table(DeriveKey(seed_of_owners, "okvs-r", instance)) {}

unsigned LookupXorBits(const LookupShape& shape) { return shape.tag_bits() + shape.payload_bits; }

OkvsRecord RecordOf(const LookupShape& shape) {
  return {.xor_words = (LookupXorBits(shape) + 63) / 64, .ring_words = shape.payload_rings};
}

RawBuffer<OkvsQuery> QueriesOf(const Seed& secret, std::span<const JoinKey> keys) {
  static_assert(sizeof(JoinKey) == BlockCipher::kBlockBytes);
  RawBuffer<OkvsQuery> queries(keys.size());
  BlockCipher cipher(secret.aes_key());
  std::vector<JoinKey> blocks(std::min(kBatch, keys.size()));
  for (std::size_t first = 0; first < keys.size(); first += kBatch) {
    const std::size_t count = std::min(kBatch, keys.size() - first);
    cipher.Encrypt(keys[first].data(), blocks[0].data(), count);
    for (std::size_t i = 0; i < count; ++i) {
      std::memcpy(queries[first + i].data(), blocks[i].data(), sizeof(OkvsQuery));
    }
  }
  return queries;
}

void LookupTags::AddTo(const LookupShape& shape, std::span<const PlacedQuery> queries,
                       std::span<std::uint64_t> records) {
  const unsigned words = RecordOf(shape).words();
  const bool long_tag = shape.tag_bits() > 64;
  blocks_.resize(kBatch * BlockCipher::kBlockBytes);
  for (std::size_t first = 0; first < queries.size(); first += kBatch) {
    const std::size_t count = std::min(kBatch, queries.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      std::uint8_t* block = blocks_.data() + BlockCipher::kBlockBytes * i;
      std::memcpy(block, queries[first + i].query.data(), sizeof(OkvsQuery));
      std::memset(block + sizeof(OkvsQuery), 0, BlockCipher::kBlockBytes - sizeof(OkvsQuery));
    }
    cipher_.Encrypt(blocks_.data(), blocks_.data(), count);
    for (std::size_t i = 0; i < count; ++i) {
      std::uint64_t tag[2];
      std::memcpy(tag, blocks_.data() + BlockCipher::kBlockBytes * i, sizeof tag);
      std::uint64_t* record = records.data() + (first + i) * words;
      record[0] ^= tag[0];
      if (long_tag) record[1] ^= tag[1] & 0xffffffff;
    }
  }
}

LookupValues::LookupValues(const LookupShape& shape, const LookupArm& arm, const Seed& tag_secret)
    : shape_(shape),
      arm_(arm),
      tags_(tag_secret),
      payload_words_((shape.payload_bits + 63) / 64),
      payload_(payload_words_ * arm.keys.size()) {
  if (payload_words_ > 0 && !arm.keys.empty()) arm.bits.ToRows(payload_.span(), payload_words_);
}

void LookupValues::Gather(std::span<const PlacedQuery> queries, std::vector<std::uint64_t>& records) {
  const OkvsRecord record = RecordOf(shape_);
  const unsigned words = record.words();
  const unsigned tag_bits = shape_.tag_bits();
  const unsigned skip = tag_bits / 64;
  const unsigned shift = tag_bits % 64;
  records.assign(queries.size() * words, 0);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    std::uint64_t* out = records.data() + i * words;
    const std::size_t row = queries[i].row;
    for (std::size_t w = 0; w < payload_words_; ++w) {
      const std::uint64_t word = payload_[row * payload_words_ + w];
      out[skip + w] |= word << shift;
      if (shift != 0 && skip + w + 1 < record.xor_words) out[skip + w + 1] |= word >> (64 - shift);
    }
    for (unsigned ring = 0; ring < record.ring_words; ++ring) {
      out[record.xor_words + ring] = arm_.rings[ring][row];
    }
  }
  tags_.AddTo(shape_, queries, records);
}

bool WireCellsAreCells(const LookupShape& shape) { return LookupXorBits(shape) % 64 == 0; }

std::size_t WireCellBytes(const LookupShape& shape) { return XorBytes(shape) + 8 * shape.payload_rings; }

void PackCells(const LookupShape& shape, std::span<const std::uint64_t> cells, std::span<std::uint8_t> wire) {
  const OkvsRecord record = RecordOf(shape);
  const std::size_t xor_bytes = XorBytes(shape);
  const std::size_t cell_bytes = WireCellBytes(shape);
  const std::size_t cell_count = cells.size() / record.words();
  CARE_CHECK(wire.size() == cell_count * cell_bytes);
  std::uint8_t* out = wire.data();
  for (std::size_t c = 0; c < cell_count; ++c, out += cell_bytes) {
    const std::uint64_t* cell = cells.data() + c * record.words();
    CopyBytes(out, reinterpret_cast<const std::uint8_t*>(cell), xor_bytes);
    CopyBytes(out + xor_bytes, reinterpret_cast<const std::uint8_t*>(cell + record.xor_words),
              8 * record.ring_words);
  }
}

void UnpackCells(const LookupShape& shape, std::span<const std::uint8_t> wire,
                 std::span<std::uint64_t> cells) {
  const OkvsRecord record = RecordOf(shape);
  const std::size_t xor_bytes = XorBytes(shape);
  const std::size_t cell_bytes = WireCellBytes(shape);
  const std::size_t cell_count = cells.size() / record.words();
  CARE_CHECK(wire.size() == cell_count * cell_bytes);
  const std::uint8_t* in = wire.data();
  for (std::size_t c = 0; c < cell_count; ++c, in += cell_bytes) {
    std::uint64_t* cell = cells.data() + c * record.words();
    cell[record.xor_words - 1] = 0;
    CopyBytes(reinterpret_cast<std::uint8_t*>(cell), in, xor_bytes);
    CopyBytes(reinterpret_cast<std::uint8_t*>(cell + record.xor_words), in + xor_bytes,
              8 * record.ring_words);
  }
}

}  // namespace care::mpc
