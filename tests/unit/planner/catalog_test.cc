// The federation file and node files: what a valid one yields, and for each way to get one wrong, the message
// that tells its author what to write. Each case breaks one line of a valid file.
#include "planner/catalog/catalog.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "planner/catalog/check_mapping.h"
#include "planner/catalog/node_config.h"
#include "tests/unit/planner/test_federation.h"

namespace care::planner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string ErrorAfter(const std::string& from, const std::string& to) {
  const auto catalog = ParseFederation(Replaced(TestFederation(), from, to));
  return catalog.ok() ? "accepted" : std::string(catalog.status().message());
}

TEST(CatalogTest, ReadsAFederation) {
  const auto catalog = ParseFederation(TestFederation());
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_EQ(catalog->name, "ibd-coaching");
  EXPECT_EQ(catalog->version, 1u);
  EXPECT_THAT(catalog->compute_parties, ElementsAre(0, 1, 2));
  ASSERT_EQ(catalog->tables.size(), 7u);
  const CatalogTable* claims = catalog->FindTable("insurer", "claims");
  ASSERT_NE(claims, nullptr);
  EXPECT_EQ(claims->owner, catalog->FindParty("insurer"));
  EXPECT_EQ(claims->row_bound, 2000000u);
  EXPECT_EQ(claims->subject_column, 1);
  const CatalogColumn& amount = claims->columns[claims->FindColumn("amount")];
  EXPECT_EQ(amount.type.ToString(), "numeric(12,2)");
  EXPECT_EQ(amount.max, 100000000);  // one million, in cents
  EXPECT_EQ(claims->columns[claims->FindColumn("category")].domain.size(), 20u);
  EXPECT_EQ(catalog->links.at("lan").round_trip_us, 50u);
  EXPECT_EQ(catalog->links.at("wan").megabit_per_second, 100u);
}

TEST(CatalogTest, FloatingPointIsComputedAsANumeric) {
  const auto catalog = ParseFederation(Replaced(TestFederation(), "type = \"integer\"", "type = \"float8\"\n  decimals = 3"));
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  bool found = false;
  for (const CatalogTable& table : catalog->tables) {
    for (const CatalogColumn& column : table.columns) {
      if (column.shown_as == TypeKind::kUnknown) continue;
      found = true;
      EXPECT_EQ(column.ShownType().ToString(), "double precision");
      EXPECT_EQ(column.type.ToString(), "numeric(7,3)");
      EXPECT_EQ(column.min, 1'900'000);
    }
  }
  EXPECT_TRUE(found);
}

TEST(CatalogTest, DefaultUsesFollowTheColumn) {
  const auto catalog = ParseFederation(TestFederation());
  ASSERT_TRUE(catalog.ok());
  const CatalogTable* patients = catalog->FindTable("hospital", "patients");
  const auto rules = [&](std::string_view name) {
    return patients->columns[patients->FindColumn(name)].rules;
  };
  EXPECT_TRUE(rules("bsn").join_key);
  EXPECT_FALSE(rules("bsn").filter);
  EXPECT_TRUE(rules("uses_app").group_key);
  EXPECT_TRUE(rules("sex").group_key);
  EXPECT_FALSE(rules("birth_year").group_key);
  EXPECT_TRUE(rules("birth_year").aggregate);
  EXPECT_FALSE(rules("birth_year").extreme);
}

TEST(CatalogTest, DigestIsOfTheBytes) {
  const auto one = ParseFederation(TestFederation());
  const auto other = ParseFederation(TestFederation() + "\n");
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_EQ(one->digest.size(), 64u);
  EXPECT_NE(one->digest, other->digest);
  EXPECT_EQ(one->digest, ParseFederation(TestFederation())->digest);
}

