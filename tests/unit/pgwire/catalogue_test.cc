// The catalogue in SQLite: what is rewritten and how, which statements are its own, the names and types of
// results. Whole statements of stock clients are compared with PostgreSQL in tests/clients.

#include "engine/frontend/pgwire/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "engine/frontend/pgwire/catalogue_limits.h"
#include "engine/frontend/pgwire/catalogue_rewriter.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/frontend/pgwire/statement.h"
#include "tests/unit/pgwire/memory_session.h"

namespace care::engine::pgwire {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kFederation[] = R"toml(
name = "test"
version = 1
compute = ["a", "b", "c"]
authority_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"

[[party]]
name = "a"
address = "127.0.0.1:1"
[[party]]
name = "b"
address = "127.0.0.1:2"
[[party]]
name = "c"
address = "127.0.0.1:3"

[[table]]
name = "a.people"
subject = "bsn"
primary_key = ["bsn"]
row_bound = 10
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false
  [[table.column]]
  name = "amount"
  type = "numeric(12,2)"
  min = "0.00"
  max = "9.00"

[[view]]
name = "everybody"
sql = "SELECT bsn, amount FROM a.people"
)toml";

std::string Rewritten(const std::string& sql) {
  return RewriteForCatalogue(TokenizeSql(sql).value()).value();
}

class CatalogueTest : public ::testing::Test {
 protected:
  CatalogueTest()
      : federation_(planner::ParseFederation(kFederation).value()),
        catalogue_(Catalogue::Make(federation_).value()),
        settings_("anna", "tests") {}

  absl::StatusOr<ResultSet> Ask(const std::string& sql, std::vector<ParameterValue> parameters = {}) {
    const std::vector<Token> tokens = TokenizeSql(sql).value();
    return catalogue_->Ask({sql, tokens, parameters, settings_, user_, 7});
  }
  std::string One(const std::string& sql) {
    const absl::StatusOr<ResultSet> result = Ask(sql);
    if (!result.ok()) return std::string(result.status().message());
    return result->rows.size() == 1 && result->rows[0].size() == 1 ? result->rows[0][0].value_or("NULL")
                                                                   : "not one cell";
  }
  std::string StateOf(const std::string& sql) { return SqlErrorOf(Ask(sql).status(), sql, 0).sqlstate; }

  const planner::Catalog federation_;
  const std::unique_ptr<Catalogue> catalogue_;
  SessionSettings settings_;
  const std::string user_ = "anna";
};

TEST(RewriterTest, KeepsWhatIsQuoted) {
  EXPECT_EQ(Rewritten("select 'a::int ~ b', \"x::y\""), "select 'a::int ~ b' , \"x::y\"");
  EXPECT_EQ(Rewritten("select E'it''s\\n'"), "select 'it''s\n'");
}

TEST(RewriterTest, CastsBecomeCalls) {
  EXPECT_EQ(Rewritten("select a.b::pg_catalog.text"), "select cast ( a . b as text )");
  EXPECT_EQ(Rewritten("select 'x'::regclass"), "select to_regclass ( 'x' )");
  EXPECT_EQ(Rewritten("select c.oid::pg_catalog.regclass::text"),
            "select cast ( care_name_of_regclass ( c . oid ) as text )");
  EXPECT_EQ(Rewritten("select f(x, (1))::int2[]"), "select f ( x , ( 1 ) )");
}

TEST(RewriterTest, Operators) {
  EXPECT_EQ(Rewritten("select a OPERATOR(pg_catalog.~) '^(x)$' COLLATE pg_catalog.default"),
            "select a regexp '^(x)$'");
  EXPECT_EQ(Rewritten("select a !~ 'x'"), "select a not regexp 'x'");
  EXPECT_EQ(Rewritten("select 'd' = any(kinds)"), "select care_in_array ( 'd' , kinds )");
  EXPECT_EQ(Rewritten("select k[a.n-1]"), "select care_element ( k , a . n - 1 )");
}

