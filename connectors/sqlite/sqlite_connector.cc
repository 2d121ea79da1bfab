#include "connectors/sqlite/sqlite_connector.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/sqlite/column_check.h"
#include "connectors/sqlite/database.h"
#include "connectors/sqlite/dialect.h"
#include "connectors/sqlite/schema.h"
#include "connectors/sqlite/subject_count.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::ColumnExpression;
using planner::LogicalNode;
using planner::ScanNode;

void CollectScans(const LogicalNode& node, std::vector<const ScanNode*>& scans) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    scans.push_back(scan);
  } else if (const auto* filter = std::get_if<planner::FilterNode>(&node.node)) {
    CollectScans(*filter->child, scans);
  } else if (const auto* project = std::get_if<planner::ProjectNode>(&node.node)) {
    CollectScans(*project->child, scans);
  } else if (const auto* join = std::get_if<planner::JoinNode>(&node.node)) {
    CollectScans(*join->left, scans);
    CollectScans(*join->right, scans);
  } else if (const auto* aggregate = std::get_if<planner::AggregateNode>(&node.node)) {
    CollectScans(*aggregate->child, scans);
  } else if (const auto* release = std::get_if<planner::ReleaseNode>(&node.node)) {
    CollectScans(*release->child, scans);
  } else if (const auto* sort = std::get_if<planner::SortNode>(&node.node)) {
    CollectScans(*sort->child, scans);
  } else if (const auto* limit = std::get_if<planner::LimitNode>(&node.node)) {
    CollectScans(*limit->child, scans);
  } else if (const auto* distinct = std::get_if<planner::DistinctNode>(&node.node)) {
    CollectScans(*distinct->child, scans);
  }
}

// True of a conjunction of `column IS NOT NULL` over columns that are declared NOT NULL: the dialect leaves it
// out, and the check of each cell finds what breaks it.
bool HoldsByDeclaration(const planner::ExpressionPtr& predicate, const planner::CatalogTable& table,
                        const std::map<planner::ColumnId, int>& origin) {
  const std::vector<planner::ExpressionPtr> conjuncts = planner::SplitConjuncts(predicate);
  return std::all_of(conjuncts.begin(), conjuncts.end(), [&](const planner::ExpressionPtr& conjunct) {
    const auto* call = std::get_if<planner::CallExpression>(&conjunct->node);
    if (call == nullptr || call->function != planner::Function::kIsNotNull) return false;
    const auto* column = std::get_if<ColumnExpression>(&call->arguments[0]->node);
    if (column == nullptr) return false;
    const auto found = origin.find(column->column);
    return found != origin.end() && !table.columns[static_cast<std::size_t>(found->second)].nullable;
  });
}

// The scan that a fragment fetches whole, every row of it and every column as stored, perhaps with constants;
// null if it does more or less. `origin` then maps the fragment's stored columns to the table's.
const ScanNode* WholeScan(const LogicalNode& node, const planner::Catalog& catalog,
                          std::map<planner::ColumnId, int>& origin) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    for (const ScanNode::Output& output : scan->columns) origin[output.column] = output.table_column;
    return scan;
  }
  if (const auto* sort = std::get_if<planner::SortNode>(&node.node)) {
    return WholeScan(*sort->child, catalog, origin);
  }
  if (const auto* filter = std::get_if<planner::FilterNode>(&node.node)) {
    const ScanNode* scan = WholeScan(*filter->child, catalog, origin);
    if (scan == nullptr) return nullptr;
    const planner::CatalogTable& table = catalog.tables[static_cast<std::size_t>(scan->table)];
    return HoldsByDeclaration(filter->predicate, table, origin) ? scan : nullptr;
  }
  const auto* project = std::get_if<planner::ProjectNode>(&node.node);
  if (project == nullptr) return nullptr;
  std::map<planner::ColumnId, int> below;
  const ScanNode* scan = WholeScan(*project->child, catalog, below);
  if (scan == nullptr) return nullptr;
  std::set<int> kept;
  for (const planner::NamedExpression& column : project->columns) {
    if (std::holds_alternative<planner::LiteralExpression>(column.expression->node)) continue;
    const auto* plain = std::get_if<ColumnExpression>(&column.expression->node);
    if (plain == nullptr) return nullptr;
    const auto found = below.find(plain->column);
    if (found == below.end()) continue;  // a constant from below
    origin[column.column] = found->second;
    kept.insert(found->second);
  }
  return kept.size() == scan->columns.size() ? scan : nullptr;
}

