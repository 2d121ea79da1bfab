#include "mpc/protocol/replicated3/okvs.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <numeric>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::mpc {
namespace {

using Words = std::vector<std::uint64_t>;

// Where one query reads, within its bucket.
struct Placement {
  std::array<std::uint16_t, 3> cell;   // the third is implied: cell[t] lies in [t * third, (t + 1) * third)
  std::array<std::uint16_t, 3> dense;  // 48 bits: which dense cells it adds
};

// All placements of a list of queries, sorted by bucket; stable, so that a sequential walk over the queries
// with one cursor a bucket finds each query's place.
struct Placements {
  std::vector<Placement> sorted;
  std::vector<std::size_t> begin;            // buckets + 1
  std::vector<std::uint16_t> bucket_of_row;  // in the order of the queries
};

struct CipherDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter>;

Cipher NewCipher(const EVP_CIPHER* kind, const std::uint8_t* key, const std::uint8_t* iv) {
  Cipher cipher(EVP_CIPHER_CTX_new());
  CARE_CHECK(cipher != nullptr);
  CARE_CHECK(EVP_EncryptInit_ex(cipher.get(), kind, nullptr, key, iv) == 1);
  EVP_CIPHER_CTX_set_padding(cipher.get(), 0);
  return cipher;
}

void Encrypt(EVP_CIPHER_CTX* cipher, std::uint8_t* out, const std::uint8_t* in, std::size_t bytes) {
  constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;
  while (bytes > 0) {
    const std::size_t part = std::min(bytes, kMostAtOnce);
    int written = 0;
    CARE_CHECK(EVP_EncryptUpdate(cipher, out, &written, in, static_cast<int>(part)) == 1);
    CARE_CHECK(static_cast<std::size_t>(written) == part);
    out += part;
    in += part;
    bytes -= part;
  }
}

std::uint32_t Load32(const std::uint8_t* bytes) {
  std::uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

std::uint64_t Scale(std::uint32_t uniform, std::size_t range) {
  return (static_cast<std::uint64_t>(uniform) * range) >> 32;
}

// The public hash: two AES blocks of the query under a fixed key. Queries are outputs of a secret function or
// random, so nobody can choose them; the hash has only to spread them.
Placements Place(const OkvsLayout& layout, std::span<const OkvsQuery> queries) {
  static constexpr std::uint8_t kPublicKey[16] = {'c', 'a', 'r', 'e', '/', 'o', 'k', 'v',
                                                  's', '/', 'p', 'l', 'a', 'c', 'e', '1'};
  constexpr std::size_t kBatch = 1024;
  const Cipher cipher = NewCipher(EVP_aes_128_ecb(), kPublicKey, nullptr);
  Placements result;
  result.bucket_of_row.resize(queries.size());
  std::vector<Placement> in_row_order(queries.size());
  std::vector<std::uint8_t> blocks(kBatch * 32);
  std::vector<std::size_t> count(layout.buckets, 0);
  for (std::size_t first = 0; first < queries.size(); first += kBatch) {
    const std::size_t batch = std::min(kBatch, queries.size() - first);
    for (std::size_t i = 0; i < batch; ++i) {
      std::uint8_t* block = blocks.data() + 32 * i;
      std::memcpy(block, queries[first + i].data(), 12);
      std::memset(block + 12, 0, 4);
      std::memcpy(block + 16, block, 16);
      block[31] = 1;
    }
    Encrypt(cipher.get(), blocks.data(), blocks.data(), 32 * batch);
    for (std::size_t i = 0; i < batch; ++i) {
      const std::uint8_t* hash = blocks.data() + 32 * i;
      Placement& placement = in_row_order[first + i];
      for (std::size_t t = 0; t < 3; ++t) {
        placement.cell[t] =
            static_cast<std::uint16_t>(t * layout.third + Scale(Load32(hash + 4 * t), layout.third));
      }
      std::memcpy(placement.dense.data(), hash + 16, 6);
      const std::uint64_t bucket = Scale(Load32(hash + 24), layout.buckets);
      result.bucket_of_row[first + i] = static_cast<std::uint16_t>(bucket);
      ++count[bucket];
    }
  }
  result.begin.resize(layout.buckets + 1, 0);
  std::partial_sum(count.begin(), count.end(), result.begin.begin() + 1);
  std::vector<std::size_t> cursor(result.begin.begin(), result.begin.end() - 1);
  result.sorted.resize(queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    result.sorted[cursor[result.bucket_of_row[i]]++] = in_row_order[i];
  }
  return result;
}

// How records combine. Common widths are compile-time constants, so that sums stay in registers.
template <unsigned kXor, unsigned kRing>
struct FixedRecord {
  using Sum = std::array<std::uint64_t, kXor + kRing>;
  static constexpr unsigned xor_words() { return kXor; }
  static constexpr unsigned words() { return kXor + kRing; }
  Sum NewSum() const { return {}; }
};
struct AnyRecord {
  OkvsRecord record;
  using Sum = Words;
  unsigned xor_words() const { return record.xor_words; }
  unsigned words() const { return record.words(); }
  Sum NewSum() const { return Words(record.words()); }
};

template <typename Record, typename Sum>
inline void AddTo(const Record& record, Sum& sum, const std::uint64_t* value) {
  for (unsigned w = 0; w < record.xor_words(); ++w) sum[w] ^= value[w];
  for (unsigned w = record.xor_words(); w < record.words(); ++w) sum[w] += value[w];
}
template <typename Record, typename Sum>
inline void TakeFrom(const Record& record, Sum& sum, const std::uint64_t* value) {
  for (unsigned w = 0; w < record.xor_words(); ++w) sum[w] ^= value[w];
  for (unsigned w = record.xor_words(); w < record.words(); ++w) sum[w] -= value[w];
}
// sum -= coefficient * value, where only the coefficient's parity matters to the XOR words.
template <typename Record>
inline void TakeMultiple(const Record& record, std::uint64_t* sum, std::uint64_t coefficient,
                         const std::uint64_t* value) {
  const std::uint64_t parity = ~((coefficient & 1) - 1);
  for (unsigned w = 0; w < record.xor_words(); ++w) sum[w] ^= parity & value[w];
  for (unsigned w = record.xor_words(); w < record.words(); ++w) sum[w] -= coefficient * value[w];
}

template <typename Visit>
auto WithRecord(const OkvsRecord& record, Visit&& visit) {
  if (record.xor_words == 1) {
    switch (record.ring_words) {
      case 0:
        return visit(FixedRecord<1, 0>{});
      case 1:
        return visit(FixedRecord<1, 1>{});
      case 2:
        return visit(FixedRecord<1, 2>{});
      case 3:
        return visit(FixedRecord<1, 3>{});
    }
  } else if (record.xor_words == 2) {
    switch (record.ring_words) {
      case 0:
        return visit(FixedRecord<2, 0>{});
      case 1:
        return visit(FixedRecord<2, 1>{});
      case 2:
        return visit(FixedRecord<2, 2>{});
      case 3:
        return visit(FixedRecord<2, 3>{});
    }
  }
  return visit(AnyRecord{record});
}

// The sums of all subsets of a bucket's dense cells, eight cells at a time: six lookups replace 24 additions.
template <typename Record>
class DenseTables {
 public:
  explicit DenseTables(const Record& record) : record_(record), entries_(6 * 256 * record.words()) {}

  void Build(const std::uint64_t* dense_cells) {
    const unsigned words = record_.words();
    for (unsigned group = 0; group < 6; ++group) {
      std::uint64_t* table = entries_.data() + group * 256 * words;
      std::fill_n(table, words, 0);
      for (unsigned subset = 1; subset < 256; ++subset) {
        const unsigned lowest = static_cast<unsigned>(__builtin_ctz(subset));
        std::uint64_t* entry = table + subset * words;
        std::copy_n(table + (subset & (subset - 1)) * words, words, entry);
        AddTo(record_, entry, dense_cells + (8 * group + lowest) * words);
      }
    }
  }
  const std::uint64_t* Entry(unsigned group, const Placement& placement) const {
    const unsigned subset = (placement.dense[group / 2] >> (8 * (group % 2))) & 0xff;
    return entries_.data() + (group * 256 + subset) * record_.words();
  }

 private:
  const Record& record_;
  Words entries_;
};

bool HasDense(const Placement& placement, unsigned cell) {
  return (placement.dense[cell / 16] >> (cell % 16)) & 1;
}

// Which query gives each cell its value, in the order of peeling, and the queries that peeling cannot reach.
class Peeling {
 public:
  struct Step {
    std::uint16_t row;
    std::uint16_t cell;
  };

  void Run(std::size_t cells, std::span<const Placement> rows) {
    CARE_CHECK(rows.size() <= std::numeric_limits<std::uint16_t>::max());
    touching_.assign(cells, Touching{});
    alive_.assign(rows.size(), 1);
    steps_.clear();
    single_.clear();
    core_.clear();
    for (std::size_t row = 0; row < rows.size(); ++row) {
      for (const std::uint16_t cell : rows[row].cell) {
        ++touching_[cell].count;
        touching_[cell].rows_xor ^= static_cast<std::uint16_t>(row);
      }
    }
    for (std::size_t cell = 0; cell < cells; ++cell) {
      if (touching_[cell].count == 1) single_.push_back(static_cast<std::uint16_t>(cell));
    }
    while (!single_.empty()) {
      const std::uint16_t cell = single_.back();
      single_.pop_back();
      if (touching_[cell].count != 1) continue;
      const std::uint16_t row = touching_[cell].rows_xor;
      alive_[row] = 0;
      steps_.push_back({row, cell});
      for (const std::uint16_t other : rows[row].cell) {
        Touching& touching = touching_[other];
        touching.rows_xor ^= row;
        if (--touching.count == 1) single_.push_back(other);
      }
    }
    if (steps_.size() == rows.size()) return;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (alive_[row]) core_.push_back(row);
    }
  }

  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<std::size_t>& core() const { return core_; }

 private:
  struct Touching {
    std::uint16_t count = 0;
    std::uint16_t rows_xor = 0;  // of the rows that still touch the cell: the row itself once one is left
  };
  std::vector<Touching> touching_;
  std::vector<std::uint8_t> alive_;
  std::vector<Step> steps_;
  std::vector<std::uint16_t> single_;
  std::vector<std::size_t> core_;
};

// The inverse of an odd number modulo 2^64, by Newton's iteration: each step doubles the correct bits.
std::uint64_t InverseOfOdd(std::uint64_t odd) {
  std::uint64_t inverse = odd;  // correct to 3 bits
  for (int step = 0; step < 5; ++step) inverse *= 2 - odd * inverse;
  return inverse;
}

// Gives the core's cells their values. All other cells that the core reads keep the random values they hold.
template <typename Record>
bool SolveCore(const Record& record, std::size_t third, std::span<const Placement> rows,
               std::span<const std::size_t> core, const std::uint64_t* values, std::uint64_t* cells) {
  const unsigned words = record.words();
  std::vector<std::size_t> columns;  // cell of each column: the core's own sparse cells, then the dense ones
  for (const std::size_t row : core)
    columns.insert(columns.end(), rows[row].cell.begin(), rows[row].cell.end());
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  const std::size_t sparse_columns = columns.size();
  for (std::size_t d = 0; d < kOkvsDenseCells; ++d) columns.push_back(3 * third + d);
  const std::size_t width = columns.size();

  Words matrix(core.size() * width, 0);
  Words right(core.size() * words);
  for (std::size_t r = 0; r < core.size(); ++r) {
    const Placement& placement = rows[core[r]];
    for (const std::uint16_t cell : placement.cell) {
      const auto at = std::lower_bound(columns.begin(), columns.begin() + sparse_columns, cell);
      matrix[r * width + (at - columns.begin())] = 1;
    }
    for (unsigned d = 0; d < kOkvsDenseCells; ++d) {
      matrix[r * width + sparse_columns + d] = HasDense(placement, d) ? 1 : 0;
    }
    std::copy_n(values + core[r] * words, words, right.data() + r * words);
  }

  std::vector<std::size_t> pivot(core.size());
  std::vector<std::uint8_t> is_pivot(width, 0);
  for (std::size_t r = 0; r < core.size(); ++r) {
    std::uint64_t* row = matrix.data() + r * width;
    std::size_t column = 0;
    while (column < width && (row[column] & 1) == 0) ++column;
    if (column == width) return false;
    pivot[r] = column;
    is_pivot[column] = 1;
    const std::uint64_t inverse = InverseOfOdd(row[column]);
    for (std::size_t c = 0; c < width; ++c) row[c] *= inverse;
    for (unsigned w = record.xor_words(); w < words; ++w) right[r * words + w] *= inverse;
    for (std::size_t q = 0; q < core.size(); ++q) {
      std::uint64_t* other = matrix.data() + q * width;
      const std::uint64_t factor = other[column];
      if (q == r || factor == 0) continue;
      for (std::size_t c = 0; c < width; ++c) other[c] -= factor * row[c];
      TakeMultiple(record, right.data() + q * words, factor, right.data() + r * words);
    }
  }
  for (std::size_t r = 0; r < core.size(); ++r) {
    std::uint64_t* solved = right.data() + r * words;
    for (std::size_t c = 0; c < width; ++c) {
      const std::uint64_t coefficient = matrix[r * width + c];
      if (is_pivot[c] || coefficient == 0) continue;
      TakeMultiple(record, solved, coefficient, cells + columns[c] * words);
    }
  }
  for (std::size_t r = 0; r < core.size(); ++r) {
    std::copy_n(right.data() + r * words, words, cells + columns[pivot[r]] * words);
  }
  return true;
}

template <typename Record>
absl::StatusOr<Words> Encode(const Record& record, const OkvsLayout& layout,
                             std::span<const OkvsQuery> queries, std::span<const std::uint64_t> values) {
  const unsigned words = record.words();
  const Placements placements = Place(layout, queries);
  Words sorted_values(values.size());
  std::vector<std::size_t> cursor(placements.begin.begin(), placements.begin.end() - 1);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const std::size_t place = cursor[placements.bucket_of_row[i]]++;
    std::copy_n(values.data() + i * words, words, sorted_values.data() + place * words);
  }