TEST(RewriterTest, FunctionsOfASelectListTakeStepsTogether) {
  EXPECT_EQ(Rewritten("select unnest(k) a, generate_subscripts(k, 1) from t where x"),
            "select care_row_of ( \"care_steps1\" . value , 'unnest' , k ) a , care_row_of ( \"care_steps1\" . value , "
            "'generate_subscripts' , k , 1 ) from t , json_each ( care_json_of_series ( 1 , max ( 0 , care_rows_of ( 'unnest' , k ) , "
            "care_rows_of ( 'generate_subscripts' , k , 1 ) ) ) ) as \"care_steps1\" where x");
  EXPECT_EQ(Rewritten("select (r.k).x from r"), "select care_field ( ( r . k ) , 'x' ) from r");
  EXPECT_EQ(Rewritten("select trim(both '\"' from a)"), "select trim ( a , '\"' )");
  EXPECT_EQ(Rewritten("select distinct on (a) a, b from t where c limit 1"), "select a , b from t where c group by a limit 1");
  EXPECT_FALSE(RewriteForCatalogue(TokenizeSql("select distinct on (a) a, b from t order by b").value()).ok());
  EXPECT_FALSE(RewriteForCatalogue(TokenizeSql("select 1 from t where unnest(k) = 1").value()).ok());
}

TEST(RewriterTest, GarbageGivesAnErrorAndNoCrash) {
  for (const char* sql : {"select unnest(", "select distinct on (", "select trim(a from", "(a).x", "select (unnest(a", "select unnest(a))",
                          "::int", "select ]", "select )", "[1]", "a::", "operator(", "collate", "any(",
                          "select array[", "= any(", "unnest(", "select * from unnest(a", "cast(", "a::(1)",
                          "trim(", "from (a) b(c", "::::", "(::int)"}) {
    (void)RewriteForCatalogue(TokenizeSql(sql).value());
  }
}

TEST_F(CatalogueTest, FunctionsOfASelectListYieldRows) {
  EXPECT_EQ(One("select string_agg(n || ':' || coalesce(a::text, '-'), ' ') from (select unnest(array['x', 'y']) as a, generate_series(1, 3) as n) t"),
            "1:x 2:y 3:-");
  EXPECT_EQ(One("select count(*) from (select unnest(conkey), unnest(confkey) from pg_constraint) t"), "1");
  EXPECT_EQ(One("select generate_series(2, 2)"), "2");
  EXPECT_EQ(One("select count(*) from (select generate_series(2, 1)) t"), "0");
  EXPECT_EQ(One("select (information_schema._pg_expandarray(indkey)).x || '/' || (information_schema._pg_expandarray(indkey)).n from pg_index"), "1/1");
  EXPECT_EQ(One("select a.attname from pg_attribute a join (select unnest(indkey) n, generate_subscripts(indkey, 1) o, indrelid from pg_index) k "
                "on k.n = a.attnum and k.indrelid = a.attrelid order by k.o"),
            "bsn");
  EXPECT_EQ(StateOf("select generate_series(1, 1000000000)"), "22P02");
  // To the last number that there is, and not beyond it.
  EXPECT_EQ(One("select count(*) from generate_series(999999999999999999*9 + 223372036854775815, 999999999999999999*9 + 223372036854775816) s, pg_class where relname = 'people'"), "2");
  EXPECT_EQ(One("select count(*) from (select generate_series(999999999999999999*9 + 223372036854775815, 999999999999999999*9 + 223372036854775816)) t"), "2");
  EXPECT_EQ(StateOf("select generate_series(generate_series(1, 2), 3)"), "0A000");
  EXPECT_EQ(StateOf("select distinct on () relname from pg_class"), "42601");
  EXPECT_EQ(One("select count(a) from (select unnest('{1,NULL,3}'::int[]) as a) t"), "2");
  EXPECT_EQ(One("select count(*) from (select distinct on (attrelid) attrelid, attname from pg_attribute) t"), "3");
}

