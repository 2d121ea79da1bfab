#include "engine/exec/tables/table_rows.h"

#include <algorithm>
#include <utility>

#include "engine/exec/tables/value_forms.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/secret_order.h"
#include "mpc/relational/sort.h"

namespace care::engine {

using mpc::BitColumn;
using mpc::Protocol;
using mpc::RingColumn;

RowBlock::RowBlock(const SharedTable& table, const std::set<planner::ColumnId>& keep) {
  for (const auto& [column, value] : table.columns) {
    if (!keep.contains(column)) continue;
    parts_.push_back({column, value.bits.has_value(), value.not_null.has_value(), value.ring.has_value()});
    if (value.bits) columns_.bits.push_back(*value.bits);
    if (value.not_null) columns_.bits.push_back(*value.not_null);
    if (value.ring) columns_.rings.push_back(*value.ring);
  }
  bit_columns_ = columns_.bits.size();
  rings_ = columns_.rings.size();
}

void RowBlock::Restore(const Protocol::Columns& moved, SharedTable& into) const {
  std::size_t bits = 0, rings = 0;
  for (const Part& part : parts_) {
    SharedValue value;
    if (part.bits) value.bits = moved.bits[bits++];
    if (part.not_null) value.not_null = moved.bits[bits++];
    if (part.ring) value.ring = moved.rings[rings++];
    into.columns[part.column] = std::move(value);
  }
}

absl::StatusOr<BitColumn> OrderKey(TableContext& context, SharedTable& table,
                                   std::span<const OrderColumn> columns) {
  std::vector<BitColumn> low_to_high;
  for (auto column = columns.rbegin(); column != columns.rend(); ++column) {
    CARE_ASSIGN_OR_RETURN(const BitColumn* bits,
                          BitsOf(context.protocol, context.plan, table, column->column));
    const std::optional<BitColumn>& not_null = table.columns.at(column->column).not_null;
    // In slots that are not valid a NULL's bits may be anything, and there order does not matter.
    low_to_high.push_back(column->descending ? context.protocol.Not(*bits) : *bits);
    if (not_null) low_to_high.push_back(column->nulls_first ? *not_null : context.protocol.Not(*not_null));
  }
  if (low_to_high.empty()) return mpc::PublicZeroes(context.protocol, table.slots, 0);
  return JoinedPlanes(low_to_high);
}

BitColumn JoinedPlanes(const std::vector<BitColumn>& low_to_high) {
  std::vector<const BitColumn*> pointers;
  for (const BitColumn& column : low_to_high) pointers.push_back(&column);
  return BitColumn::JoinPlanes(pointers);
}

BitColumn AllSet(const Protocol& protocol, std::size_t rows) {
  return mpc::PublicConstant(protocol, rows, 1, 1);
}

BitColumn RepeatRow(const BitColumn& column, std::size_t row, std::size_t rows) {
  std::vector<mpc::BitPlanes> parts;
  for (unsigned part = 0; part < column.part_count(); ++part) {
    mpc::BitPlanes planes(rows, column.width());
    for (unsigned p = 0; p < column.width(); ++p) {
      if (column.part(part).Get(row, p)) std::ranges::fill(planes.plane(p), ~std::uint64_t{0});
    }
    planes.ClearPastLastRow();
    parts.push_back(std::move(planes));
  }
  return BitColumn(std::move(parts));
}

RingColumn RepeatRow(const RingColumn& column, std::size_t row, std::size_t rows) {
  return column.Gather(std::vector<std::uint32_t>(rows, static_cast<std::uint32_t>(row)));
}

BitColumn RepeatRows(const BitColumn& column, std::size_t times) {
  return BitColumn::JoinRows(std::vector<const BitColumn*>(times, &column));
}

RingColumn RepeatRows(const RingColumn& column, std::size_t times) {
  return RingColumn::JoinRows(std::vector<const RingColumn*>(times, &column));
}

BitColumn Gathered(const BitColumn& column, const std::vector<std::uint32_t>& source) {
  return mpc::GatherPublic({{column}, {}}, source).bits[0];
}

RingColumn Gathered(const RingColumn& column, const std::vector<std::uint32_t>& source) {
  return column.Gather(source);
}

namespace {

std::vector<std::uint32_t> LastFirst(std::size_t rows) {
  std::vector<std::uint32_t> source(rows);
  for (std::size_t row = 0; row < rows; ++row) source[row] = static_cast<std::uint32_t>(rows - 1 - row);
  return source;
}

}  // namespace

BitColumn Reversed(const BitColumn& column) { return Gathered(column, LastFirst(column.rows())); }

RingColumn Reversed(const RingColumn& column) { return Gathered(column, LastFirst(column.rows())); }

BitColumn Resized(const Protocol& protocol, const BitColumn& column, std::size_t rows) {
  if (rows <= column.rows()) return column.Rows(0, rows);
  const BitColumn more = mpc::PublicZeroes(protocol, rows - column.rows(), column.width());
  return BitColumn::JoinRows({&column, &more});
}

RingColumn Resized(const Protocol& protocol, const RingColumn& column, std::size_t rows) {
  if (rows <= column.rows()) return column.Rows(0, rows);
  const RingColumn more =
      protocol.PublicRing(std::vector<std::uint64_t>(rows - column.rows(), 0), column.width());
  return RingColumn::JoinRows({&column, &more});
}

void AddEmptySlot(const Protocol& protocol, SharedTable& table) {
  table.slots = 1;
  table.valid = Resized(protocol, table.valid, 1);
  for (auto& [column, value] : table.columns) {
    if (value.bits) value.bits = Resized(protocol, *value.bits, 1);
    if (value.ring) value.ring = Resized(protocol, *value.ring, 1);
    if (value.not_null) value.not_null = Resized(protocol, *value.not_null, 1);
  }
}

}  // namespace care::engine
