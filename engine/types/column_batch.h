// engine/types/column_batch.h
//
// Clear rows at their owner, column by column: what connectors yield and what an owner shares in. A
// ColumnBatch never crosses a party's boundary; only its shares do.
//
//   BOOLEAN          integers: 0 or 1
//   SMALLINT..BIGINT integers
//   NUMERIC(p,s)     integers: unscaled, at the type's scale (p <= 18)
//   DATE             integers: days since 1970-01-01
//   TIMESTAMP(TZ)    integers: microseconds since 1970-01-01 00:00:00 (UTC)
//   TEXT             texts
//   DOUBLE PRECISION, REAL  integers: the bits (percentiles of an owner's rows; a column of data is stored as the
//                    NUMERIC that it is computed as)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types/data_type.h"
#include "engine/types/value.h"

namespace care {

// Strings end to end in one buffer: a million keys are two allocations.
class TextVector {
 public:
  std::size_t size() const { return ends_.size(); }
  std::string_view operator[](std::size_t row) const {
    const std::size_t begin = row == 0 ? 0 : ends_[row - 1];
    return std::string_view(bytes_).substr(begin, ends_[row] - begin);
  }
  void Append(std::string_view text) {
    bytes_.append(text);
    ends_.push_back(bytes_.size());
  }
  void Reserve(std::size_t rows, std::size_t bytes) {
    ends_.reserve(rows);
    bytes_.reserve(bytes);
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

struct Column {
  std::string name;
  DataType type;
  std::vector<std::int64_t> integers;  // every type but TEXT; 0 where NULL
  TextVector texts;                    // TEXT; empty where NULL
  std::vector<std::uint8_t> nulls;     // 1 where NULL; empty if the column has none

  bool IsNull(std::size_t row) const { return !nulls.empty() && nulls[row] != 0; }
  std::size_t size() const { return type.kind == TypeKind::kText ? texts.size() : integers.size(); }

  // The cell as a Value, and the other way: for tests, results and row-wise evaluation.
  Value At(std::size_t row) const;
  void Append(const Value& value);  // A Value of another kind than the column's type is a CHECK.
};

struct ColumnBatch {
  std::vector<Column> columns;
  std::size_t rows = 0;

  int FindColumn(std::string_view name) const;  // -1 if there is none
};

}  // namespace care
