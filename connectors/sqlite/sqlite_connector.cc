#include "connectors/sqlite/sqlite_connector.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/declared/fragment_scans.h"
#include "connectors/declared/subject_count.h"
#include "connectors/declared/table_rules.h"
#include "connectors/sqlite/clean_scan.h"
#include "connectors/sqlite/column_check.h"
#include "connectors/sqlite/database.h"
#include "connectors/sqlite/dialect.h"
#include "connectors/sqlite/schema.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::LogicalNode;
using planner::ScanNode;

StoredCell CellOf(sqlite3_value* value) {
  StoredCell cell;
  cell.storage = sqlite3_value_type(value);
  if (cell.storage == SQLITE_INTEGER) {
    cell.integer = sqlite3_value_int64(value);
  } else if (cell.storage == SQLITE_TEXT) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    cell.text = {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
  } else if (cell.storage == SQLITE_FLOAT) {
    cell.number = sqlite3_value_double(value);
  }
  return cell;
}

StoredCell CellOf(sqlite3_stmt* statement, int column) {
  StoredCell cell;
  cell.storage = sqlite3_column_type(statement, column);
  if (cell.storage == SQLITE_INTEGER) {
    cell.integer = sqlite3_column_int64(statement, column);
  } else if (cell.storage == SQLITE_TEXT) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    cell.text = {text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
  } else if (cell.storage == SQLITE_FLOAT) {
    cell.number = sqlite3_column_double(statement, column);
  }
  return cell;
}

}  // namespace

struct SqliteConnector::State {
  const planner::Catalog& catalog;
  const PartyId party;
  const std::vector<planner::ColumnInfo> columns;
  const SqliteOptions options;
  const std::map<std::string, planner::TableMapping> mappings;
  std::unique_ptr<SqliteDatabase> database;
  std::vector<PhysicalTable> tables;
  std::vector<bool> cleaned;  // by table: its rows do not count as they are
  std::unique_ptr<SqliteDialect> dialect;
  std::unique_ptr<SelectBuilder> builder;
  std::vector<ColumnCheck> checks;  // of the running check statement, by the SQL function's first argument
  bool in_snapshot = false;
  // What this snapshot's checks have passed: rules by (table, column), keys and bounds by table.
  std::set<std::pair<int, int>> checked_columns;
  std::set<std::pair<int, std::vector<int>>> checked_keys;
  std::set<std::pair<int, std::vector<int>>> checked_most_rows;
  std::set<int> checked_bounds;
  std::set<int> checked_subjects;
  std::map<int, TableReport> reports;  // by table

  const planner::CatalogTable& Table(int table) const { return catalog.tables[static_cast<std::size_t>(table)]; }
  const PhysicalTable& Physical(int table) const { return tables[static_cast<std::size_t>(table)]; }
  const std::string& Party() const { return catalog.PartyName(party); }

  ColumnCheck CheckOf(int table, int column) const {
    const planner::CatalogColumn& declared = Table(table).columns[static_cast<std::size_t>(column)];
    const PhysicalColumn& physical = Physical(table).columns[static_cast<std::size_t>(column)];
    return ColumnCheck(declared, FormOf(declared.type, physical.native_decimal));
  }

  absl::Status Broken(CellRule rule, int table, int column) const {
    return BrokenRule(
        rule, absl::StrCat(Table(table).FullName(), ".", Table(table).columns[static_cast<std::size_t>(column)].name),
        Party());
  }

  absl::Status TooMany(int table) const { return TooManyRows(Table(table), Party()); }

  // True if the statement yields a row.
  absl::StatusOr<bool> Exists(const std::string& sql) {
    CARE_ASSIGN_OR_RETURN(SqliteStatement statement, database->Prepare(sql));
    return statement.Step();
  }

  const planner::TableMapping& Mapping(int table) const {
    static const planner::TableMapping none;
    const auto found = mappings.find(Table(table).name);
    return found == mappings.end() ? none : found->second;
  }

