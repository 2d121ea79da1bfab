// Each rewrite rule by itself, over the federation of tests/sql/dialect: plans/rules/NAME.plans holds, for the rule NAME, queries
// with the logical plan before the rule and after it, and at least one that a side condition keeps as it is.
// CARE_UPDATE_GOLDENS=1 writes what comes out into the files; read the difference before you keep it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "engine/types/date.h"
#include "engine/types/status_macros.h"
#include "grammar/parser.h"
#include "gtest/gtest.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/binder.h"
#include "planner/logical/column_facts.h"
#include "planner/physical/sum_digits.h"
#include "planner/rules/decorrelate.h"
#include "planner/rules/person_counts.h"
#include "planner/rules/rule_list.h"
#include "planner/rules/rules.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

namespace fs = std::filesystem;

const std::string kFolder = CARE_SOURCE_DIRECTORY "/tests/unit/planner/plans/rules";
const std::string kUnchanged = "as before\n";

struct Asked {
  const Catalog& catalog;
  std::string_view sql;
};
using Step = std::function<absl::Status(LogicalPlan&, const Asked&)>;

Step Pure(LogicalPtr (*rule)(const LogicalPtr&)) {
  return [rule](LogicalPlan& plan, const Asked&) {
    plan.root = rule(plan.root);
    return absl::OkStatus();
  };
}

std::set<ColumnId> OutputsOf(const LogicalPlan& plan) {
  std::set<ColumnId> outputs;
  for (const OutputColumn& output : plan.output) outputs.insert(output.column);
  return outputs;
}

absl::Status Expand(LogicalPlan& plan, const Asked& asked) {
  CARE_ASSIGN_OR_RETURN(plan.root, ExpandGroupingSets(plan.root, plan, asked.catalog, asked.sql));
  return absl::OkStatus();
}

absl::Status Decorrelated(LogicalPlan& plan, const Asked& asked) {
  CARE_ASSIGN_OR_RETURN(plan.root, Decorrelator(plan, asked.catalog, asked.sql).Rewrite(plan.root));
  RefreshFacts(plan, asked.catalog);
  return absl::OkStatus();
}

absl::Status WithoutSubqueries(LogicalPlan& plan, const Asked& asked) {
  CARE_RETURN_IF_ERROR(Expand(plan, asked));
  return Decorrelated(plan, asked);
}

absl::Status Pruned(LogicalPlan& plan, const Asked& asked) {
  plan.root = PruneColumns(plan.root, OutputsOf(plan), asked.catalog);
  return absl::OkStatus();
}

// What the general placement starts from.
absl::Status Rewritten(LogicalPlan& plan, const Asked& asked) {
  CARE_ASSIGN_OR_RETURN(plan, ApplyRules(std::move(plan), asked.catalog, asked.sql));
  return absl::OkStatus();
}

absl::Status Decomposed(LogicalPlan& plan, const Asked& asked) {
  plan.root = DecomposeAggregates(plan.root, plan, asked.catalog);
  RefreshFacts(plan, asked.catalog);
  return absl::OkStatus();
}

absl::Status PulledUp(LogicalPlan& plan, const Asked& asked) {
  plan.root = PullUpAverages(plan.root, plan);
  RefreshFacts(plan, asked.catalog);
  return absl::OkStatus();
}

struct Rule {
  std::vector<Step> before;
  Step step;
};

const std::map<std::string, Rule>& Rules() {
  static const auto* const rules = new std::map<std::string, Rule>{
      {"expand_grouping_sets", {{}, Expand}},
      {"decorrelate", {{Expand}, Decorrelated}},
      {"fold_constants", {{WithoutSubqueries}, Pure(FoldConstants)}},
      {"factor_disjunctions", {{WithoutSubqueries}, Pure(FactorDisjunctions)}},
      {"push_down_filter", {{WithoutSubqueries}, Pure(PushDownFilter)}},
      {"simplify_outer_join", {{WithoutSubqueries, Pure(PushDownFilter)}, Pure(SimplifyOuterJoin)}},
      {"merge_projections", {{WithoutSubqueries}, Pure(MergeProjections)}},
      {"prune_columns", {{WithoutSubqueries, Pure(MergeProjections)}, Pruned}},
      {"count_persons",
       {{Rewritten},
        [](LogicalPlan& plan, const Asked& asked) {
          return CountPersons(plan, asked.catalog, asked.sql).status();
        }}},
      {"keep_sum_digits",
       {{Rewritten},
        [](LogicalPlan& plan, const Asked& asked) -> absl::Status {
          CARE_ASSIGN_OR_RETURN(plan.root, KeepSumDigits(plan, asked.sql));
          return absl::OkStatus();
        }}},
      {"decompose_aggregates", {{Rewritten}, Decomposed}},
      {"pull_up_averages", {{Rewritten, Decomposed}, PulledUp}},
      {"compare_averages",
       {{Rewritten, Decomposed, PulledUp, Rewritten},
        [](LogicalPlan& plan, const Asked& asked) {
          plan.root = CompareAverages(plan.root, plan, asked.catalog);
          return absl::OkStatus();
        }}},
      {"adjacent_rows",
       {{Rewritten},
        [](LogicalPlan& plan, const Asked& asked) {
          plan.root = JoinAdjacentRows(plan.root, plan, asked.catalog);
          return absl::OkStatus();
        }}},
      {"order_joins",
       {{Rewritten},
        [](LogicalPlan& plan, const Asked& asked) {
          plan.root = OrderJoins(plan.root, plan, asked.catalog, {});
          return absl::OkStatus();
        }}},
      {"join_after_groups",
       {{Rewritten},
        [](LogicalPlan& plan, const Asked& asked) {
          plan.root = JoinAfterGroups(plan.root, plan, asked.catalog, {});
          return absl::OkStatus();
        }}},
      {"aggregate_early",
       {{Rewritten},
        [](LogicalPlan& plan, const Asked& asked) {
          plan.root = AggregateEarly(plan.root, plan, asked.catalog, {});
          return absl::OkStatus();
        }}},
      {"single_row_groups",
       {{Rewritten},
        [](LogicalPlan& plan, const Asked& asked) {
          plan.root = DropSingleRowGroups(plan.root, plan, asked.catalog);
          return absl::OkStatus();
        }}},
      {"compute_at_owner",
       {{Rewritten},
        [](LogicalPlan& plan, const Asked& asked) {
          plan.root = ComputeAtOwner(plan.root, plan, asked.catalog, {});
          return absl::OkStatus();
        }}},
  };
  return *rules;
}

