// SHOW TABLES, COLUMNS and POLICY over a federation file that has an entry of every kind.
#include "engine/session/show_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "grammar/parser.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kFederation = R"toml(
name = "clinics"
version = 1
compute = ["north", "east", "south"]
authority_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"

[[party]]
name = "north"
address = "127.0.0.1:7401"
[[party]]
name = "east"
address = "127.0.0.1:7402"
[[party]]
name = "south"
address = "127.0.0.1:7403"

[[table]]
name = "north.episodes"
subject = "bsn"
row_bound = 300
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false
  use = ["join_key"]
  [[table.column]]
  name = "stage"
  type = "text"
  domain = ["I", "it's II"]
  use = ["aggregate", "group_key", "filter"]
  [[table.column]]
  name = "cost"
  type = "numeric(8,2)"
  min = "0.00"
  max = "99999.50"
  use = ["aggregate"]

[[table]]
name = "south.episodes"
subject = "bsn"
row_bound = 200
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false
  use = ["join_key"]
  [[table.column]]
  name = "stage"
  type = "text"
  domain = ["I", "it's II"]
  use = ["aggregate", "group_key", "filter"]
  [[table.column]]
  name = "cost"
  type = "numeric(8,2)"
  min = "-1.00"
  max = "500.00"
  use = ["aggregate"]

[[table]]
name = "east.regions"
persons = false
row_bound = 20
  [[table.column]]
  name = "since"
  type = "date"
  min = "2000-01-01"
  max = "2024-12-31"
  use = ["extreme", "row"]
  [[table.column]]
  name = "secret"
  type = "text"
  max_bytes = 5
  use = []

[[partitioned]]
name = "episodes"
tables = ["north.episodes", "south.episodes"]

[[view]]
name = "stages"
sql = "SELECT bsn, stage FROM north.episodes"
)toml";

std::string Rows(const std::string& sql) {
  const auto catalog = planner::ParseFederation(kFederation);
  if (!catalog.ok()) return std::string(catalog.status().message());
  const auto statement = sql::Parse(sql);
  if (!statement.ok()) return std::string(statement.status().message());
  const auto answer = ShowCatalog(std::get<sql::Show>(*statement), sql, *catalog);
  if (!answer.ok()) return std::string(answer.status().message());
  std::string text;
  for (const auto& row : answer->rows) {
    EXPECT_EQ(row.size(), answer->columns.size());
    text += absl::StrJoin(row, "|", [](std::string* out, const auto& cell) { *out += cell.value_or("NULL"); }) + "\n";
  }
  EXPECT_EQ(answer->suppressed.size(), answer->rows.size());
  return text;
}

TEST(ShowCatalog, Tables) {
  EXPECT_EQ(Rows("SHOW TABLES"),
            "north.episodes|table|north|300|persons\n"
            "south.episodes|table|south|200|persons\n"
            "east.regions|table|east|20|nobody\n"
            "episodes|partitioned|north, south|500|persons\n"
            "stages|view|NULL|NULL|NULL\n");
}

TEST(ShowCatalog, ColumnsOfATable) {
  EXPECT_EQ(Rows("show columns from north.episodes"),
            "bsn|text|f|bsn|NULL\n"
            "stage|text|t|NULL|'I', 'it''s II'\n"
            "cost|numeric(8,2)|t|NULL|0.00 to 99999.50\n");
  EXPECT_EQ(Rows("SHOW COLUMNS FROM east.regions"),
            "since|date|t|NULL|2000-01-01 to 2024-12-31\n"
            "secret|text|t|NULL|at most 5 bytes\n");
}

TEST(ShowCatalog, ColumnsOfAPartitionedTableHaveWhatEachOwnerDeclares) {
  EXPECT_THAT(Rows("SHOW COLUMNS FROM episodes"),
              AllOf(HasSubstr("stage|text|t|NULL|'I', 'it''s II'\n"),
                    HasSubstr("cost|numeric(8,2)|t|NULL|0.00 to 99999.50; -1.00 to 500.00\n")));
}

TEST(ShowCatalog, ColumnsOfAView) { EXPECT_EQ(Rows("SHOW COLUMNS FROM stages"), "bsn|text|NULL|NULL|NULL\nstage|text|NULL|NULL|NULL\n"); }

TEST(ShowCatalog, Policy) {
  EXPECT_EQ(Rows("SHOW POLICY FOR east.regions"), "east.regions|since|extreme, row\neast.regions|secret|never\n");
  const std::string all = Rows("SHOW POLICY");
  EXPECT_THAT(all, AllOf(HasSubstr("north.episodes|bsn|join_key\n"), HasSubstr("south.episodes|stage|aggregate, group_key, filter\n"),
                         HasSubstr("east.regions|secret|never\n")));
  EXPECT_THAT(Rows("SHOW POLICY FOR episodes"), AllOf(HasSubstr("north.episodes|cost|aggregate\n"), HasSubstr("south.episodes|cost|aggregate\n")));
}

TEST(ShowCatalog, WhatThereIsNot) {
  EXPECT_THAT(Rows("SHOW COLUMNS FROM north.nothing"),
              AllOf(HasSubstr("relation \"north.nothing\" does not exist"), HasSubstr("hint: SHOW TABLES lists them")));
  EXPECT_THAT(Rows("SHOW POLICY FOR stages"), HasSubstr("\"stages\" is a view"));
  for (const char* sql : {"SHOW COLUMNS", "SHOW TABLES FROM north.episodes", "SHOW server_version", "SHOW ALL"})
    EXPECT_THAT(Rows(sql), AllOf(HasSubstr("SHOW does not know"), HasSubstr("hint: SHOW TABLES, SHOW COLUMNS FROM table")));
}

}  // namespace
}  // namespace care::engine
