#include "engine/exec/join_keys.h"

#include <openssl/sha.h>

#include <bit>
#include <cstring>

namespace care::engine {
namespace {

enum class KeyKind : std::uint8_t { kInteger = 1, kShortText = 2, kLongText = 3 };

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

std::size_t JoinKeyHash::operator()(const mpc::JoinKey& key) const {
  std::uint64_t low;
  std::uint64_t high;
  std::memcpy(&low, key.data(), 8);
  std::memcpy(&high, key.data() + 8, 8);
  std::uint64_t mixed = (low ^ (high * 0x9e3779b97f4a7c15u)) * 0xff51afd7ed558ccdu;
  return mixed ^ (mixed >> 32);
}

bool HasDuplicate(const std::vector<mpc::JoinKey>& keys) {
  // Open addressing over positions: a table of four bytes a place stays in the caches longer than keys would.
  const std::size_t places = std::bit_ceil(2 * keys.size() + 1);
  std::vector<std::uint32_t> table(places, 0);  // position + 1; 0 is empty
  const JoinKeyHash hash;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::size_t place = hash(keys[i]) & (places - 1);
    for (; table[place] != 0; place = (place + 1) & (places - 1)) {
      if (keys[table[place] - 1] == keys[i]) return true;
    }
    table[place] = static_cast<std::uint32_t>(i + 1);
  }
  return false;
}

}  // namespace care::engine
