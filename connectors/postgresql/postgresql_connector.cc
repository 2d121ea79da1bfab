#include "connectors/postgresql/postgresql_connector.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/cleaning/table_cleaner.h"
#include "connectors/declared/fragment_scans.h"
#include "connectors/declared/table_rules.h"
#include "connectors/postgresql/clean_scan.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/copy_reader.h"
#include "connectors/postgresql/dialect.h"
#include "connectors/postgresql/schema.h"
#include "connectors/postgresql/table_check.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::LogicalNode;
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

std::string CopySql(const std::string& select) { return absl::StrCat("COPY (", select, ") TO STDOUT (FORMAT BINARY)"); }

// A value that was computed, by its planned type.
CellExpectation ComputedCell(const DataType& type) {
  CellExpectation cell;
  cell.range = RangeOfType(type);
  switch (type.kind) {
    case TypeKind::kBoolean:
      cell.wire = WireForm::kBoolean;
      break;
    case TypeKind::kDate:
      cell.wire = WireForm::kDate;
      break;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      cell.wire = WireForm::kTimestamp;
      break;
    case TypeKind::kText:
      cell.wire = WireForm::kText;
      break;
    case TypeKind::kNumeric:
      cell.wire = WireForm::kNumeric;
      cell.digits = type.scale;
      break;
    default:
      cell.wire = WireForm::kInt8;
  }
  return cell;
}

// The type of ComputedCell's wire form.
const char* ComputedCast(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return "timestamp";
    case TypeKind::kText:
      return "text";
    case TypeKind::kNumeric:
      return "numeric";
    default:
      return "bigint";
  }
}

CellExpectation StoredCellOf(const planner::CatalogColumn& declared, const StoredColumn& stored, bool utf8) {
  CellExpectation cell;
  cell.wire = stored.wire;
  cell.digits = stored.digits;
  cell.shift = stored.shift;
  cell.is_boolean = declared.type.kind == TypeKind::kBoolean;
  cell.is_float = declared.shown_as != TypeKind::kUnknown;
  cell.nullable = declared.nullable;
  cell.unchecked_text = !utf8;
  cell.range = RangeOfColumn(declared);
  cell.max_length = declared.type.max_length;
  for (const std::string& member : declared.domain) cell.domain.insert(member);
  return cell;
}

}  // namespace

struct PostgresqlConnector::State {
  const planner::Catalog& catalog;
  const PartyId party;
  const std::map<std::string, planner::TableMapping> mappings;
  const planner::TableMapping no_mapping;
  const std::vector<planner::ColumnInfo> columns;
  const PostgresqlOptions options;
  const ConnectionSettings settings;
  const PostgresqlDialect dialect;
  std::mutex connection_mutex;  // Interrupt comes from another thread while `connection` may be replaced.
  std::unique_ptr<PostgresqlConnection> connection;
  bool interrupted = false;               // guarded by the mutex; for a connection that is made later
  std::map<int, PostgresqlTable> tables;  // that were looked at
  std::vector<PhysicalTable> computed;    // by table, for statements that compute
  std::vector<PhysicalTable> fetched;     // for those that fetch a table as it is
  bool in_snapshot = false;
  // What this snapshot's checks have passed: rules by (table, column), keys and bounds by table.
  std::set<int> probed;
  std::set<std::pair<int, int>> checked_columns;
  std::set<std::pair<int, std::vector<int>>> checked_keys;
  std::set<std::pair<int, std::vector<int>>> checked_most_rows;
  std::set<int> checked_bounds;
  std::set<int> checked_subjects;
  std::map<int, TableReport> reports;  // of this snapshot's cleaned tables

  State(const planner::Catalog& catalog_given, PartyId party_given, const planner::NodeConfig& config,
        std::vector<planner::ColumnInfo> columns_given, PostgresqlOptions options_given,
        ConnectionSettings settings_given)
      : catalog(catalog_given),
        party(party_given),
        mappings(config.tables),
        columns(std::move(columns_given)),
        options(options_given),
        settings(std::move(settings_given)),
        dialect(columns) {}

