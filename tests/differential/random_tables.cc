#include "tests/differential/random_tables.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/date.h"
#include "engine/types/decimal.h"
#include "engine/types/status_macros.h"
#include "engine/types/timestamp.h"

namespace care::engine {
namespace {

std::string StoredText(const RandomColumn& column, std::int64_t value) {
  switch (column.kind) {
    case RandomKind::kDate:
      return FormatDate(static_cast<std::int32_t>(value));
    case RandomKind::kTimestamp:
      return FormatTimestamp({value, false});
    case RandomKind::kNumeric:
    case RandomKind::kFloat:
      return Decimal{value, 2}.ToString();
    default:
      return absl::StrCat(value);
  }
}

RandomColumn MakeColumn(RandomStream& random, RandomKind kind, const std::string& name) {
  RandomColumn column;
  column.kind = kind;
  column.declared.name = name;
  column.declared.nullable = random.Below(3) != 0;
  switch (kind) {
    case RandomKind::kKey:
      column.declared.type = random.Below(4) == 0 ? "bigint" : "integer";
      column.declared.key = true;
      column.low = 1;
      column.high = random.Between(2, 9);
      break;
    case RandomKind::kInteger: {
      constexpr const char* kTypes[] = {"smallint", "integer", "bigint"};
      column.declared.type = kTypes[random.Below(3)];
      const std::uint64_t width = random.Below(4);
      column.low = width == 0 ? 0 : width == 1 ? -5 : width == 2 ? -1000 : -30'000;
      column.high = width == 0 ? 3 : width == 1 ? 5 : width == 2 ? 10 : 30'000;
      break;
    }
    case RandomKind::kNumeric:
      column.declared.type = "numeric(8,2)";
      column.low = random.Below(2) == 0 ? -500 : -999'999;
      column.high = random.Below(2) == 0 ? 500 : 999'999;
      column.declared.own_name = name + "_hundredths";
      break;
    case RandomKind::kFloat:
      // Quarters, stored in hundredths: see RandomExpressions::Quarters.
      column.declared.type = "double precision";
      column.low = random.Below(2) == 0 ? -500 : 0;
      column.high = random.Below(2) == 0 ? 500 : 50'000;
      column.declared.own_name = name + "_hundredths";
      break;
    case RandomKind::kDate:
      column.declared.type = "date";
      column.low = DaysFromCivil({2020, 1, 1}) + random.Between(0, 300);
      column.high = column.low + random.Between(3, 800);
      break;
    case RandomKind::kTimestamp:
      column.declared.type = "timestamp";
      column.low = DaysFromCivil({2020, 1, 1}) * kMicrosecondsOfDay + random.Between(0, 300) * kMicrosecondsOfDay;
      column.high = column.low + random.Between(3, 800 * 24) * 3600 * kMicrosecondsOfSecond + random.Between(0, 1) * 999;
      break;
    case RandomKind::kBoolean:
      column.declared.type = "boolean";
      column.high = 1;
      break;
    case RandomKind::kText:
      column.declared.type = "text";
      column.values = {"a", "b", "ab", "B", "abc", "zz"};
      column.values.resize(static_cast<std::size_t>(random.Between(1, 6)));
      if (random.Below(3) != 0) {
        column.declared.domain = column.values;
      } else {
        column.values.push_back("");
        column.values.push_back("\xc3\xa9");  // a letter of two bytes
        column.declared.max_bytes = 8;
      }
      break;
  }
  if (kind != RandomKind::kBoolean && kind != RandomKind::kText) {
    column.declared.min = StoredText(column, column.low);
    column.declared.max = StoredText(column, column.high);
  }
  return column;
}

RandomCell MakeCell(RandomStream& random, const RandomColumn& column) {
  RandomCell cell;
  if (column.declared.nullable && random.Below(5) == 0) {
    cell.null = true;
  } else if (column.kind == RandomKind::kText) {
    cell.text = column.values[random.Below(column.values.size())];
  } else {
    const std::uint64_t extreme = random.Below(8);
    cell.integer = extreme == 0   ? column.low
                   : extreme == 1 ? column.high
                                  : random.Between(column.low, column.high);
    if (column.kind == RandomKind::kFloat) cell.integer -= cell.integer % 25;
    if (column.kind == RandomKind::kTimestamp && extreme > 4) cell.integer = std::max(column.low, cell.integer - TimeOfDay(cell.integer));
    if (column.kind == RandomKind::kTimestamp) cell.text = StoredText(column, cell.integer);
  }
  return cell;
}

RandomTable MakeTable(RandomStream& random, bool about_persons, const std::string& owner,
                      const std::string& name) {
  RandomTable table;
  table.owner = owner;
  table.name = name;
  table.columns.push_back(MakeColumn(random, RandomKind::kKey, name + "_k"));
  if (about_persons) table.columns[0].declared.nullable = false;
  if (random.Below(2) == 0 && !about_persons)
    table.columns.push_back(MakeColumn(random, RandomKind::kKey, name + "_j"));
  const std::uint64_t more = 2 + random.Below(4);
  for (std::uint64_t i = 0; i < more; ++i) {
    const auto kind = static_cast<RandomKind>(1 + random.Below(7));
    table.columns.push_back(
        MakeColumn(random, kind, absl::StrCat(name, "_", std::string(1, static_cast<char>('a' + i)))));
  }
  table.is_unique = random.Below(2) == 0;
  const std::uint64_t size = random.Below(8);
  std::uint64_t rows = size == 0 ? 0 : size == 1 ? 1 : size == 2 ? 30 : 2 + random.Below(10);
  table.row_bound = rows + 1 + random.Below(4);
  const bool skewed = random.Below(4) == 0;
  std::set<std::int64_t> used;
  for (std::uint64_t row = 0; row < rows; ++row) {
    std::vector<RandomCell> cells;
    for (const RandomColumn& column : table.columns) cells.push_back(MakeCell(random, column));
    if (skewed && !table.is_unique && random.Below(3) != 0) cells[0] = {false, table.columns[0].low, {}};
    if (table.is_unique && !cells[0].null && !used.insert(cells[0].integer).second) continue;
    table.rows.push_back(cells);
    if (!table.is_unique && random.Below(6) == 0 && table.rows.size() < table.row_bound)
      table.rows.push_back(cells);  // the same again
  }
  table.rows.resize(std::min<std::size_t>(table.rows.size(), table.row_bound));
  return table;
}

std::string Quoted(const std::string& text) { return absl::StrCat("\"", text, "\""); }

ExampleTable Described(const RandomTable& table) {
  ExampleTable described;
  described.schema = table.owner;
  described.name = table.name;
  for (const RandomColumn& column : table.columns) {
    described.columns.push_back(column.declared);
    if (column.kind == RandomKind::kTimestamp) described.columns.back().type = "text";  // as SQLite stores it
  }
  return described;
}

}  // namespace

RandomSchema MakeRandomSchema(RandomStream& random) {
  RandomSchema schema;
  const std::uint64_t count = 2 + random.Below(3);
  const std::uint64_t owners = 1 + random.Below(3);
  schema.about_persons = random.Below(3) == 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string& owner = RandomParties()[i < owners ? i : random.Below(owners)];
    schema.tables.push_back(MakeTable(random, schema.about_persons, owner, absl::StrCat("t", i + 1)));
  }
  if (random.Below(2) == 0) schema.partitions = 2 + random.Below(4);
  return schema;
}

