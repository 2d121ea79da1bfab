#include "mpc/protocol/replicated3/okvs.h"

#include <algorithm>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/okvs_elimination.h"
#include "mpc/protocol/replicated3/okvs_partition.h"

namespace care::mpc {
namespace {

// Unwinds the peeling: each cell takes what its query still lacks.
template <typename Record>
void GiveCells(const Record& record, const Peeling& peeling, std::span<const Placement> placements,
               const DenseTables& dense, const std::uint64_t* values, std::uint64_t* cells) {
  const unsigned words = record.words();
  auto sum = record.NewSum();
  for (auto step = peeling.steps().rbegin(); step != peeling.steps().rend(); ++step) {
    const Placement& placement = placements[step->row];
    std::copy_n(values + step->row * words, words, sum.begin());
    for (const std::uint16_t cell : placement.cell) {
      if (cell != step->cell) TakeFrom(record, sum, cells + cell * words);
    }
    for (unsigned group = 0; group < 6; ++group) TakeFrom(record, sum, dense.Entry(record, group, placement));
    std::copy_n(sum.begin(), words, cells + step->cell * words);
  }
}

template <typename Record>
void ReadCells(const Record& record, std::span<const Placement> placements, const DenseTables& dense,
               const std::uint64_t* cells, std::uint64_t* records) {
  const unsigned words = record.words();
  auto sum = record.NewSum();
  for (const Placement& placement : placements) {
    std::fill(sum.begin(), sum.end(), 0);
    for (const std::uint16_t cell : placement.cell) AddTo(record, sum, cells + cell * words);
    for (unsigned group = 0; group < 6; ++group) AddTo(record, sum, dense.Entry(record, group, placement));
    std::copy_n(sum.begin(), words, records);
    records += words;
  }
}

}  // namespace

absl::Status OkvsEncoder::EncodeBucket(std::span<const PlacedQuery> queries,
                                       std::span<const std::uint64_t> values,
                                       std::span<std::uint64_t> cells) {
  const unsigned words = record_.words();
  CARE_CHECK(values.size() == queries.size() * words && cells.size() == layout_.cells_per_bucket() * words);
  if (queries.size() > layout_.bucket_capacity)
    return absl::InternalError("lookup table: a bucket overflowed");
  random_.FillWords(cells);
  if (queries.empty()) return absl::OkStatus();
  hash_.Place(layout_, queries, placements_);
  peeling_.Run(3 * layout_.third, placements_);
  if (!peeling_.core().empty()) {
    std::vector<std::uint64_t> core_values;
    for (const std::size_t row : peeling_.core()) {
      core_values.insert(core_values.end(), values.begin() + row * words, values.begin() + (row + 1) * words);
    }
    if (!SolveCore(record_, layout_.third, placements_, peeling_.core(), core_values, cells)) {
      return absl::InternalError("lookup table: the keys' equations have no solution");
    }
  }
  WithRecord(record_, [&](const auto& record) {
    dense_.Build(record, cells.data() + 3 * layout_.third * words);
    GiveCells(record, peeling_, placements_, dense_, values.data(), cells.data());
  });
  return absl::OkStatus();
}

void OkvsDecoder::DecodeBucket(std::span<const std::uint64_t> cells, std::span<const PlacedQuery> queries,
                               std::span<std::uint64_t> records) {
  const unsigned words = record_.words();
  CARE_CHECK(records.size() == queries.size() * words && cells.size() == layout_.cells_per_bucket() * words);
  if (queries.empty()) return;
  hash_.Place(layout_, queries, placements_);
  WithRecord(record_, [&](const auto& record) {
    dense_.Build(record, cells.data() + 3 * layout_.third * words);
    ReadCells(record, placements_, dense_, cells.data(), records.data());
  });
}

absl::StatusOr<std::vector<std::uint64_t>> OkvsEncode(const OkvsLayout& layout, const OkvsRecord& record,
                                                      std::span<const OkvsQuery> queries,
                                                      std::span<const std::uint64_t> values) {
  const unsigned words = record.words();
  CARE_CHECK(values.size() == queries.size() * words);
  const OkvsPartition partition(layout, queries);
  OkvsEncoder encoder(layout, record);
  std::vector<std::uint64_t> cells(layout.cells() * words);
  std::vector<std::uint64_t> bucket_values;
  const std::size_t bucket_words = layout.cells_per_bucket() * words;
  for (std::size_t bucket = 0; bucket < layout.buckets; ++bucket) {
    bucket_values.clear();
    for (const PlacedQuery& placed : partition.Bucket(bucket)) {
      const auto value = values.begin() + std::size_t{placed.row} * words;
      bucket_values.insert(bucket_values.end(), value, value + words);
    }
    CARE_RETURN_IF_ERROR(encoder.EncodeBucket(partition.Bucket(bucket), bucket_values,
                                              std::span(cells).subspan(bucket * bucket_words, bucket_words)));
  }
  return cells;
}

std::vector<std::uint64_t> OkvsDecode(const OkvsLayout& layout, const OkvsRecord& record,
                                      std::span<const std::uint64_t> cells,
                                      std::span<const OkvsQuery> queries) {
  const unsigned words = record.words();
  CARE_CHECK(cells.size() == layout.cells() * words);
  const OkvsPartition partition(layout, queries);
  OkvsDecoder decoder(layout, record);
  std::vector<std::uint64_t> records(queries.size() * words);
  std::vector<std::uint64_t> bucket_records;
  const std::size_t bucket_words = layout.cells_per_bucket() * words;
  for (std::size_t bucket = 0; bucket < layout.buckets; ++bucket) {
    const std::span<const PlacedQuery> placed = partition.Bucket(bucket);
    bucket_records.resize(placed.size() * words);
    decoder.DecodeBucket(cells.subspan(bucket * bucket_words, bucket_words), placed, bucket_records);
    for (std::size_t i = 0; i < placed.size(); ++i) {
      std::copy_n(bucket_records.begin() + i * words, words,
                  records.begin() + std::size_t{placed[i].row} * words);
    }
  }
  return records;
}

std::size_t OkvsCoreSize(const OkvsLayout& layout, std::span<const OkvsQuery> queries) {
  const OkvsPartition partition(layout, queries);
  OkvsHash hash;
  std::vector<Placement> placements;
  Peeling peeling;
  std::size_t core = 0;
  for (std::size_t bucket = 0; bucket < layout.buckets; ++bucket) {
    hash.Place(layout, partition.Bucket(bucket), placements);
    peeling.Run(3 * layout.third, placements);
    core += peeling.core().size();
  }
  return core;
}

}  // namespace care::mpc
