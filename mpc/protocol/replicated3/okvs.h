// mpc/protocol/replicated3/okvs.h
//
// An oblivious key-value store: a table of cells from which every encoded query reads back exactly its value
// as a sum of a few cells, while any other query reads noise, and which does not show which queries were
// encoded. The private lookup (lookup.cc) sends one, masked, instead of sorting.
//
// A query is 96 pseudorandom bits. A public hash of it names a bucket, one cell in each third of the bucket's
// sparse cells, and a subset of its 48 dense cells; the value is the sum of these. A record is some words
// that combine by XOR followed by some that combine by addition modulo 2^64; one solution serves both, for
// the system has entries 0 and 1, and an odd pivot is invertible modulo 2 and modulo 2^64 alike.
//
// Encoding peels cells that one query alone touches, eliminates the remaining core over its own sparse cells
// and the dense ones, and unwinds. Cells that nothing determines are random. An encoding fails (Internal)
// with probability below 2^-40; the caller must abort and never draw other keys: choosing keys for which the
// encoding succeeds would tell the helper something about them.
//
// Sizes follow from the public bound on the keys alone, in integers, so that all parties agree.
// Buckets of about 2^14 keys keep the peeling in a core's cache.
//
// Sources: Garimella et al., CRYPTO 2021 (oblivious key-value stores, 3-hash garbled cuckoo table);
// Raghuraman and Rindal, CCS 2022 (dense part); sizes by our own trials (tests/unit/mpc/okvs_test.cc).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace care::mpc {

using OkvsQuery = std::array<std::uint8_t, 12>;

inline constexpr std::size_t kOkvsDenseCells = 48;

// Where the cells are. Public: a function of the bound on the number of keys.
struct OkvsLayout {
  std::size_t buckets = 1;
  std::size_t bucket_capacity = 0;  // keys that a bucket is sized for
  std::size_t third = 0;            // sparse cells in each third of a bucket

  // Requires key_bound <= 2^28.
  static OkvsLayout For(std::size_t key_bound);

  std::size_t cells_per_bucket() const { return 3 * third + kOkvsDenseCells; }
  std::size_t cells() const { return buckets * cells_per_bucket(); }
};

// What a cell and a value hold, in this order.
struct OkvsRecord {
  unsigned xor_words = 0;
  unsigned ring_words = 0;

  unsigned words() const { return xor_words + ring_words; }
};

// The cells, record after record, for values laid out alike. Queries must be distinct; Internal if there is
// no solution or a bucket overflows.
absl::StatusOr<std::vector<std::uint64_t>> OkvsEncode(const OkvsLayout& layout, const OkvsRecord& record,
                                                      std::span<const OkvsQuery> queries,
                                                      std::span<const std::uint64_t> values);

// The records that the queries read, in the order of the queries.
std::vector<std::uint64_t> OkvsDecode(const OkvsLayout& layout, const OkvsRecord& record,
                                      std::span<const std::uint64_t> cells,
                                      std::span<const OkvsQuery> queries);

// How many queries of an encoding the peeling left to the elimination; for tests of that path.
std::size_t OkvsCoreSize(const OkvsLayout& layout, std::span<const OkvsQuery> queries);

// Fills the buffer from a fresh seed of the operating system's: values that no other party can know.
void FillFromLocalRandom(std::span<std::uint8_t> buffer);

}  // namespace care::mpc