  // The scan of a cleaned table that a fragment is; null if it is another fragment. `below`: whether it reads one.
  const ScanNode* CleanedScan(const LogicalNode& node, bool& below) const;
  CleanSource SourceOf(int table) const { return {Table(table), Mapping(table), Physical(table).from, Party()}; }
  TableCleaner CleanerOf(const ScanNode& scan) const;
  absl::StatusOr<ColumnBatch> RunCleaned(const ScanNode& scan);

  absl::Status CheckKeys(const ScanNode& scan);
  bool MustCheckSubjects(int number, bool reads_subject) const;
  absl::Status CheckSubjects(int number);
  absl::Status JudgeSubjects(int number, const SubjectCounts& counts);
  absl::Status CheckColumns(const ScanNode& scan);
  absl::StatusOr<ColumnBatch> Fetch(const LogicalNode& node, const SqlSelect& select);

  static void CheckFunction(sqlite3_context* context, int count, sqlite3_value** values);
};

const ScanNode* SqliteConnector::State::CleanedScan(const LogicalNode& node, bool& below) const {
  std::vector<const ScanNode*> scans;
  CollectScans(node, scans);
  below = std::any_of(scans.begin(), scans.end(),
                      [&](const ScanNode* scan) { return cleaned[static_cast<std::size_t>(scan->table)]; });
  return below ? std::get_if<ScanNode>(&node.node) : nullptr;
}

TableCleaner SqliteConnector::State::CleanerOf(const ScanNode& scan) const {
  std::vector<int> read;
  for (const ScanNode::Output& output : scan.columns) read.push_back(output.table_column);
  return TableCleaner(catalog, Table(scan.table), Mapping(scan.table), std::move(read));
}

absl::StatusOr<ColumnBatch> SqliteConnector::State::RunCleaned(const ScanNode& scan) {
  CARE_RETURN_IF_ERROR(Physical(scan.table).status);
  TableCleaner cleaner = CleanerOf(scan);
  const absl::Status fed = FeedCleaner(*database, SourceOf(scan.table), cleaner);
  absl::StatusOr<ColumnBatch> batch = fed.ok() ? cleaner.Finish() : absl::StatusOr<ColumnBatch>(fed);
  reports[scan.table] = {Table(scan.table).FullName(), cleaner.report(), batch.status()};
  if (!batch.ok()) return batch;
  for (std::size_t i = 0; i < scan.columns.size(); ++i) {
    batch->columns[i].name = ColumnName(scan.columns[i].column);
    batch->columns[i].type = columns[scan.columns[i].column].type;
  }
  return batch;
}

// care_check(n, cell): the number of the rule that the cell breaks, 0 if none.
void SqliteConnector::State::CheckFunction(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* state = static_cast<const State*>(sqlite3_user_data(context));
  const ColumnCheck& check = state->checks[static_cast<std::size_t>(sqlite3_value_int(values[0]))];
  std::int64_t value = 0;
  bool null = false;
  sqlite3_result_int(context, static_cast<int>(check.Read(CellOf(values[1]), value, null)));
}

// What the planner relies on when it joins: declared keys are unique, declared multiplicities hold.
absl::Status SqliteConnector::State::CheckKeys(const ScanNode& scan) {
  const planner::CatalogTable& table = Table(scan.table);
  const PhysicalTable& physical = Physical(scan.table);
  for (const std::vector<int>& key : UnenforcedKeys(scan, table, physical.enforced_keys)) {
    if (!checked_keys.insert({scan.table, key}).second) continue;
    std::vector<std::string> columns;
    for (int column : key) columns.push_back(physical.columns[static_cast<std::size_t>(column)].sql);
    CARE_ASSIGN_OR_RETURN(const bool duplicate, Exists(DuplicatesSql(physical.from, columns)));
    if (duplicate) return DuplicateKey(table, key, Party());
  }
  for (const planner::MostRows& declared : UnenforcedMostRows(scan, table, physical.enforced_keys)) {
    if (!checked_most_rows.insert({scan.table, declared.columns}).second) continue;
    std::vector<std::string> columns;
    for (int column : declared.columns) columns.push_back(physical.columns[static_cast<std::size_t>(column)].sql);
    CARE_ASSIGN_OR_RETURN(const bool alike, Exists(DuplicatesSql(physical.from, columns, declared.rows)));
    if (alike) return TooManyAlike(table, declared, Party());
  }
  return absl::OkStatus();
}

