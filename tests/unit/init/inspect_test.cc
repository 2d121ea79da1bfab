// `care init --inspect` on a SQLite database and on a PostgreSQL server of the test's own, with the same
// rows: the draft is read as part of a federation file, guesses keys and persons, leaves out what cannot be
// used and says why, and holds no count, no extreme and no rare value of the data. What the draft maps is
// what the database has.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "engine/frontend/init/init.h"
#include "engine/frontend/init/proposal.h"
#include "engine/frontend/reference/temporary_postgres.h"
#include "engine/session/federated_engine.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/check_mapping.h"
#include "planner/catalog/node_config.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHead[] =
    "name = \"test\"\nversion = 1\ncompute = [\"hospital\", \"insurer\", \"bureau\"]\nauthority_sha256 = "
    "\"0000000000000000000000000000000000000000000000000000000000000000\"\n"
    "[[party]]\nname = \"hospital\"\naddress = \"a:1\"\n[[party]]\nname = \"insurer\"\naddress = \"a:2\"\n"
    "[[party]]\nname = \"bureau\"\naddress = \"a:3\"\n";

constexpr char kTables[] = R"sql(
CREATE TABLE patients (
  "BSN nummer" BIGINT NOT NULL PRIMARY KEY,
  sex VARCHAR(1),
  birth_year INTEGER NOT NULL,
  height REAL,
  cost NUMERIC(10,2),
  seen DATE,
  notes TEXT,
  alive BOOLEAN);
CREATE TABLE visits (visit_id INTEGER NOT NULL PRIMARY KEY, patient_id BIGINT NOT NULL REFERENCES patients, kind TEXT);
CREATE TABLE codes (code INTEGER);
)sql";

