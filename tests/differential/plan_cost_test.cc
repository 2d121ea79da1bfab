// What plans over shared tables move: the planner's prices against the meters, node by node, bytes and rounds.
//
// Method: every query of the dialect's records, and TPC-H's and the hospitals' on few rows, in three threads over memory
// channels. Over a link where a round is dear and bytes are not, a sort of so few rows compares all with all in one batch,
// so that every price is exact. Over the usual link a sort's comparisons vary with its shuffle, and prices are compared
// within a factor.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/exec/local_rows.h"
#include "engine/exec/node_meter.h"
#include "engine/exec/tables/table_execution.h"
#include "engine/frontend/generate/hospitals_data.h"
#include "engine/frontend/generate/tpch_data.h"
#include "engine/frontend/reference/temporary_postgres.h"
#include "engine/frontend/suite/suite_file.h"
#include "engine/types/status_macros.h"
#include "planner/physical/leakage.h"
#include "planner/physical/plan_cost.h"
#include "planner/physical/query_link.h"
#include "planner/physical/table_placement.h"
#include "planner/physical/table_shape.h"
#include "tests/differential/engine_runner.h"

namespace care::engine {
namespace {

namespace fs = std::filesystem;

const std::string kSource = CARE_SOURCE_DIRECTORY;
constexpr std::uint64_t kMostRowsOfOneBatch = 2800;  // all with all: mpc::kMostFinishPairs
constexpr std::uint32_t kThreshold = 10;  // that prices assume

struct DataSet {
  std::string name;
  std::string directory;
  std::unique_ptr<EngineRunner> engine;
  std::vector<std::pair<std::string, std::string>> queries;  // place and SQL
};

class PlanCosts : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    char pattern[] = "/tmp/care-cost-XXXXXX";
    directory_ = mkdtemp(pattern);
  }
  static void TearDownTestSuite() { fs::remove_all(directory_); }

  static DataSet Dialect() {
    DataSet data{.name = "dialect", .directory = directory_ + "/dialect"};
    if (!fs::exists(data.directory)) {
      fs::create_directory(data.directory);
      fs::copy(kSource + "/tests/sql/dialect/federation.toml", data.directory);
      fs::copy(kSource + "/tests/sql/dialect/data", data.directory + "/data", fs::copy_options::recursive);
    }
    Open(data, [](const std::string& party) { return absl::StrCat("[database]\nkind = \"csv\"\nfolder = \"data/", party, "\"\n"); });
    for (const auto& entry : fs::directory_iterator(kSource + "/tests/sql/dialect")) {
      if (entry.path().extension() != ".test") continue;
      const auto records = ReadSuite(entry.path(), "care");
      EXPECT_TRUE(records.ok()) << records.status();
      if (!records.ok()) continue;
      for (const SuiteRecord& record : *records) {
        if (record.kind == RecordKind::kQuery) data.queries.emplace_back(record.Place(), record.sql);
      }
    }
    return data;
  }

  static DataSet Tpch(double scale) {
    DataSet data{.name = "tpch", .directory = absl::StrCat(directory_, "/tpch-", scale)};
    fs::create_directory(data.directory);
    TpchOptions options;
    options.directory = data.directory;
    options.scale = scale;
    options.seed = 1;
    options.authority_sha256 = std::string(64, '0');
    options.csv = true;
    const absl::Status generated = GenerateTpchData(options);
    EXPECT_TRUE(generated.ok()) << generated;
    Open(data, TpchNodeTables);
    AddFolder("tpch", data);
    return data;
  }

  static DataSet Hospitals(std::uint64_t patients) {
    DataSet data{.name = "hospitals", .directory = directory_ + "/hospitals"};
    fs::create_directory(data.directory);
    HospitalsOptions options;
    options.directory = data.directory;
    options.patients = patients;
    options.seed = 1;
    options.authority_sha256 = std::string(64, '0');
    options.csv = true;
    const absl::Status generated = GenerateHospitalsData(options);
    EXPECT_TRUE(generated.ok()) << generated;
    Open(data, HospitalsNodeTables);
    AddFolder("hospitals", data);
    return data;
  }

  static void Open(DataSet& data, const EngineRunner::NodeSections& sections) {
    auto opened = EngineRunner::OpenWith(data.directory, sections);
    ASSERT_TRUE(opened.ok()) << opened.status();
    data.engine = *std::move(opened);
  }

  static void AddFolder(const std::string& folder, DataSet& data) {
    for (const auto& entry : fs::directory_iterator(kSource + "/tests/sql/" + folder)) {
      std::string sql = ReadTextFile(entry.path());
      while (!sql.empty() && (sql.back() == '\n' || sql.back() == ';')) sql.pop_back();
      data.queries.emplace_back(entry.path().stem(), std::move(sql));
    }
    std::sort(data.queries.begin(), data.queries.end());
  }