bool SqliteConnector::State::MustCheckSubjects(int number, bool reads_subject) const {
  const planner::CatalogTable& table = Table(number);
  const bool declared = table.max_rows_per_subject.has_value() || table.subject_bound.has_value();
  return declared && reads_subject && checked_subjects.count(number) == 0;
}

absl::Status SqliteConnector::State::CheckSubjects(int number) {
  const PhysicalTable& physical = Physical(number);
  const std::string& subject = physical.columns[static_cast<std::size_t>(Table(number).subject_column)].sql;
  CARE_ASSIGN_OR_RETURN(
      SqliteStatement statement,
      database->Prepare(absl::StrCat("SELECT COUNT(*), MAX(n) FROM (SELECT COUNT(*) AS n FROM ", physical.from,
                                     " WHERE (", subject, ") IS NOT NULL GROUP BY ", subject, ")")));
  CARE_ASSIGN_OR_RETURN(const bool row, statement.Step());
  CARE_CHECK(row);
  return JudgeSubjects(number, {static_cast<std::uint64_t>(sqlite3_column_int64(statement.get(), 0)),
                                static_cast<std::uint64_t>(sqlite3_column_int64(statement.get(), 1))});
}

absl::Status SqliteConnector::State::JudgeSubjects(int number, const SubjectCounts& counts) {
  checked_subjects.insert(number);
  return JudgeSubjectCounts(Table(number), counts, Party());
}

// One pass over the table: its number of rows, and for each column the last rule that some cell breaks.
absl::Status SqliteConnector::State::CheckColumns(const ScanNode& scan) {
  std::vector<int> unchecked;
  for (const ScanNode::Output& output : scan.columns) {
    if (checked_columns.count({scan.table, output.table_column}) == 0) unchecked.push_back(output.table_column);
  }
  if (unchecked.empty() && checked_bounds.count(scan.table) > 0) return absl::OkStatus();
  checks.clear();
  std::string sql = "SELECT COUNT(*)";
  for (int column : unchecked) {
    absl::StrAppend(&sql, ", MAX(care_check(", checks.size(), ", ",
                    Physical(scan.table).columns[static_cast<std::size_t>(column)].sql, "))");
    checks.push_back(CheckOf(scan.table, column));
  }
  CARE_ASSIGN_OR_RETURN(SqliteStatement statement,
                        database->Prepare(absl::StrCat(sql, " FROM ", Physical(scan.table).from)));
  CARE_ASSIGN_OR_RETURN(const bool row, statement.Step());
  CARE_CHECK(row);
  if (static_cast<std::uint64_t>(sqlite3_column_int64(statement.get(), 0)) > Table(scan.table).row_bound) {
    return TooMany(scan.table);
  }
  for (std::size_t i = 0; i < unchecked.size(); ++i) {
    const auto rule = static_cast<CellRule>(sqlite3_column_int(statement.get(), static_cast<int>(i) + 1));
    if (rule != CellRule::kHolds) return Broken(rule, scan.table, unchecked[i]);
    checked_columns.insert({scan.table, unchecked[i]});
  }
  checked_bounds.insert(scan.table);
  return absl::OkStatus();
}

