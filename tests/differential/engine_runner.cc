#include "tests/differential/engine_runner.h"

#include <algorithm>
#include <fstream>

#include "connectors/open_connector.h"
#include "engine/exec/outside_part.h"
#include "engine/frontend/generate/coaching_data.h"
#include "engine/frontend/generate/messy_schema.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/plain.h"
#include "planner/catalog/check_mapping.h"
#include "planner/physical/table_shape.h"

namespace care::engine {
namespace {

constexpr std::int32_t kCurrentDateDays = 19'723;  // 2024-01-01

}  // namespace

absl::StatusOr<std::unique_ptr<EngineRunner>> EngineRunner::OpenWith(const std::string& directory,
                                                                     const NodeSections& sections) {
  auto runner = std::make_unique<EngineRunner>();
  CARE_ASSIGN_OR_RETURN(runner->catalog_, planner::LoadFederation(directory + "/federation.toml"));
  for (const planner::PartyEntry& party : runner->catalog_.parties) {
    const std::string path = directory + "/" + party.name + ".toml";
    std::ofstream(path) << "party = \"" << party.name << "\"\n"
                        << "federation = \"federation.toml\"\n"
                        << "listen = \"" << party.address << "\"\n"
                        << "certificate = \"" << party.name << ".pem\"\n"
                        << "private_key = \"" << party.name << ".key\"\n"
                        << "authority = \"authority.pem\"\n"
                        << "data_directory = \"" << party.name << ".state\"\n"
                        << sections(party.name);
    CARE_ASSIGN_OR_RETURN(planner::NodeConfig node, planner::LoadNodeConfig(path));
    CARE_RETURN_IF_ERROR(planner::CheckMappings(node, runner->catalog_));
    runner->nodes_.push_back(std::move(node));
  }
  return runner;
}

absl::StatusOr<std::unique_ptr<EngineRunner>> EngineRunner::Open(const std::string& directory,
                                                                 const std::string& messy_kind,
                                                                 const std::string& postgres_directory) {
  const auto kind_of = [&](const std::string& party) {
    return messy_kind == "postgresql" && party == "bureau" ? "csv" : messy_kind;
  };
  CARE_ASSIGN_OR_RETURN(std::unique_ptr<EngineRunner> runner, OpenWith(directory, [&](const std::string& party) {
                          return messy_kind.empty() ? CoachingNodeTables(party) : MessyNodeTables(party, kind_of(party));
                        }));
  for (planner::NodeConfig& node : runner->nodes_) {
    if (kind_of(node.party) != "postgresql") continue;
    node.database_url = "host=" + postgres_directory + " user=postgres dbname=" + node.party;
  }
  return runner;
}

absl::StatusOr<planner::PlannedQuery> EngineRunner::Plan(std::string_view sql, PartyId recipient) const {
  planner::PlanInputs inputs;
  inputs.current_date_days = kCurrentDateDays;
  inputs.recipient = recipient;
  return planner::PlanQuery(sql, catalog_, inputs);
}

absl::StatusOr<EngineRunner::Connectors> EngineRunner::OpenConnectors(
    const planner::PlannedQuery& query) const {
  Connectors connectors;
  for (PartyId party = 0; party < nodes_.size(); ++party) {
    CARE_ASSIGN_OR_RETURN(
        std::unique_ptr<connectors::Connector> connector,
        connectors::OpenConnector(catalog_, party, nodes_[party], query.plan.columns));
    connectors.push_back(std::move(connector));
  }
  return connectors;
}

ExecutionContext EngineRunner::ContextFor(const planner::PlannedQuery& query, std::uint32_t threshold,
                                          mpc::Protocol& protocol, const Connectors& connectors) const {
  ExecutionContext context;
  context.query = &query;
  context.catalog = &catalog_;
  context.protocol = &protocol;
  context.threshold = threshold;
  context.before_open = [] { return absl::OkStatus(); };
  for (PartyId party = 0; party < nodes_.size(); ++party) {
    if (protocol.Holds(party)) context.connectors[party] = connectors[party].get();
  }
  return context;
}

ExecutionContext EngineRunner::ContextOfOutside(const planner::PlannedQuery& query, PartyId owner,
                                                const Connectors& connectors) const {
  ExecutionContext context;
  context.query = &query;
  context.catalog = &catalog_;
  context.connectors[owner] = connectors[owner].get();
  return context;
}

absl::StatusOr<EngineRunner::PartiesRun> EngineRunner::RunParties(const planner::PlannedQuery& query,
                                                                  std::uint32_t threshold,
                                                                  mpc::ThreePartiesOptions options,
                                                                  const Watch& watch) const {
  CARE_ASSIGN_OR_RETURN(const Connectors connectors, OpenConnectors(query));
  options.disclosures = query.disclosures;
  for (const PartyId owner : planner::OutsideOwners(query.plan)) {
    const auto given = std::ranges::find(options.outside, owner, &mpc::OutsidePart::party);
    mpc::OutsidePart& part = given == options.outside.end() ? options.outside.emplace_back() : *given;
    part.party = owner;
    part.run = [this, &query, &connectors, owner](mpc::OutsideOwner& outside) {
      return RunOutsidePart(ContextOfOutside(query, owner, connectors), outside);
    };
  }
  return mpc::RunThreeParties(
      [&](mpc::Protocol& protocol) -> absl::StatusOr<std::optional<ReleasedTable>> {
        const std::unique_ptr<mpc::Protocol> watched = watch ? watch(protocol) : nullptr;
        ExecutionContext context = ContextFor(query, threshold, watched ? *watched : protocol, connectors);
        return Execute(context);
      },
      std::move(options));
}

absl::StatusOr<ReleasedTable> EngineRunner::Run(std::string_view sql, ProtocolKind protocol_kind,
                                                std::uint32_t threshold, std::uint64_t seed) const {
  CARE_ASSIGN_OR_RETURN(const planner::PlannedQuery query, Plan(sql, /*recipient=*/0));
  if (protocol_kind == ProtocolKind::kPlain) {
    CARE_ASSIGN_OR_RETURN(const Connectors connectors, OpenConnectors(query));
    mpc::Plain plain(query.disclosures);
    ExecutionContext context = ContextFor(query, threshold, plain, connectors);
    CARE_ASSIGN_OR_RETURN(std::optional<ReleasedTable> table, Execute(context));
    if (!table.has_value()) return absl::InternalError("nothing was released");
    return *std::move(table);
  }
  CARE_ASSIGN_OR_RETURN(PartiesRun run, RunParties(query, threshold, {.seed = seed}));
  CARE_RETURN_IF_ERROR(run.status());
  for (unsigned role = 1; role < 3; ++role) {
    if (run.value(role).has_value())
      return absl::InternalError("a party that is not the recipient got an answer");
  }
  if (!run.value(0).has_value()) return absl::InternalError("nothing was released");
  return *std::move(run.value(0));
}

TextTable ToText(const ReleasedTable& table) {
  TextTable text;
  for (const planner::OutputColumn& column : table.columns) {
    text.columns.push_back({column.name, column.type.ToString()});
  }
  for (const std::vector<Value>& row : table.rows) {
    std::vector<TextCell> cells;
    for (const Value& value : row) cells.push_back(IsNull(value) ? TextCell() : TextCell(FormatValue(value)));
    text.rows.push_back(std::move(cells));
  }
  return text;
}

}  // namespace care::engine
