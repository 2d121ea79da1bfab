// mpc/protocol/replicated3/okvs_records.h
//
// How the records of an oblivious key-value store combine: words by XOR, then words by addition modulo 2^64.
// The common widths are compile-time constants, so that sums stay in registers.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "mpc/protocol/replicated3/okvs_layout.h"

namespace care::mpc {

template <unsigned kXor, unsigned kRing>
struct FixedRecord {
  using Sum = std::array<std::uint64_t, kXor + kRing>;
  static constexpr unsigned xor_words() { return kXor; }
  static constexpr unsigned words() { return kXor + kRing; }
  Sum NewSum() const { return {}; }
};
struct AnyRecord {
  OkvsRecord record;
  using Sum = std::vector<std::uint64_t>;
  unsigned xor_words() const { return record.xor_words; }
  unsigned words() const { return record.words(); }
  Sum NewSum() const { return Sum(record.words()); }
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
class DenseTables {
 public:
  template <typename Record>
  void Build(const Record& record, const std::uint64_t* dense_cells) {
    const unsigned words = record.words();
    entries_.resize(6 * 256 * words);
    for (unsigned group = 0; group < 6; ++group) {
      std::uint64_t* table = entries_.data() + group * 256 * words;
      std::fill_n(table, words, 0);
      for (unsigned subset = 1; subset < 256; ++subset) {
        const unsigned lowest = static_cast<unsigned>(__builtin_ctz(subset));
        std::uint64_t* entry = table + subset * words;
        std::copy_n(table + (subset & (subset - 1)) * words, words, entry);
        AddTo(record, entry, dense_cells + (8 * group + lowest) * words);
      }
    }
  }
  template <typename Record>
  const std::uint64_t* Entry(const Record& record, unsigned group, const Placement& placement) const {
    const unsigned subset = (placement.dense[group / 2] >> (8 * (group % 2))) & 0xff;
    return entries_.data() + (group * 256 + subset) * record.words();
  }

 private:
  std::vector<std::uint64_t> entries_;
};

}  // namespace care::mpc