struct Record {
  std::string head;  // comments
  std::string sql;
  std::string before;
  std::string after;
};

std::vector<Record> ReadRecords(const fs::path& path) {
  std::ifstream file(path);
  std::vector<Record> records(1);
  std::string* part = nullptr;
  for (std::string line; std::getline(file, line);) {
    Record& record = records.back();
    if (line == "---- before") {
      part = &record.before;
    } else if (line == "---- after") {
      part = &record.after;
    } else if (line.empty()) {
      // A query that has no plans yet ends here too.
      if (!record.sql.empty()) records.emplace_back();
      part = nullptr;
    } else if (part != nullptr) {
      *part += line + "\n";
    } else if (line[0] == '#' && record.sql.empty()) {
      record.head += line + "\n";
    } else {
      record.sql += (record.sql.empty() ? "" : "\n") + line;
    }
  }
  if (records.back().sql.empty()) records.pop_back();
  return records;
}

// The plans, or what refused the query.
void RunRule(const Rule& rule, const Catalog& catalog, Record& record) {
  record.before.clear();
  record.after.clear();
  const auto statement = sql::Parse(record.sql);
  if (!statement.ok()) {
    record.before = std::string(statement.status().message()) + "\n";
    return;
  }
  auto plan =
      Bind(std::get<sql::SelectStatement>(*statement), record.sql, catalog, {DaysFromCivil({2024, 3, 31})});
  absl::Status status = plan.status();
  const Asked asked{catalog, record.sql};
  for (const Step& step : rule.before) {
    if (status.ok()) status = step(*plan, asked);
  }
  if (!status.ok()) {
    record.before = std::string(status.message()) + "\n";
    return;
  }
  record.before = PrintLogicalPlan(*plan, catalog);
  status = rule.step(*plan, asked);
  record.after = status.ok() ? PrintLogicalPlan(*plan, catalog) : std::string(status.message()) + "\n";
  if (record.after == record.before) record.after = kUnchanged;
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& [name, unused] : Rules()) names.push_back(name);
  return names;
}

class RulePlans : public ::testing::TestWithParam<std::string> {};

TEST_P(RulePlans, AreAsWritten) {
  const auto catalog = LoadFederation(CARE_SOURCE_DIRECTORY "/tests/sql/dialect/federation.toml");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const fs::path path = fs::path(kFolder) / (GetParam() + ".plans");
  const std::vector<Record> records = ReadRecords(path);
  const bool update = std::getenv("CARE_UPDATE_GOLDENS") != nullptr;
  bool fires = false, refrains = false;
  std::ostringstream written;
  for (const Record& record : records) {
    Record now = record;
    RunRule(Rules().at(GetParam()), *catalog, now);
    (now.after == kUnchanged ? refrains : fires) = true;
    EXPECT_FALSE(now.after.empty()) << record.sql << "\n" << now.before;
    if (!update) {
      EXPECT_EQ(now.before, record.before) << record.sql;
      EXPECT_EQ(now.after, record.after) << record.sql;
    }
    written << now.head << now.sql << "\n---- before\n" << now.before << "---- after\n" << now.after << "\n";
  }
  EXPECT_TRUE(fires) << path << " shows the rule at work nowhere";
  EXPECT_TRUE(refrains) << path << " shows no query that the rule leaves alone";
  if (update) std::ofstream(path) << written.str();
}

INSTANTIATE_TEST_SUITE_P(Rules, RulePlans, ::testing::ValuesIn(Names()),
                         [](const auto& rule) { return std::string(rule.param); });

// A file without a rule would be read by no test.
TEST(RulePlans, EachFileHasItsRule) {
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    EXPECT_EQ(entry.path().extension(), ".plans") << entry.path();
    EXPECT_EQ(Rules().count(entry.path().stem()), 1u) << entry.path();
  }
}

}  // namespace
}  // namespace care::planner
