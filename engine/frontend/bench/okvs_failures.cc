#include "engine/frontend/bench/okvs_failures.h"

#include <unistd.h>

#include <chrono>
#include <cstring>
#include <random>

#include "absl/strings/str_cat.h"
#include "engine/frontend/bench/process_use.h"
#include "mpc/protocol/replicated3/okvs.h"

namespace care::engine {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kMostKeys = 2000;
constexpr mpc::OkvsRecord kRecord = {.xor_words = 1, .ring_words = 1};

}  // namespace

absl::StatusOr<Figures> MeasureOkvsFailures(std::uint64_t encodes) {
  const auto start = std::chrono::steady_clock::now();
  const double core_before = OwnProcessorSeconds();
  std::mt19937_64 random(kSeed);
  std::uint64_t failures = 0;
  std::uint64_t wrong = 0;
  std::vector<mpc::OkvsQuery> queries;
  std::vector<std::uint64_t> values;
  for (std::uint64_t encode = 0; encode < encodes; ++encode) {
    // Sizes at which cores are largest come up as often as all others together.
    const std::size_t keys = 1 + random() % (encode % 2 == 0 ? kMostKeys : 500);
    queries.resize(keys);
    values.resize(2 * keys);
    for (mpc::OkvsQuery& query : queries) {
      const std::uint64_t words[2] = {random(), random()};
      std::memcpy(query.data(), words, query.size());
    }
    for (std::uint64_t& value : values) value = random();
    const mpc::OkvsLayout layout = mpc::OkvsLayout::For(keys);
    const auto cells = mpc::OkvsEncode(layout, kRecord, queries, values);
    if (!cells.ok()) {
      ++failures;
    } else if (encode % 16 == 0 && mpc::OkvsDecode(layout, kRecord, *cells, queries) != values) {
      ++wrong;
    }
  }
  if (wrong > 0) return absl::InternalError(absl::StrCat(wrong, " tables read back other values"));
  Figures figures;
  figures.name = "okvs-failures";
  figures.rows = encodes;
  figures.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  figures.core_seconds = OwnProcessorSeconds() - core_before;
  figures.peak_rss_bytes = PeakResidentBytes(getpid());
  figures.targets = {{"encodings without a solution", static_cast<double>(failures), 0}};
  return figures;
}

}  // namespace care::engine
