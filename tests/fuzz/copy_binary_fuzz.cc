// What an owner's PostgreSQL sends of a binary COPY: whatever the bytes are, each column has as many cells as
// the batch has rows, and the cells keep the rules that they were checked against. The first byte says how
// long a message is.

#include <cstdint>
#include <cstdlib>

#include "connectors/postgresql/copy_reader.h"

namespace {

using namespace care;
using namespace care::connectors;

CellExpectation Expect(WireForm wire) {
  CellExpectation expectation;
  expectation.wire = wire;
  return expectation;
}

void Check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const std::string kDomain[] = {"low", "high"};
  std::vector<CellExpectation> expectations = {
      Expect(WireForm::kBoolean), Expect(WireForm::kInt2), Expect(WireForm::kInt4), Expect(WireForm::kInt8),
      Expect(WireForm::kNumeric), Expect(WireForm::kDate), Expect(WireForm::kText), Expect(WireForm::kText)};
  expectations[0].is_boolean = true;
  expectations[2].range = {0, 100};
  expectations[3].shift = 2;
  expectations[4].digits = 2;
  expectations[5].nullable = false;
  expectations[6].max_length = 4;
  expectations[6].unchecked_text = true;
  // Not a list: the set would keep views of its temporaries.
  for (const std::string& member : kDomain) expectations[7].domain.insert(member);
  ColumnBatch batch;
  const DataType types[] = {kBooleanType, DataType{TypeKind::kSmallInt},
                            kIntegerType, kBigIntType,
                            kBigIntType,  kDateType,
                            kTextType,    kTextType};
  for (const DataType& type : types) batch.columns.push_back({"c", type, {}, {}, {}});
  constexpr std::uint64_t kRowBound = 20;
  CopyReader reader(expectations, kRowBound, batch);
  const std::size_t message = 64 + data[0] * std::size_t{4};
  const char* at = reinterpret_cast<const char*>(data) + 1;
  CopyReader::Outcome outcome = CopyReader::Outcome::kFine;
  for (std::size_t left = size - 1; left > 0 && outcome == CopyReader::Outcome::kFine;) {
    const std::size_t count = left < message ? left : message;
    outcome = reader.Read(at, count);
    at += count;
    left -= count;
  }
  Check(batch.rows <= kRowBound);
  if (outcome != CopyReader::Outcome::kFine && outcome != CopyReader::Outcome::kTooManyRows) return 0;
  for (const Column& column : batch.columns) {
    Check(column.size() == batch.rows);
    Check(column.nulls.empty() || column.nulls.size() == batch.rows);
  }
  for (std::size_t row = 0; row < batch.rows; ++row) {
    const Column& limited = batch.columns[2];
    Check(limited.IsNull(row) || (limited.integers[row] >= 0 && limited.integers[row] <= 100));
    Check(!batch.columns[5].IsNull(row));
    const Column& domain = batch.columns[7];
    Check(domain.IsNull(row) || domain.texts[row] == kDomain[0] || domain.texts[row] == kDomain[1]);
  }
  return 0;
}
