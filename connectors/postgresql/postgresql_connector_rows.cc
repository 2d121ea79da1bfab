// The rows of a fragment: which statement brings them, and what each cell has to be.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "connectors/declared/fragment_scans.h"
#include "connectors/declared/table_rules.h"
#include "connectors/postgresql/copy_reader.h"
#include "connectors/postgresql/expected_cell.h"
#include "connectors/postgresql/postgresql_connector_state.h"
#include "connectors/select/select_builder.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::LogicalNode;
using planner::ScanNode;

std::string CopySql(const std::string& select) { return absl::StrCat("COPY (", select, ") TO STDOUT (FORMAT BINARY)"); }

}  // namespace

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

}  // namespace care::connectors
