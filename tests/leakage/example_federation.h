// tests/leakage/example_federation.h
//
// The coaching example, small, under one federation file, with data of several kinds that nothing public
// tells apart: other seeds, and extremes made of the generated rows by SQL at each owner. A directory that
// ends with the object.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "engine/frontend/generate/coaching_data.h"
#include "tests/differential/engine_runner.h"

namespace care::engine {

enum class DataKind {
  kGenerated,
  kAllMatch,   // the insurer and the bureau know the hospital's patients and nobody else
  kNoneMatch,  // they know none of them
  kAllNull,    // whatever may be NULL is
  kEmpty,      // not one row anywhere
  kSkewed,     // every claim is one person's
  kShifted,    // as generated, but every amount, date and score is another one, in the same order
};

class ExampleFederation {
 public:
  // Requires that bounds of `patients` persons (and so on) hold for every kind.
  ExampleFederation(std::uint64_t patients, std::uint64_t seed, DataKind kind = DataKind::kGenerated) {
    char pattern[] = "/tmp/care-leakage-XXXXXX";
    directory_ = mkdtemp(pattern);
    CoachingDataOptions options;
    options.directory = directory_;
    options.patients = patients;
    options.insured = 3 * patients;
    options.claims = 8 * patients;
    options.persons = 4 * patients;
    options.seed = seed;
    options.authority_sha256 = std::string(64, '0');
    const absl::Status generated = GenerateCoachingData(options, nullptr);
    EXPECT_TRUE(generated.ok()) << generated;
    for (const std::string& statement : Changes(kind)) Execute(statement);
    auto engine = EngineRunner::Open(directory_);
    EXPECT_TRUE(engine.ok()) << engine.status();
    if (engine.ok()) engine_ = *std::move(engine);
  }
  ExampleFederation(const ExampleFederation&) = delete;
  ExampleFederation& operator=(const ExampleFederation&) = delete;
  ~ExampleFederation() { std::filesystem::remove_all(directory_); }

  const EngineRunner& engine() const { return *engine_; }
  void RunInPartitions(std::uint32_t count) const { engine_->RunInPartitions(count); }

  // One statement over all three databases, each a schema of its owner's name: the clear truth, by SQLite.
  std::vector<std::vector<std::string>> Execute(const std::string& sql) const {
    sqlite3* handle = nullptr;
    EXPECT_EQ(sqlite3_open(":memory:", &handle), SQLITE_OK);
    std::string all;
    for (const char* party : {"hospital", "insurer", "bureau"}) {
      all += "ATTACH '" + directory_ + "/" + party + ".db' AS " + party + ";";
    }
    all += sql;
    std::vector<std::vector<std::string>> rows;
    char* message = nullptr;
    const auto take = [](void* into, int count, char** cells, char**) {
      std::vector<std::string> row;
      for (int i = 0; i < count; ++i) row.push_back(cells[i] == nullptr ? "NULL" : cells[i]);
      static_cast<std::vector<std::vector<std::string>>*>(into)->push_back(std::move(row));
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(handle, all.c_str(), take, &rows, &message), SQLITE_OK) << message << "\n" << sql;
    sqlite3_free(message);
    sqlite3_close(handle);
    return rows;
  }

 private:
  static std::vector<std::string> Changes(DataKind kind) {
    switch (kind) {
      case DataKind::kGenerated:
        return {};
      case DataKind::kAllMatch:
        return {
            "DELETE FROM insurer.insured WHERE bsn NOT IN (SELECT bsn FROM hospital.patients)",
            "INSERT OR IGNORE INTO insurer.insured SELECT bsn, 'basic' FROM hospital.patients",
            "DELETE FROM bureau.persons WHERE bsn NOT IN (SELECT bsn FROM hospital.patients)",
            "INSERT OR IGNORE INTO bureau.persons SELECT bsn, 'low', 1980, 'utrecht' FROM hospital.patients",
            "DELETE FROM insurer.enrolment",
            "INSERT INTO insurer.enrolment SELECT bsn, '2018-01-01', '2025-12-31' FROM hospital.patients"};
      case DataKind::kNoneMatch:
        return {"UPDATE insurer.insured SET bsn = 'i' || bsn",
                "UPDATE insurer.enrolment SET bsn = 'i' || bsn", "UPDATE insurer.claims SET bsn = 'i' || bsn",
                "UPDATE bureau.persons SET bsn = 'b' || bsn"};
      case DataKind::kAllNull:
        return {"UPDATE hospital.patients SET index_date = NULL, diagnosis = NULL",
                "UPDATE hospital.quality SET score = NULL", "UPDATE insurer.claims SET amount_cents = NULL",
                "UPDATE bureau.persons SET education = NULL"};
      case DataKind::kEmpty:
        return {"DELETE FROM hospital.patients", "DELETE FROM hospital.visits",
                "DELETE FROM hospital.quality",  "DELETE FROM insurer.insured",
                "DELETE FROM insurer.enrolment", "DELETE FROM insurer.claims",
                "DELETE FROM bureau.persons"};
      case DataKind::kSkewed:
        return {"UPDATE insurer.claims SET bsn = (SELECT MIN(bsn) FROM hospital.patients)"};
      case DataKind::kShifted:
        return {"UPDATE insurer.claims SET amount_cents = amount_cents + 1, day = date(day, '+1 day')",
                "UPDATE insurer.enrolment SET from_day = date(from_day, '+1 day'), to_day = date(to_day, '+1 day')",
                "UPDATE hospital.patients SET index_date = date(index_date, '+1 day')",
                "UPDATE hospital.visits SET day = date(day, '+1 day')"};
    }
    return {};
  }

  std::string directory_;
  std::unique_ptr<EngineRunner> engine_;
};

struct QuestionText {
  std::string name;
  std::string sql;
};

// The queries of a folder (tests/sql/questions or tests/differential/queries), in order of their names.
inline std::vector<QuestionText> QueriesIn(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(CARE_SOURCE_DIRECTORY) + "/" + folder)) {
    if (entry.path().extension() == ".sql") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<QuestionText> questions;
  for (const auto& path : paths) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    questions.push_back({path.stem(), text.str()});
  }
  return questions;
}

inline std::vector<QuestionText> Questions() { return QueriesIn("tests/sql/questions"); }

// The questions, then every query whose answers are compared with PostgreSQL's.
inline std::vector<QuestionText> AllQueries() {
  std::vector<QuestionText> all = Questions();
  for (QuestionText& query : QueriesIn("tests/differential/queries")) all.push_back(std::move(query));
  return all;
}

}  // namespace care::engine