  // What each node moved.
  static absl::StatusOr<std::vector<mpc::Cost>> Meter(const EngineRunner& engine, const planner::Catalog& catalog,
                                                      const planner::PlannedQuery& query) {
    CARE_ASSIGN_OR_RETURN(const EngineRunner::Connectors connectors, engine.OpenConnectors(query));
    std::array<std::vector<mpc::Cost>, 3> by_party;
    std::array<std::function<std::uint64_t()>, 3> meters;
    mpc::ThreePartiesOptions options;
    options.disclosures = query.disclosures;
    options.on_start = [&](unsigned role, std::function<std::uint64_t()> bytes_sent) { meters[role] = std::move(bytes_sent); };
    const auto run = mpc::RunThreeParties(
        [&](mpc::Protocol& protocol) -> absl::StatusOr<int> {
          const unsigned role = protocol.Holds(0) ? 0 : protocol.Holds(1) ? 1 : 2;
          ExecutionContext context = engine.ContextFor(query, kThreshold, protocol, connectors);
          context.catalog = &catalog;
          CARE_ASSIGN_OR_RETURN(const LocalRows local, RunLocalFragments(context));
          NodeMeter meter(query.plan.nodes.size(),
                          [&, role] { return mpc::Cost{meters[role](), protocol.rounds()}; });
          TableRun tables{.protocol = protocol,
                          .plan = query.plan,
                          .disclosures = query.disclosures,
                          .batches = local.batches,
                          .load_partition = [&](planner::NodeId node, std::uint32_t partition) { return local.partitions.at(node).Load(partition); },
                          .title = [](planner::ColumnId) { return std::string("a column"); },
                          .threshold = kThreshold,
                          .link = planner::LinkOf(catalog, query.inputs),
                          .before_open = {},
                          .begin = [&](planner::NodeId id) { meter.Begin(id); },
                          .pause = {},
                          .progress = {}};
          CARE_RETURN_IF_ERROR(RunTables(tables).status());
          meter.End();
          by_party[role] = meter.nodes();
          return 0;
        },
        options);
    CARE_RETURN_IF_ERROR(run.status());
    std::vector<mpc::Cost> moved(query.plan.nodes.size());
    for (std::size_t id = 0; id < moved.size(); ++id) {
      for (const std::vector<mpc::Cost>& party : by_party) moved[id].bytes += party[id].bytes;
      moved[id].rounds = by_party[0][id].rounds;
    }
    return moved;
  }

  static planner::Catalog With(const EngineRunner& engine, const planner::LinkClass& link) {
    planner::Catalog catalog = engine.catalog();
    catalog.links["lan"] = link;
    return catalog;
  }

  static absl::StatusOr<planner::PlannedQuery> Plan(const std::string& sql, const planner::Catalog& catalog, bool all_secret) {
    planner::PlanInputs inputs;
    inputs.current_date_days = 19'723;
    inputs.recipient = 0;
    inputs.all_secret = all_secret;
    return planner::PlanQuery(sql, catalog, inputs);
  }

  static bool IsOverTables(const planner::PlannedQuery& query) {
    return std::any_of(query.plan.nodes.begin(), query.plan.nodes.end(), planner::IsTableNode);
  }

  static bool RunsInPartitions(const planner::PlannedQuery& query) {
    return std::any_of(query.plan.nodes.begin(), query.plan.nodes.end(), [](const planner::PhysicalNode& node) {
      return std::holds_alternative<planner::GatherPartitionsNode>(node);
    });
  }

  // The same query as the rules place it by themselves, whatever that costs.
  static absl::StatusOr<planner::PlannedQuery> ByRulesAlone(planner::PlannedQuery query, const planner::Catalog& catalog) {
    const mpc::LinkSpeed link = planner::LinkOf(catalog, query.inputs);
    CARE_ASSIGN_OR_RETURN(planner::TablePlacement placement,
                          planner::PlaceTables(query.logical, catalog, query.sql, query.inputs.all_secret, link));
    const PartyId recipient = query.plan.recipient;
    query.plan = std::move(placement.plan);
    query.plan.recipient = recipient;
    query.disclosures = planner::LeakageOf(query.plan, catalog);
    query.cost = planner::CostOf(query.plan, link);
    return query;
  }