TEST_F(CatalogueTest, ListsTheFederation) {
  EXPECT_EQ(One("select count(*) from pg_catalog.pg_class where relkind in ('r', 'v')"), "2");
  EXPECT_EQ(One("select format_type(atttypid, atttypmod) from pg_attribute where attname = 'amount' and "
                "attrelid = 'a.people'::regclass"),
            "numeric(12,2)");
  EXPECT_EQ(One("select pg_get_constraintdef(oid) from pg_constraint"), "PRIMARY KEY (bsn)");
  EXPECT_EQ(One("select data_type from information_schema.columns where table_name = 'everybody' and "
                "column_name = 'amount'"),
            "numeric");
}

TEST_F(CatalogueTest, KnowsTheSession) {
  EXPECT_EQ(One("select current_user"), "anna");
  EXPECT_EQ(One("select current_setting('care.purpose')"), "tests");
  EXPECT_EQ(One("select set_config('application_name', 'me', false)"), "me");
  EXPECT_EQ(settings_.Show("application_name").value(), "me");
  EXPECT_EQ(One("select pg_backend_pid()"), "7");
}

TEST_F(CatalogueTest, ColumnsHavePostgresNamesAndTypes) {
  const ResultSet result = Ask("select 1, 'x', relname, oid as number, relkind = 'r', case when true then "
                               "'a' end, current_schema(), 5::int8, relhasindex "
                               "from pg_class where relname = 'people'")
                               .value();
  std::vector<std::string> names;
  std::vector<std::uint32_t> types;
  for (const ResultColumn& column : result.columns) {
    names.push_back(column.name);
    types.push_back(column.type.oid);
  }
  EXPECT_THAT(names, ElementsAre("?column?", "?column?", "relname", "number", "?column?", "case",
                                 "current_schema", "int8", "relhasindex"));
  EXPECT_THAT(types, ElementsAre(23, 25, 19, 26, 16, 25, 19, 20, 16));
  EXPECT_EQ(result.rows[0][4], "t");
  EXPECT_EQ(result.rows[0][8], "t");
}

TEST_F(CatalogueTest, NullsSortAsInPostgres) {
  const ResultSet result = Ask("select x from (values (1), (null), (2)) v(x) order by x").value();
  EXPECT_EQ(result.rows[0][0], "1");
  EXPECT_FALSE(result.rows[2][0].has_value());
}

TEST_F(CatalogueTest, ParametersAreBoundNotPasted) {
  const auto result =
      Ask("select relname from pg_class where relname = $1", {{25, "x' or 'a' = 'a"}}).value();
  EXPECT_TRUE(result.rows.empty());
}

TEST_F(CatalogueTest, ArraysAreTexts) {
  EXPECT_EQ(One("select array(select attname from pg_attribute a where a.attrelid = 'a.people'::regclass "
                "order by attnum)"),
            "{bsn,amount}");
  EXPECT_EQ(One("select array_to_string(array['a', 'b'], ', ')"), "a, b");
  EXPECT_EQ(One("select array_to_string(null || array['a'] || array['b'], ', ')"), "a, b");
  EXPECT_EQ(One("select sum(s) from generate_series(1, 4) s"), "10");
}

TEST_F(CatalogueTest, OnlyReads) {
  EXPECT_EQ(StateOf("select * from sqlite_master"), "0A000");
  EXPECT_EQ(StateOf("select load_extension('x')"), "0A000");
  EXPECT_FALSE(Ask("delete from pg_class").ok());
  EXPECT_FALSE(Ask("attach 'x' as y").ok());
  EXPECT_FALSE(Ask("pragma table_info(pg_class)").ok());
}

TEST_F(CatalogueTest, EndsWhatRunsTooLong) {
  EXPECT_EQ(StateOf("with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t"),
            "54000");
  EXPECT_EQ(StateOf("with recursive t(n) as (select 1 union all select n + 1 from t) select n from t"),
            "54000");
  EXPECT_FALSE(Ask("select 'a' ~ '(a{1000}){1000}'").ok());
}