// 137 persons with valid numbers (they begin with a zero as often as not), the oldest born in 1931.
std::string Rows() {
  std::string sql;
  int persons = 0;
  for (int candidate = 10'000'000; persons < 137; candidate += 37) {
    if (!IsBsn(absl::StrCat(candidate))) continue;
    absl::StrAppend(&sql, "INSERT INTO patients VALUES (", candidate, ", '",
                    persons == 5       ? "Q"
                    : persons % 2 == 0 ? "F"
                                       : "M",
                    "', ", 1931 + persons % 70, ", 1.7, ", persons * 13, ".37, '20", persons % 10 + 10,
                    "-03-04', 'note ", persons, "', ", persons % 3 == 0 ? "TRUE" : "FALSE", ");\n");
    for (int visit = 0; visit < persons % 4; ++visit) {
      absl::StrAppend(&sql, "INSERT INTO visits VALUES (", persons * 4 + visit, ", ", candidate,
                      ", 'phone');\n");
    }
    ++persons;
  }
  return sql;
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class InspectTest : public ::testing::Test {
 protected:
  void ExpectProposal(const std::string& database, const std::string& height_type) {
    InitOptions options;
    options.directory = directory_.File("trial");
    options.party = "hospital";
    options.inspect = database;
    const auto done = WriteInitialFiles(options);
    ASSERT_TRUE(done.ok()) << done.status();
    const std::string path = directory_.File("trial/hospital.federation.draft.toml");
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    const std::string draft = ReadText(path);
    // A table without a person cannot be read until the owner has said more.
    EXPECT_THAT(
        draft,
        HasSubstr("[[table]]\nname = \"hospital.codes\"\n# CHECK THIS: no column looks like a person"));
    const std::size_t codes = draft.find("\n[[table]]\nname = \"hospital.codes\"");
    const std::size_t next = draft.find("\n[[table]]", codes + 1);
    const auto catalog =
        planner::ParseFederation(absl::StrCat(kHead, draft.substr(0, codes), draft.substr(next)));
    ASSERT_TRUE(catalog.ok()) << catalog.status() << draft;

    EXPECT_EQ(catalog->FormatOfKey("bsn"), planner::KeyFormat::kBsn);
    const planner::CatalogTable* patients = catalog->FindTable("hospital", "patients");
    ASSERT_NE(patients, nullptr);
    EXPECT_EQ(patients->row_bound, 1000u);
    EXPECT_EQ(patients->max_rows_per_subject, 1u);
    const auto column = [&](const char* name) -> const planner::CatalogColumn& {
      const int position = patients->FindColumn(name);
      EXPECT_GE(position, 0) << name;
      return patients->columns[static_cast<std::size_t>(std::max(position, 0))];
    };
    EXPECT_EQ(column("bsn_nummer").key_domain, "bsn");
    EXPECT_EQ(column("bsn_nummer").type.ToString(), "text");
    EXPECT_FALSE(column("bsn_nummer").nullable);
    EXPECT_EQ(patients->subject_column, patients->FindColumn("bsn_nummer"));
    ASSERT_EQ(patients->unique_keys.size(), 1u);
    EXPECT_EQ(column("birth_year").min, 1930);
    EXPECT_EQ(column("birth_year").max, 2020);
    EXPECT_EQ(column("cost").type.ToString(), "numeric(10,2)");
    EXPECT_EQ(column("cost").max, 200'000);
    EXPECT_EQ(column("sex").domain, (std::vector<std::string>{"F", "M"}));
    EXPECT_TRUE(column("sex").nullable);
    EXPECT_EQ(column("alive").type.ToString(), "boolean");
    EXPECT_EQ(column("seen").type.ToString(), "date");
    EXPECT_EQ(column("height").ShownType().ToString(), height_type);
    EXPECT_EQ(column("height").type.scale, 1);
    EXPECT_EQ(patients->FindColumn("notes"), -1);
    const planner::CatalogTable* visits = catalog->FindTable("hospital", "visits");
    ASSERT_NE(visits, nullptr);
    EXPECT_EQ(visits->columns[static_cast<std::size_t>(visits->subject_column)].name, "patient_id");
    EXPECT_EQ(visits->columns[static_cast<std::size_t>(visits->subject_column)].key_domain, "bsn");

    EXPECT_THAT(draft, HasSubstr("# left out: notes ("));
    EXPECT_THAT(draft, HasSubstr("free text, or too many values for a domain"));
    EXPECT_THAT(draft, HasSubstr("check this: it is computed with so many digits after the point"));
    EXPECT_THAT(draft, HasSubstr("A DOMAIN IS PUBLIC"));
    EXPECT_THAT(draft, HasSubstr("check this: there are rare values"));
    EXPECT_THAT(draft, HasSubstr("# patient_id refers to patients"));
    // The count of persons, of visits, extremes, the rare value, a note, a number.
    for (const char* secret : {"137", "204", "1931", "1768", "\"Q\"", "note ", "2019-03-04", "1000001"}) {
      EXPECT_THAT(draft, Not(HasSubstr(secret))) << secret;
    }

    const auto config = planner::LoadNodeConfig(directory_.File("trial/hospital.toml"));
    ASSERT_TRUE(config.ok()) << config.status();
    planner::NodeConfig own = *config;
    own.tables.erase("codes");
    EXPECT_TRUE(planner::CheckMappings(own, *catalog).ok()) << planner::CheckMappings(own, *catalog);
    // The mapping leads to every table and column that the draft declares.
    const auto checks = CheckTables(*catalog, own);
    ASSERT_TRUE(checks.ok()) << checks.status();
    EXPECT_EQ(checks->size(), 2u);
    for (const TableCheck& check : *checks) EXPECT_TRUE(check.status.ok()) << check.status;
  }

  mpc::TemporaryDirectory directory_;
};

TEST_F(InspectTest, Sqlite) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(directory_.File("own.db").c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, absl::StrCat("BEGIN;", kTables, Rows(), "COMMIT").c_str(), nullptr,
                         nullptr, nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
  ExpectProposal(absl::StrCat("sqlite:", directory_.File("own.db")), "double precision");
}

TEST_F(InspectTest, Postgresql) {
  const auto server = TemporaryPostgres::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  const absl::Status loaded =
      (*server)->Execute(absl::StrCat(kTables, Rows(), "COMMENT ON TABLE patients IS 'all\npatients';"));
  ASSERT_TRUE(loaded.ok()) << loaded;
  ExpectProposal(absl::StrCat("postgresql://postgres@/postgres?host=", (*server)->directory()), "real");
  EXPECT_THAT(ReadText(directory_.File("trial/hospital.federation.draft.toml")),
              HasSubstr("# all patients\n[[table]]"));
}

TEST_F(InspectTest, NewDraftsReplaceNoOtherFile) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(directory_.File("own.db").c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, kTables, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  InitOptions options;
  options.directory = directory_.File("trial");
  options.party = "hospital";
  options.inspect = absl::StrCat("sqlite:", directory_.File("own.db"));
  ASSERT_TRUE(WriteInitialFiles(options).ok());
  const std::string federation = directory_.File("trial/federation.toml"), node = directory_.File("trial/hospital.toml"),
                    draft = directory_.File("trial/hospital.tables.draft.toml");
  const std::string agreed = ReadText(federation) + "# agreed\n", own = ReadText(node) + "# own\n";
  std::ofstream(federation) << agreed;
  std::ofstream(node) << own;
  std::ofstream(draft) << "old";
  EXPECT_EQ(WriteInitialFiles(options).status().code(), absl::StatusCode::kAlreadyExists);
  options.replace = true;
  ASSERT_TRUE(WriteInitialFiles(options).ok());
  EXPECT_EQ(ReadText(federation), agreed);
  EXPECT_EQ(ReadText(node), own);
  EXPECT_NE(ReadText(draft), "old");
}

// SQLite keeps days and decimals as texts.
TEST_F(InspectTest, TextsOfDaysAndOfNumbers) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(directory_.File("own.db").c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database,
                         "CREATE TABLE visits (bsn TEXT NOT NULL, day TEXT, mixed TEXT, premium TEXT, version TEXT, empty TEXT, seen TIMESTAMP, epoch DATETIME, zoned TIMESTAMP);"
                         "INSERT INTO visits VALUES ('100000009', '2021-03-04', '2021-03-04', '99.50', '1.2.3', NULL, '2021-03-04 10:00:00', 1614852000, "
                         "'2021-03-04 10:00:00+01'),"
                         "('123456782', NULL, 'soon', '-100', '1.2.3', NULL, '2022-05-06T11:12:13.250', NULL, NULL)",
                         nullptr, nullptr, nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
  InitOptions options;
  options.directory = directory_.File("trial");
  options.party = "hospital";
  options.inspect = absl::StrCat("sqlite:", directory_.File("own.db"));
  const auto done = WriteInitialFiles(options);
  ASSERT_TRUE(done.ok()) << done.status();
  const std::string draft = ReadText(directory_.File("trial/hospital.federation.draft.toml"));
  EXPECT_THAT(draft, HasSubstr("name = \"day\"\n  type = \"date\""));
  EXPECT_THAT(draft, Not(HasSubstr("name = \"mixed\"\n  type = \"date\"")));
  EXPECT_THAT(draft, HasSubstr("# left out: premium (TEXT): it holds numbers as texts"));
  EXPECT_THAT(draft, HasSubstr("name = \"seen\"\n  type = \"timestamp\""));
  EXPECT_THAT(draft, HasSubstr(" 23:59:59.999999\""));
  EXPECT_THAT(draft, Not(HasSubstr("11:12:13")));
  EXPECT_THAT(draft, HasSubstr("# left out: epoch (DATETIME): it holds moments that are not written YYYY-MM-DD HH:MM:SS"));
  EXPECT_THAT(draft, HasSubstr("# left out: zoned (TIMESTAMP): it holds moments that are not written"));
  EXPECT_THAT(draft, Not(HasSubstr("99.50")));
  EXPECT_THAT(draft, Not(HasSubstr("left out: version (TEXT): it holds numbers")));
}

TEST_F(InspectTest, WhatCannotBeInspected) {
  InitOptions options;
  options.directory = directory_.File("trial");
  options.party = "hospital";
  options.inspect = "oracle://x";
  EXPECT_THAT(std::string(WriteInitialFiles(options).status().message()),
              HasSubstr("--inspect is postgresql://"));
  options.inspect = absl::StrCat("sqlite:", directory_.File("nothing.db"));
  EXPECT_FALSE(WriteInitialFiles(options).ok());
  EXPECT_FALSE(std::filesystem::exists(directory_.File("trial")));
}

TEST(BsnTest, ElevenTest) {
  EXPECT_TRUE(IsBsn("111222333"));
  EXPECT_TRUE(IsBsn(" 111222333 "));
  EXPECT_TRUE(IsBsn("10000008"));
  EXPECT_FALSE(IsBsn("111222334"));
  EXPECT_FALSE(IsBsn("000000000"));
  EXPECT_FALSE(IsBsn("1112223330"));
  EXPECT_FALSE(IsBsn("11122233a"));
  EXPECT_FALSE(IsBsn(""));
}

}  // namespace
}  // namespace care::engine
