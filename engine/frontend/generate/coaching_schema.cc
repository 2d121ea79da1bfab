#include "engine/frontend/generate/coaching_schema.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace care::engine {
namespace {

ExampleColumn Bsn() { return {.name = "bsn", .type = "text", .nullable = false, .key = true}; }

ExampleColumn Day(std::string name, std::string min, std::string max, bool nullable = false) {
  return {.name = std::move(name), .type = "date", .nullable = nullable, .min = std::move(min), .max = std::move(max)};
}

ExampleColumn Choice(std::string name, std::vector<std::string> domain, bool nullable = false) {
  return {.name = std::move(name), .type = "text", .nullable = nullable, .domain = std::move(domain)};
}

std::string Quoted(std::string_view text) { return absl::StrCat("\"", std::string(text), "\""); }

std::string QuotedList(const std::vector<std::string>& items) {
  std::vector<std::string> quoted;
  for (const std::string& item : items) quoted.push_back(Quoted(item));
  return absl::StrCat("[", absl::StrJoin(quoted, ", "), "]");
}

std::string RangeEnd(const ExampleColumn& column, const std::string& end) {
  return column.type == "integer" || column.type == "bigint" ? end : Quoted(end);
}

std::string ColumnToml(const ExampleColumn& column) {
  std::string text = absl::StrCat("\n  [[table.column]]\n  name = ", Quoted(column.name),
                                  "\n  type = ", Quoted(column.type), "\n");
  if (column.key) absl::StrAppend(&text, "  key = \"bsn\"\n");
  if (!column.nullable) absl::StrAppend(&text, "  nullable = false\n");
  if (!column.min.empty()) {
    absl::StrAppend(&text, "  min = ", RangeEnd(column, column.min), "\n  max = ", RangeEnd(column, column.max), "\n");
  }
  if (!column.domain.empty()) absl::StrAppend(&text, "  domain = ", QuotedList(column.domain), "\n");
  return text;
}

constexpr std::string_view kView =
    "SELECT p.bsn, p.uses_app, p.index_date, p.sex, p.diagnosis, s.education, s.birth_year, s.region "
    "FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn";

}  // namespace

const std::vector<std::string>& Educations() {
  static const auto& names = *new std::vector<std::string>{"low", "middle", "high"};
  return names;
}

const std::vector<std::string>& Provinces() {
  static const auto& names = *new std::vector<std::string>{
      "drenthe",       "flevoland",     "friesland", "gelderland", "groningen", "limburg",
      "noord-brabant", "noord-holland", "overijssel", "utrecht",    "zeeland",   "zuid-holland"};
  return names;
}

const std::vector<std::string>& CareCategories() {
  static const auto& names = *new std::vector<std::string>{
      "general practice", "outpatient care", "inpatient care",   "emergency care", "pharmacy",
      "infusion therapy", "laboratory",      "imaging",          "endoscopy",      "surgery",
      "mental health",    "physiotherapy",   "dietetics",        "dental care",    "maternity care",
      "home nursing",     "rehabilitation",  "medical devices",  "ambulance",      "audiology"};
  return names;
}

std::uint64_t RoundUpOnLadder(std::uint64_t rows) {
  for (std::uint64_t power = 1;; power *= 10) {
    // Twice the rungs, so that 1.5 is whole.
    for (std::uint64_t doubled : {2, 3, 4, 6, 8, 12, 16}) {
      if (doubled * power % 2 == 0 && doubled * power / 2 >= rows) return doubled * power / 2;
    }
  }
}