absl::StatusOr<ColumnBatch> SqliteConnector::State::Fetch(const LogicalNode& node, const SqlSelect& select) {
  std::map<planner::ColumnId, int> origin;
  const ScanNode* whole = WholeScan(node, catalog, origin);
  ColumnBatch batch;
  std::vector<ColumnCheck> readers;
  for (const SqlSelect::Output& output : select.outputs) {
    Column column;
    column.name = ColumnName(output.column);
    column.type = columns[output.column].type;
    batch.columns.push_back(std::move(column));
    readers.push_back(whole != nullptr && origin.count(output.column) > 0
                          ? CheckOf(whole->table, origin.at(output.column))
                          : ColumnCheck(columns[output.column].type,
                                        FormOf(columns[output.column].type, output.value.native_decimal)));
  }
  CARE_ASSIGN_OR_RETURN(SqliteStatement statement, database->Prepare(select.ToSql()));
  const std::uint64_t bound = whole == nullptr ? UINT64_MAX : Table(whole->table).row_bound;
  for (;;) {
    CARE_ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) break;
    if (batch.rows == bound) return TooMany(whole->table);
    for (std::size_t i = 0; i < readers.size(); ++i) {
      const StoredCell cell = CellOf(statement.get(), static_cast<int>(i));
      std::int64_t value = 0;
      bool null = false;
      const CellRule rule = readers[i].Read(cell, value, null);
      if (rule != CellRule::kHolds) {
        const auto stored = origin.find(select.outputs[i].column);
        if (whole != nullptr && stored != origin.end()) return Broken(rule, whole->table, stored->second);
        return absl::OutOfRangeError(absl::StrCat(Party(), ": a computed value is outside its type's range"));
      }
      Column& column = batch.columns[i];
      if (readers[i].form() == CellForm::kText) {
        column.texts.Append(cell.text);
      } else {
        column.integers.push_back(value);
      }
      if (null && column.nulls.empty()) column.nulls.resize(batch.rows, 0);
      if (null || !column.nulls.empty()) column.nulls.push_back(null ? 1 : 0);
    }
    ++batch.rows;
  }
  if (whole != nullptr) {
    checked_bounds.insert(whole->table);
    for (const auto& [column, table_column] : origin) checked_columns.insert({whole->table, table_column});
    for (const Column& column : batch.columns) {
      for (const auto& [id, table_column] : origin) {
        const bool is_subject = table_column == Table(whole->table).subject_column && column.name == ColumnName(id);
        if (!MustCheckSubjects(whole->table, is_subject)) continue;
        // The column is here whole: no second pass over the table.
        CARE_RETURN_IF_ERROR(JudgeSubjects(whole->table, CountSubjects(column)));
      }
    }
  }
  return batch;
}

SqliteConnector::SqliteConnector(std::unique_ptr<State> state) : state_(std::move(state)) {}
SqliteConnector::~SqliteConnector() = default;

absl::StatusOr<std::unique_ptr<SqliteConnector>> SqliteConnector::Open(const planner::Catalog& catalog,
                                                                       PartyId party,
                                                                       const planner::NodeConfig& config,
                                                                       std::vector<planner::ColumnInfo> columns,
                                                                       SqliteOptions options) {
  CARE_ASSIGN_OR_RETURN(auto database, SqliteDatabase::OpenReadOnly(config.database_path, catalog.PartyName(party),
                                                                    options.busy_timeout));
  CARE_ASSIGN_OR_RETURN(auto tables, ReadSchema(*database, catalog, party, config));
  std::unique_ptr<State> state(new State{.catalog = catalog,
                                         .party = party,
                                         .columns = std::move(columns),
                                         .options = options,
                                         .mappings = config.tables,
                                         .database = std::move(database),
                                         .tables = std::move(tables),
                                         .cleaned = {},
                                         .dialect = nullptr,
                                         .builder = nullptr,
                                         .checks = {},
                                         .checked_columns = {},
                                         .checked_keys = {},
                                         .checked_bounds = {},
                                         .checked_subjects = {},
                                         .reports = {}});
  for (std::size_t i = 0; i < catalog.tables.size(); ++i) {
    state->cleaned.push_back(catalog.tables[i].owner == party &&
                             NeedsCleaning(catalog, catalog.tables[i], state->Mapping(static_cast<int>(i))));
  }
  state->dialect = std::make_unique<SqliteDialect>(state->columns);
  state->builder = std::make_unique<SelectBuilder>(catalog, state->tables, *state->dialect);
  const int code = sqlite3_create_function_v2(state->database->handle(), "care_check", 2,
                                              SQLITE_UTF8 | SQLITE_DIRECTONLY, state.get(), &State::CheckFunction,
                                              nullptr, nullptr, nullptr);
  CARE_RETURN_IF_ERROR(state->database->StatusOf(code));
  return std::unique_ptr<SqliteConnector>(new SqliteConnector(std::move(state)));
}

