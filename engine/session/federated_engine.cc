#include "engine/session/federated_engine.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "connectors/open_connector.h"
#include "connectors/postgresql/connection_settings.h"
#include "engine/exec/executor.h"
#include "engine/exec/lane_protocols.h"
#include "engine/exec/local/evaluator.h"
#include "engine/exec/outside_part.h"
#include "engine/session/messages.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/replicated3.h"
#include "planner/catalog/check_mapping.h"
#include "planner/physical/plan_query.h"
#include "planner/physical/table_shape.h"

namespace care::engine {
namespace {

using connectors::OpenConnector;

class FederatedQuery final : public PreparedQuery {
 public:
  FederatedQuery(planner::PlannedQuery query, const planner::Catalog& catalog, PartyId party,
                 std::unique_ptr<connectors::Connector> connector)
      : query_(std::move(query)), catalog_(catalog), party_(party), connector_(std::move(connector)) {}

  const std::string& disclosure_digest() const override { return query_.disclosure_digest; }
  const std::string& execution_digest() const override { return query_.execution_digest; }
  const std::vector<Disclosure>& disclosures() const override { return query_.disclosures; }

  std::vector<PartyId> outside_owners() const override { return planner::OutsideOwners(query_.plan); }

  absl::StatusOr<std::vector<std::string>> Statements() override {
    std::vector<std::string> statements;
    for (const planner::PhysicalNode& node : query_.plan.nodes) {
      const auto* local = std::get_if<planner::LocalNode>(&node);
      if (local == nullptr || local->party != party_) continue;
      CARE_ASSIGN_OR_RETURN(const std::vector<std::string> sql, FragmentSql(*local->fragment, *connector_));
      statements.insert(statements.end(), sql.begin(), sql.end());
    }
    return statements;
  }

  std::string ExplainText(const std::vector<PartyStatements>& all, const planner::MeasuredPlan* measured) const override {
    std::string text = query_.ExplainText(catalog_, measured);
    if (!text.empty() && text.back() != '\n') text.push_back('\n');
    for (const PartyStatements& party : all) {
      if (party.statements.empty()) continue;
      absl::StrAppend(&text, "\nIn the database of ", party.party, "\n");
      for (const std::string& statement : party.statements) absl::StrAppend(&text, "  ", statement, "\n");
    }
    return text;
  }

  std::string ExplainJson(const std::vector<PartyStatements>& all, const planner::MeasuredPlan* measured) const override {
    nlohmann::json plan = nlohmann::json::parse(query_.ExplainJson(catalog_, measured), nullptr, false);
    if (!plan.is_object()) plan = {{"plan", plan.is_discarded() ? nlohmann::json() : plan}};
    for (const PartyStatements& party : all) plan["statements"][party.party] = party.statements;
    return plan.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  absl::StatusOr<JointOutcome> Run(const JointRun& run) override {
    if (run.outside) return ShareOnly(run);
    CARE_ASSIGN_OR_RETURN(auto protocol, mpc::EstablishReplicated3(run.role, run.parties, *run.next, *run.previous,
                                                                   run.session_id, query_.execution_digest,
                                                                   query_.disclosures));
    for (const auto& [owner, channel] : run.owners) {
      CARE_ASSIGN_OR_RETURN(const mpc::OutsideSeeds seeds,
                            mpc::ReceiveOutsideSeeds(run.role, owner, *channel, run.session_id, query_.execution_digest));
      protocol->Admit(owner, *channel, seeds);
    }
    CARE_ASSIGN_OR_RETURN(LaneProtocols lanes, LaneProtocols::Establish(query_, run.role, run.parties, *run.next, *run.previous, run.session_id));
    if (run.keys_made) run.keys_made();
    NodeMeter meter(query_.plan.nodes.size(), [&] {
      mpc::Cost moved{.bytes = run.next->meter().bytes_sent + run.previous->meter().bytes_sent, .rounds = protocol->rounds()};
      for (const auto& [owner, channel] : run.owners) moved.bytes += channel->meter().bytes_sent;
      return moved;
    });
    ExecutionContext context = ContextOf(run, meter);
    context.protocol = protocol.get();
    context.lanes = lanes.lanes();
    context.give_up = [&](const absl::Status& why) {
      run.next->Abort(why);
      run.previous->Abort(why);
    };
    JointOutcome outcome;
    CARE_ASSIGN_OR_RETURN(outcome.table, Execute(context));
    outcome.rounds = protocol->rounds() + lanes.rounds();
    outcome.nodes = meter.nodes();
    for (const mpc::OpenedCount& opened : lanes.WithOpened(protocol->opened())) outcome.opened.push_back({opened.id, opened.values});
    return outcome;
  }

  std::vector<std::string> CleaningFindings() const override {
    std::vector<std::string> lines;
    if (connector_ == nullptr) return lines;
    for (const connectors::TableReport& report : connector_->CleaningReports()) {
      if (connectors::HasFindings(report.report)) lines.push_back(connectors::ReportLine(report));
    }
    return lines;
  }

  void Interrupt() override {
    if (connector_ != nullptr) connector_->Interrupt();
  }

 private:
  ExecutionContext ContextOf(const JointRun& run, NodeMeter& meter) const {
    ExecutionContext context;
    context.query = &query_;
    context.catalog = &catalog_;
    if (connector_ != nullptr) context.connectors[party_] = connector_.get();
    context.session_id = run.session_id;
    context.threshold = run.threshold;
    context.before_open = [&] { return meter.Apart(run.before_open); };
    context.progress = run.progress;
    context.meter = &meter;
    return context;
  }

  // The part of a party that does not compute.
  absl::StatusOr<JointOutcome> ShareOnly(const JointRun& run) {
    CARE_ASSIGN_OR_RETURN(const auto owner, mpc::EstablishOutsideOwner(party_, run.compute, run.session_id,
                                                                       query_.execution_digest, query_.disclosures));
    if (run.keys_made) run.keys_made();
    NodeMeter meter(query_.plan.nodes.size(), [&] {
      mpc::Cost moved;
      for (const mpc::Channel* channel : run.compute) moved.bytes += channel->meter().bytes_sent;
      return moved;
    });
    CARE_RETURN_IF_ERROR(RunOutsidePart(ContextOf(run, meter), *owner));
    CARE_RETURN_IF_ERROR(run.before_open());
    JointOutcome outcome;
    outcome.nodes = meter.nodes();
    return outcome;
  }

  const planner::PlannedQuery query_;
  const planner::Catalog& catalog_;
  const PartyId party_;
  const std::unique_ptr<connectors::Connector> connector_;  // null where no fragment is this party's
};

bool ReadsRowsOf(const planner::PhysicalPlan& plan, PartyId party) {
  return std::any_of(plan.nodes.begin(), plan.nodes.end(), [party](const planner::PhysicalNode& node) {
    const auto* local = std::get_if<planner::LocalNode>(&node);
    return local != nullptr && local->party == party;
  });
}

class FederatedEngine final : public QueryEngine {
 public:
  FederatedEngine(const planner::Catalog& catalog, const planner::NodeConfig& config, PartyId party)
      : catalog_(catalog), config_(config), party_(party) {}

