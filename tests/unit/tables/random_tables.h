// Tables of random rows, in the clear for the oracle (engine/exec/local) and as shared tables on either protocol. Slots that
// are not valid, and NULLs in the ring, hold noise, as they do in a query.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "engine/exec/local/evaluator.h"
#include "engine/exec/tables/shared_table.h"
#include "engine/exec/tables/value_forms.h"
#include "engine/types/status_macros.h"
#include "gtest/gtest.h"
#include "planner/physical/operator_openings.h"
#include "tests/unit/mpc/three_parties.h"

namespace care::engine {

using planner::ColumnId;
using Integers = std::vector<std::uint64_t>;

inline planner::ColumnInfo IntegerColumn(std::int64_t min, std::int64_t max, bool nullable) {
  planner::ColumnInfo info;
  info.name = "n";
  info.type.kind = TypeKind::kBigInt;
  info.nullable = nullable;
  info.min = min;
  info.max = max;
  return info;
}
inline planner::ColumnInfo BooleanColumn(bool nullable) {
  planner::ColumnInfo info;
  info.name = "b";
  info.type.kind = TypeKind::kBoolean;
  info.nullable = nullable;
  return info;
}
inline planner::ColumnInfo CodeColumn(std::vector<std::string> domain, bool nullable) {
  planner::ColumnInfo info;
  info.name = "c";
  info.type.kind = TypeKind::kText;
  info.nullable = nullable;
  info.domain = std::move(domain);
  return info;
}
inline planner::ColumnInfo BytesColumn(std::uint32_t max_bytes, bool nullable) {
  planner::ColumnInfo info;
  info.name = "t";
  info.type.kind = TypeKind::kText;
  info.nullable = nullable;
  info.max_bytes = max_bytes;
  return info;
}

// Which forms a column is shared in.
enum class Forms { kBits, kRing, kBoth };

struct TestColumn {
  ColumnId id = 0;
  planner::ColumnInfo info;
  Forms forms = Forms::kBits;
};

struct TestTable {
  std::vector<TestColumn> columns;
  ColumnBatch rows;              // the valid ones, for the oracle
  std::vector<bool> valid;       // of each slot
  std::vector<Column> at_slots;  // noise where not valid

  std::size_t slots() const { return valid.size(); }
};

inline Column EmptyColumn(const TestColumn& column) {
  Column empty;
  empty.name = connectors::ColumnName(column.id);
  empty.type = column.info.type;
  return empty;
}

inline void AppendRandom(std::mt19937_64& random, const planner::ColumnInfo& info, Column& column) {
  if (info.nullable && random() % 4 == 0) {
    column.Append(Value(Null()));
  } else if (info.type.kind == TypeKind::kBoolean) {
    column.Append(Value(random() % 2 == 0));
  } else if (!info.domain.empty()) {
    column.Append(Value(info.domain[random() % info.domain.size()]));
  } else if (info.type.kind == TypeKind::kText) {
    std::string text;
    for (std::size_t bytes = random() % (info.max_bytes + 1); text.size() < bytes;)
      text += "ab"[random() % 2];
    column.Append(Value(text));
  } else {
    const auto span = static_cast<std::uint64_t>(*info.max - *info.min) + 1;
    column.Append(Value(*info.min + static_cast<std::int64_t>(random() % span)));
  }
}

// `share_of_valid`: of 4.
inline TestTable RandomTable(std::mt19937_64& random, std::vector<TestColumn> columns, std::size_t slots,
                             unsigned share_of_valid = 3) {
  TestTable table;
  table.columns = std::move(columns);
  for (std::size_t i = 0; i < slots; ++i) table.valid.push_back(random() % 4 < share_of_valid);
  for (const TestColumn& column : table.columns) {
    Column all = EmptyColumn(column), kept = EmptyColumn(column);
    for (std::size_t i = 0; i < slots; ++i) {
      AppendRandom(random, column.info, all);
      if (table.valid[i]) kept.Append(all.At(i));
    }
    table.at_slots.push_back(std::move(all));
    table.rows.columns.push_back(std::move(kept));
  }
  table.rows.rows = static_cast<std::size_t>(std::count(table.valid.begin(), table.valid.end(), true));
  return table;
}

// --- Shares.

inline mpc::BitPlanes PlanesOf(const Column& column, const planner::SharedValueShape& shape) {
  mpc::BitPlanes planes(column.size(), shape.width);
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (column.IsNull(row)) continue;
    if (shape.kind == planner::ValueKind::kBytes) {
      const std::string_view text = column.texts[row];
      for (std::size_t byte = 0; byte < text.size(); ++byte) {
        for (unsigned bit = 0; bit < 8; ++bit)
          planes.Set(row, shape.width - 8 * (static_cast<unsigned>(byte) + 1) + bit, text[byte] >> bit & 1);
      }
      continue;
    }
    std::uint64_t number = 0;
    if (shape.kind == planner::ValueKind::kCode) {
      number = static_cast<std::uint64_t>(std::ranges::find(shape.domain, std::string(column.texts[row])) -
                                          shape.domain.begin());
    } else {
      number = static_cast<std::uint64_t>(column.integers[row]) - static_cast<std::uint64_t>(shape.base);
    }
    for (unsigned p = 0; p < shape.width; ++p) planes.Set(row, p, number >> p & 1);
  }
  return planes;
}

