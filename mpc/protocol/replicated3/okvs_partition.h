// mpc/protocol/replicated3/okvs_partition.h
//
// Queries sorted by bucket, so that encoding and decoding run one keyed-hash partition at a time: what they
// touch stays in a core's cache, and neither the table nor the placements ever exist as a whole.
#pragma once

#include <span>
#include <vector>

#include "mpc/protocol/replicated3/okvs_layout.h"
#include "mpc/protocol/replicated3/raw_buffer.h"

namespace care::mpc {

class OkvsPartition {
 public:
  // Requires fewer than 2^32 queries.
  OkvsPartition(const OkvsLayout& layout, std::span<const OkvsQuery> queries);

  std::span<const PlacedQuery> Bucket(std::size_t bucket) const {
    return sorted_.span().subspan(begin_[bucket], begin_[bucket + 1] - begin_[bucket]);
  }
  // Equal queries share a bucket, so this looks at one bucket at a time too.
  bool AnyRepeats() const;

 private:
  RawBuffer<PlacedQuery> sorted_;
  std::vector<std::size_t> begin_;  // buckets + 1
};

}  // namespace care::mpc