  const planner::CatalogTable& Table(int table) const { return catalog.tables[static_cast<std::size_t>(table)]; }
  const std::string& Party() const { return catalog.PartyName(party); }
  std::string ColumnName(int table, int column) const {
    return absl::StrCat(Table(table).FullName(), ".", Table(table).columns[static_cast<std::size_t>(column)].name);
  }
  const planner::TableMapping& MappingOf(const planner::CatalogTable& table) const {
    const auto mapping = mappings.find(table.name);
    return mapping == mappings.end() ? no_mapping : mapping->second;
  }

  // The scan of a cleaned table that a fragment is; null if it is another fragment. `below`: whether it reads one.
  const ScanNode* CleanedScan(const LogicalNode& node, bool& below) const;
  TableCleaner CleanerOf(const ScanNode& scan) const;
  PostgresqlCleanSource SourceOf(int table) const { return {Table(table), tables.at(table), Party()}; }
  absl::StatusOr<ColumnBatch> RunCleaned(const ScanNode& scan);

  absl::Status Connect();
  absl::Status ReadSchema();
  absl::Status Begin();
  absl::StatusOr<SqlSelect> Select(const LogicalNode& node, bool whole) const;
  absl::StatusOr<std::string> Statement(const LogicalNode& node) const;
  absl::Status Probe(int table);
  absl::Status CheckKeys(const ScanNode& scan);
  bool MustCheckSubjects(int table, bool reads_subject) const;
  absl::Status CheckTable(const ScanNode& scan);
  absl::StatusOr<ColumnBatch> Fetch(const LogicalNode& node);
  absl::Status JudgeFetched(const ScanNode& scan, const std::map<planner::ColumnId, int>& origin,
                            const ColumnBatch& batch);
};

const ScanNode* PostgresqlConnector::State::CleanedScan(const LogicalNode& node, bool& below) const {
  std::vector<const ScanNode*> scans;
  CollectScans(node, scans);
  below = std::any_of(scans.begin(), scans.end(), [&](const ScanNode* scan) {
    return tables.count(scan->table) > 0 && NeedsCleaning(catalog, Table(scan->table), MappingOf(Table(scan->table)));
  });
  return below ? std::get_if<ScanNode>(&node.node) : nullptr;
}

TableCleaner PostgresqlConnector::State::CleanerOf(const ScanNode& scan) const {
  std::vector<int> read;
  for (const ScanNode::Output& output : scan.columns) read.push_back(output.table_column);
  return TableCleaner(catalog, Table(scan.table), MappingOf(Table(scan.table)), std::move(read));
}

absl::StatusOr<ColumnBatch> PostgresqlConnector::State::RunCleaned(const ScanNode& scan) {
  CARE_RETURN_IF_ERROR(tables.at(scan.table).physical.status);
  TableCleaner cleaner = CleanerOf(scan);
  const absl::Status fed = FeedCleaner(*connection, SourceOf(scan.table), cleaner);
  absl::StatusOr<ColumnBatch> batch = fed.ok() ? cleaner.Finish() : absl::StatusOr<ColumnBatch>(fed);
  reports[scan.table] = {Table(scan.table).FullName(), cleaner.report(), batch.status()};
  if (!batch.ok()) return batch;
  for (std::size_t i = 0; i < scan.columns.size(); ++i) {
    batch->columns[i].name = connectors::ColumnName(scan.columns[i].column);
    batch->columns[i].type = columns[scan.columns[i].column].type;
  }
  return batch;
}

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

absl::StatusOr<SqlSelect> PostgresqlConnector::State::Select(const LogicalNode& node, bool whole) const {
  // In another encoding than UTF-8 neither order nor length of a text is what it is here.
  if (!whole && !connection->is_utf8()) return absl::UnimplementedError("a database that is not in UTF-8");
  return SelectBuilder(catalog, whole ? fetched : computed, dialect).Select(node);
}

absl::StatusOr<std::string> PostgresqlConnector::State::Statement(const LogicalNode& node) const {
  bool reads_cleaned = false;
  if (const ScanNode* scan = CleanedScan(node, reads_cleaned); scan != nullptr) {
    return CleanScanSql(*connection, SourceOf(scan->table), CleanerOf(*scan));
  }
  if (reads_cleaned) return absl::UnimplementedError("rows that do not count as they are");
  std::map<planner::ColumnId, int> origin;
  const bool whole = WholeScan(node, catalog, origin) != nullptr;
  CARE_ASSIGN_OR_RETURN(SqlSelect select, Select(node, whole));
  for (SqlSelect::Output& output : select.outputs) {
    if (whole && origin.count(output.column) > 0) continue;
    output.value.sql = absl::StrCat("(", output.value.sql, ")::", ComputedCast(columns[output.column].type));
  }
  return CopySql(select.ToSql());
}