  Words cells(layout.cells() * words);
  FillFromLocalRandom({reinterpret_cast<std::uint8_t*>(cells.data()), cells.size() * sizeof(std::uint64_t)});
  Peeling peeling;
  DenseTables<Record> dense(record);
  auto sum = record.NewSum();
  for (std::size_t bucket = 0; bucket < layout.buckets; ++bucket) {
    const std::size_t first = placements.begin[bucket];
    const std::span<const Placement> rows(placements.sorted.data() + first,
                                          placements.begin[bucket + 1] - first);
    if (rows.size() > layout.bucket_capacity) return absl::InternalError("lookup table: a bucket overflowed");
    if (rows.empty()) continue;
    const std::uint64_t* bucket_values = sorted_values.data() + first * words;
    std::uint64_t* bucket_cells = cells.data() + bucket * layout.cells_per_bucket() * words;
    peeling.Run(3 * layout.third, rows);
    if (!peeling.core().empty() &&
        !SolveCore(record, layout.third, rows, peeling.core(), bucket_values, bucket_cells)) {
      return absl::InternalError("lookup table: the keys' equations have no solution");
    }
    dense.Build(bucket_cells + 3 * layout.third * words);
    for (auto step = peeling.steps().rbegin(); step != peeling.steps().rend(); ++step) {
      const Placement& placement = rows[step->row];
      std::copy_n(bucket_values + step->row * words, words, sum.begin());
      for (const std::uint16_t cell : placement.cell) {
        if (cell != step->cell) TakeFrom(record, sum, bucket_cells + cell * words);
      }
      for (unsigned group = 0; group < 6; ++group) TakeFrom(record, sum, dense.Entry(group, placement));
      std::copy_n(sum.begin(), words, bucket_cells + step->cell * words);
    }
  }
  return cells;
}

