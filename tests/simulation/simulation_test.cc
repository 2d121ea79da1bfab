// Links that break, fall silent, garble a message's size or are slow, while a query runs at three parties in
// one process: each party ends with the right answer (the recipient; the others: none) or with an error.
// Never with a part of the answer, a wrong one, or one that is somebody else's; and it ends: a party that
// waited beyond the deadlines of its links would hang this program, which ctest then stops.
//
// Links of owners that do not compute fail the same ways: five hospitals, of which two share their rows in.
//
// Every case follows from its seed, which is printed. CARE_SIMULATION_SEED=<n> replays one seed, of every
// query.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <random>
#include <tuple>

#include "planner/physical/table_shape.h"
#include "tests/leakage/example_federation.h"

namespace care::engine {
namespace {

using Kind = mpc::FaultPlan::Kind;

// Each wait's. Long enough for a party that works, short enough for many silences in one run; where a slow
// machine runs into it the outcome is an error, which is allowed.
constexpr std::chrono::milliseconds kDeadline{400};
constexpr std::uint32_t kThreshold = 2;

struct Sent {
  std::uint64_t next = 0, previous = 0;
};

Sent MessagesSent(const mpc::PartyView& view) {
  const auto count = [](const std::vector<mpc::MessageRecord>& records) {
    return static_cast<std::uint64_t>(std::count_if(records.begin(), records.end(), [](const auto& record) {
      return record.direction == mpc::MessageRecord::Direction::kSent;
    }));
  };
  return {count(view.next_records), count(view.previous_records)};
}

const char* NameOf(Kind kind) {
  switch (kind) {
    case Kind::kNone:
      return "slow";
    case Kind::kCut:
      return "cut";
    case Kind::kSilence:
      return "silence";
    case Kind::kTruncate:
      return "truncate";
  }
  return "";
}

struct Case {
  mpc::ThreePartiesOptions options;
  Kind kind = Kind::kNone;
  std::string description;
};

Case CaseOf(std::uint64_t seed, const std::array<Sent, 3>& sent) {
  std::mt19937_64 random(seed * 0x9e3779b97f4a7c15u);
  Case chosen;
  // Silences cost deadlines, so they are rarer.
  static constexpr Kind kKinds[] = {Kind::kCut,      Kind::kTruncate, Kind::kCut,
                                    Kind::kTruncate, Kind::kSilence,  Kind::kNone};
  chosen.kind = kKinds[random() % std::size(kKinds)];
  const unsigned role = random() % 3;
  const bool towards_next = random() % 2 == 0;
  const std::uint64_t messages = towards_next ? sent[role].next : sent[role].previous;
  mpc::FaultPlan fault{.kind = chosen.kind, .seed = seed};
  // The first and the last messages are the ones that code forgets.
  switch (random() % 6) {
    case 0:
      fault.after_messages = 0;
      break;
    case 1:
      fault.after_messages = messages == 0 ? 0 : messages - 1;
      break;
    default:
      fault.after_messages = messages == 0 ? 0 : random() % messages;
      break;
  }
  if (chosen.kind == Kind::kNone) {
    fault.delay_probability = 0.05;
    fault.longest_delay = std::chrono::microseconds(2'000);
  } else {
    chosen.options.channel.deadline = kDeadline;
  }
  chosen.options.seed = seed;
  chosen.options.faulty_role = role;
  (towards_next ? chosen.options.next_fault : chosen.options.previous_fault) = fault;
  std::ostringstream text;
  text << "seed " << seed << ": " << NameOf(chosen.kind) << " at P" << role << " towards its "
       << (towards_next ? "next" : "previous") << " after " << fault.after_messages << " of " << messages;
  chosen.description = text.str();
  return chosen;
}

// The same, of a link from an owner that does not compute. `sent`: its messages to each of the three.
Case CaseOfOutside(std::uint64_t seed, const std::map<PartyId, std::array<std::uint64_t, 3>>& sent) {
  std::mt19937_64 random(seed * 0x9e3779b97f4a7c15u);
  Case chosen;
  static constexpr Kind kKinds[] = {Kind::kCut, Kind::kTruncate, Kind::kCut, Kind::kTruncate, Kind::kSilence};
  chosen.kind = kKinds[random() % std::size(kKinds)];
  std::vector<std::tuple<PartyId, unsigned, std::uint64_t>> places;
  for (const auto& [owner, messages] : sent) {
    for (unsigned role = 0; role < 3; ++role) {
      for (std::uint64_t message = 0; message < messages[role]; ++message) places.emplace_back(owner, role, message);
    }
  }
  const auto [owner, role, message] = places[random() % places.size()];
  mpc::OutsidePart part{.party = owner, .run = {}, .faults = {}};
  part.faults[role] = {.kind = chosen.kind, .after_messages = message, .seed = seed};
  chosen.options.outside.push_back(part);
  chosen.options.channel.deadline = kDeadline;
  chosen.options.seed = seed;
  std::ostringstream text;
  text << "seed " << seed << ": " << NameOf(chosen.kind) << " from party " << int{owner} << " to P" << role << " at message "
       << message;
  chosen.description = text.str();
  return chosen;
}

std::map<PartyId, std::array<std::uint64_t, 3>> SentByOutside(const planner::PlannedQuery& query,
                                                              const std::array<mpc::PartyView, 3>& views) {
  std::map<PartyId, std::array<std::uint64_t, 3>> sent;
  const std::vector<PartyId> owners = planner::OutsideOwners(query.plan);
  for (std::size_t k = 0; k < owners.size(); ++k) {
    for (unsigned role = 0; role < 3; ++role) sent[owners[k]][role] = views[role].outside_records[k].size();
  }
  return sent;
}

void Simulate(const EngineRunner& engine, const std::string& sql, std::uint64_t cases, bool of_outside = false) {
  const auto query = engine.Plan(sql, 0);
  ASSERT_TRUE(query.ok()) << query.status();
  const auto expected = engine.Run(sql, ProtocolKind::kPlain, kThreshold, 1);
  ASSERT_TRUE(expected.ok()) << expected.status();
  auto healthy = engine.RunParties(*query, kThreshold, {.seed = 1});
  ASSERT_TRUE(healthy.ok()) << healthy.status();
  ASSERT_TRUE(healthy->ok()) << healthy->status();
  std::array<Sent, 3> sent;
  for (unsigned role = 0; role < 3; ++role) sent[role] = MessagesSent(healthy->views[role]);

  const auto sent_by_outside = SentByOutside(*query, healthy->views);
  const char* const replay = std::getenv("CARE_SIMULATION_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  const std::uint64_t last = replay != nullptr ? first : cases;
  std::uint64_t answers = 0, failures = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Case chosen = of_outside ? CaseOfOutside(seed, sent_by_outside) : CaseOf(seed, sent);
    SCOPED_TRACE(chosen.description);
    auto run = engine.RunParties(*query, kThreshold, chosen.options);
    ASSERT_TRUE(run.ok()) << run.status();
    for (unsigned role = 0; role < 3; ++role) {
      SCOPED_TRACE(testing::Message() << "at P" << role);
      const auto& result = run->results[role];
      // A broken link is an expected end; anything else would be a mistake of ours.
      if (!result.ok()) {
        ++failures;
        const absl::StatusCode code = result.status().code();
        EXPECT_TRUE(code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kDeadlineExceeded ||
                    code == absl::StatusCode::kDataLoss)
            << result.status();
        continue;
      }
      EXPECT_EQ(result->has_value(), role == 0);
      if (role != 0 || !result->has_value()) continue;
      ++answers;
      const ReleasedTable& table = **result;
      EXPECT_EQ(table.rows, expected->rows);
      EXPECT_EQ(table.suppressed, expected->suppressed);
      EXPECT_EQ(table.notes, expected->notes);
    }
    if (chosen.kind == Kind::kNone) {
      EXPECT_TRUE(run->ok()) << run->status();
    } else {
      EXPECT_FALSE(run->ok());  // each of these messages is awaited by somebody: its loss is noticed
    }
    if (testing::Test::HasFailure()) std::cout << "failed: " << chosen.description << std::endl;
  }
  std::cout << "seeds " << first << " to " << last << ": " << answers << " answers, " << failures
            << " parties ended with an error" << std::endl;
  if (replay != nullptr) return;
  // What an owner shares is needed before anything opens.
  EXPECT_EQ(answers == 0, of_outside);
  EXPECT_GT(failures, cases);
}

TEST(Simulation, CountOverTwoOwners) {
  const ExampleFederation federation(30, 1);
  Simulate(federation.engine(), "SELECT COUNT(*) FROM hospital.patients p JOIN insurer.insured i ON i.bsn = p.bsn", 150);
}

TEST(Simulation, CostOfCareOverThreeOwners) {
  const ExampleFederation federation(30, 1);
  for (const QuestionText& question : Questions()) {
    if (question.name == "02_cost_of_care") return Simulate(federation.engine(), question.sql, 90);
  }
  FAIL() << "the question is gone";
}

TEST(Simulation, OwnersThatDoNotCompute) {
  const std::string source = std::string(CARE_SOURCE_DIRECTORY) + "/tests/sql/five_hospitals";
  char pattern[] = "/tmp/care-simulation-XXXXXX";
  const std::string directory = mkdtemp(pattern);
  std::filesystem::copy_file(source + "/federation.toml", directory + "/federation.toml");
  const auto engine = EngineRunner::OpenWith(directory, [&](const std::string& party) {
    return "[database]\nkind = \"csv\"\nfolder = \"" + source + "/data/" + party + "\"\n";
  });
  ASSERT_TRUE(engine.ok()) << engine.status();
  Simulate(**engine,
           "SELECT w.sex, COUNT(*) AS n, SUM(c.cost) AS total FROM west.patients w JOIN centre.episodes c ON c.bsn = w.bsn "
           "GROUP BY w.sex ORDER BY w.sex",
           60, /*of_outside=*/true);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace care::engine