std::string RandomFederation(const RandomSchema& schema) {
  std::string text = absl::StrCat(
      "name = \"random\"\nversion = 1\ncompute = [\"north\", \"east\", \"south\"]\nauthority_sha256 = \"",
      std::string(64, '0'), "\"\n\n[joint]\npartitions = ", schema.partitions, "\n");
  int port = 7401;
  for (const std::string& party : RandomParties()) {
    absl::StrAppend(&text, "\n[[party]]\nname = ", Quoted(party), "\naddress = \"127.0.0.1:", port++, "\"\n");
  }
  for (const RandomTable& table : schema.tables) {
    absl::StrAppend(&text, "\n[[table]]\nname = ", Quoted(table.owner + "." + table.name), "\n",
                    schema.about_persons ? absl::StrCat("subject = ", Quoted(table.columns[0].declared.name))
                                         : "persons = false",
                    "\nrow_bound = ", table.row_bound, "\n");
    if (table.is_unique)
      absl::StrAppend(&text, "unique = [[", Quoted(table.columns[0].declared.name), "]]\n");
    for (const RandomColumn& column : table.columns) {
      const ExampleColumn& declared = column.declared;
      absl::StrAppend(&text, "\n  [[table.column]]\n  name = ", Quoted(declared.name),
                      "\n  type = ", Quoted(declared.type), "\n");
      if (column.kind == RandomKind::kFloat) absl::StrAppend(&text, "  decimals = 2\n");
      if (declared.key) absl::StrAppend(&text, "  key = \"k\"\n");
      if (!declared.nullable) absl::StrAppend(&text, "  nullable = false\n");
      if (!declared.min.empty())
        absl::StrAppend(&text, "  min = ", Quoted(declared.min), "\n  max = ", Quoted(declared.max), "\n");
      if (!declared.domain.empty()) {
        absl::StrAppend(
            &text, "  domain = [",
            absl::StrJoin(declared.domain, ", ",
                          [](std::string* out, const std::string& value) { out->append(Quoted(value)); }),
            "]\n");
      }
      if (declared.max_bytes > 0) absl::StrAppend(&text, "  max_bytes = ", declared.max_bytes, "\n");
      if (schema.about_persons && declared.key) continue;
      absl::StrAppend(&text, "  use = [\"aggregate\", \"group_key\", \"filter\", \"extreme\", \"row\"",
                      declared.key ? ", \"join_key\"" : "", "]\n");
    }
  }
  return text;
}

