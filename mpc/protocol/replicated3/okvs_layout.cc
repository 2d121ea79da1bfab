#include "mpc/protocol/replicated3/okvs_layout.h"

#include <algorithm>
#include <cstring>

#include "engine/types/check.h"

namespace care::mpc {
namespace {

constexpr std::array<std::uint8_t, 16> kPublicKey = {'c', 'a', 'r', 'e', '/', 'o', 'k', 'v',
                                                     's', '/', 'p', 'l', 'a', 'c', 'e', '2'};

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

// The high half of uniform * range lies in [0, range); the low half is as good as uniform for the next draw
// as long as the ranges drawn so far are far below 2^64 together. Three thirds of a bucket are below 2^45.
std::uint16_t Draw(std::uint64_t& uniform, std::size_t range) {
  const auto product = static_cast<unsigned __int128>(uniform) * range;
  uniform = static_cast<std::uint64_t>(product);
  return static_cast<std::uint16_t>(product >> 64);
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

std::size_t OkvsLayout::BucketOf(const OkvsQuery& query) const {
  std::uint32_t uniform;
  std::memcpy(&uniform, query.data(), sizeof uniform);
  return static_cast<std::size_t>(static_cast<std::uint64_t>(uniform) * buckets >> 32);
}

OkvsHash::OkvsHash() : cipher_(kPublicKey) {}

void OkvsHash::Place(const OkvsLayout& layout, std::span<const PlacedQuery> queries,
                     std::vector<Placement>& out) {
  constexpr std::size_t kBatch = 1024;
  blocks_.resize(kBatch * BlockCipher::kBlockBytes);
  out.resize(queries.size());
  for (std::size_t first = 0; first < queries.size(); first += kBatch) {
    const std::size_t batch = std::min(kBatch, queries.size() - first);
    for (std::size_t i = 0; i < batch; ++i) {
      std::uint8_t* block = blocks_.data() + BlockCipher::kBlockBytes * i;
      std::memcpy(block, queries[first + i].query.data(), sizeof(OkvsQuery));
      std::memset(block + sizeof(OkvsQuery), 0, BlockCipher::kBlockBytes - sizeof(OkvsQuery));
    }
    cipher_.Encrypt(blocks_.data(), blocks_.data(), batch);
    for (std::size_t i = 0; i < batch; ++i) {
      const std::uint8_t* hash = blocks_.data() + BlockCipher::kBlockBytes * i;
      Placement& placement = out[first + i];
      std::uint64_t uniform;
      std::memcpy(&uniform, hash, sizeof uniform);
      for (std::size_t t = 0; t < 3; ++t) {
        placement.cell[t] = static_cast<std::uint16_t>(t * layout.third + Draw(uniform, layout.third));
      }
      std::memcpy(placement.dense.data(), hash + sizeof uniform, sizeof placement.dense);
    }
  }
}

}  // namespace care::mpc
