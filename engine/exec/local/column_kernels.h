// engine/exec/local/column_kernels.h
//
// The column forms of the functions that queries spend their time in. Each loops once over its operands; an
// operand may be one value for all rows. A kernel that has no form for its operands' types answers nullopt, and
// the caller evaluates row by row. Overflow is found once after the loop where the loop can be kept free of
// branches.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/column_batch.h"
#include "planner/logical/expression.h"

namespace care::engine {

// A column, or its first row standing for every row.
class ColumnView {
 public:
  ColumnView(const Column& column, bool constant) : column_(&column), step_(constant ? 0 : 1) {}

  const DataType& type() const { return column_->type; }
  bool may_be_null() const { return !column_->nulls.empty(); }
  bool IsNull(std::size_t row) const { return column_->IsNull(row * step_); }
  std::int64_t Integer(std::size_t row) const { return column_->integers[row * step_]; }
  std::string_view Text(std::size_t row) const { return column_->texts[row * step_]; }
  bool is_text() const { return column_->type.kind == TypeKind::kText; }
  // An untyped NULL: it has no cells of any type.
  bool is_unknown() const { return column_->type.kind == TypeKind::kUnknown; }
  int scale() const { return column_->type.kind == TypeKind::kNumeric ? column_->type.scale : 0; }

  const std::int64_t* integers() const { return column_->integers.data(); }
  std::size_t step() const { return step_; }

 private:
  const Column* column_;
  std::size_t step_;
};

absl::StatusOr<std::optional<Column>> RunKernel(planner::Function function,
                                                const std::vector<ColumnView>& operands, const DataType& type,
                                                std::size_t rows);
absl::StatusOr<Column> AddInterval(const ColumnView& dates, Interval interval, const DataType& type,
                                   std::size_t rows);
// Integers and numerics to numbers of no smaller scale.
absl::StatusOr<std::optional<Column>> CastNumbers(const ColumnView& operand, const DataType& to, std::size_t rows);
Column InList(const ColumnView& operand, const Column& values, std::size_t rows);
// results[i] where conditions[i] is the first that is 1; the last of results elsewhere.
std::optional<Column> ChooseByCase(const std::vector<std::vector<std::uint8_t>>& conditions,
                                   const std::vector<ColumnView>& results, const DataType& type, std::size_t rows);

std::vector<std::uint8_t> TrueRows(const ColumnView& booleans, std::size_t rows);
Column RepeatedColumn(const Column& one, std::size_t rows);

}  // namespace care::engine