// A table that changed since its schema was read would be misread. From here on the snapshot's lock keeps it.
absl::Status PostgresqlConnector::State::Probe(int table) {
  if (!probed.insert(table).second) return absl::OkStatus();
  CARE_ASSIGN_OR_RETURN(const auto columns_now, connection->Describe(tables.at(table).probe, Table(table).FullName()));
  if (columns_now == tables.at(table).probed) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(Table(table).FullName(), ": the columns of ", Party(), "'s table changed just now; ask again"));
}

absl::Status PostgresqlConnector::State::CheckKeys(const ScanNode& scan) {
  const planner::CatalogTable& table = Table(scan.table);
  const PhysicalTable& physical = computed[static_cast<std::size_t>(scan.table)];
  for (const std::vector<int>& key : UnenforcedKeys(scan, table, physical.enforced_keys)) {
    if (!checked_keys.insert({scan.table, key}).second) continue;
    std::vector<std::string> key_columns;
    for (int column : key) key_columns.push_back(physical.columns[static_cast<std::size_t>(column)].sql);
    CARE_ASSIGN_OR_RETURN(const auto rows,
                          connection->Query(DuplicatesSql(physical.from, key_columns), {}, table.FullName()));
    if (!rows.empty()) return DuplicateKey(table, key, Party());
  }
  for (const planner::MostRows& declared : UnenforcedMostRows(scan, table, physical.enforced_keys)) {
    if (!checked_most_rows.insert({scan.table, declared.columns}).second) continue;
    std::vector<std::string> columns;
    for (int column : declared.columns) columns.push_back(physical.columns[static_cast<std::size_t>(column)].sql);
    CARE_ASSIGN_OR_RETURN(const auto rows,
                          connection->Query(DuplicatesSql(physical.from, columns, declared.rows), {}, table.FullName()));
    if (!rows.empty()) return TooManyAlike(table, declared, Party());
  }
  return absl::OkStatus();
}

bool PostgresqlConnector::State::MustCheckSubjects(int number, bool reads_subject) const {
  const planner::CatalogTable& table = Table(number);
  const bool declared = table.max_rows_per_subject.has_value() || table.subject_bound.has_value();
  return declared && reads_subject && checked_subjects.count(number) == 0;
}

absl::Status PostgresqlConnector::State::CheckTable(const ScanNode& scan) {
  const planner::CatalogTable& table = Table(scan.table);
  const PostgresqlTable& own = tables.at(scan.table);
  TableCheck check;
  check.from = own.physical.from;
  std::vector<int> judged;
  for (const ScanNode::Output& output : scan.columns) {
    if (!checked_columns.insert({scan.table, output.table_column}).second) continue;
    const StoredColumn& stored = own.stored[static_cast<std::size_t>(output.table_column)];
    if (stored.broken.empty()) continue;
    check.broken.push_back(stored.broken);
    judged.push_back(output.table_column);
  }
  const bool counts_subjects = MustCheckSubjects(scan.table, ReadsSubject(scan, table));
  if (judged.empty() && !counts_subjects && !checked_bounds.insert(scan.table).second) return absl::OkStatus();
  checked_bounds.insert(scan.table);
  if (counts_subjects) {
    // As it is stored: its rules are judged by the same statement, and a cast of what breaks them would fail.
    const StoredColumn& subject = own.stored[static_cast<std::size_t>(table.subject_column)];
    check.subject = table.columns[static_cast<std::size_t>(table.subject_column)].type.kind == TypeKind::kText
                        ? subject.sql
                        : subject.fetched;
  }
  CARE_ASSIGN_OR_RETURN(const auto rows, connection->Query(CheckSql(check), {}, table.FullName()));
  const auto number = [&](std::size_t cell) {
    std::uint64_t value = 0;
    if (!rows.empty() && cell < rows[0].size() && rows[0][cell])
      static_cast<void>(absl::SimpleAtoi(*rows[0][cell], &value));
    return value;
  };
  if (rows.size() != 1 || rows[0].size() != judged.size() + 3) {
    return absl::InternalError(absl::StrCat(Party(), ": its database answered in an unexpected form"));
  }
  if (number(0) > table.row_bound) return TooManyRows(table, Party());
  for (std::size_t i = 0; i < judged.size(); ++i) {
    CARE_RETURN_IF_ERROR(BrokenRule(static_cast<CellRule>(number(i + 3)), ColumnName(scan.table, judged[i]), Party()));
  }
  if (!counts_subjects) return absl::OkStatus();
  checked_subjects.insert(scan.table);
  return JudgeSubjectCounts(table, {number(1), number(2)}, Party());
}

