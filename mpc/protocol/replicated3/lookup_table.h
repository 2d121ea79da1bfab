// mpc/protocol/replicated3/lookup_table.h
//
// What the private lookup (lookup.cc) computes without messages: queries and tags, under keys that the two
// owners share and the helper does not, and the table's cells as they travel.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "mpc/protocol/protocol.h"
#include "mpc/protocol/replicated3/okvs_layout.h"
#include "mpc/protocol/replicated3/raw_buffer.h"
#include "mpc/random/key_derivation.h"

namespace care::mpc {

// The secrets of one lookup. A second lookup, the same tables in the other direction included, takes other
// ones: the helper could intersect two lists of queries made under one key.
struct LookupSecrets {
  LookupSecrets(const Seed& seed_of_owners, std::string_view instance);

  Seed query;  // what a key is asked as
  Seed tag;    // what a query must answer
  Seed table;  // the mask of the table on its way to the helper
};

// The words of a cell's record: the tag and, from the bit after it on, the payload's bits by XOR, then the
// rings.
OkvsRecord RecordOf(const LookupShape& shape);
// The bits of a record by XOR.
unsigned LookupXorBits(const LookupShape& shape);

// AES of each key under `secret`, cut to a query.
RawBuffer<OkvsQuery> QueriesOf(const Seed& secret, std::span<const JoinKey> keys);

// The tag of a key is AES of its query under a secret of its own: distinct keys have distinct queries.
class LookupTags {
 public:
  explicit LookupTags(const Seed& secret) : cipher_(secret.aes_key()) {}

  // XORs each query's tag into its record.
  void AddTo(const LookupShape& shape, std::span<const PlacedQuery> queries,
             std::span<std::uint64_t> records);

 private:
  BlockCipher cipher_;
  std::vector<std::uint8_t> blocks_;
};

// The arm's values, to be gathered bucket by bucket: tag and payload of each query.
class LookupValues {
 public:
  LookupValues(const LookupShape& shape, const LookupArm& arm, const Seed& tag_secret);
  void Gather(std::span<const PlacedQuery> queries, std::vector<std::uint64_t>& records);

 private:
  const LookupShape& shape_;
  const LookupArm& arm_;
  LookupTags tags_;
  const std::size_t payload_words_;
  RawBuffer<std::uint64_t> payload_;  // the bits, row after row
};

// On the wire a cell's bits take whole bytes and its rings eight bytes each.
std::size_t WireCellBytes(const LookupShape& shape);
bool WireCellsAreCells(const LookupShape& shape);  // byte for byte: neither packing nor unpacking
void PackCells(const LookupShape& shape, std::span<const std::uint64_t> cells, std::span<std::uint8_t> wire);
void UnpackCells(const LookupShape& shape, std::span<const std::uint8_t> wire,
                 std::span<std::uint64_t> cells);

}  // namespace care::mpc