TEST_F(CatalogueTest, EndsWhatTakesTooMuchMemory) {
  const std::string texts =
      "with recursive t(n) as (select 1 union all select n + 1 from t where n < 100000), "
      "long(x) as (select printf('%100000d', n) from t) ";
  const sqlite3_int64 before = sqlite3_memory_used();
  sqlite3_memory_highwater(1);
  EXPECT_EQ(StateOf(texts + "select count(*) from (select distinct x from long) d"), "54000");
  EXPECT_EQ(StateOf(texts + "select string_agg(x, '') from long"), "54000");
  EXPECT_EQ(StateOf(texts + "select array_agg(x) from long"), "54000");
  EXPECT_LT(sqlite3_memory_highwater(0) - before, 200 << 20);
  EXPECT_LT(sqlite3_memory_used() - before, 1 << 20);
}

TEST_F(CatalogueTest, AggregatesOfTexts) {
  EXPECT_EQ(One("select string_agg(s::text, ', ') from generate_series(1, 3) s"), "1, 2, 3");
  EXPECT_EQ(One("select array_agg(s) from generate_series(1, 3) s"), "{1,2,3}");
  EXPECT_EQ(One("select array_agg(s::text || ',') from generate_series(1, 2) s"), "{\"1,\",\"2,\"}");
  EXPECT_EQ(One("select string_agg(s::text, ',') from generate_series(1, 0) s"), "NULL");
}

TEST_F(CatalogueTest, CastsAreThoseOfPostgresql) {
  EXPECT_EQ(One("select reltuples::bigint from pg_class limit 1"), "-1");
  EXPECT_EQ(One("select cast(reltuples as bigint) from pg_class limit 1"), "-1");
  EXPECT_EQ(One("select count(*) from pg_class where oid::int < '5'"), "0");
  EXPECT_EQ(One("select count(*) from pg_class where oid::int > '5'"), One("select count(*) from pg_class"));
  EXPECT_EQ(One("select count(*) from pg_attribute where attrelid::regclass::oid <> attrelid"), "0");
  EXPECT_EQ(One("select 'pg_class'::regclass::oid"), "1259");
  EXPECT_EQ(One("select cast('abcdef' as varchar(3))"), "abc");
  EXPECT_EQ(One("select cast('off' as boolean)::int"), "0");
  EXPECT_EQ(One("select substring(current_user, -1, 3)"), "a");
  EXPECT_EQ(One("select substring('Zürich' from 2 for 2)"), "ür");
  EXPECT_EQ(StateOf("select cast(version() as integer)"), "22P02");
  EXPECT_EQ(StateOf("select 'maybe'::boolean"), "22P02");
  EXPECT_EQ(StateOf("select 40000::smallint"), "22003");
  EXPECT_EQ(StateOf("select 99999999999::int"), "22003");
}

TEST_F(CatalogueTest, ErrorsAreOurs) {
  EXPECT_EQ(StateOf("select missing from pg_class"), "42703");
  EXPECT_EQ(StateOf("select * from pg_nothing"), "42P01");
  EXPECT_THAT(std::string(Ask("select 1 from where").status().message()),
              HasSubstr("the catalogue does not understand"));
}

TEST_F(CatalogueTest, LiteralsAreNotLogged) {
  const std::string sql = "select * from pg_class where relname = 'secret' and oid = 12 or relname = \"Secret\"";
  EXPECT_EQ(WithoutLiterals(sql, TokenizeSql(sql).value()),
            "select * from pg_class where relname = ? and oid = ? or relname = ?");
}