template <typename Record>
Words Decode(const Record& record, const OkvsLayout& layout, std::span<const std::uint64_t> cells,
             std::span<const OkvsQuery> queries) {
  const unsigned words = record.words();
  const Placements placements = Place(layout, queries);
  Words sorted(queries.size() * words);
  DenseTables<Record> dense(record);
  auto sum = record.NewSum();
  for (std::size_t bucket = 0; bucket < layout.buckets; ++bucket) {
    if (placements.begin[bucket] == placements.begin[bucket + 1]) continue;
    const std::uint64_t* bucket_cells = cells.data() + bucket * layout.cells_per_bucket() * words;
    dense.Build(bucket_cells + 3 * layout.third * words);
    for (std::size_t i = placements.begin[bucket]; i < placements.begin[bucket + 1]; ++i) {
      const Placement& placement = placements.sorted[i];
      std::fill(sum.begin(), sum.end(), 0);
      for (const std::uint16_t cell : placement.cell) AddTo(record, sum, bucket_cells + cell * words);
      for (unsigned group = 0; group < 6; ++group) AddTo(record, sum, dense.Entry(group, placement));
      std::copy_n(sum.begin(), words, sorted.data() + i * words);
    }
  }
  Words result(queries.size() * words);
  std::vector<std::size_t> cursor(placements.begin.begin(), placements.begin.end() - 1);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const std::size_t place = cursor[placements.bucket_of_row[i]]++;
    std::copy_n(sorted.data() + place * words, words, result.data() + i * words);
  }
  return result;
}

