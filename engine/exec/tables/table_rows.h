// engine/exec/tables/table_rows.h
//
// A table's columns as one block of rows that sorts, shuffles and owners' gathers move together, and a table again of what
// comes back. Also what operators on whole tables share: sort keys of columns, and columns repeated or put one behind the
// other. Local.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

// Columns and forms in the order of a block. All forms that a column has travel: a second one is cheaper to carry than to
// make again.
class RowBlock {
 public:
  // Of the columns that are in `keep`.
  RowBlock(const SharedTable& table, const std::set<planner::ColumnId>& keep);

  mpc::Protocol::Columns Take() { return std::move(columns_); }
  // The columns at the front of the block's bits and rings; `moved` may have more behind them.
  void Restore(const mpc::Protocol::Columns& moved, SharedTable& into) const;
  std::size_t bit_columns() const { return bit_columns_; }
  std::size_t rings() const { return rings_; }

 private:
  struct Part {
    planner::ColumnId column;
    bool bits, not_null, ring;
  };
  std::vector<Part> parts_;
  std::size_t bit_columns_ = 0;
  std::size_t rings_ = 0;
  mpc::Protocol::Columns columns_;
};

struct OrderColumn {
  planner::ColumnId column = 0;
  bool descending = false;
  bool nulls_first = false;
};
// One unsigned key of the columns' bits, the first most significant; NULLs are equal to each other. Columns that are never
// NULL have no plane for it. No columns: zero planes.
absl::StatusOr<mpc::BitColumn> OrderKey(TableContext& context, SharedTable& table,
                                        std::span<const OrderColumn> columns);

// Side by side, the first lowest; equal rows.
mpc::BitColumn JoinedPlanes(const std::vector<mpc::BitColumn>& low_to_high);

// One plane of ones.
mpc::BitColumn AllSet(const mpc::Protocol& protocol, std::size_t rows);

// Row `row` at every one of `rows` rows; all rows, `times` over.
mpc::BitColumn RepeatRow(const mpc::BitColumn& column, std::size_t row, std::size_t rows);
mpc::RingColumn RepeatRow(const mpc::RingColumn& column, std::size_t row, std::size_t rows);
mpc::BitColumn RepeatRows(const mpc::BitColumn& column, std::size_t times);
mpc::RingColumn RepeatRows(const mpc::RingColumn& column, std::size_t times);

// Row i of the result is row source[i]; public.
mpc::BitColumn Gathered(const mpc::BitColumn& column, const std::vector<std::uint32_t>& source);
mpc::RingColumn Gathered(const mpc::RingColumn& column, const std::vector<std::uint32_t>& source);

// The last rows first.
mpc::BitColumn Reversed(const mpc::BitColumn& column);
mpc::RingColumn Reversed(const mpc::RingColumn& column);

// More rows, of zeroes, or fewer.
mpc::BitColumn Resized(const mpc::Protocol& protocol, const mpc::BitColumn& column, std::size_t rows);
mpc::RingColumn Resized(const mpc::Protocol& protocol, const mpc::RingColumn& column, std::size_t rows);

// A table of no slots as one of a slot that holds nothing.
void AddEmptySlot(const mpc::Protocol& protocol, SharedTable& table);

}  // namespace care::engine