inline absl::StatusOr<SharedTable> ShareTable(mpc::Protocol& protocol, const TestTable& table,
                                              PartyId owner) {
  std::mt19937_64 noise(5);
  const std::size_t slots = table.slots();
  SharedTable shared{.slots = slots};
  mpc::BitPlanes valid(slots, 1);
  for (std::size_t i = 0; i < slots; ++i) valid.Set(i, 0, table.valid[i]);
  CARE_ASSIGN_OR_RETURN(shared.valid,
                        protocol.InputBits(owner, mpc::IfHeld(protocol, owner, valid), slots, 1));
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const TestColumn& column = table.columns[c];
    const Column& cells = table.at_slots[c];
    SharedValue& value = shared.columns[column.id];
    mpc::BitPlanes not_null(slots, 1);
    Integers ring(slots);
    for (std::size_t i = 0; i < slots; ++i) {
      not_null.Set(i, 0, table.valid[i] ? !cells.IsNull(i) : noise() % 2 == 0);
      ring[i] = table.valid[i] && !cells.IsNull(i) && cells.type.kind != TypeKind::kText
                    ? static_cast<std::uint64_t>(cells.integers[i])
                    : noise();
    }
    if (column.info.nullable) {
      CARE_ASSIGN_OR_RETURN(value.not_null,
                            protocol.InputBits(owner, mpc::IfHeld(protocol, owner, not_null), slots, 1));
    }
    if (column.forms != Forms::kRing) {
      CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape shape, planner::ShapeOfColumn(column.info));
      const mpc::BitPlanes planes = PlanesOf(cells, shape);
      CARE_ASSIGN_OR_RETURN(
          value.bits, protocol.InputBits(owner, mpc::IfHeld(protocol, owner, planes), slots, shape.width));
    }
    if (column.forms != Forms::kBits) {
      CARE_ASSIGN_OR_RETURN(value.ring, protocol.InputRing(owner, mpc::IfHeld(protocol, owner, ring), slots));
    }
  }
  return shared;
}

// --- The answer of both protocols.

struct TestAnswer {
  std::vector<bool> valid;
  std::vector<std::string> texts;  // of each slot: its row, empty where not valid
  std::vector<std::string> rows;   // of the valid slots, in their order
  friend bool operator==(const TestAnswer&, const TestAnswer&) = default;
};

inline absl::StatusOr<TestAnswer> OpenTable(mpc::Protocol& protocol, const planner::PhysicalPlan& plan,
                                             const SharedTable& table, const std::vector<ColumnId>& columns) {
  TestAnswer opened;
  CARE_ASSIGN_OR_RETURN(const Integers valid, mpc::OpenForTest(protocol, table.valid));
  if (valid.size() != table.slots) return absl::InternalError("valid has another number of slots");
  opened.valid.assign(valid.begin(), valid.end());
  opened.texts.resize(table.slots);
  for (const ColumnId id : columns) {
    const auto found = table.columns.find(id);
    if (found == table.columns.end()) return absl::InternalError("a column is missing");
    const SharedValue& value = found->second;
    Integers not_null(table.slots, 1);
    if (value.not_null) {
      CARE_ASSIGN_OR_RETURN(not_null, mpc::OpenForTest(protocol, *value.not_null));
    }
    std::vector<Value> cells(table.slots);
    if (value.bits) {
      CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape shape, planner::ShapeOfColumn(plan.columns[id]));
      if (value.bits->width() != shape.width || value.bits->rows() != table.slots)
        return absl::InternalError("bits have another shape");
      CARE_ASSIGN_OR_RETURN(const auto planes, protocol.Open(*value.bits, mpc::TestDisclosure()));
      for (std::size_t i = 0; i < table.slots; ++i) {
        std::uint64_t number = 0;
        std::string text;
        for (unsigned p = shape.width; p-- > 0;) {
          number = number << 1 | static_cast<std::uint64_t>(planes->Get(i, p));
          if (shape.kind == planner::ValueKind::kBytes && p % 8 == 0)
            text += static_cast<char>(number & 0xff);
        }
        if (valid[i] != 0 && not_null[i] == 0 && (number != 0 || text.find_first_not_of('\0') != text.npos))
          return absl::InternalError("bits of a NULL are not zero");
        text.erase(std::ranges::find(text, '\0'), text.end());
        if (shape.kind == planner::ValueKind::kCode && valid[i] != 0) text = shape.domain.at(number);
        cells[i] = plan.columns[id].type.kind == TypeKind::kText ? Value(text)
                   : shape.kind == planner::ValueKind::kBoolean
                       ? Value(number != 0)
                       : Value(shape.base + static_cast<std::int64_t>(number));
      }
    }
    if (value.ring) {
      CARE_ASSIGN_OR_RETURN(const Integers ring, mpc::OpenForTest(protocol, *value.ring));
      for (std::size_t i = 0; i < table.slots; ++i) {
        const DataType& type = plan.columns[id].type;
        const auto stored = static_cast<std::int64_t>(ring[i]);
        const Value from_ring = type.kind == TypeKind::kNumeric ? Value(Decimal{stored, type.scale}) : Value(stored);
        if (value.bits && valid[i] != 0 && not_null[i] != 0 &&
            FormatValue(from_ring) != FormatValue(cells[i]))
          return absl::InternalError("the forms of a value differ");
        cells[i] = from_ring;
      }
    }
    for (std::size_t i = 0; i < table.slots; ++i) {
      if (valid[i] != 0) opened.texts[i] += not_null[i] == 0 ? "NULL " : "'" + FormatValue(cells[i]) + "' ";
    }
  }
  for (std::size_t i = 0; i < table.slots; ++i) {
    if (opened.valid[i]) opened.rows.push_back(opened.texts[i]);
  }
  return opened;
}