std::vector<ExampleTable> DescribeCoachingTables(const CoachingDataOptions& options) {
  const std::uint64_t patients = std::max<std::uint64_t>(options.patients, 1);
  const std::string most_claims = absl::StrCat(RoundUpOnLadder(std::max<std::uint64_t>(options.claims, 1)));
  const std::string most_visits = absl::StrCat(RoundUpOnLadder(patients * 6));
  return {
      {.schema = "hospital",
       .name = "patients",
       .columns = {Bsn(),
                   {.name = "uses_app", .type = "boolean", .nullable = false},
                   Day("index_date", "2021-01-01", "2023-12-31", true),
                   Choice("sex", {"F", "M"}),
                   Choice("diagnosis", {"crohn", "colitis"}, true)},
       .primary_key = {"bsn"},
       .storage_order = {"bsn"},
       .row_bound = RoundUpOnLadder(patients),
       .max_rows_per_subject = 1},
      {.schema = "hospital",
       .name = "visits",
       .columns = {{.name = "visit_id", .type = "bigint", .nullable = false, .min = "1", .max = most_visits},
                   Bsn(),
                   Day("day", "2019-01-01", "2025-12-31"),
                   Choice("kind", {"outpatient", "inpatient", "phone", "emergency"})},
       .primary_key = {"visit_id"},
       .storage_order = {"bsn", "day", "visit_id"},
       .row_bound = RoundUpOnLadder(patients * 6),
       .max_rows_per_subject = 12,
       .subject_bound = RoundUpOnLadder(patients)},
      {.schema = "hospital",
       .name = "quality",
       .columns = {Bsn(),
                   Day("day", "2019-01-01", "2025-12-31"),
                   {.name = "score", .type = "integer", .min = "0", .max = "100"}},
       .primary_key = {},
       .storage_order = {},
       .row_bound = RoundUpOnLadder(patients * 3),
       .max_rows_per_subject = 4,
       .subject_bound = RoundUpOnLadder(patients)},
      {.schema = "insurer",
       .name = "insured",
       .columns = {Bsn(), Choice("policy", {"basic", "plus", "top"})},
       .primary_key = {"bsn"},
       .storage_order = {"bsn"},
       .row_bound = RoundUpOnLadder(std::max<std::uint64_t>(options.insured, 1)),
       .max_rows_per_subject = 1},
      {.schema = "insurer",
       .name = "enrolment",
       .columns = {Bsn(), Day("from_day", "2018-01-01", "2025-12-31"), Day("to_day", "2018-01-01", "2025-12-31")},
       .primary_key = {"bsn", "from_day"},
       .storage_order = {"bsn", "from_day"},
       .row_bound = RoundUpOnLadder(std::max<std::uint64_t>(options.insured, 1) * 5 / 4 + 1),
       .max_rows_per_subject = 8,
       .subject_bound = RoundUpOnLadder(std::max<std::uint64_t>(options.insured, 1))},
      {.schema = "insurer",
       .name = "claims",
       .columns = {{.name = "claim_id", .type = "bigint", .nullable = false, .min = "1", .max = most_claims},
                   Bsn(),
                   Day("day", "2019-01-01", "2025-12-31"),
                   {.name = "amount", .type = "numeric(12,2)", .min = "-10000.00", .max = "100000.00",
                    .own_name = "amount_cents"},
                   Choice("category", CareCategories())},
       .primary_key = {"claim_id"},
       .storage_order = {"bsn", "day", "claim_id"},
       .row_bound = RoundUpOnLadder(std::max<std::uint64_t>(options.claims, 1)),
       .subject_bound = RoundUpOnLadder(std::max<std::uint64_t>(options.insured, 1))},
      {.schema = "bureau",
       .name = "persons",
       .columns = {Bsn(),
                   Choice("education", Educations(), true),
                   {.name = "birth_year", .type = "integer", .nullable = false, .min = "1900", .max = "2024"},
                   Choice("region", Provinces())},
       .primary_key = {"bsn"},
       .storage_order = {"bsn"},
       .row_bound = RoundUpOnLadder(std::max<std::uint64_t>(options.persons, 1)),
       .max_rows_per_subject = 1},
  };
}

const std::vector<std::string>& CoachingTables() {
  static const auto& names = *[] {
    auto* list = new std::vector<std::string>;
    for (const ExampleTable& table : DescribeCoachingTables({})) {
      list->push_back(absl::StrCat(table.schema, ".", table.name));
    }
    return list;
  }();
  return names;
}

