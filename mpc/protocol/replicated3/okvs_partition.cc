#include "mpc/protocol/replicated3/okvs_partition.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "engine/types/check.h"

namespace care::mpc {
namespace {

// The bytes of a query that do not choose its bucket alone.
std::uint64_t LastWord(const OkvsQuery& query) {
  std::uint64_t word;
  std::memcpy(&word, query.data() + 4, sizeof word);
  return word;
}

}  // namespace

OkvsPartition::OkvsPartition(const OkvsLayout& layout, std::span<const OkvsQuery> queries)
    : sorted_(queries.size()), begin_(layout.buckets + 1, 0) {
  CARE_CHECK(queries.size() <= std::numeric_limits<std::uint32_t>::max());
  for (const OkvsQuery& query : queries) ++begin_[layout.BucketOf(query) + 1];
  for (std::size_t bucket = 0; bucket < layout.buckets; ++bucket) begin_[bucket + 1] += begin_[bucket];
  std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
  for (std::size_t row = 0; row < queries.size(); ++row) {
    sorted_[next[layout.BucketOf(queries[row])]++] = {queries[row], static_cast<std::uint32_t>(row)};
  }
}

bool OkvsPartition::AnyRepeats() const {
  // Open addressing over positions in the bucket + 1; 0 is an empty place.
  std::vector<std::uint32_t> table;
  for (std::size_t bucket = 0; bucket + 1 < begin_.size(); ++bucket) {
    const std::span<const PlacedQuery> queries = Bucket(bucket);
    const std::size_t places = std::bit_ceil(2 * queries.size() + 1);
    table.assign(places, 0);
    for (std::size_t i = 0; i < queries.size(); ++i) {
      const std::uint64_t word = LastWord(queries[i].query);
      std::size_t place = word & (places - 1);
      for (; table[place] != 0; place = (place + 1) & (places - 1)) {
        const OkvsQuery& other = queries[table[place] - 1].query;
        if (LastWord(other) == word && other == queries[i].query) return true;
      }
      table[place] = static_cast<std::uint32_t>(i + 1);
    }
  }
  return false;
}

}  // namespace care::mpc
