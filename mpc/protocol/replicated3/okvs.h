// mpc/protocol/replicated3/okvs.h
//
// An oblivious key-value store: a table of cells from which every encoded query reads back exactly its value
// as a sum of a few cells, while any other query reads noise, and which does not show which queries were
// encoded. The private lookup (lookup.cc) sends one, masked, instead of sorting.
//
// A query is 96 pseudorandom bits. It names a bucket, and a public hash of it names one cell in each third of
// the bucket's sparse cells and a subset of its 48 dense cells; the value is the sum of these. A record is
// some words that combine by XOR followed by some that combine by addition modulo 2^64; one solution serves
// both, for the system has entries 0 and 1, and an odd pivot is invertible modulo 2 and modulo 2^64 alike.
//
// Encoding peels cells that one query alone touches, eliminates the remaining core over its own sparse cells
// and the dense ones, and unwinds. Cells that nothing determines are random. An encoding fails (Internal)
// with probability below 2^-40; the caller must abort and never draw other keys: choosing keys for which the
// encoding succeeds would tell the helper something about them.
//
// Buckets are independent: encoder and decoder take one at a time, so that a table of any size streams
// through a core's cache (okvs_partition.h sorts the queries).
//
// Sources: Garimella et al., CRYPTO 2021 (oblivious key-value stores, 3-hash garbled cuckoo table);
// Raghuraman and Rindal, CCS 2022 (dense part); sizes by our own trials (tests/unit/mpc/okvs_test.cc).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/protocol/replicated3/local_random.h"
#include "mpc/protocol/replicated3/okvs_layout.h"
#include "mpc/protocol/replicated3/okvs_peeling.h"
#include "mpc/protocol/replicated3/okvs_records.h"

namespace care::mpc {

class OkvsEncoder {
 public:
  OkvsEncoder(const OkvsLayout& layout, const OkvsRecord& record) : layout_(layout), record_(record) {}

  // `values`: a record for each of the bucket's queries, which must be distinct. `cells`: cells_per_bucket()
  // records. Internal if the bucket overflows or there is no solution.
  absl::Status EncodeBucket(std::span<const PlacedQuery> queries, std::span<const std::uint64_t> values,
                            std::span<std::uint64_t> cells);

 private:
  const OkvsLayout layout_;
  const OkvsRecord record_;
  OkvsHash hash_;
  LocalRandom random_;
  std::vector<Placement> placements_;
  Peeling peeling_;
  DenseTables dense_;
};

class OkvsDecoder {
 public:
  OkvsDecoder(const OkvsLayout& layout, const OkvsRecord& record) : layout_(layout), record_(record) {}

  // The record of each of the bucket's queries, in their order.
  void DecodeBucket(std::span<const std::uint64_t> cells, std::span<const PlacedQuery> queries,
                    std::span<std::uint64_t> records);

 private:
  const OkvsLayout layout_;
  const OkvsRecord record_;
  OkvsHash hash_;
  std::vector<Placement> placements_;
  DenseTables dense_;
};

// All buckets at once, values and records in the order of the queries.
absl::StatusOr<std::vector<std::uint64_t>> OkvsEncode(const OkvsLayout& layout, const OkvsRecord& record,
                                                      std::span<const OkvsQuery> queries,
                                                      std::span<const std::uint64_t> values);
std::vector<std::uint64_t> OkvsDecode(const OkvsLayout& layout, const OkvsRecord& record,
                                      std::span<const std::uint64_t> cells,
                                      std::span<const OkvsQuery> queries);

// How many queries of an encoding the peeling left to the elimination; for tests of that path.
std::size_t OkvsCoreSize(const OkvsLayout& layout, std::span<const OkvsQuery> queries);

}  // namespace care::mpc
