#include "connectors/postgresql/copy_reader.h"

#include <endian.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "connectors/postgresql/binary_numeric.h"
#include "engine/types/check.h"
#include "engine/types/date.h"
#include "engine/types/timestamp.h"

namespace care::connectors {
namespace {

constexpr char kSignature[] = "PGCOPY\n\377\r\n";  // and its NUL
constexpr std::size_t kSignatureSize = 11;
constexpr std::int32_t kNull = -1;

std::int16_t Int16(const char* at) {
  std::uint16_t number;
  std::memcpy(&number, at, sizeof number);
  return static_cast<std::int16_t>(be16toh(number));
}
std::int32_t Int32(const char* at) {
  std::uint32_t number;
  std::memcpy(&number, at, sizeof number);
  return static_cast<std::int32_t>(be32toh(number));
}
std::int64_t Int64(const char* at) {
  std::uint64_t number;
  std::memcpy(&number, at, sizeof number);
  return static_cast<std::int64_t>(be64toh(number));
}

// PostgreSQL counts days from 2000-01-01.
const std::int64_t kEpoch = DaysFromCivil({2000, 1, 1});
const std::int64_t kFirstDay = DaysFromCivil({1, 1, 1});
const std::int64_t kLastDay = DaysFromCivil({9999, 12, 31});

}  // namespace

CopyReader::CopyReader(std::vector<CellExpectation> expectations, std::uint64_t row_bound, ColumnBatch& batch)
    : expectations_(std::move(expectations)), row_bound_(row_bound), batch_(batch) {
  CARE_CHECK(expectations_.size() == batch.columns.size());
}

CopyReader::Outcome CopyReader::Read(const char* data, std::size_t size) {
  const char* at = data;
  const char* const end = data + size;
  if (!begun_) {
    constexpr std::size_t kHeaderSize = kSignatureSize + 8;
    if (size < kHeaderSize || std::memcmp(data, kSignature, kSignatureSize) != 0) return Outcome::kMalformed;
    const std::int32_t extension = Int32(data + kSignatureSize + 4);
    if (extension < 0 || static_cast<std::size_t>(extension) > size - kHeaderSize) return Outcome::kMalformed;
    at += kHeaderSize + static_cast<std::size_t>(extension);
    begun_ = true;
  }
  while (at < end) {
    if (ended_) return Outcome::kMalformed;
    const Outcome outcome = ReadRow(at, end);
    if (outcome != Outcome::kFine) return outcome;
  }
  return Outcome::kFine;
}

CopyReader::Outcome CopyReader::ReadRow(const char*& at, const char* end) {
  if (end - at < 2) return Outcome::kMalformed;
  const std::int16_t cells = Int16(at);
  at += 2;
  if (cells == -1) {
    ended_ = true;
    return Outcome::kFine;
  }
  // Of a SELECT without columns COPY sends one cell, which nobody wants.
  const std::size_t expected = expectations_.empty() ? 1 : expectations_.size();
  if (cells < 0 || static_cast<std::size_t>(cells) != expected) return Outcome::kMalformed;
  if (batch_.rows == row_bound_) return Outcome::kTooManyRows;
  for (std::size_t i = 0; i < expected; ++i) {
    if (end - at < 4) return Outcome::kMalformed;
    const std::int32_t length = Int32(at);
    at += 4;
    if (length != kNull && (length < 0 || length > end - at)) return Outcome::kMalformed;
    if (expectations_.empty()) {
      if (length > 0) at += length;
      continue;
    }
    Column& column = batch_.columns[i];
    CellRule rule = CellRule::kHolds;
    if (length == kNull) {
      if (!expectations_[i].nullable) rule = CellRule::kNull;
      if (column.nulls.empty()) column.nulls.resize(batch_.rows, 0);
      column.nulls.push_back(1);
      if (expectations_[i].wire == WireForm::kText) {
        column.texts.Append({});
      } else {
        column.integers.push_back(0);
      }
    } else {
      rule = ReadCell(expectations_[i], at, static_cast<std::size_t>(length), column);
      if (!column.nulls.empty()) column.nulls.push_back(0);
      at += length;
    }
    if (rule != CellRule::kHolds) {
      broken_rule_ = rule;
      broken_column_ = i;
      return Outcome::kBrokenRule;
    }
  }
  ++batch_.rows;
  return Outcome::kFine;
}

CellRule CopyReader::ReadCell(const CellExpectation& expected, const char* data, std::size_t size, Column& column) {
  std::int64_t value = 0;
  switch (expected.wire) {
    case WireForm::kText: {
      const std::string_view text(data, size);
      column.texts.Append(text);
      return ReadText(expected, text);
    }
    case WireForm::kInt8:
      if (size != 8) return CellRule::kStorage;
      value = Int64(data);
      break;
    case WireForm::kInt4:
      if (size != 4) return CellRule::kStorage;
      value = Int32(data);
      break;
    case WireForm::kInt2:
      if (size != 2) return CellRule::kStorage;
      value = Int16(data);
      break;
    case WireForm::kBoolean:
      if (size != 1) return CellRule::kStorage;
      value = *data != 0 ? 1 : 0;
      break;
    case WireForm::kDate:
      if (size != 4) return CellRule::kStorage;
      value = Int32(data) + kEpoch;
      if (value < kFirstDay || value > kLastDay) return CellRule::kDate;
      break;
    case WireForm::kTimestamp:
      if (size != 8) return CellRule::kStorage;
      if (__builtin_add_overflow(Int64(data), kEpoch * kMicrosecondsOfDay, &value)) return CellRule::kTimestamp;
      if (value < kFirstTimestamp || value > kLastTimestamp) return CellRule::kTimestamp;
      break;
    case WireForm::kNumeric: {
      const CellRule rule = ReadBinaryNumeric(data, size, expected.digits, value);
      // Rounded as it is, it has other digits only as NaN or an infinity: above or below every range.
      if (rule == CellRule::kDecimal && expected.is_float) return CellRule::kRange;
      if (rule != CellRule::kHolds) return rule;
      break;
    }
  }
  for (int shift = expected.shift; shift > 0; --shift) {
    if (__builtin_mul_overflow(value, 10, &value)) return CellRule::kRange;
  }
  if (expected.is_boolean && (value < 0 || value > 1)) return CellRule::kBoolean;
  column.integers.push_back(value);
  return value < expected.range.min || value > expected.range.max ? CellRule::kRange : CellRule::kHolds;
}

CellRule CopyReader::ReadText(const CellExpectation& expected, std::string_view text) const {
  if (!expected.domain.empty()) {
    return expected.domain.contains(absl::string_view(text.data(), text.size())) ? CellRule::kHolds : CellRule::kDomain;
  }
  if (!expected.unchecked_text &&
      (expected.max_length == 0 || text.size() <= static_cast<std::size_t>(expected.max_length))) {
    return CellRule::kHolds;
  }
  const std::int64_t characters = CountCharacters(text);
  if (characters < 0) return CellRule::kText;
  return expected.max_length > 0 && characters > expected.max_length ? CellRule::kLength : CellRule::kHolds;
}

}  // namespace care::connectors
