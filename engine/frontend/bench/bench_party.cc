#include "engine/frontend/bench/bench_party.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "connectors/sqlite/sqlite_connector.h"
#include "engine/exec/executor.h"
#include "engine/exec/lane_protocols.h"
#include "engine/frontend/bench/benchmark.h"
#include "engine/frontend/bench/figures.h"
#include "engine/frontend/bench/health_query.h"
#include "engine/frontend/bench/join_workload.h"
#include "engine/frontend/bench/link_option.h"
#include "engine/frontend/bench/link_workload.h"
#include "engine/frontend/bench/operator_party.h"
#include "engine/frontend/bench/operator_table.h"
#include "engine/frontend/bench/process_use.h"
#include "engine/frontend/bench/query_workload.h"
#include "engine/frontend/bench/tpch_workload.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/plain.h"
#include "mpc/protocol/replicated3/replicated3.h"
#include "planner/catalog/node_config.h"
#include "planner/physical/plan_query.h"

namespace care::engine {
namespace {

constexpr std::size_t kStreamedBytes = std::size_t{64} << 20;  // to each peer

using ConnectorPtr = std::unique_ptr<connectors::Connector>;

class JoinWorkload final : public QueryWorkload {
 public:
  static absl::StatusOr<std::unique_ptr<QueryWorkload>> Make(std::uint64_t rows, PartyId party,
                                                       const std::optional<mpc::LinkSpeed>& link) {
    auto workload = std::make_unique<JoinWorkload>();
    CARE_ASSIGN_OR_RETURN(workload->catalog_, planner::ParseFederation(JoinFederation(rows)));
    DeclareLink(workload->catalog_, link);
    workload->rows_ = rows;
    workload->table_ = MakeJoinTable(workload->catalog_, party, rows);
    return workload;
  }
  const planner::Catalog& catalog() const override { return catalog_; }
  std::string sql() const override { return kJoinSql; }
  planner::PlanInputs inputs() const override { return BenchPlanInputs(); }
  absl::StatusOr<connectors::Connector*> Open(const planner::PlannedQuery&, PartyId) override {
    return table_.get();
  }
  absl::Status Check(const ReleasedTable& released) override {
    std::map<std::string, std::string> expected;
    for (const auto& [part, total] : JoinAnswer(rows_)) expected[part] = absl::StrCat(total);
    std::map<std::string, std::string> actual;
    for (const auto& row : released.rows) actual[FormatValue(row[0])] = FormatValue(row[1]);
    return actual == expected ? absl::OkStatus() : absl::InternalError("the released sums are wrong");
  }

 private:
  planner::Catalog catalog_;
  std::uint64_t rows_ = 0;
  ConnectorPtr table_;
};

class FlagshipWorkload final : public QueryWorkload {
 public:
  static absl::StatusOr<std::unique_ptr<QueryWorkload>> Make(const std::string& directory,
                                                       const std::optional<mpc::LinkSpeed>& link) {
    auto workload = std::make_unique<FlagshipWorkload>();
    CARE_ASSIGN_OR_RETURN(workload->catalog_, planner::LoadFederation(directory + "/federation.toml"));
    DeclareLink(workload->catalog_, link);
    for (const planner::PartyEntry& party : workload->catalog_.parties) {
      CARE_ASSIGN_OR_RETURN(planner::NodeConfig node,
                            planner::LoadNodeConfig(absl::StrCat(directory, "/", party.name, ".toml")));
      workload->nodes_.push_back(std::move(node));
    }
    return workload;
  }
  const planner::Catalog& catalog() const override { return catalog_; }
  std::string sql() const override { return FlagshipSql(); }
  planner::PlanInputs inputs() const override { return BenchPlanInputs(); }
  absl::StatusOr<connectors::Connector*> Open(const planner::PlannedQuery& query, PartyId party) override {
    CARE_ASSIGN_OR_RETURN(
        open_[party], connectors::SqliteConnector::Open(catalog_, party, nodes_[party], query.plan.columns));
    return open_[party].get();
  }
  absl::Status Check(const ReleasedTable& released) override {
    if (!expected_.has_value()) CARE_RETURN_IF_ERROR(AnswerInTheClear());
    const bool equal = expected_.has_value() && expected_->rows == released.rows &&
                       expected_->suppressed == released.suppressed && !released.rows.empty();
    return equal ? absl::OkStatus()
                 : absl::InternalError("the released table differs from the one in the clear");
  }

 private:
  // The same plan on all three databases, in one process.
  absl::Status AnswerInTheClear() {
    CARE_ASSIGN_OR_RETURN(const planner::PlannedQuery query,
                          planner::PlanQuery(sql(), catalog_, BenchPlanInputs()));
    mpc::Plain plain(query.disclosures);
    ExecutionContext context;
    context.query = &query;
    context.catalog = &catalog_;
    context.protocol = &plain;
    context.threshold = threshold();
    for (PartyId party = 0; party < nodes_.size(); ++party) {
      CARE_ASSIGN_OR_RETURN(context.connectors[party], Open(query, party));
    }
    CARE_ASSIGN_OR_RETURN(expected_, Execute(context));
    return absl::OkStatus();
  }

  planner::Catalog catalog_;
  std::vector<planner::NodeConfig> nodes_;
  std::map<PartyId, ConnectorPtr> open_;
  std::optional<ReleasedTable> expected_;
};

class Run {
 public:
  Run(QueryWorkload& workload, PartyLinks& links, unsigned role)
      : workload_(workload), links_(links), role_(role) {}

