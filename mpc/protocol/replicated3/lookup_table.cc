#include "mpc/protocol/replicated3/lookup_table.h"

#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "engine/types/check.h"

namespace care::mpc {
namespace {

constexpr std::size_t kTagBytes = 8;

std::size_t XorBytes(const LookupShape& shape) { return kTagBytes + (shape.payload_bits + 7) / 8; }

// Calls visit(row, block) with the AES block of each key.
template <typename Visit>
void EncryptKeys(const Seed& secret, std::span<const JoinKey> keys, const Visit& visit) {
  constexpr std::size_t kBatch = 2048;
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher(EVP_CIPHER_CTX_new(),
                                                                               &EVP_CIPHER_CTX_free);
  CARE_CHECK(cipher != nullptr);
  CARE_CHECK(EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_ecb(), nullptr, secret.aes_key().data(), nullptr) ==
             1);
  EVP_CIPHER_CTX_set_padding(cipher.get(), 0);
  std::vector<JoinKey> blocks(std::min(kBatch, keys.size()));
  for (std::size_t first = 0; first < keys.size(); first += kBatch) {
    const std::size_t count = std::min(kBatch, keys.size() - first);
    int written = 0;
    CARE_CHECK(EVP_EncryptUpdate(cipher.get(), blocks[0].data(), &written, keys[first].data(),
                                 static_cast<int>(count * sizeof(JoinKey))) == 1);
    CARE_CHECK(static_cast<std::size_t>(written) == count * sizeof(JoinKey));
    for (std::size_t i = 0; i < count; ++i) visit(first + i, blocks[i]);
  }
}

std::uint64_t FirstWord(const OkvsQuery& query) {
  std::uint64_t word;
  std::memcpy(&word, query.data(), sizeof word);
  return word;
}

bool IsPresent(std::span<const std::uint8_t> present, std::size_t row) {
  return present.empty() || present[row];
}

// Exact, by sorting; only called when two queries agree in 64 of their 96 bits.
bool AllDistinctBySorting(std::span<const OkvsQuery> queries, std::span<const std::uint8_t> present) {
  std::vector<OkvsQuery> sorted;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    if (IsPresent(present, i)) sorted.push_back(queries[i]);
  }
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
}

}  // namespace

LookupSecrets::LookupSecrets(const Seed& seed_of_owners, std::string_view instance)
    : query(DeriveKey(seed_of_owners, "okvs-q", instance)),
      tag(DeriveKey(seed_of_owners, "okvs-t", instance)),
      table(DeriveKey(seed_of_owners, "okvs-r", instance)) {}

std::vector<OkvsQuery> QueriesOf(const Seed& secret, std::span<const JoinKey> keys) {
  std::vector<OkvsQuery> queries(keys.size());
  EncryptKeys(secret, keys, [&](std::size_t row, const JoinKey& block) {
    std::memcpy(queries[row].data(), block.data(), queries[row].size());
  });
  return queries;
}

std::vector<std::uint64_t> TagsOf(const Seed& secret, std::span<const JoinKey> keys) {
  std::vector<std::uint64_t> tags(keys.size());
  EncryptKeys(secret, keys, [&](std::size_t row, const JoinKey& block) {
    std::memcpy(&tags[row], block.data(), kTagBytes);
  });
  return tags;
}

bool AllDistinct(std::span<const OkvsQuery> queries, std::span<const std::uint8_t> present) {
  // Open addressing on the first 64 bits, which are as good as random; 0 marks an empty place.
  const std::size_t places = std::bit_ceil(2 * queries.size() + 1);
  std::vector<std::uint64_t> table(places, 0);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    if (!IsPresent(present, i)) continue;
    const std::uint64_t word = FirstWord(queries[i]);
    if (word == 0) return AllDistinctBySorting(queries, present);
    std::size_t place = word & (places - 1);
    while (table[place] != 0) {
      if (table[place] == word) return AllDistinctBySorting(queries, present);
      place = (place + 1) & (places - 1);
    }
    table[place] = word;
  }
  return true;
}

OkvsRecord RecordOf(const LookupShape& shape) {
  return {.xor_words = 1 + (shape.payload_bits + 63) / 64, .ring_words = shape.payload_rings};
}

std::size_t WireCellBytes(const LookupShape& shape) { return XorBytes(shape) + 8 * shape.payload_rings; }

std::size_t WireTableWords(const LookupShape& shape, const OkvsLayout& layout) {
  return (layout.cells() * WireCellBytes(shape) + 7) / 8;
}

std::vector<std::uint64_t> PackCells(const LookupShape& shape, std::span<const std::uint64_t> cells) {
  const OkvsRecord record = RecordOf(shape);
  const std::size_t cell_count = cells.size() / record.words();
  const std::size_t cell_bytes = WireCellBytes(shape);
  std::vector<std::uint64_t> wire((cell_count * cell_bytes + 7) / 8, 0);
  auto* out = reinterpret_cast<std::uint8_t*>(wire.data());
  for (std::size_t c = 0; c < cell_count; ++c, out += cell_bytes) {
    const std::uint64_t* cell = cells.data() + c * record.words();
    std::memcpy(out, cell, XorBytes(shape));
    if (record.ring_words > 0)
      std::memcpy(out + XorBytes(shape), cell + record.xor_words, 8 * record.ring_words);
  }
  return wire;
}

std::vector<std::uint64_t> UnpackCells(const LookupShape& shape, std::size_t cell_count,
                                       std::span<const std::uint64_t> wire) {
  const OkvsRecord record = RecordOf(shape);
  const std::size_t cell_bytes = WireCellBytes(shape);
  CARE_CHECK(wire.size() * 8 >= cell_count * cell_bytes);
  std::vector<std::uint64_t> cells(cell_count * record.words(), 0);
  const auto* in = reinterpret_cast<const std::uint8_t*>(wire.data());
  for (std::size_t c = 0; c < cell_count; ++c, in += cell_bytes) {
    std::uint64_t* cell = cells.data() + c * record.words();
    std::memcpy(cell, in, XorBytes(shape));
    if (record.ring_words > 0)
      std::memcpy(cell + record.xor_words, in + XorBytes(shape), 8 * record.ring_words);
  }
  return cells;
}

std::size_t WireQueryWords(std::size_t queries) { return (queries * sizeof(OkvsQuery) + 7) / 8; }

std::vector<std::uint64_t> PackQueries(std::span<const OkvsQuery> queries) {
  std::vector<std::uint64_t> wire(WireQueryWords(queries.size()), 0);
  if (!queries.empty()) std::memcpy(wire.data(), queries.data(), queries.size_bytes());
  return wire;
}

std::vector<OkvsQuery> UnpackQueries(std::size_t count, std::span<const std::uint64_t> wire) {
  CARE_CHECK(wire.size() == WireQueryWords(count));
  std::vector<OkvsQuery> queries(count);
  if (count > 0) std::memcpy(queries.data(), wire.data(), count * sizeof(OkvsQuery));
  return queries;
}

}  // namespace care::mpc