TEST(CatalogTest, RefusesWithTheRemedy) {
  EXPECT_EQ(
      ErrorAfter("row_bound = 5000", "row_bond = 5000"),
      "federation.toml:16: table hospital.patients: \"row_bound\" is missing; write row_bound = <number>");
  EXPECT_EQ(
      ErrorAfter("row_bound = 5000", "row_bound = 5000\nrow_bond = 3"),
      "federation.toml:21: table hospital.patients: unknown key \"row_bond\"; did you mean \"row_bound\"?");
  EXPECT_EQ(ErrorAfter("row_bound = 5000", "row_bound = \"many\""),
            "federation.toml:20: table hospital.patients: \"row_bound\" must be a whole number");
  EXPECT_THAT(ErrorAfter("row_bound = 5000", "row_bound = 1099511627777"),
              HasSubstr("write a number from 1 to 1099511627776"));
  EXPECT_THAT(ErrorAfter("[\"hospital\", \"insurer\", \"bureau\"]", "[\"hospital\", \"insurer\"]"),
              HasSubstr("\"compute\" has 2 parties; write the three parties that compute"));
  EXPECT_THAT(
      ErrorAfter("[\"hospital\", \"insurer\", \"bureau\"]", "[\"hospital\", \"insurer\", \"insurer\"]"),
      HasSubstr("\"compute\" names \"insurer\" twice"));
  EXPECT_THAT(ErrorAfter("[\"hospital\", \"insurer\", \"bureau\"]", "[\"hospital\", \"insurer\", \"bank\"]"),
              HasSubstr("names \"bank\", which is not a party"));
  EXPECT_THAT(ErrorAfter("name = \"hospital.patients\"", "name = \"hospitl.patients\""),
              HasSubstr("its owner \"hospitl\" is not a party; did you mean \"hospital\"?"));
  EXPECT_THAT(ErrorAfter("name = \"hospital.visits\"", "name = \"hospital.patients\""),
              HasSubstr("there are two tables of this name"));
  EXPECT_THAT(
      ErrorAfter("subject = \"bsn\"", "subject = \"bns\""),
      HasSubstr("\"subject\" names column \"bns\", which the table does not have; did you mean \"bsn\"?"));
  EXPECT_THAT(ErrorAfter("subject = \"bsn\"", ""), HasSubstr("\"subject\" is missing"));
  EXPECT_THAT(ErrorAfter("primary_key = [\"bsn\"]", "primary_key = [\"index_date\"]"),
              HasSubstr("write nullable = false for column \"index_date\""));
  EXPECT_THAT(ErrorAfter("min = \"2021-01-01\"", "min = \"2021-02-30\""),
              HasSubstr("\"min\" must be a date"));
  EXPECT_THAT(ErrorAfter("min = \"2021-01-01\"\n", ""),
              HasSubstr("a range needs both ends; write \"min\" too"));
  EXPECT_THAT(ErrorAfter("min = \"2021-01-01\"", "min = \"2025-01-01\""),
              HasSubstr("\"min\" is greater than \"max\""));
  EXPECT_THAT(ErrorAfter("min = \"0\"", "min = \"0.001\""), HasSubstr("more than 2 digits after the point"));
  EXPECT_THAT(ErrorAfter("[\"f\", \"m\", \"x\"]", "[\"f\", \"m\", \"f\"]"),
              HasSubstr("\"domain\" holds \"f\" twice"));
  EXPECT_THAT(ErrorAfter("min = 1900", "domain = [\"1900\"]\n  min = 1900"),
              HasSubstr("only a text column has a domain"));
  EXPECT_THAT(ErrorAfter("type = \"integer\"", "type = \"int3\""), HasSubstr("unknown type \"int3\""));
  EXPECT_THAT(ErrorAfter("use = [\"aggregate\", \"extreme\"]", "use = [\"agregate\"]"),
              HasSubstr("unknown use \"agregate\"; did you mean \"aggregate\"?"));
  EXPECT_THAT(ErrorAfter("name = \"patient_care\"", "name = \"patients\""),
              HasSubstr("a table has this name too (hospital.patients)"));
  EXPECT_THAT(ErrorAfter("type = \"integer\"", "type = \"real\""), HasSubstr("a real column is computed with a fixed number of digits after the "
                                                                               "point; write decimals = 3"));
  EXPECT_THAT(ErrorAfter("type = \"integer\"", "type = \"real\"\n  decimals = 7"), HasSubstr("a whole number from 0 to 6"));
  EXPECT_THAT(ErrorAfter("type = \"integer\"", "type = \"real\"\n  decimals = 3"), HasSubstr("its range needs 7 digits, and a real has 6"));
  EXPECT_THAT(ErrorAfter("type = \"integer\"", "type = \"integer\"\n  decimals = 3"), HasSubstr("\"decimals\" is for double precision and real"));
  EXPECT_THAT(ErrorAfter("version = 1", "version = "), HasSubstr("federation.toml:2: not valid TOML"));
}

