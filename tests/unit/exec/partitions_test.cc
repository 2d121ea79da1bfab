// Rows that wait on disk in partitions: what is read back is what was written, only under its key, and every value's rows are in
// one partition, the same at every owner.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "connectors/connector.h"
#include "engine/exec/partitions/partitioned_rows.h"
#include "engine/exec/partitions/spill_file.h"
#include "engine/types/check.h"
#include "planner/physical/partition_slots.h"

namespace care::engine {
namespace {

using planner::SharePartitions;
using planner::SlotsOfPartition;

std::vector<std::uint8_t> Pattern(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 % 251);
  return bytes;
}

std::unique_ptr<SpillFile> NewFile() {
  auto file = SpillFile::Create();
  CARE_CHECK(file.ok());
  return *std::move(file);
}

std::string OnDisk(const SpillFile& file) {
  std::string bytes(file.bytes_on_disk(), '\0');
  CARE_CHECK(pread(file.descriptor(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  return bytes;
}

TEST(SpillFile, GivesBackWhatWasWrittenInAnyOrder) {
  const auto file = NewFile();
  std::vector<SpillRange> ranges;
  const std::vector<std::size_t> sizes = {0, 1, 1 << 20, (1 << 20) + 1, 3'000'000};
  for (const std::size_t size : sizes) {
    const auto range = file->Write(Pattern(size));
    ASSERT_TRUE(range.ok()) << range.status();
    ranges.push_back(*range);
  }
  for (std::size_t i = sizes.size(); i-- > 0;) {
    const auto read = file->Read(ranges[i]);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, Pattern(sizes[i]));
  }
}

TEST(SpillFile, HasNoName) {
  const auto file = NewFile();
  const std::string link = "/proc/self/fd/" + std::to_string(file->descriptor());
  char target[4096] = {};
  ASSERT_GT(readlink(link.c_str(), target, sizeof(target) - 1), 0);
  EXPECT_TRUE(std::string_view(target).ends_with("(deleted)")) << target;
}

TEST(SpillFile, HoldsCiphertextThatDiffersEachTime) {
  const auto file = NewFile();
  const std::string secret = "123456782, colitis ulcerosa, 2024-03-01";
  const auto bytes = std::vector<std::uint8_t>(secret.begin(), secret.end());
  ASSERT_TRUE(file->Write(bytes).ok());
  ASSERT_TRUE(file->Write(bytes).ok());
  const std::string disk = OnDisk(*file);
  ASSERT_EQ(disk.size(), 2 * (secret.size() + 16));
  EXPECT_EQ(disk.find("colitis"), std::string::npos);
  EXPECT_NE(disk.substr(0, secret.size()), disk.substr(secret.size() + 16, secret.size()));
  const auto other = NewFile();
  ASSERT_TRUE(other->Write(bytes).ok());
  EXPECT_NE(OnDisk(*other), disk.substr(0, secret.size() + 16)) << "two files, one key";
}

TEST(SpillFile, NoticesWhatWasChanged) {
  const auto file = NewFile();
  const auto range = file->Write(Pattern(100));
  ASSERT_TRUE(range.ok());
  const char flipped = static_cast<char>(OnDisk(*file)[50] ^ 1);
  ASSERT_EQ(pwrite(file->descriptor(), &flipped, 1, 50), 1);
  EXPECT_EQ(file->Read(*range).status().code(), absl::StatusCode::kDataLoss);
  ASSERT_EQ(ftruncate(file->descriptor(), 60), 0);
  EXPECT_EQ(file->Read(*range).status().code(), absl::StatusCode::kDataLoss);
}

TEST(SpillFile, SaysWhereThereIsNoFolder) {
  setenv("TMPDIR", "/nowhere", 1);
  const auto file = SpillFile::Create();
  unsetenv("TMPDIR");
  EXPECT_EQ(file.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(file.status().message().find("/nowhere"), std::string_view::npos) << file.status();
}

constexpr planner::ColumnId kKey = 3, kText = 4;

// `rows` rows of `values` keys, as integers or as text, in some order; what else a row holds follows from its key.
ColumnBatch Batch(std::size_t rows, std::size_t values, bool text_keys = false) {
  ColumnBatch batch;
  batch.rows = rows;
  Column key{.name = connectors::ColumnName(kKey), .type = text_keys ? kTextType : kBigIntType};
  Column text{.name = connectors::ColumnName(kText), .type = kTextType};
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t value = row * 31 % values;
    key.Append(text_keys ? Value(std::string("key ") + std::to_string(value)) : Value(static_cast<std::int64_t>(value)));
    text.Append(value % 5 == 0 ? Value(Null{}) : Value(std::string(value % 7, 'x')));
  }
  batch.columns = {std::move(key), std::move(text)};
  return batch;
}

SharePartitions Into(std::uint32_t count, std::uint64_t slots) { return {.column = kKey, .count = count, .slots = slots}; }

std::vector<std::pair<std::string, std::string>> Rows(const ColumnBatch& batch) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (std::size_t row = 0; row < batch.rows; ++row) rows.emplace_back(FormatValue(batch.columns[0].At(row)), FormatValue(batch.columns[1].At(row)));
  return rows;
}

TEST(PartitionedRows, HoldEachRowOnceAndAValueInOnePartition) {
  for (const bool text_keys : {false, true}) {
    const ColumnBatch batch = Batch(1000, 90, text_keys);
    const auto file = NewFile();
    const auto parts = PartitionedRows::Spill(batch, Into(4, 1000), DerivePartitionKey("session", "plan"), "key", *file);
    ASSERT_TRUE(parts.ok()) << parts.status();
    std::vector<std::pair<std::string, std::string>> all;
    std::map<std::string, std::uint32_t> partition_of;
    std::set<std::uint32_t> used;
    for (std::uint32_t partition = 0; partition < 4; ++partition) {
      const auto rows = parts->Load(partition);
      ASSERT_TRUE(rows.ok()) << rows.status();
      for (const auto& row : Rows(*rows)) {
        EXPECT_EQ(partition_of.emplace(row.first, partition).first->second, partition) << row.first;
        used.insert(partition);
        all.push_back(row);
      }
    }
    EXPECT_EQ(used.size(), 4u);
    std::vector<std::pair<std::string, std::string>> expected = Rows(batch);
    std::sort(all.begin(), all.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(all, expected);
  }
}

TEST(PartitionedRows, AreAlikeAtAllOwnersOfASessionAndDifferInAnother) {
  const auto file = NewFile();
  const auto keys_of_first = [&](std::size_t rows, const PartitionKey& key) {
    const auto parts = PartitionedRows::Spill(Batch(rows, 90), Into(2, rows), key, "key", *file);
    CARE_CHECK(parts.ok());
    std::set<std::string> keys;
    for (const auto& [value, unused] : Rows(*parts->Load(0))) keys.insert(value);
    return keys;
  };
  const PartitionKey key = DerivePartitionKey("session", "plan");
  EXPECT_EQ(keys_of_first(1000, key), keys_of_first(500, key));
  EXPECT_NE(keys_of_first(1000, key), keys_of_first(1000, DerivePartitionKey("another", "plan")));
  EXPECT_NE(keys_of_first(1000, key), keys_of_first(1000, DerivePartitionKey("session", "another")));
}

TEST(PartitionedRows, RefuseMoreRowsThanTheirPublicBound) {
  const auto file = NewFile();
  const auto parts = PartitionedRows::Spill(Batch(1000, 1), Into(4, 999), DerivePartitionKey("", ""), "insurer.claims.bsn", *file);
  EXPECT_EQ(parts.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(parts.status().message().find("insurer.claims.bsn"), std::string_view::npos);
}

TEST(PartitionedRows, WithoutAValueAreSpread) {
  const auto file = NewFile();
  ColumnBatch batch;
  batch.rows = 1000;
  Column key{.name = connectors::ColumnName(kKey), .type = kTextType}, number{.name = connectors::ColumnName(kText), .type = kBigIntType};
  for (std::int64_t row = 0; row < 1000; ++row) {
    key.Append(Null{});
    number.Append(row);
  }
  batch.columns = {std::move(key), std::move(number)};
  const auto parts = PartitionedRows::Spill(batch, Into(4, SlotsOfPartition(1000, 1, 4)), DerivePartitionKey("", ""), "key", *file);
  ASSERT_TRUE(parts.ok()) << parts.status();
  std::set<std::int64_t> all;
  for (std::uint32_t partition = 0; partition < 4; ++partition) {
    const ColumnBatch rows = *parts->Load(partition);
    EXPECT_GT(rows.rows, 100u);
    for (std::size_t row = 0; row < rows.rows; ++row) {
      EXPECT_TRUE(rows.columns[0].IsNull(row));
      EXPECT_TRUE(all.insert(rows.columns[1].integers[row]).second);
    }
  }
  EXPECT_EQ(all.size(), 1000u);
}

TEST(PartitionedRows, OfNoRowsAreEmpty) {
  const auto file = NewFile();
  const auto parts = PartitionedRows::Spill(Batch(0, 1), Into(3, 1), DerivePartitionKey("", ""), "key", *file);
  ASSERT_TRUE(parts.ok());
  for (std::uint32_t partition = 0; partition < 3; ++partition) EXPECT_EQ(parts->Load(partition)->rows, 0u);
}

TEST(PartitionSlots, AreAFewMoreThanTheShareOfDistinctValues) {
  EXPECT_EQ(SlotsOfPartition(1'000'000, 1, 1), 1'000'000u);
  const std::uint64_t slots = SlotsOfPartition(16'000'000, 1, 16);
  EXPECT_GT(slots, 1'000'000u + 8 * 970);  // standard deviations
  EXPECT_LT(slots, 1'010'000u);
}

TEST(PartitionSlots, GrowWithTheRowsOfAValueUpToTheTable) {
  std::uint64_t before = 0;
  for (const std::uint64_t most : {1, 10, 100, 1'000, 10'000, 1'000'000}) {
    const std::uint64_t slots = SlotsOfPartition(1'000'000, most, 8);
    EXPECT_GT(slots, before);
    EXPECT_LE(slots, 1'000'000u);
    before = slots;
  }
  EXPECT_EQ(before, 1'000'000u);
  EXPECT_EQ(SlotsOfPartition(0, 1, 8), 0u);
  EXPECT_EQ(SlotsOfPartition(1, 1, 64), 1u);
}

// Bernstein's inequality by another way: the bound at which the exponent t^2 / (2 (v + D t / 3)) reaches ln(2^54).
TEST(PartitionSlots, KeepTheProbabilityOfMoreBelow) {
  for (const double rows : {1e3, 1e5, 1e7, 2.5e8}) {
    for (const double most : {1.0, 30.0, 5'000.0}) {
      for (const double partitions : {2.0, 7.0, 64.0}) {
        const auto slots = static_cast<double>(SlotsOfPartition(static_cast<std::uint64_t>(rows), static_cast<std::uint64_t>(most),
                                                                static_cast<std::uint32_t>(partitions)));
        if (slots >= rows) continue;
        const double over = slots - rows / partitions, variance = most * rows / partitions;
        EXPECT_GE(over * over / (2 * (variance + most * over / 3)), 54 * 0.6931) << rows << " " << most << " " << partitions;
      }
    }
  }
}

}  // namespace
}  // namespace care::engine
