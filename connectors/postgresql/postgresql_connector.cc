#include "connectors/postgresql/postgresql_connector.h"

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connectors/declared/fragment_scans.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/postgresql_connector_state.h"
#include "connectors/postgresql/schema.h"
#include "connectors/select/sql_select.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::ScanNode;
using std::chrono::milliseconds;

// How much longer than its own statement timeout a server may be silent.
constexpr milliseconds kGrace{5'000};

// Session settings are local to the transaction, so that they hold behind a connection pooler as well.
std::string BeginSql(const std::string& time_zone, const PostgresqlOptions& options) {
  return absl::StrCat(
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
      "SET LOCAL statement_timeout = ",
      options.statement_timeout.count(), ";SET LOCAL lock_timeout = ", options.lock_timeout.count(),
      ";SET LOCAL idle_in_transaction_session_timeout = ", (options.statement_timeout + kGrace).count(),
      ";SET LOCAL TimeZone = ", QuoteText(time_zone),
      ";SET LOCAL DateStyle = 'ISO, YMD';SET LOCAL IntervalStyle = 'postgres';SET LOCAL extra_float_digits = 1"
      ";SET LOCAL standard_conforming_strings = on"
      // BEGIN alone takes no snapshot; the first statement does.
      ";SELECT 1");
}

}  // namespace

absl::Status PostgresqlConnector::State::Connect() {
  {
    const std::lock_guard<std::mutex> lock(connection_mutex);
    connection.reset();
  }
  CARE_ASSIGN_OR_RETURN(auto made, PostgresqlConnection::Open(settings, Party()));
  made->SetPatience(options.statement_timeout + kGrace);
  const std::lock_guard<std::mutex> lock(connection_mutex);
  connection = std::move(made);
  if (interrupted) connection->Interrupt();
  return absl::OkStatus();
}

// In a transaction of its own: an analyst may ask for the statements without running them.
absl::Status PostgresqlConnector::State::ReadSchema() {
  std::set<int> wanted;
  for (const planner::ColumnInfo& column : columns) {
    if (column.table >= 0) wanted.insert(column.table);
  }
  computed.resize(catalog.tables.size());
  fetched.resize(catalog.tables.size());
  CARE_RETURN_IF_ERROR(Begin());
  for (int table = 0; table < static_cast<int>(catalog.tables.size()); ++table) {
    if (Table(table).owner != party || (!wanted.empty() && wanted.count(table) == 0)) continue;
    CARE_ASSIGN_OR_RETURN(tables[table],
                          ReadTable(*connection, Table(table), MappingOf(Table(table)), catalog.time_zone, Party()));
    const std::size_t position = static_cast<std::size_t>(table);
    computed[position] = tables[table].physical;
    fetched[position] = tables[table].physical;
    for (std::size_t i = 0; i < fetched[position].columns.size(); ++i) {
      fetched[position].columns[i].sql = tables[table].stored[i].fetched;
    }
  }
  return connection->Execute("ROLLBACK");
}

absl::Status PostgresqlConnector::State::Begin() { return connection->Execute(BeginSql(catalog.time_zone, options)); }

PostgresqlConnector::PostgresqlConnector(std::unique_ptr<State> state) : state_(std::move(state)) {}
PostgresqlConnector::~PostgresqlConnector() = default;

absl::StatusOr<std::unique_ptr<PostgresqlConnector>> PostgresqlConnector::Open(
    const planner::Catalog& catalog, PartyId party, const planner::NodeConfig& config,
    std::vector<planner::ColumnInfo> columns) {
  return Open(catalog, party, config, std::move(columns),
              {.statement_timeout = std::chrono::seconds(config.statement_timeout_seconds)});
}

absl::StatusOr<std::unique_ptr<PostgresqlConnector>> PostgresqlConnector::Open(const planner::Catalog& catalog,
                                                                               PartyId party,
                                                                               const planner::NodeConfig& config,
                                                                               std::vector<planner::ColumnInfo> columns,
                                                                               PostgresqlOptions options) {
  CARE_ASSIGN_OR_RETURN(ConnectionSettings settings, ReadConnectionSettings(config));
  auto state = std::make_unique<State>(catalog, party, config, std::move(columns), options, std::move(settings));
  CARE_RETURN_IF_ERROR(state->Connect());
  CARE_RETURN_IF_ERROR(state->ReadSchema());
  return std::unique_ptr<PostgresqlConnector>(new PostgresqlConnector(std::move(state)));
}