StoredCell CellOf(sqlite3_value* value) {
  StoredCell cell;
  cell.storage = sqlite3_value_type(value);
  if (cell.storage == SQLITE_INTEGER) {
    cell.integer = sqlite3_value_int64(value);
  } else if (cell.storage == SQLITE_TEXT) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    cell.text = {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
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
  }
  return cell;
}

bool ReadsSubject(const ScanNode& scan, const planner::CatalogTable& table) {
  return std::any_of(scan.columns.begin(), scan.columns.end(), [&](const ScanNode::Output& output) {
    return output.table_column == table.subject_column;
  });
}

}  // namespace

struct SqliteConnector::State {
  const planner::Catalog& catalog;
  const PartyId party;
  const std::vector<planner::ColumnInfo> columns;
  const SqliteOptions options;
  std::unique_ptr<SqliteDatabase> database;
  std::vector<PhysicalTable> tables;
  std::unique_ptr<SqliteDialect> dialect;
  std::vector<ColumnCheck> checks;  // of the running check statement, by the SQL function's first argument
  bool in_snapshot = false;
  // What this snapshot's checks have passed: rules by (table, column), keys and bounds by table.
  std::set<std::pair<int, int>> checked_columns;
  std::set<std::pair<int, std::vector<int>>> checked_keys;
  std::set<int> checked_bounds;
  std::set<int> checked_subjects;

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

  absl::Status TooManyRows(int table) const {
    return absl::ResourceExhaustedError(
        absl::StrCat(Table(table).FullName(), ": ", Party(), " has more rows than the declared row_bound of ",
                     Table(table).row_bound, "; agree on a higher row_bound in the federation file, or map a smaller "
                                             "table in ", Party(), "'s node file"));
  }

  // True if the statement yields a row.
  absl::StatusOr<bool> Exists(const std::string& sql) {
    CARE_ASSIGN_OR_RETURN(SqliteStatement statement, database->Prepare(sql));
    return statement.Step();
  }

  absl::Status CheckKeys(const ScanNode& scan);
  bool MustCheckSubjects(int number, bool reads_subject) const;
  absl::Status CheckSubjects(int number);
  absl::Status JudgeSubjects(int number, const SubjectCounts& counts);
  absl::Status CheckColumns(const ScanNode& scan);
  absl::StatusOr<ColumnBatch> Fetch(const LogicalNode& node, const SqliteSelect& select);

  static void CheckFunction(sqlite3_context* context, int count, sqlite3_value** values);
};

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
  std::set<int> read;
  for (const ScanNode::Output& output : scan.columns) read.insert(output.table_column);
  const auto sql_of = [&](int column) { return physical.columns[static_cast<std::size_t>(column)].sql; };
  for (const std::vector<int>& key : table.unique_keys) {
    const bool whole = std::all_of(key.begin(), key.end(), [&](int column) { return read.count(column) > 0; });
    if (!whole || key.empty() || !checked_keys.insert({scan.table, key}).second) continue;
    const auto covers = [&](const std::vector<int>& enforced) {
      return std::all_of(enforced.begin(), enforced.end(), [&](int column) {
        return std::find(key.begin(), key.end(), column) != key.end();
      });
    };
    if (std::any_of(physical.enforced_keys.begin(), physical.enforced_keys.end(), covers)) continue;
    std::vector<std::string> names, texts, not_null;
    for (int column : key) {
      names.push_back(table.columns[static_cast<std::size_t>(column)].name);
      texts.push_back(sql_of(column));
      not_null.push_back(absl::StrCat("(", sql_of(column), ") IS NOT NULL"));
    }
    CARE_ASSIGN_OR_RETURN(const bool duplicate,
                          Exists(absl::StrCat("SELECT 1 FROM ", physical.from, " WHERE ",
                                              absl::StrJoin(not_null, " AND "), " GROUP BY ",
                                              absl::StrJoin(texts, ", "), " HAVING COUNT(*) > 1 LIMIT 1")));
    if (duplicate) {
      return absl::FailedPreconditionError(
          absl::StrCat(table.FullName(), ": two rows have the same (", absl::StrJoin(names, ", "),
                       "), which is declared unique; ", Party(), " should correct its data or the declaration"));
    }
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
  const planner::CatalogTable& table = Table(number);
  const auto broken = [&](const char* what, const char* rule, std::uint64_t bound) {
    return absl::FailedPreconditionError(absl::StrCat(table.FullName(), ": ", what, " than the declared ", rule, " of ",
                                                      bound, "; ", Party(),
                                                      " should correct its data or agree on a higher one"));
  };
  if (table.max_rows_per_subject && counts.most_rows > *table.max_rows_per_subject) {
    return broken("a person has more rows", "max_rows_per_subject", *table.max_rows_per_subject);
  }
  if (table.subject_bound && counts.subjects > *table.subject_bound) {
    return broken("there are more persons", "subject_bound", *table.subject_bound);
  }
  return absl::OkStatus();
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
    return TooManyRows(scan.table);
  }
  for (std::size_t i = 0; i < unchecked.size(); ++i) {
    const auto rule = static_cast<CellRule>(sqlite3_column_int(statement.get(), static_cast<int>(i) + 1));
    if (rule != CellRule::kHolds) return Broken(rule, scan.table, unchecked[i]);
    checked_columns.insert({scan.table, unchecked[i]});
  }
  checked_bounds.insert(scan.table);
  return absl::OkStatus();
}