// A function cannot be interrupted, so a text that would keep it busy for long is refused.
TEST_F(CatalogueTest, LongPatternsAndTextsAreRefused) {
  const std::string pattern(501, '%'), text(10'001, 'a');
  for (const std::string matching : {"like", "~"}) {
    EXPECT_FALSE(Ask("select 'a' " + matching + " '" + pattern + "'").ok());
    EXPECT_FALSE(Ask("select '" + text + "' " + matching + " 'b'").ok());
    EXPECT_TRUE(Ask("select '" + text.substr(1) + "' " + matching + " 'b'").ok());
  }
}

TEST(StatementTest, TheCatalogueGetsItsOwnStatements) {
  FakeServices services;
  const auto is_catalogue = [&services](const std::string& sql) {
    return KindOf(TokenizeSql(sql).value(), services) == StatementKind::kCatalogue;
  };
  EXPECT_FALSE(is_catalogue("select 1")) << "the planner computes constants as PostgreSQL does";
  EXPECT_FALSE(is_catalogue("select current_date + 7, '1'::int as \"user\""));
  EXPECT_FALSE(is_catalogue("select count(*) frm t"));
  EXPECT_TRUE(is_catalogue("select array[1, 2]"));
  EXPECT_TRUE(is_catalogue("select 'pg_class'::regclass"));
  EXPECT_TRUE(is_catalogue("select current_user"));
  EXPECT_TRUE(is_catalogue("select 1 union select 2"));
  EXPECT_TRUE(is_catalogue("values (1)"));
  EXPECT_TRUE(is_catalogue("select (select 1)"));
  EXPECT_TRUE(is_catalogue("select cast('x' as name)"));
  EXPECT_FALSE(is_catalogue("select 3 > any (array[1, 2])"));
  EXPECT_TRUE(is_catalogue("select version()"));
  EXPECT_TRUE(
      is_catalogue("select * from pg_class c, pg_catalog.pg_namespace n where c.x in (select 1 from "
                   "information_schema.tables)"));
  EXPECT_TRUE(is_catalogue("with a as (select 1) select extract(year from now()) from a"));
  EXPECT_TRUE(is_catalogue("select * from (values (1)) v(a) where a is distinct from 2"));
  EXPECT_FALSE(is_catalogue("select count(*) from hospital.patients"));
  EXPECT_FALSE(is_catalogue("select count(*) from pg_class, patients"));
  EXPECT_FALSE(is_catalogue("select (select count(*) from patients)"));
  EXPECT_FALSE(is_catalogue("select 1 from pg_class join hospital.patients p on true"));
}

absl::Status Limits(const std::string& sql) {
  FakeServices services;
  const std::vector<Token> tokens = TokenizeSql(sql).value();
  return CheckCatalogueLimits(tokens, ReadsOf(tokens, services) == SelectReads::kCatalogue);
}

TEST(CatalogueLimitsTest, WhatSqliteComputesOtherwiseIsRefused) {
  for (const char* sql : {"select current_user, current_date + 7", "select now() - 1", "select version(), 1 / 0",
                          "select avg(x) from (values (1)) v(x)", "select * from generate_series(1, 3)",
                          "select avg(oid) from pg_class", "select 1.5 from pg_class", "select 3 / relpages from pg_class",
                          "select '2024-02-30'::date from pg_class", "select cast(oid as numeric) from pg_class",
                          "select relname::char(3) from pg_class", "select 'abc'::char, current_user", "select pg_catalog.round(7) from pg_class",
                          "select \"avg\"(oid) from pg_class", "select version() > 1", "select now() > '2020-01-01'", "select current_user, 5 = '5'",
                          "select current_setting('x')::int / 0", "select current_date from pg_class",
                          "select date '2024-01-01' from pg_class", "select 99999999999999999999 from pg_class"}) {
    EXPECT_FALSE(Limits(sql).ok()) << sql;
  }
  for (const char* sql : {"select NULL, NULL, relkind from (select 'r' as relkind union select 'v') k",
                          "select name, tp from (values ('bsn', '20'::pg_catalog.oid, -1)) s(name, tp, tpm)",
                          "select count(*), max(attnum - 1) from pg_catalog.pg_attribute", "select pg_catalog.version()",
                          "select atttypmod::int as date from pg_catalog.pg_attribute", "select array[1, 2]", "select *, oid from pg_class",
                          "select current_setting('server_version_num')::int",
                          "select current_setting('server_version_num')::int/100 as version", "select current_timestamp",
                          "select sum(1) as \"COL\" from (select 1 as \"COL\") as s having count(1)>0", "select (select nspname as date) from pg_class",
                          "select NULL::numeric, NULL::date from pg_class", "select cast(relname as varchar(128)) from pg_class",
                          "select sum(relpages) / 2 from pg_class", "select * from (select relname from pg_class, generate_series(1, 2)) x",
                          "select version() where 1 > 0"}) {
    EXPECT_TRUE(Limits(sql).ok()) << sql << ": " << Limits(sql);
  }
}

}  // namespace
}  // namespace care::engine::pgwire
