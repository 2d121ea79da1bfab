// Random queries over random schemas (random_tables.h, random_query.h), on the engine and on PostgreSQL 15: exact equality, row
// by row. What the planner refuses is counted by reason and printed; what fails otherwise, or answers wrongly, is made
// smaller, query first and rows then, and printed with its seed, and fails the test.
//
// A fixed small budget by default; by hand any: CARE_RANDOM_QUERIES=100000 CARE_SEED=7 random_queries. A case of its own
// seed alone: CARE_RANDOM_QUERIES=1 CARE_SEED=<what was printed>.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/status_macros.h"
#include "tests/differential/engine_runner.h"
#include "tests/differential/random_query.h"
#include "tests/differential/reference_session.h"

namespace care::engine {
namespace {

constexpr std::uint64_t kQueries = 150;
constexpr std::uint64_t kSeed = 1;
constexpr std::uint64_t kQueriesASchema = 10;
constexpr int kMostTries = 1'500;  // of making a failure smaller
constexpr double kDoubleTolerance = 1e-9;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  std::uint64_t value = otherwise;
  if (text != nullptr && !absl::SimpleAtoi(text, &value)) std::cerr << name << " is not a number\n";
  return value;
}

// A refusal without what is particular to one query.
std::string ReasonOf(const absl::Status& status) {
  std::string line(status.message().substr(0, status.message().find('\n')));
  std::string reason;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == '"' || (!quoted && (c < '0' || c > '9'))) reason += c;
  }
  return reason;
}

bool IsRefusal(const absl::Status& status) {
  return status.code() == absl::StatusCode::kInvalidArgument ||
         status.code() == absl::StatusCode::kPermissionDenied ||
         status.code() == absl::StatusCode::kUnimplemented;
}

bool IsOrdered(const std::string& sql) { return sql.find("\nORDER BY o") != std::string::npos; }

// Doubles that are as near as statistics promise become equal texts.
void AlignDoubles(const TextTable& expected, TextTable& actual) {
  for (std::size_t column = 0; column < expected.columns.size() && column < actual.columns.size(); ++column) {
    if (expected.columns[column].type != "double precision") continue;
    for (std::size_t row = 0; row < std::min(expected.rows.size(), actual.rows.size()); ++row) {
      const TextCell& want = expected.rows[row][column];
      TextCell& have = actual.rows[row][column];
      double a = 0, b = 0;
      if (!want || !have || !absl::SimpleAtod(*want, &a) || !absl::SimpleAtod(*have, &b)) continue;
      if (std::abs(a - b) <= kDoubleTolerance * std::max(1.0, std::abs(a))) have = want;
    }
  }
}

class Differences {
 public:
  static absl::StatusOr<std::unique_ptr<Differences>> Start() {
    auto made = std::make_unique<Differences>();
    char pattern[] = "/tmp/care-random-XXXXXX";
    made->directory_ = mkdtemp(pattern);
    CARE_ASSIGN_OR_RETURN(made->server_, TemporaryPostgres::Start());
    CARE_ASSIGN_OR_RETURN(made->reference_, ReferenceSession::Open(*made->server_));
    return made;
  }
  ~Differences() { std::filesystem::remove_all(directory_); }

  absl::Status Load(const RandomSchema& schema) {
    engine_.reset();
    const std::string directory = absl::StrCat(directory_, "/", ++loads_);
    std::filesystem::create_directory(directory);
    CARE_RETURN_IF_ERROR(WriteParties(schema, directory));
    CARE_ASSIGN_OR_RETURN(engine_, EngineRunner::OpenWith(directory, [&](const std::string& party) {
                            return RandomNodeTables(schema, party);
                          }));
    if (loads_ > 1) std::filesystem::remove_all(absl::StrCat(directory_, "/", loads_ - 1));
    return reference_->Run(RandomPostgresScript(schema)).status();
  }

  enum class Outcome : std::uint8_t { kEqual, kRefused, kNoReference, kFailed, kDifferent };
  struct Verdict {
    Outcome outcome = Outcome::kEqual;
    std::string text;  // a refusal's reason, or what differs
  };

  Verdict Judge(const std::string& sql, std::uint64_t seed, bool shared) {
    const auto planned = engine_->Plan(sql, /*recipient=*/0);
    if (!planned.ok()) {
      return IsRefusal(planned.status()) ? Verdict{Outcome::kRefused, ReasonOf(planned.status())}
                                         : Verdict{Outcome::kFailed, planned.status().ToString()};
    }
    absl::StatusOr<TextTable> expected = reference_->Run(sql);
    if (!expected.ok()) return {Outcome::kNoReference, ReasonOf(expected.status())};
    const auto released =
        engine_->Run(sql, shared ? ProtocolKind::kReplicated3 : ProtocolKind::kPlain, /*threshold=*/1, seed);
    if (!released.ok()) {
      return IsRefusal(released.status())
                 ? Verdict{Outcome::kRefused, absl::StrCat("(while running) ", ReasonOf(released.status()))}
                 : Verdict{Outcome::kFailed, released.status().ToString()};
    }
    TextTable actual = ToText(*released);
    if (!IsOrdered(sql)) {
      std::sort(expected->rows.begin(), expected->rows.end());
      std::sort(actual.rows.begin(), actual.rows.end());
    }
    AlignDoubles(*expected, actual);
    const TableComparison comparison = CompareTables(*expected, actual);
    if (comparison.differences.empty()) return {};
    return {Outcome::kDifferent, absl::StrJoin(comparison.differences, "\n")};
  }

