// What opens at the end of a query: the leakage report's entries and nothing else, at the recipient and
// nowhere else; and of cells that the gate hid, zeros. The truth about each cell comes from SQLite over the
// union of the owners' databases.
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "planner/physical/leakage.h"
#include "planner/physical/table_validator.h"
#include "tests/leakage/example_federation.h"
#include "tests/leakage/watching_protocol.h"

namespace care::engine {
namespace {

constexpr std::uint32_t kThreshold = 10;

struct WatchedRun {
  EngineRunner::PartiesRun run;
  std::array<std::vector<mpc::SeenOpening>, 3> seen;
};

absl::StatusOr<WatchedRun> RunWatched(const EngineRunner& engine, const planner::PlannedQuery& query) {
  WatchedRun watched;
  auto run = engine.RunParties(query, kThreshold, {.seed = 3}, [&](mpc::Protocol& protocol) {
    unsigned role = 0;
    while (!protocol.Holds(static_cast<PartyId>(role))) ++role;
    return std::make_unique<mpc::WatchingProtocol>(protocol, watched.seen[role]);
  });
  if (!run.ok()) return run.status();
  watched.run = *std::move(run);
  return watched;
}

TEST(Openings, AreTheLeakageReportAndArriveAtTheRecipientAlone) {
  const ExampleFederation federation(150, 1);
  for (const QuestionText& question : AllQueries()) {
    for (PartyId recipient = 0; recipient < 3; ++recipient) {
      SCOPED_TRACE(absl::StrCat(question.name, " for party ", recipient));
      const auto query = federation.engine().Plan(question.sql, recipient);
      ASSERT_TRUE(query.ok()) << query.status();
      // A star opens all that it reports, and at once. Tables open of the surviving groups alone, and their sorts open comparisons of
      // shuffled rows to all: at most as much as is reported.
      const bool is_star = !planner::IsTablePlan(query->plan);
      std::map<std::uint32_t, const Disclosure*> reported;
      for (const Disclosure& disclosure : query->disclosures) {
        EXPECT_TRUE(disclosure.recipient == recipient || (!is_star && disclosure.recipient == kNoParty));
        EXPECT_TRUE(reported.emplace(disclosure.id, &disclosure).second);
      }
      auto watched = RunWatched(federation.engine(), *query);
      ASSERT_TRUE(watched.ok()) << watched.status();
      ASSERT_TRUE(watched->run.ok()) << watched->run.status();
      for (unsigned role = 0; role < 3; ++role) {
        SCOPED_TRACE(absl::StrCat("at P", role));
        EXPECT_EQ(watched->run.value(role).has_value(), role == recipient);
        ASSERT_EQ(watched->run.opened[role].size(), reported.size());
        for (const mpc::OpenedCount& opened : watched->run.opened[role]) {
          ASSERT_TRUE(reported.contains(opened.id));
          const Disclosure& disclosure = *reported.at(opened.id);
          EXPECT_LE(opened.values, disclosure.max_values) << disclosure.what;
          if (is_star) {
            EXPECT_EQ(opened.values, disclosure.max_values) << disclosure.what;
          }
        }
        std::set<std::uint32_t> seen;
        for (const mpc::SeenOpening& opening : watched->seen[role]) {
          ASSERT_TRUE(reported.contains(opening.disclosure.id));
          const bool to_all = reported.at(opening.disclosure.id)->recipient == kNoParty;
          EXPECT_EQ(opening.disclosure.recipient, reported.at(opening.disclosure.id)->recipient);
          EXPECT_EQ(opening.arrived, to_all || role == recipient);
          seen.insert(opening.disclosure.id);
        }
        if (is_star) {
          EXPECT_EQ(watched->seen[role].size(), reported.size());
          EXPECT_EQ(seen.size(), reported.size());
        }
      }
    }
  }
}

// The query groups by `keys`; `truth` is the same query for SQLite: the keys, then the person counts in the
// order of the gate's (persons, then contributors of each value).
struct CountedQuery {
  const char* name;
  std::string sql;
  std::string truth;
};

std::vector<CountedQuery> CountedQueries() {
  const std::string from_insured = " FROM hospital.patients p JOIN insurer.insured i ON i.bsn = p.bsn ";
  const std::string from_persons = " FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn ";
  const std::string app = "CASE p.uses_app WHEN 1 THEN 't' ELSE 'f' END";
  return {
      {"no groups", "SELECT COUNT(*)" + from_insured, "SELECT COUNT(*)" + from_insured},
      {"one column", "SELECT i.policy, COUNT(*)" + from_insured + "GROUP BY i.policy",
       "SELECT i.policy, COUNT(*)" + from_insured + "GROUP BY 1"},
      {"NULL group", "SELECT p.diagnosis, COUNT(*)" + from_insured + "GROUP BY p.diagnosis",
       "SELECT p.diagnosis, COUNT(*)" + from_insured + "GROUP BY 1"},
      {"two columns",
       "SELECT s.region, p.uses_app, COUNT(*)" + from_persons + "GROUP BY s.region, p.uses_app",
       "SELECT s.region, " + app + ", COUNT(*)" + from_persons + "GROUP BY 1, 2"},
      {"three columns",
       "SELECT s.education, p.sex, p.uses_app, COUNT(*)" + from_persons +
           "GROUP BY s.education, p.sex, p.uses_app",
       "SELECT s.education, p.sex, " + app + ", COUNT(*)" + from_persons + "GROUP BY 1, 2, 3"},
      {"contributors",
       "SELECT s.region, COUNT(*), SUM(s.birth_year) FILTER (WHERE p.uses_app)" + from_persons +
           "GROUP BY s.region",
       "SELECT s.region, COUNT(*), COUNT(s.birth_year) FILTER (WHERE p.uses_app)" + from_persons +
           "GROUP BY 1"},
      {"one owner", "SELECT region, education, COUNT(*) FROM bureau.persons GROUP BY region, education",
       "SELECT region, education, COUNT(*) FROM bureau.persons GROUP BY 1, 2"},
      {"persons, not rows",
       "SELECT c.category, COUNT(*), COUNT(DISTINCT c.bsn) FROM hospital.patients p "
       "JOIN insurer.claims c ON c.bsn = p.bsn GROUP BY c.category",
       "SELECT c.category, COUNT(DISTINCT c.bsn) FROM hospital.patients p "
       "JOIN insurer.claims c ON c.bsn = p.bsn GROUP BY 1"},
  };
}

std::string CellName(const std::vector<planner::GroupDomain>& groups, std::size_t cell) {
  std::string name;
  for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
    const std::size_t code = cell % group->size();
    cell /= group->size();
    const std::string value = code < group->values.size() ? FormatValue(group->values[code]) : "NULL";
    name = name.empty() ? value : value + "|" + name;
  }
  return name;
}

TEST(Openings, HiddenCellsAreZeroAndNoOpenCellIsSmall) {
  std::uint64_t hidden_cells = 0;
  std::uint64_t open_cells = 0;
  std::uint64_t hidden_to_protect = 0;
  for (const std::uint64_t patients : {40u, 150u, 400u}) {
    const ExampleFederation federation(patients, patients);
    for (const CountedQuery& counted : CountedQueries()) {
      SCOPED_TRACE(absl::StrCat(counted.name, " with ", patients, " patients"));
      const auto query = federation.engine().Plan(counted.sql, 0);
      ASSERT_TRUE(query.ok()) << query.status();
      const planner::GateNode& gate = std::get<planner::GateNode>(query->plan.nodes.back());
      const auto& cells = std::get<planner::CellsNode>(query->plan.nodes[gate.cells]);

      // The columns may be cells in another order than the query names them: match by sorted names.
      std::map<std::multiset<std::string>, std::vector<std::uint64_t>> truth;
      for (const std::vector<std::string>& row : federation.Execute(counted.truth)) {
        std::multiset<std::string> key(row.begin(), row.begin() + cells.groups.size());
        for (std::size_t i = cells.groups.size(); i < row.size(); ++i)
          truth[key].push_back(std::stoull(row[i]));
      }

      auto watched = RunWatched(federation.engine(), *query);
      ASSERT_TRUE(watched.ok()) << watched.status();
      ASSERT_TRUE(watched->run.ok()) << watched->run.status();
      const std::vector<mpc::SeenOpening>& seen = watched->seen[0];
      ASSERT_EQ(seen.size(), 2u);
      ASSERT_EQ(seen[0].disclosure.id, planner::kSurvivorsDisclosure);
      ASSERT_EQ(seen[0].values.size(), cells.cells());
      ASSERT_EQ(seen[1].values.size(), cells.cells() * cells.measures.size());
      for (std::size_t cell = 0; cell < cells.cells(); ++cell) {
        SCOPED_TRACE(CellName(cells.groups, cell));
        const auto measure = [&](std::size_t m) { return seen[1].values[m * cells.cells() + cell]; };
        std::multiset<std::string> key;
        if (!cells.groups.empty()) {
          const std::string name = CellName(cells.groups, cell);
          for (std::string_view rest = name;;) {
            const std::size_t bar = rest.find('|');
            key.emplace(rest.substr(0, bar));
            if (bar == std::string_view::npos) break;
            rest.remove_prefix(bar + 1);
          }
        }
        const auto found = truth.find(key);
        const bool all_reach = found != truth.end() &&
                               *std::min_element(found->second.begin(), found->second.end()) >= kThreshold;
        if (seen[0].values[cell] != 0) {
          ++open_cells;
          EXPECT_TRUE(all_reach);
          EXPECT_GE(measure(gate.person_measures[0]), kThreshold);
          ASSERT_NE(found, truth.end());
          EXPECT_EQ(measure(gate.person_measures[0]), found->second[0]);
        } else {
          ++hidden_cells;
          hidden_to_protect += all_reach ? 1 : 0;
          for (std::size_t m = 0; m < cells.measures.size(); ++m) EXPECT_EQ(measure(m), 0u);
        }
      }
    }
  }
  // The data give every kind something to do.
  EXPECT_GT(open_cells, 20u);
  EXPECT_GT(hidden_cells, 20u);
  EXPECT_GT(hidden_to_protect, 0u);
}

}  // namespace
}  // namespace care::engine