std::string CoachingFederation(const CoachingDataOptions& options) {
  std::string text = absl::StrCat(
      "# Does a coaching app lower the cost of care of people with Crohn's disease or colitis?\n"
      "# The same bytes at every party.\n\nname = ", Quoted(options.federation_name),
      "\nversion = 1\ncompute = [\"hospital\", \"insurer\", \"bureau\"]\nauthority_sha256 = ",
      Quoted(options.authority_sha256), "\n");
  const char* parties[] = {"hospital", "insurer", "bureau"};
  for (int i = 0; i < 3; ++i) {
    absl::StrAppend(&text, "\n[[party]]\nname = ", Quoted(parties[i]), "\naddress = ", Quoted(options.addresses[i]),
                    "\n");
  }
  absl::StrAppend(&text, "\n[link.lan]\nmegabit_per_second = 8000\nround_trip_us = 50\n",
                  "\n[link.wan]\nmegabit_per_second = 100\nround_trip_us = 50000\n");
  for (const ExampleTable& table : DescribeCoachingTables(options)) {
    absl::StrAppend(&text, "\n[[table]]\nname = ", Quoted(absl::StrCat(table.schema, ".", table.name)),
                    "\nsubject = \"bsn\"\n");
    if (!table.primary_key.empty()) absl::StrAppend(&text, "primary_key = ", QuotedList(table.primary_key), "\n");
    absl::StrAppend(&text, "row_bound = ", table.row_bound, "\n");
    if (table.max_rows_per_subject > 0) {
      absl::StrAppend(&text, "max_rows_per_subject = ", std::min<std::uint64_t>(table.max_rows_per_subject, table.row_bound), "\n");
    }
    if (table.subject_bound > 0) {
      absl::StrAppend(&text, "subject_bound = ", std::min(table.subject_bound, table.row_bound), "\n");
    }
    for (const ExampleColumn& column : table.columns) absl::StrAppend(&text, ColumnToml(column));
  }
  absl::StrAppend(&text, "\n[[view]]\nname = \"patient_care\"\nsql = ", Quoted(kView), "\n");
  return text;
}

std::string CoachingNodeTables(std::string_view party) {
  std::string text;
  for (const ExampleTable& table : DescribeCoachingTables({})) {
    if (table.schema != party) continue;
    absl::StrAppend(&text, "\n[tables.", table.name, "]\ntable = ", Quoted(table.name), "\n");
    for (const ExampleColumn& column : table.columns) {
      if (column.own_name.empty()) continue;
      absl::StrAppend(&text, "[tables.", table.name, ".columns.", column.name, "]\ncolumn = ", Quoted(column.own_name),
                      "\nstorage = ", column.IsNumeric() ? "\"scaled\"" : "\"native\"", "\n");
    }
  }
  if (text.empty()) return text;
  return absl::StrCat("[database]\nkind = \"sqlite\"\npath = ", Quoted(absl::StrCat(std::string(party), ".db")), "\n",
                      text);
}

std::string CoachingPostgresDdl() {
  std::string text;
  std::string schema;
  for (const ExampleTable& table : DescribeCoachingTables({})) {
    if (table.schema != schema) absl::StrAppend(&text, "CREATE SCHEMA ", table.schema, ";\n");
    schema = table.schema;
    std::vector<std::string> lines;
    for (const ExampleColumn& column : table.columns) {
      lines.push_back(absl::StrCat("  ", column.name, " ", column.type, column.IsText() ? " COLLATE \"C\"" : "",
                                   column.nullable ? "" : " NOT NULL"));
    }
    if (!table.primary_key.empty()) {
      lines.push_back(absl::StrCat("  PRIMARY KEY (", absl::StrJoin(table.primary_key, ", "), ")"));
    }
    absl::StrAppend(&text, "CREATE TABLE ", table.schema, ".", table.name, " (\n", absl::StrJoin(lines, ",\n"),
                    "\n);\n");
  }
  absl::StrAppend(&text, "CREATE VIEW patient_care AS ", std::string(kView), ";\n");
  return text;
}

}  // namespace care::engine
