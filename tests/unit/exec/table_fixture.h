// tests/unit/exec/table_fixture.h
//
// A batch of random rows over columns of every kind, with NULLs and extremes, and the same rows as a shared table on either
// protocol: what the operators over tables are tested with.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "engine/exec/tables/shared_table.h"
#include "engine/types/column_batch.h"
#include "engine/types/status_macros.h"
#include "planner/physical/physical_plan.h"
#include "planner/physical/shared_value.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::engine {

// A cell's offset as the shape lays it out, for values of up to 64 planes; 0 for NULL.
inline std::uint64_t Offset(const Value& value, const planner::SharedValueShape& shape) {
  if (IsNull(value)) return 0;
  switch (shape.kind) {
    case planner::ValueKind::kBoolean:
      return std::get<bool>(value) ? 1 : 0;
    case planner::ValueKind::kInteger: {
      std::int64_t stored = 0;
      if (const auto* integer = std::get_if<std::int64_t>(&value)) stored = *integer;
      if (const auto* date = std::get_if<Date>(&value)) stored = date->days;
      if (const auto* decimal = std::get_if<Decimal>(&value)) stored = static_cast<std::int64_t>(decimal->unscaled);
      return static_cast<std::uint64_t>(stored) - static_cast<std::uint64_t>(shape.base);
    }
    case planner::ValueKind::kCode: {
      const auto& text = std::get<std::string>(value);
      return std::lower_bound(shape.domain.begin(), shape.domain.end(), text) - shape.domain.begin();
    }
    case planner::ValueKind::kBytes: {
      const auto& text = std::get<std::string>(value);
      std::uint64_t bytes = 0;
      for (unsigned i = 0; i < shape.width / 8; ++i)
        bytes = bytes << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
      return bytes;
    }
    case planner::ValueKind::kHash:
      break;  // no test lays one out
  }
  return 0;
}

struct TableFixture {
  planner::PhysicalPlan plan;
  ColumnBatch batch;
  std::mt19937_64 random;

  explicit TableFixture(unsigned seed) : random(seed) {}

  std::int64_t Between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
  }

  // Rows of the column are drawn between its declared bounds, which occur themselves; one in `nulls` is NULL (0: none).
  planner::ColumnId Add(planner::ColumnInfo info, unsigned nulls) {
    const auto id = static_cast<planner::ColumnId>(plan.columns.size());
    info.nullable = nulls != 0;
    info.name = "c" + std::to_string(id);
    Column column{.name = connectors::ColumnName(id), .type = info.type};
    for (std::size_t row = 0; row < batch.rows; ++row) {
      if (nulls != 0 && random() % nulls == 0) {
        column.Append(Null{});
        continue;
      }
      if (info.type.kind == TypeKind::kText) {
        std::string text;
        if (!info.domain.empty()) {
          text = info.domain[random() % info.domain.size()];
        } else {
          for (std::size_t i = random() % (info.max_bytes + 1); i > 0; --i) text += static_cast<char>('a' + random() % 3);
        }
        column.Append(text);
      } else if (info.type.kind == TypeKind::kBoolean) {
        column.Append(random() % 2 == 0);
      } else {
        const unsigned kind = random() % 8;
        const std::int64_t stored = kind == 0 ? *info.min : kind == 1 ? *info.max : Between(*info.min, *info.max);
        if (info.type.kind == TypeKind::kDate) {
          column.Append(Date{static_cast<std::int32_t>(stored)});
        } else if (info.type.kind == TypeKind::kNumeric) {
          column.Append(Decimal{stored, info.type.scale});
        } else {
          column.Append(stored);
        }
      }
    }
    batch.columns.push_back(std::move(column));
    plan.columns.push_back(std::move(info));
    return id;
  }

  // `bits`, `ring`: which forms each column gets, by id. Slots past the batch hold garbage and are not valid.
  absl::StatusOr<SharedTable> Share(mpc::Protocol& protocol, std::size_t slots, const std::vector<bool>& bits,
                                    const std::vector<bool>& ring) const {
    SharedTable table;
    table.slots = slots;
    mpc::Integers valid(slots, 0);
    std::fill_n(valid.begin(), batch.rows, 1);
    CARE_ASSIGN_OR_RETURN(table.valid, mpc::InputBitsForTest(protocol, 0, valid, 1));
    for (planner::ColumnId id = 0; id < batch.columns.size(); ++id) {
      const Column& column = batch.columns[id];
      const bool text = column.type.kind == TypeKind::kText;
      CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape shape, planner::ShapeOfColumn(plan.columns[id]));
      mpc::Integers offsets(slots, 0), stored(slots, 12345), known(slots, 1);
      for (std::size_t row = 0; row < batch.rows; ++row) {
        known[row] = column.IsNull(row) ? 0 : 1;
        if (column.IsNull(row)) continue;
        offsets[row] = Offset(column.At(row), shape);
        if (!text) stored[row] = static_cast<std::uint64_t>(column.integers[row]);
      }
      SharedValue& value = table.columns[id];
      if (bits[id] || text || column.type.kind == TypeKind::kBoolean) {
        CARE_ASSIGN_OR_RETURN(value.bits, mpc::InputBitsForTest(protocol, id % 3, offsets, shape.width));
      }
      if (ring[id] && !text) {
        CARE_ASSIGN_OR_RETURN(value.ring, mpc::InputRingForTest(protocol, id % 3, stored));
      }
      if (plan.columns[id].nullable) {
        CARE_ASSIGN_OR_RETURN(value.not_null, mpc::InputBitsForTest(protocol, id % 3, known, 1));
      }
    }
    return table;
  }
};

}  // namespace care::engine