TEST(CatalogTest, TimeZoneAndKeyFormats) {
  const auto plain = ParseFederation(TestFederation());
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->time_zone, "UTC");
  EXPECT_EQ(plain->FormatOfKey("bsn"), KeyFormat::kPlain);
  const std::string bsn = "[[key]]\nname = \"bsn\"\nformat = \"bsn\"\n[[party]]\nname = \"hospital\"";
  const std::string first_party = "[[party]]\nname = \"hospital\"";
  const auto formatted = ParseFederation(
      Replaced(Replaced(TestFederation(), first_party, bsn), "version = 1", "version = 1\ntime_zone = \"Europe/Amsterdam\""));
  ASSERT_TRUE(formatted.ok()) << formatted.status();
  EXPECT_EQ(formatted->time_zone, "Europe/Amsterdam");
  EXPECT_EQ(formatted->FormatOfKey("bsn"), KeyFormat::kBsn);
  EXPECT_EQ(formatted->FormatOfKey(""), KeyFormat::kPlain);

  for (const char* zone : {"Europe/Amsterdm", "localtime", "/etc/passwd", "../UTC", "", "Europe/"}) {
    EXPECT_THAT(ErrorAfter("version = 1", "version = 1\ntime_zone = \"" + std::string(zone) + "\""),
                HasSubstr("federation.toml:3: the time zone \"" + std::string(zone) + "\" is not known here; write a name"));
  }
  EXPECT_THAT(ErrorAfter(first_party, Replaced(bsn, "format = \"bsn\"", "format = \"ssn\"")),
              HasSubstr("key bsn: unknown format \"ssn\"; write \"plain\" or \"bsn\""));
  EXPECT_THAT(ErrorAfter(first_party, Replaced(bsn, "name = \"bsn\"", "name = \"bns\"")),
              HasSubstr("key bns: no column has key = \"bns\"; did you mean \"bsn\"?"));
  EXPECT_THAT(ErrorAfter(first_party, "[[key]]\nname = \"bsn\"\n" + bsn), HasSubstr("two keys of this name"));
  std::string number = Replaced(TestFederation(), first_party, bsn);
  const auto refused = ParseFederation(Replaced(number, "type = \"text\"\n  key", "type = \"bigint\"\n  key"));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("column hospital.patients.bsn: a key of format \"bsn\" is text, whatever the owner's database "
                        "stores; write type = \"text\" instead of bigint"));
}

class NodeConfigTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("care_node_config_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  absl::StatusOr<NodeConfig> Load(const std::string& text) {
    const std::string path = (folder_ / "hospital.toml").string();
    std::ofstream(path) << text;
    return LoadNodeConfig(path);
  }

  std::filesystem::path folder_;
  const std::string text_ = R"toml(party = "hospital"
