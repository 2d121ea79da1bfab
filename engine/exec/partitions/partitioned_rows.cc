#include "engine/exec/partitions/partitioned_rows.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "connectors/connector.h"
#include "engine/exec/local/join_keys.h"
#include "engine/exec/local/row_operations.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/block_cipher.h"

namespace care::engine {
namespace {

class Writer {
 public:
  void Number(std::uint64_t number) { Bytes(&number, sizeof(number)); }
  void Bytes(const void* data, std::size_t count) {
    const auto* const bytes = static_cast<const std::uint8_t*>(data);
    bytes_.insert(bytes_.end(), bytes, bytes + count);
  }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

// Reads what Writer wrote and SpillFile has authenticated.
class Reader {
 public:
  explicit Reader(const std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}
  std::uint64_t Number() {
    std::uint64_t number = 0;
    Bytes(&number, sizeof(number));
    return number;
  }
  void Bytes(void* out, std::size_t count) {
    CARE_CHECK(count <= bytes_.size() - at_);
    std::copy_n(bytes_.data() + at_, count, static_cast<std::uint8_t*>(out));
    at_ += count;
  }
  std::string_view Text(std::size_t count) {
    CARE_CHECK(count <= bytes_.size() - at_);
    const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + at_, count);
    at_ += count;
    return text;
  }

 private:
  const std::vector<std::uint8_t>& bytes_;
  std::size_t at_ = 0;
};

bool IsText(const Column& column) { return column.type.kind == TypeKind::kText; }

void Write(const ColumnBatch& batch, Writer& writer) {
  for (const Column& column : batch.columns) {
    writer.Number(column.nulls.size());
    writer.Bytes(column.nulls.data(), column.nulls.size());
    if (!IsText(column)) {
      writer.Bytes(column.integers.data(), batch.rows * sizeof(std::int64_t));
      continue;
    }
    for (std::size_t row = 0; row < batch.rows; ++row) {
      writer.Number(column.texts[row].size());
      writer.Bytes(column.texts[row].data(), column.texts[row].size());
    }
  }
}

void Read(Reader& reader, ColumnBatch& batch) {
  for (Column& column : batch.columns) {
    column.nulls.resize(reader.Number());
    reader.Bytes(column.nulls.data(), column.nulls.size());
    if (!IsText(column)) {
      column.integers.resize(batch.rows);
      reader.Bytes(column.integers.data(), batch.rows * sizeof(std::int64_t));
      continue;
    }
    for (std::size_t row = 0; row < batch.rows; ++row) column.texts.Append(reader.Text(reader.Number()));
  }
}

// Where there is no value, the row's number takes its place; no value has this form.
void NumberRowsWithoutValue(const Column& column, std::vector<mpc::JoinKey>& keys) {
  for (std::size_t row = 0; row < keys.size(); ++row) {
    if (!column.IsNull(row)) continue;
    const std::uint64_t number = row;
    keys[row].fill(0xff);
    std::memcpy(keys[row].data() + sizeof(number), &number, sizeof(number));
  }
}

// By partition, the rows' numbers.
std::vector<std::vector<RowNumber>> RowsByPartition(const Column& column, std::uint32_t partitions, const PartitionKey& key) {
  std::vector<mpc::JoinKey> hashes = CanonicalKeys(column);
  NumberRowsWithoutValue(column, hashes);
  mpc::BlockCipher cipher{std::span<const std::uint8_t, 16>(key)};
  std::vector<std::vector<RowNumber>> rows(partitions);
  if (hashes.empty()) return rows;
  cipher.Encrypt(hashes.data()->data(), hashes.data()->data(), hashes.size());
  for (std::size_t row = 0; row < hashes.size(); ++row) {
    std::uint64_t hash = 0;
    std::memcpy(&hash, hashes[row].data(), sizeof(hash));
    rows[absl::Uint128High64(absl::uint128(hash) * partitions)].push_back(static_cast<RowNumber>(row));
  }
  return rows;
}

}  // namespace

PartitionKey DerivePartitionKey(std::string_view session_id, std::string_view plan_digest) {
  const std::string input = absl::StrCat("care/partitions|", session_id.size(), "|", std::string(session_id), "|", std::string(plan_digest));
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const std::uint8_t*>(input.data()), input.size(), digest.data());
  PartitionKey key{};
  std::copy_n(digest.begin(), key.size(), key.begin());
  return key;
}

absl::StatusOr<PartitionedRows> PartitionedRows::Spill(const ColumnBatch& batch, const planner::SharePartitions& partitions,
                                                       const PartitionKey& key, std::string_view title, SpillFile& file) {
  const int place = batch.FindColumn(connectors::ColumnName(partitions.column));
  if (place < 0) return absl::InternalError("a fragment lacks the column by which its rows are partitioned");
  const Column& column = batch.columns[static_cast<std::size_t>(place)];
  PartitionedRows result;
  result.file_ = &file;
  for (const Column& one : batch.columns) result.header_.columns.push_back({.name = one.name, .type = one.type, .integers = {}, .texts = {}, .nulls = {}});
  for (const std::vector<RowNumber>& rows : RowsByPartition(column, partitions.count, key)) {
    // Less probable than 2^-40 while rows keep their declared bounds.
    if (rows.size() > partitions.slots) {
      return absl::ResourceExhaustedError(absl::StrCat(std::string(title), ": more rows of one value than declared, so that partitions are uneven; "
                                                       "correct the declaration, or raise memory_megabytes in the federation file"));
    }
    Writer writer;
    Write(GatherRows(batch, rows), writer);
    CARE_ASSIGN_OR_RETURN(const SpillRange range, file.Write(writer.bytes()));
    result.rows_.push_back(rows.size());
    result.ranges_.push_back(range);
  }
  return result;
}

absl::StatusOr<ColumnBatch> PartitionedRows::Load(std::uint32_t partition) const {
  CARE_CHECK(partition < ranges_.size());
  CARE_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> bytes, file_->Read(ranges_[partition]));
  ColumnBatch batch = header_;
  batch.rows = rows_[partition];
  Reader reader(bytes);
  Read(reader, batch);
  return batch;
}

}  // namespace care::engine
