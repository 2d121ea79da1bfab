#include "engine/frontend/bench/health_query.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/frontend/bench/benchmark.h"
#include "engine/frontend/bench/health_data.h"
#include "engine/frontend/bench/query_texts.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr std::array<const char*, 3> kParties = {"north", "south", "registry"};
constexpr std::size_t kHospitals = 2;
constexpr std::uint64_t kMostAPatient = 40;  // about six are usual
constexpr std::size_t kTop = 10;
constexpr std::int64_t kLeastDays = 15, kMostDays = 56;

constexpr const char* kHeartDisease = "heart disease";
constexpr const char* kInfection = "cdiff";
constexpr const char* kAspirin = "aspirin";

constexpr HealthBenchmark kBenchmarks[] = {
    {"comorbidity",
     "the ten most frequent diagnoses of a cohort, from SQL: IN, COUNT by 1000 codes, LIMIT 10",
     "comorbidity", 500'000, 2},
    {"aspirin",
     "patients with a heart disease and aspirin then or later, from SQL: COUNT DISTINCT over a join",
     "aspirin_count", 500'000, 3},
    {"rcdiff", "patients whose infection came back in 15 to 56 days, from SQL: ROW_NUMBER, self-join",
     "recurrent_cdiff", 300'000, 2},
    {"aspirin-partitions", "aspirin for an eighth of the patients after the other, the rest waiting on disk, encrypted",
     "aspirin_count", 500'000, 0, 8},
    {"aspirin-lanes", "aspirin-partitions, two of them at a time", "aspirin_count", 500'000, 0, 8, 2},
};

// What a code is called: the names that the queries ask for, at numbers that are neither rare nor the most frequent.
std::string Diagnosis(std::uint64_t code) {
  return code == 14 ? kHeartDisease : code == 3 ? kInfection : absl::StrFormat("d%03d", code);
}
std::string Medication(std::uint64_t code) { return code == 21 ? kAspirin : absl::StrFormat("m%03d", code); }

struct HealthTables {
  std::vector<HealthEvent> diagnoses, medications;
  std::vector<std::uint64_t> cohort;
};

// How many rows each query's tables have of `rows`: as its pipeline of operators.
struct TableRows {
  std::uint64_t diagnoses = 0, medications = 0, cohort = 0;
};
TableRows RowsOf(const HealthBenchmark& benchmark, std::uint64_t rows) {
  const std::string_view query = benchmark.query;
  if (query == "comorbidity") return {.diagnoses = rows, .cohort = rows / 10};
  if (query == "aspirin_count") return {.diagnoses = rows / 2, .medications = rows - rows / 2};
  return {.diagnoses = rows};
}

HealthTables MakeTables(const TableRows& rows) {
  HealthTables tables{HealthEvents(0, rows.diagnoses), HealthEvents(1, rows.medications), {}};
  // Every other patient that has diagnoses, and some that have none.
  for (std::uint64_t i = 0; i < rows.cohort; ++i) tables.cohort.push_back(PatientNumber(2 * i));
  return tables;
}

// The rows of a hospital: the first half of them, or the rest.
struct Half {
  std::size_t begin, end;
};
Half HalfOf(std::size_t rows, PartyId hospital) {
  return hospital == 0 ? Half{0, rows / 2} : Half{rows / 2, rows};
}
std::uint64_t RowBound(std::size_t rows, PartyId hospital) {
  const Half half = HalfOf(rows, hospital);
  return std::max<std::uint64_t>(half.end - half.begin, 1);
}

class HealthTable final : public connectors::Connector {
 public:
  HealthTable(const planner::Catalog& catalog, PartyId party, const TableRows& rows) : catalog_(catalog) {
    if (party >= kHospitals) return;
    const HealthTables tables = MakeTables(rows);
    Fill("diagnoses", "diag", tables.diagnoses, HalfOf(tables.diagnoses.size(), party), Diagnosis);
    Fill("medications", "med", tables.medications, HalfOf(tables.medications.size(), party), Medication);
    Column& members = Add("cohort", "pid", {.kind = TypeKind::kBigInt});
    const Half half = HalfOf(tables.cohort.size(), party);
    for (std::size_t row = half.begin; row < half.end; ++row) {
      members.integers.push_back(static_cast<std::int64_t>(tables.cohort[row]));
    }
  }

  bool Supports(const planner::LogicalNode& node) const override {
    return std::holds_alternative<planner::ScanNode>(node.node);
  }
  absl::StatusOr<std::string> SqlFor(const planner::LogicalNode&) const override {
    return "a table in memory";
  }
  absl::Status BeginSnapshot() override { return absl::OkStatus(); }
  absl::StatusOr<ColumnBatch> Run(const planner::LogicalNode& node) override {
    const auto& scan = std::get<planner::ScanNode>(node.node);
    const planner::CatalogTable& table = catalog_.tables[scan.table];
    ColumnBatch batch;
    batch.rows = columns_.at({table.name, "pid"}).size();
    for (const planner::ScanNode::Output& output : scan.columns) {
      Column column = columns_.at({table.name, table.columns[output.table_column].name});
      column.name = connectors::ColumnName(output.column);
      batch.columns.push_back(std::move(column));
    }
    return batch;
  }
  absl::Status EndSnapshot() override { return absl::OkStatus(); }
  void Interrupt() override {}

 private:
  Column& Add(const std::string& table, const std::string& name, const DataType& type) {
    Column& column = columns_[{table, name}];
    column.type = type;
    return column;
  }
  void Fill(const std::string& table, const std::string& code_name, const std::vector<HealthEvent>& events,
            Half half, std::string (*name_of)(std::uint64_t)) {
    std::vector<std::string> names;
    for (std::uint64_t code = 0; code < kCodes; ++code) names.push_back(name_of(code));
    const std::int64_t first = DaysFromCivil({2020, 1, 1});
    Column& patients = Add(table, "pid", {.kind = TypeKind::kBigInt});
    Column& codes = Add(table, code_name, {.kind = TypeKind::kText});
    Column& days = Add(table, "time", {.kind = TypeKind::kDate});
    for (std::size_t row = half.begin; row < half.end; ++row) {
      patients.integers.push_back(static_cast<std::int64_t>(events[row].patient));
      codes.texts.Append(names[events[row].code]);
      days.integers.push_back(first + static_cast<std::int64_t>(events[row].day));
    }
  }

  const planner::Catalog& catalog_;
  std::map<std::pair<std::string, std::string>, Column> columns_;  // by table and name
};

std::string EventTable(const std::string& owner, const std::string& name, const std::string& code_name,
                       std::uint64_t bound, std::string (*name_of)(std::uint64_t)) {
  std::vector<std::string> names;
  for (std::uint64_t code = 0; code < kCodes; ++code)
    names.push_back(absl::StrCat("\"", name_of(code), "\""));
  return absl::StrCat(
      "[[table]]\nname = \"", owner, ".", name, "\"\nsubject = \"pid\"\nrow_bound = ", bound,
      "\nmax_rows_per_subject = ", std::min(bound, kMostAPatient), "\n",
      "[[table.column]]\nname = \"pid\"\ntype = \"bigint\"\nkey = \"pid\"\nnullable = false\nmin = 0\nmax = ",
      (std::uint64_t{1} << kPatientBits) - 1, "\n[[table.column]]\nname = \"", code_name,
      "\"\ntype = \"text\"\nnullable = false\ndomain = [", absl::StrJoin(names, ", "),
      "]\n[[table.column]]\nname = \"time\"\ntype = \"date\"\nnullable = false\nmin = \"2020-01-01\"\nmax = "
      "\"2024-12-31\"\n");
}

std::string HealthFederation(const TableRows& rows, const HealthBenchmark& benchmark) {
  std::string text =
      absl::StrCat("name = \"health\"\nversion = 1\ncompute = [\"", absl::StrJoin(kParties, "\", \""),
                   "\"]\nauthority_sha256 = \"", std::string(64, '0'), "\"\n");
  for (const char* party : kParties) {
    absl::StrAppend(&text, "[[party]]\nname = \"", party, "\"\naddress = \"127.0.0.1:1\"\n");
  }
  absl::StrAppend(&text, "[link.lan]\nmegabit_per_second = 8000\nround_trip_us = 50\n[joint]\npartitions = ", benchmark.partitions,
                  "\nlanes = ", benchmark.lanes, "\n");
  for (PartyId hospital = 0; hospital < kHospitals; ++hospital) {
    const std::string owner = kParties[hospital];
    absl::StrAppend(&text,
                    EventTable(owner, "diagnoses", "diag", RowBound(rows.diagnoses, hospital), Diagnosis));
    absl::StrAppend(
        &text, EventTable(owner, "medications", "med", RowBound(rows.medications, hospital), Medication));
    absl::StrAppend(&text, "[[table]]\nname = \"", owner,
                    ".cohort\"\nsubject = \"pid\"\nprimary_key = [\"pid\"]\nrow_bound = ",
                    RowBound(rows.cohort, hospital), "\nmax_rows_per_subject = 1\n",
                    "[[table.column]]\nname = \"pid\"\ntype = \"bigint\"\nkey = \"pid\"\nnullable = "
                    "false\nmin = 0\nmax = ",
                    (std::uint64_t{1} << kPatientBits) - 1, "\n");
  }
  for (const auto& [view, table] :
       {std::pair("diagnosis", "diagnoses"), {"medication", "medications"}, {"cdiff_cohort", "cohort"}}) {
    absl::StrAppend(&text, "[[view]]\nname = \"", view, "\"\nsql = \"SELECT * FROM north.", table,
                    " UNION ALL SELECT * FROM south.", table, "\"\n");
  }
  return text;
}

using Answer = std::vector<std::vector<std::string>>;

Answer Comorbidity(const HealthTables& tables) {
  const std::set<std::uint64_t> cohort(tables.cohort.begin(), tables.cohort.end());
  std::map<std::string, std::int64_t> tally;
  for (const HealthEvent& event : tables.diagnoses) {
    if (cohort.contains(event.patient)) ++tally[Diagnosis(event.code)];
  }
  std::vector<std::tuple<std::int64_t, std::string>> ranked;
  for (const auto& [code, count] : tally) ranked.emplace_back(-count, code);
  std::ranges::sort(ranked);
  ranked.resize(std::min(ranked.size(), kTop));
  Answer answer;
  for (const auto& [less, code] : ranked) answer.push_back({code, absl::StrCat(-less)});
  return answer;
}

Answer Aspirin(const HealthTables& tables) {
  std::map<std::uint64_t, std::uint64_t> first_day;
  for (const HealthEvent& event : tables.diagnoses) {
    if (Diagnosis(event.code) != kHeartDisease) continue;
    const auto found = first_day.try_emplace(event.patient, event.day).first;
    found->second = std::min(found->second, event.day);
  }
  std::set<std::uint64_t> treated;
  for (const HealthEvent& event : tables.medications) {
    const auto found = first_day.find(event.patient);
    if (Medication(event.code) == kAspirin && found != first_day.end() && found->second <= event.day) {
      treated.insert(event.patient);
    }
  }
  return {{absl::StrCat(treated.size())}};
}

Answer RecurrentInfection(const HealthTables& tables) {
  std::map<std::uint64_t, std::vector<std::int64_t>> days;
  for (const HealthEvent& event : tables.diagnoses) {
    if (Diagnosis(event.code) == kInfection)
      days[event.patient].push_back(static_cast<std::int64_t>(event.day));
  }
  std::uint64_t patients = 0;
  for (auto& [patient, of_patient] : days) {
    std::ranges::sort(of_patient);
    const bool again = std::ranges::adjacent_find(of_patient, [](std::int64_t earlier, std::int64_t later) {
                         return later - earlier >= kLeastDays && later - earlier <= kMostDays;
                       }) != of_patient.end();
    patients += again ? 1 : 0;
  }
  return {{absl::StrCat(patients)}};
}

class HealthWorkload final : public QueryWorkload {
 public:
  HealthWorkload(const HealthBenchmark& benchmark, std::uint64_t rows)
      : benchmark_(benchmark), rows_(RowsOf(benchmark, rows)) {}

  absl::Status Load(PartyId party, const std::optional<mpc::LinkSpeed>& link) {
    CARE_ASSIGN_OR_RETURN(catalog_, planner::ParseFederation(HealthFederation(rows_, benchmark_)));
    DeclareLink(catalog_, link);
    if (party != kNoParty) table_ = std::make_unique<HealthTable>(catalog_, party, rows_);
    return absl::OkStatus();
  }

  const planner::Catalog& catalog() const override { return catalog_; }
  std::string sql() const override {
    for (const QueryText& text : HealthQueryTexts()) {
      if (text.name == benchmark_.query) return text.sql;
    }
    return {};
  }
  planner::PlanInputs inputs() const override {
    planner::PlanInputs inputs = BenchPlanInputs();
    inputs.all_secret = true;
    return inputs;
  }
  // So that at any number of rows everything is released and compared.
  std::uint32_t threshold() const override { return 1; }
  absl::StatusOr<connectors::Connector*> Open(const planner::PlannedQuery&, PartyId) override {
    return table_.get();
  }
  absl::Status Check(const ReleasedTable& released) override {
    const HealthTables tables = MakeTables(rows_);
    const std::string_view query = benchmark_.query;
    const Answer expected = query == "comorbidity"     ? Comorbidity(tables)
                            : query == "aspirin_count" ? Aspirin(tables)
                                                       : RecurrentInfection(tables);
    Answer actual;
    for (const std::vector<Value>& row : released.rows) {
      for (std::vector<std::string>& cells = actual.emplace_back(); const Value& value : row) {
        cells.push_back(IsNull(value) ? "NULL" : FormatValue(value));
      }
    }
    return actual == expected
               ? absl::OkStatus()
               : absl::InternalError(absl::StrCat("the answer to ", benchmark_.name, " is wrong"));
  }

 private:
  const HealthBenchmark& benchmark_;
  const TableRows rows_;
  planner::Catalog catalog_;
  std::unique_ptr<connectors::Connector> table_;
};

}  // namespace

std::span<const HealthBenchmark> HealthBenchmarks() { return kBenchmarks; }

const HealthBenchmark* FindHealthBenchmark(std::string_view name) {
  const auto found = std::ranges::find(kBenchmarks, name, &HealthBenchmark::name);
  return found == std::end(kBenchmarks) ? nullptr : &*found;
}

absl::StatusOr<std::unique_ptr<QueryWorkload>> MakeHealthWorkload(const HealthBenchmark& benchmark,
                                                                  std::uint64_t rows, PartyId party,
                                                                  const std::optional<mpc::LinkSpeed>& link) {
  auto workload = std::make_unique<HealthWorkload>(benchmark, rows);
  CARE_RETURN_IF_ERROR(workload->Load(party, link));
  return workload;
}

}  // namespace care::engine