federation = "federation.toml"
listen = "127.0.0.1:7401"
certificate = "hospital.pem"
private_key = "hospital.key"
authority = "/etc/care/authority.pem"
data_directory = "hospital.state"
[release]
threshold = 12
[database]
kind = "sqlite"
path = "hospital.db"
[tables.claims]
table = "claim_lines"
[tables.claims.columns]
day = "claim_day"
[tables.claims.columns.amount]
column = "amount_cents"
storage = "scaled"
)toml";
};

TEST_F(NodeConfigTest, ReadsANodeFileWithPathsRelativeToIt) {
  const auto config = Load(text_);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->party, "hospital");
  EXPECT_EQ(config->federation_path, (folder_ / "federation.toml").string());
  EXPECT_EQ(config->authority_path, "/etc/care/authority.pem");
  EXPECT_EQ(config->threshold, 12u);
  const TableMapping& claims = config->tables.at("claims");
  EXPECT_EQ(claims.columns.at("day").column, "claim_day");
  EXPECT_FALSE(claims.columns.at("day").scaled);
  EXPECT_TRUE(claims.columns.at("amount").scaled);
}

TEST_F(NodeConfigTest, RefusesWithTheRemedy) {
  EXPECT_THAT(std::string(Load(Replaced(text_, "listen", "listne")).status().message()),
              HasSubstr("\"listen\" is missing"));
  EXPECT_THAT(std::string(Load(Replaced(text_, "threshold", "treshold")).status().message()),
              HasSubstr("release: unknown key \"treshold\"; did you mean \"threshold\"?"));
  EXPECT_THAT(std::string(Load(Replaced(text_, "\"scaled\"", "\"cents\"")).status().message()),
              HasSubstr("unknown storage \"cents\""));
  EXPECT_THAT(std::string(Load(Replaced(text_, "\"sqlite\"", "\"mongo\"")).status().message()),
              HasSubstr("unknown kind \"mongo\"; write \"postgresql\", \"sqlite\" or \"csv\""));
  EXPECT_THAT(std::string(Load(Replaced(text_, "\"scaled\"", "\"native\"\non_violation = \"ignore\"")).status().message()),
              HasSubstr("hospital.toml:20: tables.claims.columns.amount: unknown on_violation \"ignore\"; write \"error\", "
                        "\"null\" or \"drop\""));
  const auto table_error = [&](const std::string& more) {
    return std::string(Load(Replaced(text_, "table = \"claim_lines\"", "table = \"claim_lines\"\n" + more)).status().message());
  };
  EXPECT_THAT(table_error("on_duplicate = \"last\""), HasSubstr("unknown on_duplicate \"last\""));
  EXPECT_THAT(table_error("on_duplicate = \"first\""), HasSubstr("Write order_by = "));
  EXPECT_THAT(table_error("order_by = \"changed\""), HasSubstr("\"order_by\" is for on_duplicate = \"first\""));
  EXPECT_THAT(table_error("merged = { table = \"m\", from = \"a\" }"),
              HasSubstr("tables.claims.merged: \"to\" is missing"));
  EXPECT_THAT(table_error("reversal = { id = \"a\", reverse = \"b\" }"), HasSubstr("\"reverses\" is missing"));
  const std::string csv = Replaced(text_, "kind = \"sqlite\"\npath = ", "kind = \"csv\"\nfolder = ");
  EXPECT_THAT(std::string(Load(Replaced(csv, "[tables.claims]\ntable", "[tables.claims]\nsql")).status().message()),
              HasSubstr("a CSV file is not queried"));
  EXPECT_THAT(std::string(Load(Replaced(csv, "[tables.claims]\n", "delimiter = \"::\"\n[tables.claims]\n")).status().message()),
              HasSubstr("\"delimiter\" is one ASCII character"));
  EXPECT_EQ(LoadNodeConfig((folder_ / "absent.toml").string()).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(NodeConfigTest, ReadsWhatIsDoneAboutTheData) {
  const auto config = Load(R"toml(party = "hospital"
federation = "federation.toml"
listen = "127.0.0.1:7401"
certificate = "hospital.pem"
private_key = "hospital.key"
authority = "authority.pem"
data_directory = "hospital.state"
[database]
kind = "csv"
folder = "exports"
delimiter = ";"
null = "NULL"
[tables.patients]
on_duplicate = "first"
order_by = "changed_at"
merged = { table = "merges.csv", from = "old", to = "new" }
[tables.patients.columns]
bsn = { column = "number", on_violation = "drop" }
sex = { trim = true, nfc = true, on_violation = "null" }
index_date = { storage = "timestamp" }
[tables.visits]
table = "contacts.csv"
reversal = { id = "visit_id", reverses = "takes_back" }
)toml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->database_path, (folder_ / "exports").string());
  EXPECT_EQ(config->csv.delimiter, ';');
  EXPECT_EQ(config->csv.null, "NULL");
  const TableMapping& patients = config->tables.at("patients");
  EXPECT_EQ(patients.table, "patients.csv");
  EXPECT_EQ(patients.on_duplicate, OnDuplicate::kFirst);
  EXPECT_EQ(patients.order_by, "changed_at");
  EXPECT_EQ(patients.merged->from, "old");
  EXPECT_EQ(patients.columns.at("bsn").on_violation, OnViolation::kDrop);
  EXPECT_FALSE(patients.columns.at("bsn").trim);
  EXPECT_EQ(patients.columns.at("sex").on_violation, OnViolation::kNull);
  EXPECT_TRUE(patients.columns.at("sex").trim && patients.columns.at("sex").nfc);
  EXPECT_TRUE(patients.columns.at("index_date").timestamp);
  EXPECT_EQ(config->tables.at("visits").reversal->reverses, "takes_back");
  const auto catalog = ParseFederation(TestFederation());
  EXPECT_TRUE(CheckMappings(*config, *catalog).ok()) << CheckMappings(*config, *catalog);
}

TEST(CheckMappings, TheNodeFileFitsTheFederationFile) {
  const auto catalog = ParseFederation(TestFederation());
  ASSERT_TRUE(catalog.ok());
  const auto error = [&](const std::string& table, const auto& change) {
    NodeConfig config;
    config.party = "hospital";
    change(config.tables[table]);
    const absl::Status status = CheckMappings(config, *catalog);
    return status.ok() ? std::string("accepted") : std::string(status.message());
  };
  EXPECT_EQ(error("patients", [](TableMapping&) {}), "accepted");
  EXPECT_EQ(error("patient", [](TableMapping&) {}),
            "the node file, [tables.patient]: hospital has no table \"patient\" in the federation file; did you mean "
            "\"patients\"?");
  EXPECT_THAT(error("claims", [](TableMapping&) {}), HasSubstr("hospital has no table \"claims\"")) << "the insurer's";
  EXPECT_THAT(error("patients", [](TableMapping& t) { t.columns["sexx"]; }),
              HasSubstr("hospital.patients has no column \"sexx\" in the federation file; did you mean \"sex\"?"));
  EXPECT_THAT(error("patients", [](TableMapping& t) { t.columns["bsn"].on_violation = OnViolation::kNull; }),
              HasSubstr("[tables.patients.columns.bsn]: on_violation = \"null\" needs a column that may be NULL"));
  EXPECT_THAT(error("patients", [](TableMapping& t) { t.columns["sex"].scaled = true; }),
              HasSubstr("storage = \"scaled\" is for numeric columns"));
  EXPECT_THAT(error("patients", [](TableMapping& t) { t.columns["sex"].timestamp = true; }),
              HasSubstr("storage = \"timestamp\" is for date columns"));
  EXPECT_THAT(error("patients", [](TableMapping& t) { t.columns["birth_year"].nfc = true; }),
              HasSubstr("nfc is for text columns"));
  EXPECT_EQ(error("patients", [](TableMapping& t) { t.on_duplicate = OnDuplicate::kDrop; }), "accepted");
}

// What beside keys tells how many rows can agree, and what rows of another table columns name.
const std::string kClaimsKey = "primary_key = [\"claim_id\"]\nrow_bound = 2000000\n";

std::string WithRelations(const std::string& relations) {
  return Replaced(TestFederation(), kClaimsKey, kClaimsKey + relations);
}

std::string RelationsError(const std::string& relations) {
  const auto catalog = ParseFederation(WithRelations(relations));
  return catalog.ok() ? "accepted" : std::string(catalog.status().message());
}

TEST(CatalogTest, ReadsMostRowsAndReferences) {
  const auto catalog = ParseFederation(
      WithRelations("  [[table.most_rows]]\n  per = [\"bsn\", \"category\"]\n  rows = 40\n"
                    "  [[table.reference]]\n  columns = [\"bsn\"]\n  table = \"bureau.persons\"\n"));
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const CatalogTable& claims = *catalog->FindTable("insurer", "claims");
  ASSERT_EQ(claims.max_rows_per.size(), 1u);
  EXPECT_THAT(claims.max_rows_per[0].columns, ElementsAre(claims.FindColumn("bsn"), claims.FindColumn("category")));
  EXPECT_EQ(claims.max_rows_per[0].rows, 40u);
  ASSERT_EQ(claims.references.size(), 1u);
  const CatalogTable& persons = catalog->tables[static_cast<std::size_t>(claims.references[0].table)];
  EXPECT_EQ(persons.FullName(), "bureau.persons");
  EXPECT_THAT(claims.references[0].columns, ElementsAre(claims.FindColumn("bsn")));
  EXPECT_THAT(claims.references[0].key, ElementsAre(persons.FindColumn("bsn")));
}

TEST(CatalogTest, SaysWhatIsWrongWithMostRowsAndReferences) {
  EXPECT_THAT(RelationsError("  [[table.most_rows]]\n  per = [\"bns\"]\n  rows = 4\n"),
              HasSubstr("\"per\" names column \"bns\", which the table does not have; did you mean \"bsn\"?"));
  EXPECT_THAT(RelationsError("  [[table.most_rows]]\n  per = []\n  rows = 4\n"), HasSubstr("\"per\" names no column"));
  EXPECT_THAT(RelationsError("  [[table.most_rows]]\n  per = [\"bsn\"]\n  rows = 2000001\n"), HasSubstr("2000000"));
  const std::string reference = "  [[table.reference]]\n  columns = [\"bsn\"]\n  table = ";
  EXPECT_THAT(RelationsError(reference + "\"bureau.person\"\n"),
              HasSubstr("there is no table \"bureau.person\"; did you mean \"bureau.persons\"?"));
  EXPECT_THAT(RelationsError(reference + "\"bureau.persons\"\n  key = [\"education\"]\n"),
              HasSubstr("these columns are no declared key of bureau.persons; write primary_key or unique there"));
  EXPECT_THAT(RelationsError(reference + "\"bureau.persons\"\n  key = [\"bsn\", \"education\"]\n"),
              HasSubstr("\"key\" must name a column for each of \"columns\""));
}

// Of a table that describes nobody a key is a number like any other; of one about persons it is not.
TEST(CatalogTest, OnlyKeysOfPersonsAreForJoiningAlone) {
  const std::string table =
      "\n[[table]]\nname = \"bureau.parts\"\npersons = false\nrow_bound = 10\n  [[table.column]]\n  name = \"part\"\n"
      "  type = \"integer\"\n  key = \"part\"\n  use = [\"join_key\", \"filter\", \"group_key\"]\n";
  const auto catalog = ParseFederation(TestFederation() + table);
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_TRUE(catalog->FindTable("bureau", "parts")->columns[0].rules.group_key);
  const auto refused = ParseFederation(
      TestFederation() + Replaced(table, "persons = false", "subject = \"part\""));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("a key column is for joining and counting"));
}

}  // namespace
}  // namespace care::planner