bool PostgresqlConnector::Supports(const planner::LogicalNode& node) const {
  bool reads_cleaned = false;
  if (state_->CleanedScan(node, reads_cleaned) != nullptr) return true;
  // A table or column that is missing is supported, so that Run says what is missing.
  return !absl::IsUnimplemented(state_->Statement(node).status());
}

absl::StatusOr<std::string> PostgresqlConnector::SqlFor(const planner::LogicalNode& node) const {
  return state_->Statement(node);
}

absl::Status PostgresqlConnector::BeginSnapshot() {
  if (state_->in_snapshot) return absl::FailedPreconditionError("a snapshot is open already");
  {
    const std::lock_guard<std::mutex> lock(state_->connection_mutex);
    state_->interrupted = false;
    if (state_->connection != nullptr) state_->connection->ClearInterrupt();
  }
  state_->probed.clear();
  state_->checked_columns.clear();
  state_->checked_keys.clear();
  state_->checked_most_rows.clear();
  state_->checked_bounds.clear();
  state_->checked_subjects.clear();
  state_->reports.clear();
  absl::Status begun = state_->connection == nullptr || !state_->connection->usable()
                           ? absl::UnavailableError("no connection yet")
                           : state_->Begin();
  // A connection that stood idle may have been closed behind our back.
  if (state_->connection == nullptr || !state_->connection->usable()) {
    CARE_RETURN_IF_ERROR(state_->Connect());
    begun = state_->Begin();
  }
  state_->in_snapshot = begun.ok();
  if (!begun.ok()) state_->connection->Execute("ROLLBACK").IgnoreError();
  return begun;
}

absl::StatusOr<ColumnBatch> PostgresqlConnector::Run(const planner::LogicalNode& node) {
  if (!state_->in_snapshot) return absl::FailedPreconditionError("a fragment runs in a snapshot");
  if (!state_->connection->usable())
    return absl::UnavailableError(absl::StrCat(state_->Party(), ": its database went away"));
  bool reads_cleaned = false;
  if (const ScanNode* scan = state_->CleanedScan(node, reads_cleaned); scan != nullptr) return state_->RunCleaned(*scan);
  CARE_RETURN_IF_ERROR(state_->Statement(node).status());
  std::map<planner::ColumnId, int> origin;
  const bool fetches_all = WholeScan(node, state_->catalog, origin) != nullptr;
  std::vector<const ScanNode*> scans;
  CollectScans(node, scans);
  for (const ScanNode* scan : scans) {
    CARE_RETURN_IF_ERROR(state_->Probe(scan->table));
    if (!fetches_all) CARE_RETURN_IF_ERROR(state_->CheckTable(*scan));
  }
  std::optional<ColumnBatch> batch;
  if (fetches_all) {
    // Its cells first: a key of a value that breaks a rule has no meaning.
    CARE_ASSIGN_OR_RETURN(batch, state_->Fetch(node));
  }
  for (const ScanNode* scan : scans) CARE_RETURN_IF_ERROR(state_->CheckKeys(*scan));
  if (batch) return *std::move(batch);
  return state_->Fetch(node);
}

absl::Status PostgresqlConnector::EndSnapshot() {
  if (!state_->in_snapshot) return absl::OkStatus();
  state_->in_snapshot = false;
  {
    const std::lock_guard<std::mutex> lock(state_->connection_mutex);
    state_->interrupted = false;
    state_->connection->ClearInterrupt();
  }
  // Whatever was read is here; a connection that is lost now costs the next snapshot a new one.
  if (state_->connection->usable()) state_->connection->Execute("ROLLBACK").IgnoreError();
  return absl::OkStatus();
}

std::vector<TableReport> PostgresqlConnector::CleaningReports() const {
  std::vector<TableReport> reports;
  for (const auto& [table, report] : state_->reports) reports.push_back(report);
  return reports;
}

void PostgresqlConnector::Interrupt() {
  const std::lock_guard<std::mutex> lock(state_->connection_mutex);
  state_->interrupted = true;
  if (state_->connection != nullptr) state_->connection->Interrupt();
}

}  // namespace care::connectors
