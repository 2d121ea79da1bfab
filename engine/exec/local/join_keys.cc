#include "engine/exec/local/join_keys.h"

#include <openssl/sha.h>

#include <bit>
#include <cstring>
#include <memory>
#include <numeric>
#include <span>

namespace care::engine {
namespace {

enum class KeyKind : std::uint8_t { kInteger = 1, kShortText = 2, kLongText = 3, kColumns = 4 };

mpc::JoinKey IntegerKey(std::int64_t value) {
  mpc::JoinKey key{};
  key[0] = static_cast<std::uint8_t>(KeyKind::kInteger);
  for (int i = 0; i < 8; ++i)
    key[8 + i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i));
  return key;
}

mpc::JoinKey TextKey(std::string_view text) {
  mpc::JoinKey key{};
  if (text.size() <= 14) {
    key[0] = static_cast<std::uint8_t>(KeyKind::kShortText);
    key[1] = static_cast<std::uint8_t>(text.size());
    std::memcpy(key.data() + 2, text.data(), text.size());
  } else {
    std::uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), digest);
    key[0] = static_cast<std::uint8_t>(KeyKind::kLongText);
    std::memcpy(key.data() + 1, digest, 15);
  }
  return key;
}

}  // namespace

std::vector<mpc::JoinKey> CanonicalKeys(const Column& column) {
  std::vector<mpc::JoinKey> keys;
  keys.reserve(column.size());
  for (std::size_t row = 0; row < column.size(); ++row) {
    keys.push_back(column.type.kind == TypeKind::kText ? TextKey(column.texts[row])
                                                       : IntegerKey(column.integers[row]));
  }
  return keys;
}

std::vector<mpc::JoinKey> CombineKeys(std::span<const std::vector<mpc::JoinKey>> columns) {
  std::vector<mpc::JoinKey> keys(columns.empty() ? 0 : columns[0].size());
  std::vector<mpc::JoinKey> of_row(columns.size());
  for (std::size_t row = 0; row < keys.size(); ++row) {
    for (std::size_t c = 0; c < columns.size(); ++c) of_row[c] = columns[c][row];
    std::uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256(of_row[0].data(), of_row.size() * sizeof(mpc::JoinKey), digest);
    keys[row][0] = static_cast<std::uint8_t>(KeyKind::kColumns);
    std::memcpy(keys[row].data() + 1, digest, keys[row].size() - 1);
  }
  return keys;
}

std::size_t JoinKeyHash::operator()(const mpc::JoinKey& key) const {
  std::uint64_t low;
  std::uint64_t high;
  std::memcpy(&low, key.data(), 8);
  std::memcpy(&high, key.data() + 8, 8);
  std::uint64_t mixed = (low ^ (high * 0x9e3779b97f4a7c15u)) * 0xff51afd7ed558ccdu;
  return mixed ^ (mixed >> 32);
}

bool HasDuplicate(const std::vector<mpc::JoinKey>& keys) {
  // Equal keys have equal hashes, so keys go by hash into parts whose table fits a core's cache.
  constexpr std::size_t kKeysOfPart = std::size_t{1} << 14;
  struct Entry {
    std::uint32_t hash;
    std::uint32_t position;
  };
  const unsigned part_bits = static_cast<unsigned>(std::bit_width(keys.size() / kKeysOfPart));
  const JoinKeyHash hash;
  const auto part_of = [&](std::size_t hashed) { return part_bits == 0 ? 0 : hashed >> (64 - part_bits); };
  std::vector<std::size_t> begin((std::size_t{1} << part_bits) + 1, 0);
  for (const mpc::JoinKey& key : keys) ++begin[part_of(hash(key)) + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  const std::unique_ptr<Entry[]> entries(new Entry[keys.size()]);
  std::vector<std::size_t> next(begin.begin(), begin.end() - 1);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::size_t hashed = hash(keys[i]);
    entries[next[part_of(hashed)]++] = {static_cast<std::uint32_t>(hashed), static_cast<std::uint32_t>(i)};
  }
  std::vector<std::uint32_t> table;  // open addressing over entries of the part + 1; 0 is empty
  for (std::size_t part = 0; part + 1 < begin.size(); ++part) {
    const std::span<const Entry> here(entries.get() + begin[part], begin[part + 1] - begin[part]);
    const std::size_t places = std::bit_ceil(2 * here.size() + 1);
    table.assign(places, 0);
    for (std::size_t i = 0; i < here.size(); ++i) {
      std::size_t place = here[i].hash & (places - 1);
      for (; table[place] != 0; place = (place + 1) & (places - 1)) {
        const Entry& other = here[table[place] - 1];
        if (other.hash == here[i].hash && keys[other.position] == keys[here[i].position]) return true;
      }
      table[place] = static_cast<std::uint32_t>(i + 1);
    }
  }
  return false;
}

}  // namespace care::engine
