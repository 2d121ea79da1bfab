// engine/exec/join_keys.h
//
// Canonical form of join keys: equal SQL values give equal 16-byte blocks at every owner, whatever each
// database stores. A kind byte, then the value: integers (and dates) as eight bytes, texts of up to 14 bytes
// with their length, longer ones as a truncated SHA-256. Distinct values collide with probability 2^-112.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/types/column_batch.h"
#include "mpc/protocol/protocol.h"

namespace care::engine {

// Requires a column without NULLs.
std::vector<mpc::JoinKey> CanonicalKeys(const Column& column);

struct JoinKeyHash {
  std::size_t operator()(const mpc::JoinKey& key) const;
};

// Position by key; empty if two keys are equal.
using KeyIndex = std::unordered_map<mpc::JoinKey, std::uint32_t, JoinKeyHash>;
KeyIndex IndexKeys(const std::vector<mpc::JoinKey>& keys);

}  // namespace care::engine