bool SqliteConnector::Supports(const planner::LogicalNode& node) const {
  bool reads_cleaned = false;
  if (state_->CleanedScan(node, reads_cleaned) != nullptr) return true;
  if (reads_cleaned) return false;
  // A table or column that is missing is supported, so that Run says what is missing.
  const absl::StatusOr<SqlSelect> select = state_->builder->Select(node);
  return select.ok() || absl::IsNotFound(select.status());
}

absl::StatusOr<std::string> SqliteConnector::SqlFor(const planner::LogicalNode& node) const {
  bool reads_cleaned = false;
  if (const ScanNode* scan = state_->CleanedScan(node, reads_cleaned); scan != nullptr) {
    CARE_RETURN_IF_ERROR(state_->Physical(scan->table).status);
    return CleanScanSql(*state_->database, state_->SourceOf(scan->table), state_->CleanerOf(*scan));
  }
  CARE_ASSIGN_OR_RETURN(const SqlSelect select, state_->builder->Select(node));
  return select.ToSql();
}

absl::Status SqliteConnector::BeginSnapshot() {
  if (state_->in_snapshot) return absl::FailedPreconditionError("a snapshot is open already");
  state_->database->ClearInterrupt();
  state_->database->SetDeadline(std::chrono::steady_clock::time_point::max());
  state_->checked_columns.clear();
  state_->checked_keys.clear();
  state_->checked_most_rows.clear();
  state_->checked_bounds.clear();
  state_->checked_subjects.clear();
  state_->reports.clear();
  CARE_RETURN_IF_ERROR(state_->database->Execute("BEGIN"));
  state_->in_snapshot = true;
  // BEGIN alone takes no snapshot; the first read does.
  absl::Status first_read = state_->database->Execute("SELECT COUNT(*) FROM sqlite_schema");
  if (!first_read.ok()) EndSnapshot().IgnoreError();
  return first_read;
}

absl::StatusOr<ColumnBatch> SqliteConnector::Run(const planner::LogicalNode& node) {
  if (!state_->in_snapshot) return absl::FailedPreconditionError("a fragment runs in a snapshot");
  state_->database->SetDeadline(std::chrono::steady_clock::now() + state_->options.statement_timeout);
  bool reads_cleaned = false;
  if (const ScanNode* scan = state_->CleanedScan(node, reads_cleaned); scan != nullptr) {
    return state_->RunCleaned(*scan);
  }
  CARE_ASSIGN_OR_RETURN(const SqlSelect select, state_->builder->Select(node));
  std::map<planner::ColumnId, int> origin;
  const bool fetches_all = WholeScan(node, state_->catalog, origin) != nullptr;
  std::vector<const ScanNode*> scans;
  CollectScans(node, scans);
  for (const ScanNode* scan : scans) {
    if (!fetches_all) CARE_RETURN_IF_ERROR(state_->CheckColumns(*scan));
    CARE_RETURN_IF_ERROR(state_->CheckKeys(*scan));
    if (!fetches_all && state_->MustCheckSubjects(scan->table, ReadsSubject(*scan, state_->Table(scan->table)))) {
      CARE_RETURN_IF_ERROR(state_->CheckSubjects(scan->table));
    }
  }
  return state_->Fetch(node, select);
}

absl::Status SqliteConnector::EndSnapshot() {
  if (!state_->in_snapshot) return absl::OkStatus();
  state_->in_snapshot = false;
  state_->database->ClearInterrupt();
  state_->database->SetDeadline(std::chrono::steady_clock::time_point::max());
  return state_->database->Execute("ROLLBACK");
}

std::vector<TableReport> SqliteConnector::CleaningReports() const {
  std::vector<TableReport> reports;
  for (const auto& [table, report] : state_->reports) reports.push_back(report);
  return reports;
}

void SqliteConnector::Interrupt() { state_->database->Interrupt(); }

}  // namespace care::connectors