  // Returns the kinds of nodes that were compared.
  static std::set<std::size_t> ExpectExact(const DataSet& data, bool all_secret, std::size_t at_least, bool by_rules_alone = false,
                                           std::uint32_t partitions = 0) {
    planner::Catalog catalog = With(*data.engine, {100'000'000, 20'000'000});
    catalog.joint_partitions = partitions;
    std::size_t compared = 0;
    std::string refused;
    std::set<std::size_t> kinds;
    for (const auto& [place, sql] : data.queries) {
      SCOPED_TRACE(place);
      auto query = Plan(sql, catalog, all_secret);
      if (!query.ok()) {
        absl::StrAppend(&refused, place, ": ", std::string(query.status().message()), "\n");
        continue;
      }
      if (!IsOverTables(*query) || (partitions > 1 && !RunsInPartitions(*query))) continue;
      if (by_rules_alone) query = ByRulesAlone(*std::move(query), catalog);
      EXPECT_TRUE(query.ok()) << query.status();
      if (!query.ok()) continue;
      EXPECT_TRUE(query->cost.is_known);
      const auto moved = Meter(*data.engine, catalog, *query);
      if (!moved.ok()) {
        ADD_FAILURE() << moved.status();
        continue;
      }
      ++compared;
      bool wrong = false;
      for (std::size_t id = 0; id < moved->size(); ++id) {
        const auto& [bytes, rounds] = query->cost.node_bytes_and_rounds[id];
        kinds.insert(query->plan.nodes[id].index());
        std::uint64_t rows = 0;
        for (const planner::NodeId input : planner::TablesRead(query->plan.nodes[id])) rows += planner::SlotsOf(query->plan, input);
        if (rows > kMostRowsOfOneBatch) {
          const std::uint64_t difference = std::max(bytes, (*moved)[id].bytes) - std::min(bytes, (*moved)[id].bytes);
          // Of a few thousand rows one batch more or less before the last, of all pairs that are left, decides; and partitions are of a size.
          EXPECT_LE(difference * (partitions > 1 ? 4 : 10), bytes) << "node " << id << "\n" << query->ExplainText(catalog);
          continue;
        }
        EXPECT_EQ(bytes, (*moved)[id].bytes) << "node " << id;
        EXPECT_EQ(rounds, (*moved)[id].rounds) << "node " << id;
        wrong = wrong || bytes != (*moved)[id].bytes || rounds != (*moved)[id].rounds;
      }
      if (wrong) ADD_FAILURE() << sql << "\n" << query->ExplainText(catalog);
    }
    EXPECT_GE(compared, at_least) << refused;
    return kinds;
  }

  // Of plans with sorts of many rows: every node, and all together.
  static void ExpectNear(const DataSet& data, const planner::LinkClass& link, bool all_secret, std::uint64_t percent) {
    const planner::Catalog catalog = With(*data.engine, link);
    for (const auto& [place, sql] : data.queries) {
      SCOPED_TRACE(place);
      const auto query = Plan(sql, catalog, all_secret);
      ASSERT_TRUE(query.ok()) << query.status();
      if (!IsOverTables(*query)) continue;
      const auto moved = Meter(*data.engine, catalog, *query);
      ASSERT_TRUE(moved.ok()) << moved.status();
      mpc::Cost all;
      for (std::size_t id = 0; id < moved->size(); ++id) {
        const std::uint64_t bytes = query->cost.node_bytes_and_rounds[id].first;
        const std::uint64_t difference = std::max(bytes, (*moved)[id].bytes) - std::min(bytes, (*moved)[id].bytes);
        // Where few ranks are asked for, one splitter more or less decides.
        const bool few_ranks = std::holds_alternative<planner::TopTableNode>(query->plan.nodes[id]);
        EXPECT_LE(difference * 100, bytes * (few_ranks ? 3 * percent : percent)) << "node " << id << " moved " << (*moved)[id].bytes << " of " << bytes;
        all += (*moved)[id];
      }
      // A batch more or less, of a few rounds.
      const std::uint64_t expected = query->cost.rounds;
      EXPECT_LE((std::max(expected, all.rounds) - std::min(expected, all.rounds)) * 100, expected * 20);
    }
  }

  static std::string directory_;
};

std::string PlanCosts::directory_;

TEST_F(PlanCosts, OfTheDialectAreExact) { ExpectExact(Dialect(), false, 500); }
TEST_F(PlanCosts, OfTheDialectAreExactWithEverythingSecret) {
  // Where rounds are dear nothing is compacted, unless by rules alone: together all of table_nodes.h, and LocalNode.
  const DataSet data = Dialect();
  std::set<std::size_t> kinds = ExpectExact(data, true, 500);
  kinds.merge(ExpectExact(data, true, 500, /*by_rules_alone=*/true));
  EXPECT_EQ(kinds.size(), 12u);
}
TEST_F(PlanCosts, OfPartitionsAreExact) {
  ExpectExact(Dialect(), false, 300, /*by_rules_alone=*/false, /*partitions=*/2);
  ExpectExact(Dialect(), true, 300, /*by_rules_alone=*/false, /*partitions=*/3);
}
TEST_F(PlanCosts, OfTpchAreExact) {
  const DataSet data = Tpch(0.0001);
  ExpectExact(data, false, 22);
  ExpectExact(data, true, 22);
}
TEST_F(PlanCosts, OfHospitalsAreExact) { ExpectExact(Hospitals(5), false, 3); }
TEST_F(PlanCosts, OfManyRowsAreNear) { ExpectNear(Tpch(0.002), {8'000, 50}, false, 10); }

}  // namespace
}  // namespace care::engine