// The least r with r * r >= value, in integers.
std::size_t CeilingSquareRoot(std::size_t value) {
  std::size_t low = 0;
  std::size_t high = std::size_t{1} << 32;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (middle * middle >= value) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

OkvsLayout OkvsLayout::For(std::size_t key_bound) {
  CARE_CHECK(key_bound <= std::size_t{1} << 28);
  constexpr std::size_t kBucketKeys = std::size_t{1} << 14;
  OkvsLayout layout;
  layout.buckets = std::max<std::size_t>(1, (key_bound + kBucketKeys - 1) / kBucketKeys);
  const std::size_t mean = (key_bound + layout.buckets - 1) / layout.buckets;
  // Nine standard deviations over the mean: an overflow is rarer than 2^-55.
  layout.bucket_capacity = layout.buckets == 1 ? key_bound : mean + CeilingSquareRoot(81 * mean);
  // ceil((1.3 * capacity + 128) / 3).
  layout.third = (13 * layout.bucket_capacity + 1280 + 29) / 30;
  return layout;
}

absl::StatusOr<std::vector<std::uint64_t>> OkvsEncode(const OkvsLayout& layout, const OkvsRecord& record,
                                                      std::span<const OkvsQuery> queries,
                                                      std::span<const std::uint64_t> values) {
  CARE_CHECK(values.size() == queries.size() * record.words());
  return WithRecord(record, [&](const auto& fixed) { return Encode(fixed, layout, queries, values); });
}

std::vector<std::uint64_t> OkvsDecode(const OkvsLayout& layout, const OkvsRecord& record,
                                      std::span<const std::uint64_t> cells,
                                      std::span<const OkvsQuery> queries) {
  CARE_CHECK(cells.size() == layout.cells() * record.words());
  return WithRecord(record, [&](const auto& fixed) { return Decode(fixed, layout, cells, queries); });
}

std::size_t OkvsCoreSize(const OkvsLayout& layout, std::span<const OkvsQuery> queries) {
  const Placements placements = Place(layout, queries);
  Peeling peeling;
  std::size_t core = 0;
  for (std::size_t bucket = 0; bucket < layout.buckets; ++bucket) {
    const std::size_t first = placements.begin[bucket];
    peeling.Run(3 * layout.third, {placements.sorted.data() + first, placements.begin[bucket + 1] - first});
    core += peeling.core().size();
  }
  return core;
}

void FillFromLocalRandom(std::span<std::uint8_t> buffer) {
  std::uint8_t key[32];
  static constexpr std::uint8_t kStart[16] = {};
  CARE_CHECK(RAND_priv_bytes(key, sizeof key) == 1);
  std::fill(buffer.begin(), buffer.end(), std::uint8_t{0});
  const Cipher cipher = NewCipher(EVP_aes_256_ctr(), key, kStart);
  Encrypt(cipher.get(), buffer.data(), buffer.data(), buffer.size());
  OPENSSL_cleanse(key, sizeof key);
}

}  // namespace care::mpc
