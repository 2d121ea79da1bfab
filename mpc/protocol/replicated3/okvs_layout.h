// mpc/protocol/replicated3/okvs_layout.h
//
// Where the cells of an oblivious key-value store (okvs.h) are, what they hold, and where a query reads.
// Sizes follow from the public bound on the keys alone, in integers, so that all parties agree.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mpc/protocol/replicated3/block_cipher.h"

namespace care::mpc {

using OkvsQuery = std::array<std::uint8_t, 12>;

inline constexpr std::size_t kOkvsDenseCells = 48;

struct OkvsLayout {
  std::size_t buckets = 1;
  std::size_t bucket_capacity = 0;  // keys that a bucket is sized for
  std::size_t third = 0;            // sparse cells in each third of a bucket

  // Requires key_bound <= 2^28. Buckets of about 2^14 keys keep the peeling in a core's cache.
  static OkvsLayout For(std::size_t key_bound);

  std::size_t cells_per_bucket() const { return 3 * third + kOkvsDenseCells; }
  std::size_t cells() const { return buckets * cells_per_bucket(); }

  // The first 32 bits of a query choose its bucket: they are as good as random.
  std::size_t BucketOf(const OkvsQuery& query) const;
};

// What a cell and a value hold, in this order.
struct OkvsRecord {
  unsigned xor_words = 0;
  unsigned ring_words = 0;

  unsigned words() const { return xor_words + ring_words; }
};

// A query and the row that asked it.
struct PlacedQuery {
  OkvsQuery query;
  std::uint32_t row;
};
static_assert(sizeof(PlacedQuery) == 16);

// Where one query reads, within its bucket.
struct Placement {
  std::array<std::uint16_t, 3> cell;   // cell[t] lies in [t * third, (t + 1) * third)
  std::array<std::uint16_t, 3> dense;  // 48 bits: which dense cells it adds
};

// The public hash of queries: an AES block of each under a fixed key. Queries are outputs of a secret
// function or random, so nobody can choose them; the hash has only to spread them.
class OkvsHash {
 public:
  OkvsHash();
  void Place(const OkvsLayout& layout, std::span<const PlacedQuery> queries, std::vector<Placement>& out);

 private:
  BlockCipher cipher_;
  std::vector<std::uint8_t> blocks_;
};

}  // namespace care::mpc
