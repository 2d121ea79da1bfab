// What an owner's PostgreSQL may hold besides the types that the federation declares, each fetched as it is and
// computed with in the database: both ways give the same.

#include <algorithm>

#include "connectors/postgresql/postgresql_connector.h"
#include "engine/exec/local/evaluator.h"
#include "engine/types/date.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/connectors/postgresql_server.h"
#include "tests/connectors/test_database.h"

namespace care::connectors {
namespace {

using testing::HasSubstr;

struct Stored {
  const char* name;
  const char* type;      // of the owner's column
  DataType declared;
  const char* values;    // of VALUES: (1, ...), (2, ...)
  std::vector<std::string> texts;  // fetched
  const char* error = nullptr;
  bool scaled = false;
  std::int64_t min = 0, max = 0;  // both 0: none
  TypeKind shown_as = TypeKind::kUnknown;
};

class PostgresqlStorage : public testing::TestWithParam<Stored> {
 protected:
  PostgresqlStorage() : owner_(UrlOf(SharedServer(), "postgres", "letters")) {
    owner_.Execute("DROP SCHEMA IF EXISTS storage CASCADE; CREATE SCHEMA storage; SET search_path = storage; "
                   "CREATE EXTENSION IF NOT EXISTS citext SCHEMA pg_catalog; "
                   "CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false); "
                   "CREATE DOMAIN cents AS integer CHECK (VALUE < 1000000); CREATE TYPE mood AS ENUM ('z', 'a')");
  }
  OwnerSession owner_;
};

TEST_P(PostgresqlStorage, FetchedAndComputedAreTheSame) {
  const Stored& stored = GetParam();
  owner_.Execute(std::string("CREATE TABLE t (id bigint, v ") + stored.type + "); INSERT INTO t VALUES " + stored.values);
  planner::Catalog catalog;
  catalog.parties = {{"hospital", ""}};
  catalog.time_zone = "Europe/Amsterdam";
  catalog.tables = {DeclaredTable("t", {Declared("id", kBigIntType), Declared("v", stored.declared)})};
  catalog.tables[0].columns[1].shown_as = stored.shown_as;
  if (stored.min != 0 || stored.max != 0) {
    catalog.tables[0].columns[1].min = stored.min;
    catalog.tables[0].columns[1].max = stored.max;
  }
  planner::NodeConfig config;
  config.database_url = UrlOf(SharedServer(), "postgres", "letters");
  config.tables["t"].table = "storage.t";
  config.tables["t"].columns["v"] = {"v", stored.scaled};
  std::vector<planner::ColumnInfo> columns(3);
  for (std::size_t i = 0; i < 2; ++i) columns[i].type = catalog.tables[0].columns[i].type;
  columns[0].table = columns[1].table = 0;
  columns[2].type = stored.declared;
  const planner::LogicalPtr scan = Node(planner::ScanNode{0, {{1, 1}}});
  // Groups of the values, in their order: computed in the database.
  planner::SortNode sort;
  sort.child = Node(planner::AggregateNode{scan, {1}, {}});
  sort.keys.push_back({planner::MakeColumn(1, stored.declared), false, false});
  const planner::LogicalPtr groups = Node(sort);
  auto connector = PostgresqlConnector::Open(catalog, 0, config, columns);
  ASSERT_TRUE(connector.ok()) << connector.status();
  for (const planner::LogicalPtr& node : {scan, groups}) {
    ASSERT_TRUE((*connector)->Supports(*node));
    ASSERT_TRUE((*connector)->BeginSnapshot().ok());
    const auto batch = (*connector)->Run(*node);
    ASSERT_TRUE((*connector)->EndSnapshot().ok());
    if (stored.error != nullptr) {
      EXPECT_THAT(std::string(batch.status().message()), HasSubstr(stored.error));
      continue;
    }
    ASSERT_TRUE(batch.ok()) << batch.status() << *(*connector)->SqlFor(*node);
    std::vector<std::string> expected = stored.texts;
    if (node == groups) {
      const auto local = engine::EvaluateOperator(
          *groups, {*engine::EvaluateOperator(*sort.child, {*[&] {
             (*connector)->BeginSnapshot().IgnoreError();
             auto rows = (*connector)->Run(*scan);
             (*connector)->EndSnapshot().IgnoreError();
             return rows;
           }()}, columns)}, columns);
      ASSERT_TRUE(local.ok()) << local.status();
      expected = RowTexts(*local);
      for (std::string& text : expected) text = text.substr(0, text.size() - 1);
    }
    std::vector<std::string> texts = RowTexts(*batch);
    for (std::string& text : texts) text = text.substr(0, text.size() - 1);
    EXPECT_EQ(texts, expected) << *(*connector)->SqlFor(*node);
  }
}

const DataType kMoney{TypeKind::kNumeric, 8, 2};

INSTANTIATE_TEST_SUITE_P(
    Types, PostgresqlStorage,
    testing::Values(
        Stored{"Padded", "char(5)", kTextType, "(1, 'ab'), (2, 'ab  '), (3, '')", {"'ab'", "'ab'", "''"}},
        Stored{"Varchar", "varchar(4)", {TypeKind::kText, 0, 0, 4}, "(1, 'b'), (2, 'B'), (3, 'a')", {"'b'", "'B'", "'a'"}},
        Stored{"Citext", "citext", kTextType, "(1, 'b'), (2, 'B')", {"'b'", "'B'"}},
        Stored{"Blind", "text COLLATE blind", kTextType, "(1, 'b'), (2, 'B'), (3, 'é')", {"'b'", "'B'", "'é'"}},
        Stored{"Enum", "mood", kTextType, "(1, 'z'), (2, 'a')", {"'z'", "'a'"}},
        Stored{"Uuid", "uuid", kTextType, "(1, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11')", {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"}},
        Stored{"BoolAsInteger", "smallint", kBooleanType, "(1, 0), (2, 1), (3, NULL)", {"'f'", "'t'", "NULL"}},
        Stored{"BoolAsTwo", "smallint", kBooleanType, "(1, 2)", {}, "hospital.t.v: a value is not stored as 0 or 1"},
        Stored{"Domain", "cents", kMoney, "(1, 150), (2, -1)", {"'1.50'", "'-0.01'"}, nullptr, true},
        Stored{"IntegerAsMoney", "integer", kMoney, "(1, 150), (2, -1)", {"'150.00'", "'-1.00'"}},
        Stored{"IntegerBeyondMoney", "integer", kMoney, "(1, 7777777)", {}, "hospital.t.v: a value is outside its declared range"},
        Stored{"Numeric", "numeric", kMoney, "(1, 1.5), (2, 1.50), (3, -0.01), (4, 12345.6), (5, 10000), (6, 0.1)",
               {"'1.50'", "'1.50'", "'-0.01'", "'12345.60'", "'10000.00'", "'0.10'"}},
        Stored{"MoreDigits", "numeric(12,4)", kMoney, "(1, 1.2500), (2, 3)", {"'1.25'", "'3.00'"}},
        Stored{"TooManyDigits", "numeric(12,4)", kMoney, "(1, 1.2345)", {}, "hospital.t.v: a value is not a decimal number of the declared digits"},
        Stored{"NotANumber", "numeric", kMoney, "(1, 'NaN')", {}, "hospital.t.v: a value is"},
        Stored{"Infinite", "numeric", kMoney, "(1, '-Infinity')", {}, "hospital.t.v: a value is"},
        Stored{"NumericAsBigint", "numeric", kBigIntType, "(1, 1.0), (2, -9223372036854775808)", {"'1'", "'-9223372036854775808'"}},
        Stored{"NumericBeyondBigint", "numeric", kBigIntType, "(1, 9223372036854775808)", {}, "hospital.t.v: a value is outside its declared range"},
        Stored{"NumericFraction", "numeric", kBigIntType, "(1, 1.5)", {}, "hospital.t.v: a value is not a decimal number"},
        Stored{"BigintAsInteger", "bigint", kIntegerType, "(1, 2147483647)", {"'2147483647'"}},
        Stored{"BigintBeyondInteger", "bigint", kIntegerType, "(1, 2147483648)", {}, "hospital.t.v: a value is outside its declared range"},
        Stored{"BigintLeast", "bigint", kBigIntType, "(1, -9223372036854775808)", {"'-9223372036854775808'"}},
        Stored{"Float", "double precision", kMoney, "(1, 1.5)", {}, "hospital.t.v: it is stored as a floating-point number"},
        Stored{"Doubles", "double precision", kMoney, "(1, 1.5), (2, -0.125), (3, 0.30000000000000004), (4, NULL)",
               {"'1.50'", "'-0.13'", "'0.30'", "NULL"}, nullptr, false, 0, 0, TypeKind::kDouble},
        Stored{"Reals", "real", kMoney, "(1, 0.35), (2, 0.1)", {"'0.35'", "'0.10'"}, nullptr, false, 0, 0, TypeKind::kReal},
        Stored{"DoubleNotANumber", "double precision", kMoney, "(1, 'NaN')", {}, "hospital.t.v: a value is outside its declared range", false, 0, 0,
               TypeKind::kDouble},
        Stored{"DoubleInfinite", "double precision", kMoney, "(1, '-Infinity')", {}, "hospital.t.v: a value is outside its declared range", false, 0, 0,
               TypeKind::kDouble},
        Stored{"NumericAsDouble", "numeric", kMoney, "(1, 1.005), (2, -1)", {"'1.01'", "'-1.00'"}, nullptr, false, 0, 0, TypeKind::kDouble},
        Stored{"OtherType", "point", kMoney, "(1, '(1,2)')", {}, "hospital.t.v: a numeric(8,2) cannot be read"},
        Stored{"Timestamp", "timestamp", kDateType, "(1, '2020-02-29 23:59:59'), (2, '1969-12-31 00:00')", {"'2020-02-29'", "'1969-12-31'"}},
        Stored{"Instant", "timestamptz", kDateType, "(1, '2020-06-30 22:30:00Z'), (2, '2020-12-31 22:30Z'), (3, '2020-12-31 23:30Z')",
               {"'2020-07-01'", "'2020-12-31'", "'2021-01-01'"}},
        Stored{"Timestamps", "timestamp", kTimestampType, "(1, '2020-02-29 23:59:59.999999'), (2, '1969-12-31 00:00'), (3, NULL)",
               {"'2020-02-29 23:59:59.999999'", "'1969-12-31 00:00:00'", "NULL"}},
        Stored{"Instants", "timestamptz", kTimestampTzType, "(1, '2020-06-30 22:30:00+02'), (2, '2020-12-31 22:30:00.5Z')",
               {"'2020-06-30 20:30:00+00'", "'2020-12-31 22:30:00.5+00'"}},
        Stored{"InfiniteTimestamp", "timestamp", kTimestampType, "(1, '-infinity')", {}, "hospital.t.v: a value is not a timestamp"},
        Stored{"TimestampBeforeChrist", "timestamptz", kTimestampTzType, "(1, '0001-12-31 10:00 BC')", {},
               "hospital.t.v: a value is not a timestamp"},
        Stored{"TimestampAsInstant", "timestamp", kTimestampTzType, "(1, '2020-01-01')", {}, "hospital.t.v: a timestamp with time zone cannot be read"},
        Stored{"InfiniteDate", "date", kDateType, "(1, 'infinity')", {}, "hospital.t.v: a value is not a date"},
        Stored{"DateBeforeChrist", "date", kDateType, "(1, '0001-12-31 BC')", {}, "hospital.t.v: a value is not a date"},
        Stored{"DateInRange", "date", kDateType, "(1, '1970-01-02')", {"'1970-01-02'"}, nullptr, false, 1, 5},
        Stored{"DateBeyondRange", "date", kDateType, "(1, '1970-01-01')", {}, "hospital.t.v: a value is outside its declared range", false, 1, 5}),
    [](const testing::TestParamInfo<Stored>& info) { return info.param.name; });

}  // namespace
}  // namespace care::connectors
