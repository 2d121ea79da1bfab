#include "engine/frontend/generate/hospitals_data.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/frontend/generate/coaching_schema.h"
#include "engine/frontend/generate/random_stream.h"
#include "engine/frontend/generate/table_writer.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"
#include "engine/types/write_file.h"

namespace care::engine {
namespace {

constexpr std::array<const char*, 3> kParties = {"north", "south", "registry"};
constexpr std::uint64_t kDiagnosesAPatient = 6;
constexpr std::uint64_t kMedicationsAPatient = 3;
constexpr std::uint64_t kMostAPatient = 40;  // rows of one table; more are not written
constexpr const char* kCohort = "SELECT DISTINCT pid FROM diagnosis WHERE diag = 'cdiff'";

const std::vector<std::string>& Diagnoses() {
  static const auto& names = *new std::vector<std::string>{
      "hypertension", "heart disease", "diabetes", "cdiff",     "asthma",    "copd",         "pneumonia",
      "anaemia",      "depression",    "gout",     "migraine",  "sepsis",    "osteoporosis", "arthritis",
      "epilepsy",     "psoriasis",     "stroke",   "influenza", "hepatitis", "appendicitis"};
  return names;
}

const std::vector<std::string>& Medications() {
  static const auto& names = *new std::vector<std::string>{
      "aspirin", "metformin", "insulin", "statin", "vancomycin", "ibuprofen", "lisinopril", "salbutamol"};
  return names;
}

ExampleTable EventTable(const std::string& owner, const std::string& name, const std::string& code,
                        const std::vector<std::string>& codes, const HospitalsOptions& options) {
  const std::uint64_t patients = std::max<std::uint64_t>(options.patients, 1);
  return {.schema = owner,
          .name = name,
          .columns =
              {{.name = "pid",
                .type = "integer",
                .nullable = false,
                .key = true,
                .min = "1",
                .max = absl::StrCat(2 * patients)},
               {.name = code, .type = "text", .nullable = false, .domain = codes},
               {.name = "time", .type = "date", .nullable = false, .min = "2020-01-01", .max = "2023-12-31"}},
          .row_bound = RoundUpOnLadder(
              patients * (name == "diagnoses" ? kDiagnosesAPatient : kMedicationsAPatient) + 8),
          .max_rows_per_subject = kMostAPatient,
          .subject_bound = RoundUpOnLadder(patients)};
}

std::vector<ExampleTable> Tables(const HospitalsOptions& options) {
  std::vector<ExampleTable> tables;
  for (const char* owner : {"north", "south"}) {
    tables.push_back(EventTable(owner, "diagnoses", "diag", Diagnoses(), options));
    tables.push_back(EventTable(owner, "medications", "med", Medications(), options));
  }
  return tables;
}

std::vector<std::pair<std::string, std::string>> Views() {
  return {{"diagnosis", "SELECT * FROM north.diagnoses UNION ALL SELECT * FROM south.diagnoses"},
          {"medication", "SELECT * FROM north.medications UNION ALL SELECT * FROM south.medications"},
          {"cdiff_cohort", kCohort}};
}

struct Event {
  std::uint64_t patient;
  std::size_t code;
  std::int64_t day;
};

// By hospital.
using Events = std::array<std::vector<Event>, 2>;

std::size_t FrequentlyLow(RandomStream& random, std::size_t count) {
  return std::min(random.Below(count), random.Below(count));
}

void Add(Events& events, RandomStream& random, const Event& event) {
  events[random.Below(2)].push_back(event);
}

Events Invent(const HospitalsOptions& options, bool diagnoses) {
  const std::int64_t first = DaysFromCivil({2020, 1, 1}), last = DaysFromCivil({2023, 12, 31});
  RandomStream random(options.seed, diagnoses ? 201 : 202);
  const std::size_t codes = diagnoses ? Diagnoses().size() : Medications().size();
  const auto cdiff = static_cast<std::size_t>(std::find(Diagnoses().begin(), Diagnoses().end(), "cdiff") -
                                              Diagnoses().begin());
  Events events;
  for (std::uint64_t number = 0; number < options.patients; ++number) {
    const std::uint64_t patient = 2 * number + 1 + random.Below(2);  // numbers with gaps
    const std::uint64_t count = random.Below(2 * (diagnoses ? kDiagnosesAPatient : kMedicationsAPatient) - 3);
    for (std::uint64_t i = 0; i < count; ++i)
      Add(events, random, {patient, FrequentlyLow(random, codes), random.Between(first, last)});
    if (!diagnoses || random.Below(12) != 0) continue;
    // An infection that comes back, about on the edges of what counts.
    constexpr std::int64_t kDays[] = {14, 15, 16, 30, 55, 56, 57, 0};
    const std::int64_t day = random.Between(first, last - 120);
    Add(events, random, {patient, cdiff, day});
    Add(events, random, {patient, cdiff, day + kDays[random.Below(8)]});
  }
  return events;
}

absl::Status WriteTable(TableWriter& writer, const ExampleTable& table, const std::vector<std::string>& codes,
                        const std::vector<Event>& events) {
  CARE_RETURN_IF_ERROR(writer.BeginTable(table));
  for (const Event& event : events) {
    CARE_RETURN_IF_ERROR(
        writer.Row({ExampleCell::Of(static_cast<std::int64_t>(event.patient)),
                    ExampleCell::Of(std::string_view(codes[event.code])), ExampleCell::Of(event.day)}));
  }
  return writer.EndTable();
}

std::string Quoted(std::string_view text) { return absl::StrCat("\"", std::string(text), "\""); }

}  // namespace

absl::Status GenerateHospitalsData(const HospitalsOptions& options) {
  const Events diagnoses = Invent(options, true), medications = Invent(options, false);
  const std::vector<ExampleTable> tables = Tables(options);
  for (std::size_t party = 0; party < kParties.size(); ++party) {
    CARE_ASSIGN_OR_RETURN(const auto writer,
                          TableWriter::Create(options.directory, kParties[party], options.csv));
    if (party < 2) {
      CARE_RETURN_IF_ERROR(WriteTable(*writer, tables[2 * party], Diagnoses(), diagnoses[party]));
      CARE_RETURN_IF_ERROR(WriteTable(*writer, tables[2 * party + 1], Medications(), medications[party]));
    }
    CARE_RETURN_IF_ERROR(writer->Finish());
  }
  return ReplaceFile(options.directory + "/federation.toml", HospitalsFederation(options), kPublicFile);
}

std::string HospitalsFederation(const HospitalsOptions& options) {
  std::string text = absl::StrCat(
      "# Two hospitals that know many of the same patients, and a registry that computes with them.\n\nname "
      "= \"hospitals\"\nversion = 1\n",
      "compute = [\"north\", \"south\", \"registry\"]\nauthority_sha256 = ", Quoted(options.authority_sha256),
      "\n");
  for (std::size_t i = 0; i < kParties.size(); ++i) {
    absl::StrAppend(&text, "\n[[party]]\nname = ", Quoted(kParties[i]),
                    "\naddress = ", Quoted(options.addresses[i]), "\n");
  }
  absl::StrAppend(&text, "\n[link.lan]\nmegabit_per_second = 8000\nround_trip_us = 50\n");
  for (const ExampleTable& table : Tables(options)) {
    absl::StrAppend(&text, "\n[[table]]\nname = ", Quoted(absl::StrCat(table.schema, ".", table.name)),
                    "\nsubject = \"pid\"\nrow_bound = ", table.row_bound,
                    "\nmax_rows_per_subject = ", std::min(table.max_rows_per_subject, table.row_bound),
                    "\nsubject_bound = ", std::min(table.subject_bound, table.row_bound), "\n");
    for (const ExampleColumn& column : table.columns) {
      absl::StrAppend(&text, "\n  [[table.column]]\n  name = ", Quoted(column.name),
                      "\n  type = ", Quoted(column.type), "\n  nullable = false\n");
      if (column.key) absl::StrAppend(&text, "  key = \"pid\"\n");
      if (!column.min.empty())
        absl::StrAppend(&text, "  min = ", Quoted(column.min), "\n  max = ", Quoted(column.max), "\n");
      if (!column.domain.empty()) {
        absl::StrAppend(
            &text, "  domain = [",
            absl::StrJoin(column.domain, ", ",
                          [](std::string* out, const std::string& value) { out->append(Quoted(value)); }),
            "]\n");
      }
    }
  }
  for (const auto& [name, sql] : Views())
    absl::StrAppend(&text, "\n[[view]]\nname = ", Quoted(name), "\nsql = ", Quoted(sql), "\n");
  return text;
}

std::string HospitalsNodeTables(std::string_view party) {
  std::string text = absl::StrCat(
      "[database]\nkind = \"sqlite\"\npath = ", Quoted(absl::StrCat(std::string(party), ".db")), "\n");
  for (const ExampleTable& table : Tables({})) {
    if (table.schema == party)
      absl::StrAppend(&text, "\n[tables.", table.name, "]\ntable = ", Quoted(table.name), "\n");
  }
  return text;
}

const std::vector<std::string>& HospitalsTables() {
  static const auto& names = *[] {
    auto* list = new std::vector<std::string>;
    for (const ExampleTable& table : Tables({})) list->push_back(absl::StrCat(table.schema, ".", table.name));
    return list;
  }();
  return names;
}

std::string HospitalsPostgresDdl() {
  std::string text = "CREATE SCHEMA north;\nCREATE SCHEMA south;\n";
  for (const ExampleTable& table : Tables({})) {
    std::vector<std::string> columns;
    for (const ExampleColumn& column : table.columns) {
      columns.push_back(
          absl::StrCat(column.name, " ", column.type, column.IsText() ? " COLLATE \"C\"" : "", " NOT NULL"));
    }
    absl::StrAppend(&text, "CREATE TABLE ", table.schema, ".", table.name, " (", absl::StrJoin(columns, ", "),
                    ");\n");
  }
  for (const auto& [name, sql] : Views()) absl::StrAppend(&text, "CREATE VIEW ", name, " AS ", sql, ";\n");
  return text;
}

}  // namespace care::engine
