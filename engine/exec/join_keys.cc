#include "engine/exec/join_keys.h"

#include <openssl/sha.h>

#include <cstring>

namespace care::engine {
namespace {

enum class KeyKind : std::uint8_t { kInteger = 1, kShortText = 2, kLongText = 3 };

mpc::JoinKey IntegerKey(std::int64_t value) {
  mpc::JoinKey key{};
  key[0] = static_cast<std::uint8_t>(KeyKind::kInteger);
  for (int i = 0; i < 8; ++i) key[8 + i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i));
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
    keys.push_back(column.type.kind == TypeKind::kText ? TextKey(column.texts[row]) : IntegerKey(column.integers[row]));
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

KeyIndex IndexKeys(const std::vector<mpc::JoinKey>& keys) {
  KeyIndex index;
  index.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!index.emplace(keys[i], static_cast<std::uint32_t>(i)).second) return {};
  }
  return index;
}

}  // namespace care::engine