  absl::StatusOr<std::unique_ptr<PreparedQuery>> Prepare(std::string_view sql,
                                                         const planner::PlanInputs& inputs) override {
    CARE_ASSIGN_OR_RETURN(planner::PlannedQuery query, planner::PlanQuery(sql, catalog_, inputs));
    std::unique_ptr<connectors::Connector> connector;
    // A database that is not asked may be down.
    if (ReadsRowsOf(query.plan, party_)) {
      CARE_ASSIGN_OR_RETURN(connector, OpenConnector(catalog_, party_, config_, query.plan.columns));
    }
    return std::make_unique<FederatedQuery>(std::move(query), catalog_, party_, std::move(connector));
  }

  absl::StatusOr<std::vector<planner::OutputColumn>> Describe(std::string_view sql,
                                                              const planner::PlanInputs& inputs) override {
    CARE_ASSIGN_OR_RETURN(planner::PlannedQuery query, planner::PlanQuery(sql, catalog_, inputs));
    return std::move(query.output);
  }

  absl::Status CheckDatabase() override {
    CARE_ASSIGN_OR_RETURN(const auto connector, OpenConnector(catalog_, party_, config_, {}));
    CARE_RETURN_IF_ERROR(connector->BeginSnapshot());
    return connector->EndSnapshot();
  }

 private:
  const planner::Catalog& catalog_;
  const planner::NodeConfig& config_;
  const PartyId party_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<QueryEngine>> MakeFederatedEngine(const planner::Catalog& catalog,
                                                                 const planner::NodeConfig& config) {
  const PartyId party = catalog.FindParty(config.party);
  CARE_RETURN_IF_ERROR(planner::CheckMappings(config, catalog));
  // A database that is not there is better found when the node starts than by the first query. A file that is
  // missing will not come by itself; a server may be down for a while, and must not keep the node down with it.
  const absl::Status found = config.database_kind == "postgresql"
                                 ? connectors::ReadConnectionSettings(config).status()
                                 : OpenConnector(catalog, party, config, {}).status();
  CARE_RETURN_IF_ERROR(found);
  return std::make_unique<FederatedEngine>(catalog, config, party);
}

namespace {

// Each table of the party with all its columns, handed to `check` in one snapshot.
absl::StatusOr<std::vector<TableCheck>> CheckScans(
    const planner::Catalog& catalog, const planner::NodeConfig& config,
    const std::function<absl::Status(connectors::Connector&, const planner::LogicalNode&)>& check) {
  const PartyId party = catalog.FindParty(config.party);
  std::vector<planner::ColumnInfo> columns;
  std::vector<std::pair<std::string, planner::LogicalPtr>> scans;
  for (std::size_t t = 0; t < catalog.tables.size(); ++t) {
    const planner::CatalogTable& table = catalog.tables[t];
    if (table.owner != party) continue;
    planner::ScanNode scan{static_cast<int>(t), {}};
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const planner::CatalogColumn& column = table.columns[c];
      scan.columns.push_back({static_cast<planner::ColumnId>(columns.size()), static_cast<int>(c)});
      columns.push_back({column.name, column.type, column.nullable, static_cast<int>(t), static_cast<int>(c)});
    }
    scans.emplace_back(table.FullName(), planner::MakeNode(std::move(scan)));
  }
  CARE_ASSIGN_OR_RETURN(const auto connector, OpenConnector(catalog, party, config, std::move(columns)));
  CARE_RETURN_IF_ERROR(connector->BeginSnapshot());
  std::vector<TableCheck> checks;
  for (const auto& [name, scan] : scans) checks.push_back({name, check(*connector, *scan)});
  CARE_RETURN_IF_ERROR(connector->EndSnapshot());
  return checks;
}

}  // namespace

absl::StatusOr<std::vector<TableCheck>> CheckTables(const planner::Catalog& catalog,
                                                    const planner::NodeConfig& config) {
  // The statement of a scan names every column of the table, so it cannot be written where one is missing.
  return CheckScans(catalog, config, [](connectors::Connector& connector, const planner::LogicalNode& scan) {
    return connector.SqlFor(scan).status();
  });
}

}  // namespace care::engine