absl::StatusOr<ColumnBatch> SqliteConnector::State::Fetch(const LogicalNode& node, const SqliteSelect& select) {
  std::map<planner::ColumnId, int> origin;
  const ScanNode* whole = WholeScan(node, catalog, origin);
  ColumnBatch batch;
  std::vector<ColumnCheck> readers;
  for (const SqliteSelect::Output& output : select.outputs) {
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
    if (batch.rows == bound) return TooManyRows(whole->table);
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
                                         .database = std::move(database),
                                         .tables = std::move(tables),
                                         .dialect = nullptr,
                                         .checks = {},
                                         .checked_columns = {},
                                         .checked_keys = {},
                                         .checked_bounds = {},
                                         .checked_subjects = {}});
  state->dialect = std::make_unique<SqliteDialect>(catalog, state->columns, state->tables);
  const int code = sqlite3_create_function_v2(state->database->handle(), "care_check", 2,
                                              SQLITE_UTF8 | SQLITE_DIRECTONLY, state.get(), &State::CheckFunction,
                                              nullptr, nullptr, nullptr);
  CARE_RETURN_IF_ERROR(state->database->StatusOf(code));
  return std::unique_ptr<SqliteConnector>(new SqliteConnector(std::move(state)));
}

bool SqliteConnector::Supports(const planner::LogicalNode& node) const {
  // A table or column that is missing is supported, so that Run says what is missing.
  const absl::StatusOr<SqliteSelect> select = state_->dialect->Select(node);
  return select.ok() || absl::IsNotFound(select.status());
}

absl::StatusOr<std::string> SqliteConnector::SqlFor(const planner::LogicalNode& node) const {
  CARE_ASSIGN_OR_RETURN(const SqliteSelect select, state_->dialect->Select(node));
  return select.ToSql();
}

absl::Status SqliteConnector::BeginSnapshot() {
  if (state_->in_snapshot) return absl::FailedPreconditionError("a snapshot is open already");
  state_->database->ClearInterrupt();
  state_->database->SetDeadline(std::chrono::steady_clock::time_point::max());
  state_->checked_columns.clear();
  state_->checked_keys.clear();
  state_->checked_bounds.clear();
  state_->checked_subjects.clear();
  CARE_RETURN_IF_ERROR(state_->database->Execute("BEGIN"));
  state_->in_snapshot = true;
  // BEGIN alone takes no snapshot; the first read does.
  absl::Status first_read = state_->database->Execute("SELECT COUNT(*) FROM sqlite_schema");
  if (!first_read.ok()) EndSnapshot().IgnoreError();
  return first_read;
}

absl::StatusOr<ColumnBatch> SqliteConnector::Run(const planner::LogicalNode& node) {
  if (!state_->in_snapshot) return absl::FailedPreconditionError("a fragment runs in a snapshot");
  CARE_ASSIGN_OR_RETURN(const SqliteSelect select, state_->dialect->Select(node));
  state_->database->SetDeadline(std::chrono::steady_clock::now() + state_->options.statement_timeout);
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

void SqliteConnector::Interrupt() { state_->database->Interrupt(); }

}  // namespace care::connectors