absl::Status WriteParties(const RandomSchema& schema, const std::string& directory) {
  std::ofstream(directory + "/federation.toml") << RandomFederation(schema);
  for (const std::string& party : RandomParties()) {
    CARE_ASSIGN_OR_RETURN(const auto writer, TableWriter::Create(directory, party, /*csv=*/false));
    for (const RandomTable& table : schema.tables) {
      if (table.owner != party) continue;
      CARE_RETURN_IF_ERROR(writer->BeginTable(Described(table)));
      for (const auto& row : table.rows) {
        std::vector<ExampleCell> cells;
        for (std::size_t i = 0; i < row.size(); ++i) {
          cells.push_back(row[i].null ? ExampleCell::Null()
                          : table.columns[i].kind == RandomKind::kText || table.columns[i].kind == RandomKind::kTimestamp
                              ? ExampleCell::Of(std::string_view(row[i].text))
                              : ExampleCell::Of(row[i].integer));
        }
        CARE_RETURN_IF_ERROR(writer->Row(cells));
      }
      CARE_RETURN_IF_ERROR(writer->EndTable());
    }
    CARE_RETURN_IF_ERROR(writer->Finish());
  }
  return absl::OkStatus();
}

std::string RandomNodeTables(const RandomSchema& schema, const std::string& party) {
  std::string text = absl::StrCat("[database]\nkind = \"sqlite\"\npath = ", Quoted(party + ".db"), "\n");
  for (const RandomTable& table : schema.tables) {
    if (table.owner != party) continue;
    absl::StrAppend(&text, "\n[tables.", table.name, "]\ntable = ", Quoted(table.name), "\n");
    for (const RandomColumn& column : table.columns) {
      if (column.declared.own_name.empty()) continue;
      absl::StrAppend(&text, "[tables.", table.name, ".columns.", column.declared.name,
                      "]\ncolumn = ", Quoted(column.declared.own_name), "\nstorage = \"scaled\"\n");
    }
  }
  return text;
}

std::string RandomPostgresScript(const RandomSchema& schema) {
  std::string text;
  for (const std::string& party : RandomParties()) {
    absl::StrAppend(&text, "DROP SCHEMA IF EXISTS ", party, " CASCADE;\nCREATE SCHEMA ", party, ";\n");
  }
  for (const RandomTable& table : schema.tables) {
    std::vector<std::string> columns, rows;
    for (const RandomColumn& column : table.columns) {
      columns.push_back(absl::StrCat(column.declared.name, " ", column.declared.type,
                                     column.kind == RandomKind::kText ? " COLLATE \"C\"" : ""));
    }
    absl::StrAppend(&text, "CREATE TABLE ", table.owner, ".", table.name, " (", absl::StrJoin(columns, ", "),
                    ");\n");
    for (const auto& row : table.rows) {
      std::vector<std::string> cells;
      for (std::size_t i = 0; i < row.size(); ++i) {
        const RandomColumn& column = table.columns[i];
        const std::string value = column.kind == RandomKind::kText      ? row[i].text
                                  : column.kind == RandomKind::kBoolean ? (row[i].integer != 0 ? "t" : "f")
                                                                        : StoredText(column, row[i].integer);
        cells.push_back(row[i].null ? "NULL" : absl::StrCat("'", value, "'"));
      }
      rows.push_back(absl::StrCat("(", absl::StrJoin(cells, ", "), ")"));
    }
    if (!rows.empty())
      absl::StrAppend(&text, "INSERT INTO ", table.owner, ".", table.name, " VALUES\n  ",
                      absl::StrJoin(rows, ",\n  "), ";\n");
  }
  return text;
}

}  // namespace care::engine
