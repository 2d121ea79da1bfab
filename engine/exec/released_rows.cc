#include "engine/exec/released_rows.h"

#include <bit>
#include <utility>

#include "engine/types/check.h"

namespace care::engine {

void ReleasedColumn::Append(Value value, bool hide) {
  if (hide && hidden.empty()) hidden.resize(values.size(), 0);
  values.push_back(hide ? Value(Null{}) : std::move(value));
  if (!hidden.empty() || hide) hidden.push_back(hide ? 1 : 0);
}

void ReleasedRows::MarkUncertain(std::size_t row) {
  if (uncertain.empty()) uncertain.resize(rows, 0);
  uncertain[row] = 1;
}

const ReleasedColumn& ReleasedRows::Find(planner::ColumnId column) const {
  for (const ReleasedColumn& candidate : columns) {
    if (candidate.column == column) return candidate;
  }
  CARE_CHECK(false);
}

ReleasedColumn& ReleasedRows::AddColumn(planner::ColumnId column) {
  ReleasedColumn& added = columns.emplace_back();
  added.column = column;
  return added;
}

ReleasedColumn GatherReleased(const ReleasedColumn& column, const std::vector<RowIndex>& rows) {
  ReleasedColumn result;
  result.column = column.column;
  result.values.reserve(rows.size());
  for (const RowIndex row : rows) {
    result.values.push_back(row == kNoRowIndex ? Value(Null{}) : column.values[row]);
  }
  if (column.hidden.empty()) return result;
  result.hidden.reserve(rows.size());
  for (const RowIndex row : rows) result.hidden.push_back(row == kNoRowIndex ? 0 : column.hidden[row]);
  return result;
}

ReleasedRows GatherReleased(const ReleasedRows& rows, const std::vector<RowIndex>& order) {
  ReleasedRows result;
  result.rows = order.size();
  result.incomplete = rows.incomplete;
  for (const ReleasedColumn& column : rows.columns) result.columns.push_back(GatherReleased(column, order));
  if (rows.uncertain.empty()) return result;
  for (const RowIndex row : order) result.uncertain.push_back(row == kNoRowIndex ? 0 : rows.uncertain[row]);
  return result;
}

void AppendValueKey(const Value& value, std::string& key) {
  const auto append = [&](char kind, const auto& number) {
    key.push_back(kind);
    key.append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  if (IsNull(value)) {
    key.push_back('n');
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    append('t', text->size());
    key += *text;
  } else if (const auto* date = std::get_if<Date>(&value)) {
    append('d', date->days);
  } else if (const auto* timestamp = std::get_if<Timestamp>(&value)) {
    append('s', timestamp->microseconds);
  } else if (const auto* boolean = std::get_if<bool>(&value)) {
    key.push_back(*boolean ? 'T' : 'F');
  } else if (const auto* number = std::get_if<double>(&value)) {
    append('f', std::bit_cast<std::uint64_t>(*number == 0 ? 0.0 : *number));
  } else if (const auto* single = std::get_if<float>(&value)) {
    append('f', std::bit_cast<std::uint64_t>(*single == 0 ? 0.0 : static_cast<double>(*single)));
  } else if (const auto* interval = std::get_if<Interval>(&value)) {
    append('i', interval->months);
    append('i', interval->days);
    append('i', interval->microseconds);
  } else {
    const auto* integer = std::get_if<std::int64_t>(&value);
    Decimal decimal = integer != nullptr ? Decimal{*integer, 0} : std::get<Decimal>(value);
    while (decimal.scale > 0 && decimal.unscaled % 10 == 0) {
      decimal.unscaled /= 10;
      --decimal.scale;
    }
    append('m', decimal.unscaled);
    key.push_back(static_cast<char>(decimal.scale));
  }
}

}  // namespace care::engine
