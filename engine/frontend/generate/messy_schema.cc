#include "engine/frontend/generate/messy_schema.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace care::engine {
namespace {

// Of each federation table: the owner's table, and what follows in its sections. "{.csv}" is the ending of a file.
constexpr std::string_view kHospital = R"toml(
[tables.patients]
table = "patient{.csv}"
on_duplicate = "first"
order_by = "changed_at"
merged = { table = "patient_merge{.csv}", from = "old_bsn", to = "new_bsn" }
[tables.patients.columns]
bsn = { on_violation = "drop" }
index_date = { column = "started_at", storage = "timestamp" }
sex = { trim = true }
diagnosis = { trim = true, on_violation = "null" }

[tables.visits]
table = "contact{.csv}"
merged = { table = "patient_merge{.csv}", from = "old_bsn", to = "new_bsn" }
[tables.visits.columns]
bsn = { on_violation = "drop" }
day = { column = "began_at", storage = "timestamp" }
kind = { trim = true, on_violation = "drop" }

[tables.quality]
table = "questionnaire{.csv}"
merged = { table = "patient_merge{.csv}", from = "old_bsn", to = "new_bsn" }
[tables.quality.columns]
bsn = { on_violation = "drop" }
score = { trim = true, on_violation = "null" }
)toml";

constexpr std::string_view kInsurer = R"toml(
[tables.insured]
table = "insured{.csv}"
on_duplicate = "drop"
[tables.insured.columns]
bsn = { on_violation = "drop" }
policy = { trim = true, on_violation = "drop" }

[tables.enrolment]
table = "enrolment{.csv}"
[tables.enrolment.columns]
bsn = { on_violation = "drop" }

[tables.claims]
table = "claim_line{.csv}"
reversal = { id = "claim_id", reverses = "reverses" }
[tables.claims.columns]
bsn = { on_violation = "drop" }
amount = { column = "amount_cents", storage = "scaled", on_violation = "null" }
category = { trim = true }
)toml";

constexpr std::string_view kBureau = R"toml(
[tables.persons]
table = "person{.csv}"
on_duplicate = "first"
order_by = "version"
[tables.persons.columns]
bsn = { on_violation = "drop" }
education = { trim = true, nfc = true, on_violation = "null" }
birth_year = { trim = true }
region = { trim = true, nfc = true }
)toml";

}  // namespace

const std::vector<MessyTable>& MessyTables() {
  static const auto& tables = *new std::vector<MessyTable>{
      {"hospital",
       "patient",
       {{"bsn", "text"}, {"uses_app", "boolean"}, {"started_at", "timestamptz"}, {"sex", "text"},
        {"diagnosis", "text"}, {"changed_at", "timestamp"}}},
      {"hospital", "patient_merge", {{"old_bsn", "text"}, {"new_bsn", "text"}}},
      {"hospital",
       "contact",
       {{"visit_id", "bigint"}, {"bsn", "text"}, {"began_at", "timestamp"}, {"kind", "text"}}},
      {"hospital", "questionnaire", {{"bsn", "text"}, {"day", "date"}, {"score", "text"}}},
      {"insurer", "insured", {{"bsn", "bigint"}, {"policy", "text"}}},
      {"insurer", "enrolment", {{"bsn", "bigint"}, {"from_day", "date"}, {"to_day", "date"}}},
      {"insurer",
       "claim_line",
       {{"claim_id", "bigint"}, {"reverses", "bigint"}, {"bsn", "bigint"}, {"day", "date"},
        {"amount_cents", "bigint"}, {"category", "text"}}},
      // PostgreSQL's text holds no bytes that are not UTF-8: its copy has them as bytes.
      {"bureau",
       "person",
       {{"bsn", "text"}, {"education", "bytea"}, {"birth_year", "text"}, {"region", "text"}, {"version", "integer"}}},
  };
  return tables;
}

std::string MessyFederation(const CoachingDataOptions& options) {
  // Numbers that were mistyped and pass the test by chance are persons too.
  CoachingDataOptions roomy = options;
  roomy.patients += options.patients / 10 + 10;
  roomy.insured += options.insured / 10 + 10;
  roomy.persons += options.persons / 10 + 10;
  return absl::StrReplaceAll(
      CoachingFederation(roomy),
      {{"\nversion = 1\n", "\nversion = 1\ntime_zone = \"Europe/Amsterdam\"\n"},
       {"\n[link.lan]\n", "\n[[key]]\nname = \"bsn\"\nformat = \"bsn\"\n\n[link.lan]\n"},
       {"\"friesland\"", absl::StrCat("\"", kMessyProvince, "\"")}});
}

std::string MessyNodeTables(std::string_view party, std::string_view kind) {
  std::string database;
  if (kind == "sqlite") {
    database = absl::StrCat("kind = \"sqlite\"\npath = \"", std::string(party), ".db\"\n");
  } else if (kind == "csv") {
    database = absl::StrCat("kind = \"csv\"\nfolder = \"", std::string(party), ".csv\"\n");
  } else if (kind == "postgresql") {
    database = absl::StrCat("kind = \"postgresql\"\nurl = \"postgresql://care_node@localhost:5432/", std::string(party),
                            "\"\n# The role's password, if its server asks for one (mode 0600).\n#password_file = \"", std::string(party), ".password\"\n");
  } else {
    return "";
  }
  const std::string_view tables = party == "hospital"  ? kHospital
                                  : party == "insurer" ? kInsurer
                                  : party == "bureau"  ? kBureau
                                                       : std::string_view();
  if (tables.empty()) return "";
  return absl::StrCat("[database]\n", database,
                      absl::StrReplaceAll(std::string(tables), {{"{.csv}", kind == "csv" ? ".csv" : ""}}));
}

}  // namespace care::engine