inline std::vector<std::string> RowTexts(const ColumnBatch& batch, const std::vector<ColumnId>& columns) {
  std::vector<std::string> rows(batch.rows);
  for (const ColumnId id : columns) {
    const int place = batch.FindColumn(connectors::ColumnName(id));
    EXPECT_GE(place, 0);
    const Column& column = batch.columns[static_cast<std::size_t>(place)];
    for (std::size_t i = 0; i < batch.rows; ++i)
      rows[i] += column.IsNull(i) ? "NULL " : "'" + FormatValue(column.At(i)) + "' ";
  }
  return rows;
}

inline std::vector<std::string> Sorted(std::vector<std::string> rows) {
  std::ranges::sort(rows);
  return rows;
}

using TableBody = std::function<absl::StatusOr<SharedTable>(TableContext&)>;

// The plan's last node is what runs; `inputs` are nodes 0, 1 ..; the columns are opened of all.
struct TableQuestion {
  planner::PhysicalPlan plan;
  std::vector<const TestTable*> inputs;
  std::vector<ColumnId> opened;  // an OpenTable behind the node reads them
  std::vector<Disclosure> openings;
};

inline void AddColumns(planner::PhysicalPlan& plan, const std::vector<TestColumn>& columns) {
  for (const TestColumn& column : columns) {
    if (plan.columns.size() <= column.id) plan.columns.resize(column.id + 1);
    plan.columns[column.id] = column.info;
  }
}

// What both protocols open of the node's table, or both protocols' error.
inline absl::StatusOr<TestAnswer> AnswerOnBoth(TableQuestion question, const TableBody& run) {
  for (std::size_t i = 0; i < question.openings.size(); ++i)
    question.openings[i].id = static_cast<std::uint32_t>(i);
  question.plan.nodes.push_back(planner::OpenTableNode{.columns = question.opened});
  const auto body = [&](mpc::Protocol& protocol) -> absl::StatusOr<TestAnswer> {
    std::map<planner::NodeId, SharedTable> tables;
    for (std::size_t i = 0; i < question.inputs.size(); ++i) {
      CARE_ASSIGN_OR_RETURN(tables[static_cast<planner::NodeId>(i)],
                            ShareTable(protocol, *question.inputs[i], static_cast<PartyId>(i % 3)));
    }
    TableContext context{protocol, question.plan, tables, question.openings, {}};
    CARE_ASSIGN_OR_RETURN(const SharedTable result, run(context));
    return OpenTable(protocol, question.plan, result, question.opened);
  };
  std::vector<Disclosure> disclosures = question.openings;
  disclosures.push_back(mpc::TestDisclosure());
  mpc::Plain plain(disclosures);
  const absl::StatusOr<TestAnswer> in_the_clear = body(plain);
  mpc::ThreePartiesOptions options;
  options.disclosures = question.openings;
  const auto three = mpc::RunThreeParties(body, options);
  EXPECT_EQ(in_the_clear.status().code(), three.results[0].status().code());
  if (!in_the_clear.ok()) return in_the_clear.status();
  if (!three.ok()) return three.status();
  EXPECT_TRUE(three.rounds_agree);
  EXPECT_EQ(*three.results[0], *in_the_clear);
  return in_the_clear;
}

inline planner::ExpressionPtr ColumnOf(const TestColumn& column) {
  return planner::MakeColumn(column.id, column.info.type);
}

}  // namespace care::engine
