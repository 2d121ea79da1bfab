// What the node that is asked answers by itself: constants, as PostgreSQL computes and names them (its answers stand here as
// PostgreSQL 15 gave them), and columns without rows.
#include "engine/session/constant_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/date.h"
#include "grammar/parser.h"

namespace care::engine {
namespace {

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
  [[table.column]]
  name = "cost"
  type = "numeric(8,2)"
  min = "0.00"
  max = "90.00"
)toml";

// "name type = value" of each column, with commas between them; "none" if the statement depends on rows.
std::string Answered(const std::string& sql) {
  static const planner::Catalog catalog = planner::ParseFederation(kFederation).value();
  const absl::StatusOr<sql::Statement> statement = sql::Parse(sql);
  if (!statement.ok()) return std::string(statement.status().message());
  const auto answer = AnswerConstants(*statement, sql, catalog, {ParseDate("2026-11-27").value()});
  if (!answer.ok()) return std::string(answer.status().message());
  if (!answer->has_value()) return "none";
  std::vector<std::string> cells;
  for (std::size_t i = 0; i < (*answer)->columns.size(); ++i) {
    const AnswerColumn& column = (*answer)->columns[i];
    cells.push_back(absl::StrCat(column.name, " ", column.type));
    if (!(*answer)->rows.empty()) absl::StrAppend(&cells.back(), " = ", (*answer)->rows[0][i].value_or("NULL"));
  }
  return absl::StrJoin(cells, ", ");
}

TEST(ConstantAnswer, IsWhatPostgresqlComputes) {
  EXPECT_EQ(Answered("SELECT 1"), "?column? integer = 1");
  EXPECT_EQ(Answered("SELECT 1 AS one, 'a' b, NULL, true"),
            "one integer = 1, b text = a, ?column? text = NULL, ?column? boolean = t");
  EXPECT_EQ(Answered("SELECT CURRENT_DATE + 7"), "?column? date = 2026-12-04");
  EXPECT_EQ(Answered("SELECT CAST('2024-01-31' AS date) - 1"), "?column? date = 2024-01-30");
  EXPECT_EQ(Answered("SELECT CAST(1.7 AS int), 1.5::float8, true::text, 'abcdef'::varchar(3)"),
            "int4 integer = 2, float8 double precision = 1.5, text text = true, varchar character varying(3) = abc");
  EXPECT_EQ(Answered("SELECT -5 % 3, -7 / 2, 0.1 + 0.2, 1.50"),
            "?column? integer = -2, ?column? integer = -3, ?column? numeric = 0.3, ?column? numeric = 1.50");
  EXPECT_EQ(Answered("SELECT DATE '2024-03-31' - INTERVAL '1 month'"), "?column? timestamp without time zone = 2024-02-29 00:00:00");
  EXPECT_EQ(Answered("SELECT COALESCE(NULL, 'x') || 'y', ROUND(10.0 / 3, 2)"), "?column? text = xy, round numeric = 3.33");
}

TEST(ConstantAnswer, ErrorsArePostgresqls) {
  EXPECT_THAT(Answered("SELECT 1 / 0"), HasSubstr("division by zero"));
  EXPECT_THAT(Answered("SELECT 2147483647 + 1"), HasSubstr("integer out of range"));
  EXPECT_THAT(Answered("SELECT 'abc'::int"), HasSubstr("invalid input syntax for type integer"));
  EXPECT_THAT(Answered("SELECT '2024-02-30'::date"), HasSubstr("2024-02-30"));
  EXPECT_THAT(Answered("SELECT cost"), HasSubstr("column \"cost\" does not exist"));
}

TEST(ConstantAnswer, NoRowsAreListedWhereNoneAreAskedFor) {
  EXPECT_EQ(Answered("SELECT 1 AS one LIMIT 0"), "one integer");
  EXPECT_EQ(Answered("SELECT 1 AS one OFFSET 1"), "one integer");
  EXPECT_EQ(Answered("SELECT 1 AS one WHERE 1 = 0"), "one integer");
  EXPECT_EQ(Answered("SELECT 1 AS one WHERE NULL ORDER BY 1"), "one integer");
  EXPECT_EQ(Answered("SELECT 1 AS one WHERE 2 > 1 ORDER BY one DESC"), "one integer = 1");
  EXPECT_EQ(Answered("SELECT 1 AS one LIMIT 5"), "one integer = 1");
  EXPECT_EQ(Answered("SELECT * FROM episodes LIMIT 0"), "bsn text, cost numeric(8,2)");
  EXPECT_EQ(Answered("SELECT bsn, SUM(cost) FROM episodes GROUP BY bsn LIMIT 1 - 1"), "bsn text, sum numeric");
}

TEST(ConstantAnswer, WhatDependsOnRowsIsAskedOfTheOwners) {
  EXPECT_EQ(Answered("SELECT COUNT(*) FROM episodes"), "none");
  EXPECT_EQ(Answered("SELECT cost FROM episodes LIMIT 1"), "none");
  EXPECT_EQ(Answered("SELECT (SELECT COUNT(*) FROM episodes)"), "none");
  EXPECT_EQ(Answered("SELECT COUNT(*)"), "none");
  EXPECT_EQ(Answered("SELECT 1 UNION SELECT 2"), "none");
  EXPECT_EQ(Answered("EXPLAIN SELECT 1"), "none");
}

}  // namespace
}  // namespace care::engine