absl::Status PostgresqlConnector::State::JudgeFetched(const ScanNode& scan,
                                                      const std::map<planner::ColumnId, int>& origin,
                                                      const ColumnBatch& batch) {
  checked_bounds.insert(scan.table);
  for (const auto& [column, table_column] : origin) {
    checked_columns.insert({scan.table, table_column});
    if (!MustCheckSubjects(scan.table, table_column == Table(scan.table).subject_column)) continue;
    // The column is here whole: no second pass over the table.
    const int position = batch.FindColumn(connectors::ColumnName(column));
    if (position < 0) continue;
    checked_subjects.insert(scan.table);
    CARE_RETURN_IF_ERROR(JudgeSubjectCounts(Table(scan.table),
                                            CountSubjects(batch.columns[static_cast<std::size_t>(position)]), Party()));
  }
  return absl::OkStatus();
}

absl::StatusOr<ColumnBatch> PostgresqlConnector::State::Fetch(const LogicalNode& node) {
  std::map<planner::ColumnId, int> origin;
  const ScanNode* whole = WholeScan(node, catalog, origin);
  CARE_ASSIGN_OR_RETURN(const std::string sql, Statement(node));
  ColumnBatch batch;
  std::vector<CellExpectation> expectations;
  const std::vector<planner::ColumnId> outputs = planner::OutputColumns(node);
  for (const planner::ColumnId id : outputs) {
    Column column;
    column.name = connectors::ColumnName(id);
    column.type = columns[id].type;
    batch.columns.push_back(std::move(column));
    const auto stored = origin.find(id);
    if (whole == nullptr || stored == origin.end()) {
      expectations.push_back(ComputedCell(columns[id].type));
      continue;
    }
    const std::size_t position = static_cast<std::size_t>(stored->second);
    expectations.push_back(StoredCellOf(Table(whole->table).columns[position], tables.at(whole->table).stored[position],
                                        connection->is_utf8()));
  }
  CopyReader reader(std::move(expectations), whole == nullptr ? UINT64_MAX : Table(whole->table).row_bound, batch);
  const absl::Status copied = connection->CopyOut(
      sql,
      [&](const char* data, std::size_t size) -> absl::Status {
        switch (reader.Read(data, size)) {
          case CopyReader::Outcome::kFine:
            return absl::OkStatus();
          case CopyReader::Outcome::kTooManyRows:
            return TooManyRows(Table(whole->table), Party());
          case CopyReader::Outcome::kMalformed:
            return absl::InternalError(absl::StrCat(Party(), ": its database answered in an unexpected form"));
          case CopyReader::Outcome::kBrokenRule:
            break;
        }
        const auto stored = origin.find(outputs[reader.broken_column()]);
        if (whole != nullptr && stored != origin.end()) {
          return BrokenRule(reader.broken_rule(), ColumnName(whole->table, stored->second), Party());
        }
        return absl::OutOfRangeError(absl::StrCat(Party(), ": a computed value is outside its type's range"));
      },
      whole == nullptr ? std::string() : Table(whole->table).FullName());
  CARE_RETURN_IF_ERROR(copied);
  if (!reader.complete())
    return absl::InternalError(absl::StrCat(Party(), ": its database answered in an unexpected form"));
  if (whole != nullptr) CARE_RETURN_IF_ERROR(JudgeFetched(*whole, origin, batch));
  return batch;
}

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
