// mpc/protocol/replicated3/lookup_table.h
//
// What the private lookup (lookup.cc) computes without messages: queries and tags from join keys, under
// keys that the two owners share and the helper does not, and the table's cells as they travel.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "mpc/protocol/protocol.h"
#include "mpc/protocol/replicated3/okvs.h"
#include "mpc/random/key_derivation.h"

namespace care::mpc {

// The secrets of one lookup. A second lookup, the same tables in the other direction included, takes other
// ones: the helper could intersect two lists of queries made under one key.
struct LookupSecrets {
  LookupSecrets(const Seed& seed_of_owners, std::string_view instance);

  Seed query;  // what a key is asked as
  Seed tag;    // what a key must answer
  Seed table;  // the mask of the table on its way to the helper
};

// AES of each key under `secret`, cut to the size of a query or of a tag.
std::vector<OkvsQuery> QueriesOf(const Seed& secret, std::span<const JoinKey> keys);
std::vector<std::uint64_t> TagsOf(const Seed& secret, std::span<const JoinKey> keys);

// Whether the queries of the rows that are present (all, if `present` is empty) are distinct. The queries
// must be pseudorandom.
bool AllDistinct(std::span<const OkvsQuery> queries, std::span<const std::uint8_t> present);

// The words of a cell's record: the tag and the payload's bits by XOR, then the rings.
OkvsRecord RecordOf(const LookupShape& shape);

// On the wire a cell's bits take whole bytes, its rings eight bytes each, and the whole table whole words.
std::size_t WireCellBytes(const LookupShape& shape);
std::size_t WireTableWords(const LookupShape& shape, const OkvsLayout& layout);
std::vector<std::uint64_t> PackCells(const LookupShape& shape, std::span<const std::uint64_t> cells);
std::vector<std::uint64_t> UnpackCells(const LookupShape& shape, std::size_t cell_count,
                                       std::span<const std::uint64_t> wire);

// Twelve bytes a query, in the rows' order, in whole words.
std::size_t WireQueryWords(std::size_t queries);
std::vector<std::uint64_t> PackQueries(std::span<const OkvsQuery> queries);
std::vector<OkvsQuery> UnpackQueries(std::size_t count, std::span<const std::uint64_t> wire);

}  // namespace care::mpc