  absl::StatusOr<PartyFigures> Measure(unsigned number, std::optional<ReleasedTable>& released) {
    const planner::Catalog& catalog = workload_.catalog();
    PartyFigures figures;
    CARE_RETURN_IF_ERROR(links_.Meet());
    const std::uint64_t bytes_before = links_.bytes_sent();
    const double core_before = OwnProcessorSeconds();
    const auto start = std::chrono::steady_clock::now();

    CARE_ASSIGN_OR_RETURN(const planner::PlannedQuery query,
                          planner::PlanQuery(workload_.sql(), catalog, workload_.inputs()));
    CARE_ASSIGN_OR_RETURN(
        auto protocol,
        mpc::EstablishReplicated3(role_, catalog.compute_parties, links_.next(), links_.previous(),
                                  absl::StrCat("bench", number), query.execution_digest, query.disclosures));
    const PartyId self = catalog.compute_parties[role_];
    ExecutionContext context;
    context.query = &query;
    context.catalog = &catalog;
    context.protocol = protocol.get();
    CARE_ASSIGN_OR_RETURN(const LaneProtocols lanes,
                          LaneProtocols::Establish(query, role_, catalog.compute_parties, links_.next(), links_.previous(), absl::StrCat("bench", number)));
    context.lanes = lanes.lanes();
    context.give_up = [&](const absl::Status& why) {
      links_.next().Abort(why);
      links_.previous().Abort(why);
    };
    context.threshold = workload_.threshold();
    CARE_ASSIGN_OR_RETURN(context.connectors[self], workload_.Open(query, self));
    auto step_start = start;
    std::string step_now = "planning";
    const auto begin_step = [&](std::string_view step) {
      const auto now = std::chrono::steady_clock::now();
      figures.steps[step_now] += std::chrono::duration<double>(now - step_start).count();
      step_start = now;
      step_now = step;
    };
    context.progress = [&](double, std::string_view step) {
      begin_step(step);
      if (step != "release gate") return;
      figures.rounds_before_gate = protocol->rounds();
      figures.bytes_sent_before_gate = links_.bytes_sent() - bytes_before;
    };
    CARE_ASSIGN_OR_RETURN(released, Execute(context));

    figures.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    figures.core_seconds = OwnProcessorSeconds() - core_before;
    figures.rounds = protocol->rounds() + lanes.rounds();
    figures.bytes_sent = links_.bytes_sent() - bytes_before;
    figures.peak_rss_bytes = PeakResidentBytes(getpid());
    return figures;
  }

 private:
  QueryWorkload& workload_;
  PartyLinks& links_;
  const unsigned role_;
};

absl::StatusOr<std::vector<PartyFigures>> MeasureQueryParty(const BenchPartyOptions& options,
                                                            const std::optional<mpc::LinkSpeed>& link,
                                                            PartyLinks& links) {
  std::unique_ptr<QueryWorkload> workload;
  if (options.task == kFlagshipTask) {
    CARE_ASSIGN_OR_RETURN(workload, FlagshipWorkload::Make(options.data_directory, link));
  } else if (const HealthBenchmark* health = FindHealthBenchmark(options.task)) {
    CARE_ASSIGN_OR_RETURN(workload, MakeHealthWorkload(*health, options.rows, options.role, link));
  } else if (IsTpchTask(options.task)) {
    CARE_ASSIGN_OR_RETURN(workload, MakeTpchWorkload(options.data_directory, options.task, link));
  } else {
    CARE_ASSIGN_OR_RETURN(workload, JoinWorkload::Make(options.rows, options.role, link));
  }
  Run run(*workload, links, options.role);
  std::vector<PartyFigures> all;
  std::vector<ReleasedTable> answers;
  for (unsigned number = 0; number < options.repeats; ++number) {
    std::optional<ReleasedTable> released;
    CARE_ASSIGN_OR_RETURN(PartyFigures figures, run.Measure(number, released));
    all.push_back(figures);
    if (released.has_value()) answers.push_back(*std::move(released));
  }
  // Last, so that its memory does not count.
  for (const ReleasedTable& answer : answers) CARE_RETURN_IF_ERROR(workload->Check(answer));
  return all;
}

}  // namespace

absl::Status RunBenchParty(const BenchPartyOptions& options) {
  std::optional<mpc::LinkSpeed> link;
  if (!options.link.empty()) {
    CARE_ASSIGN_OR_RETURN(link, ParseLink(options.link));
  }
  CARE_ASSIGN_OR_RETURN(const auto links,
                        PartyLinks::Connect(options.role, options.key_directory, options.ports));
  if (link.has_value()) links->Emulate(*link);
  std::vector<PartyFigures> all;
  if (const OperatorBenchmark* found = FindOperatorBenchmark(options.task)) {
    CARE_ASSIGN_OR_RETURN(
        all, MeasureOperatorParty(*found, {options.rows, link.value_or(mpc::LinkSpeed{})}, options.role, options.repeats, *links));
  } else if (const LinkBenchmark* link_benchmark = FindLinkBenchmark(options.task)) {
    for (unsigned number = 0; number < options.repeats; ++number) {
      CARE_ASSIGN_OR_RETURN(PartyFigures figures, MeasureLinks(*link_benchmark, options.rows, options.role, *links));
      all.push_back(std::move(figures));
    }
  } else {
    CARE_ASSIGN_OR_RETURN(all, MeasureQueryParty(options, link, *links));
  }
  CARE_ASSIGN_OR_RETURN(const double stream_seconds, links->Stream(kStreamedBytes));
  for (PartyFigures& figures : all) {
    figures.streamed_bytes = 2 * kStreamedBytes;
    figures.stream_seconds = stream_seconds;
    std::printf("%s\n", figures.ToJson().c_str());
  }
  return absl::OkStatus();
}

}  // namespace care::engine