  // Smaller in query and rows, while the same kind of fault stays.
  std::string Explain(RandomSchema schema, const RandomQuery& query, const Verdict& verdict,
                      std::uint64_t seed, bool shared) {
    const auto shows = [&](const std::string& sql) {
      return Judge(sql, seed, shared).outcome == verdict.outcome;
    };
    const std::string sql = Print(*ShrinkQuery(query.tree, shows, kMostTries));
    for (std::size_t table = 0; table < schema.tables.size(); ++table) {
      for (std::size_t size = schema.tables[table].rows.size(); size > 0; size /= 2) {
        for (std::size_t from = 0; from < schema.tables[table].rows.size();) {
          RandomSchema fewer = schema;
          auto& rows = fewer.tables[table].rows;
          const std::size_t to = std::min(from + size, rows.size());
          rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(from),
                     rows.begin() + static_cast<std::ptrdiff_t>(to));
          if (Load(fewer).ok() && shows(sql)) {
            schema = std::move(fewer);
          } else {
            from = to;
          }
        }
      }
    }
    std::string text = absl::StrCat(sql, ";\n\n");
    if (Load(schema).ok()) absl::StrAppend(&text, Judge(sql, seed, shared).text, "\n\n");
    return absl::StrCat(text, RandomPostgresScript(schema), "\n", RandomFederation(schema));
  }

 private:
  std::string directory_;
  std::unique_ptr<TemporaryPostgres> server_;
  std::unique_ptr<ReferenceSession> reference_;
  std::unique_ptr<EngineRunner> engine_;
  std::uint64_t loads_ = 0;
};

TEST(RandomQueries, AnswerAsPostgresDoes) {
  const std::uint64_t queries = FromEnvironment("CARE_RANDOM_QUERIES", kQueries);
  const std::uint64_t seed = FromEnvironment("CARE_SEED", kSeed);
  const std::uint64_t most_failures = FromEnvironment("CARE_RANDOM_FAILURES", 3);
  const bool shared = FromEnvironment("CARE_RANDOM_SHARED", 0) != 0;  // on Replicated3
  const bool shows_all = FromEnvironment("CARE_RANDOM_PRINT", 0) != 0;
  auto started = Differences::Start();
  ASSERT_TRUE(started.ok()) << started.status();
  Differences& differences = **started;
  std::map<std::string, std::uint64_t> refusals;
  std::map<Differences::Outcome, std::uint64_t> outcomes;
  std::uint64_t failures = 0;
  for (std::uint64_t number = 0; number < queries && failures < most_failures; ++number) {
    // The schema follows from the seed's tens, the query from the seed.
    const std::uint64_t own_seed = seed + number;
    RandomStream for_schema(own_seed / kQueriesASchema, 1), for_query(own_seed, 2);
    const RandomSchema schema = MakeRandomSchema(for_schema);
    if (number == 0 || own_seed % kQueriesASchema == 0 || failures > 0) {
      const absl::Status loaded = differences.Load(schema);
      ASSERT_TRUE(loaded.ok()) << "CARE_SEED=" << own_seed << ": " << loaded;
    }
    const RandomQuery query = MakeRandomQuery(schema, for_query);
    const std::string sql = Print(*query.tree);
    const Differences::Verdict verdict = differences.Judge(sql, own_seed, shared);
    ++outcomes[verdict.outcome];
    if (shows_all)
      std::cout << "-- " << own_seed << " " << static_cast<int>(verdict.outcome) << " " << verdict.text
                << "\n"
                << sql << ";\n\n";
    if (verdict.outcome == Differences::Outcome::kRefused ||
        verdict.outcome == Differences::Outcome::kNoReference)
      ++refusals[verdict.text];
    if (verdict.outcome != Differences::Outcome::kFailed &&
        verdict.outcome != Differences::Outcome::kDifferent)
      continue;
    ++failures;
    ADD_FAILURE() << "CARE_RANDOM_QUERIES=1 CARE_SEED=" << own_seed << (shared ? " CARE_RANDOM_SHARED=1" : "")
                  << "\n"
                  << sql << ";\n\n"
                  << verdict.text << "\n\nsmaller:\n"
                  << differences.Explain(schema, query, verdict, own_seed, shared);
  }
  std::vector<std::pair<std::uint64_t, std::string>> sorted;
  for (const auto& [reason, count] : refusals) sorted.emplace_back(count, reason);
  std::sort(sorted.rbegin(), sorted.rend());
  std::cout << outcomes[Differences::Outcome::kEqual] << " equal, "
            << outcomes[Differences::Outcome::kRefused] << " refused, "
            << outcomes[Differences::Outcome::kNoReference] << " fail at PostgreSQL\n";
  for (const auto& [count, reason] : sorted) std::cout << count << "\t" << reason << "\n";
  EXPECT_GT(outcomes[Differences::Outcome::kEqual], 0u);
}

}  // namespace
}  // namespace care::engine
