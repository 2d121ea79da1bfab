// What an owner promised of its tables and PostgreSQL does not keep by itself: checked over the whole of each column that a
// query reads, once a snapshot.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "connectors/declared/cell_rule.h"
#include "connectors/declared/fragment_scans.h"
#include "connectors/declared/subject_count.h"
#include "connectors/declared/table_rules.h"
#include "connectors/postgresql/postgresql_connector_state.h"
#include "connectors/postgresql/table_check.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::ScanNode;

}  // namespace

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

}  // namespace care::connectors
