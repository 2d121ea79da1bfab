// engine/exec/local/join_keys.h
//
// Canonical form of join keys: equal SQL values give equal 16-byte blocks at every owner, whatever each
// database stores. A kind byte, then the value: integers (and dates) as eight bytes, texts of up to 14 bytes
// with their length, longer ones as a truncated SHA-256. Distinct values collide with probability 2^-112.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/types/column_batch.h"
#include "mpc/protocol/protocol.h"

namespace care::engine {

// Requires a column without NULLs.
std::vector<mpc::JoinKey> CanonicalKeys(const Column& column);

// A key of several columns: of the same rows' keys in each, in an agreed order. Distinct keys collide with
// probability 2^-120.
std::vector<mpc::JoinKey> CombineKeys(std::span<const std::vector<mpc::JoinKey>> columns);

struct JoinKeyHash {
  std::size_t operator()(const mpc::JoinKey& key) const;
};

template <typename Value>
using ByJoinKey = absl::flat_hash_map<mpc::JoinKey, Value, JoinKeyHash>;

bool HasDuplicate(const std::vector<mpc::JoinKey>& keys);

}  // namespace care::engine
