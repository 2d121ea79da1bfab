#include "connectors/csv/csv_connector.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/cleaning/table_cleaner.h"
#include "connectors/csv/csv_file.h"
#include "connectors/declared/nearest_name.h"
#include "engine/types/check.h"
#include "engine/types/owner_detail.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::LogicalNode;
using planner::ScanNode;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kRowsPerLook = 4'096;  // at the clock, and whether the query was cancelled

}  // namespace

struct CsvConnector::State {
  const planner::Catalog& catalog;
  const PartyId party;
  const planner::NodeConfig config;
  const std::vector<planner::ColumnInfo> columns;
  bool in_snapshot = false;
  std::atomic<bool> interrupted{false};
  Clock::time_point deadline;
  std::map<std::string, FileIdentity> seen;  // by file name: what this snapshot has read
  std::map<int, TableReport> reports;        // by table

  State(const planner::Catalog& catalog, PartyId party, const planner::NodeConfig& config,
        std::vector<planner::ColumnInfo> columns)
      : catalog(catalog), party(party), config(config), columns(std::move(columns)) {}

  const planner::CatalogTable& Table(const ScanNode& scan) const {
    return catalog.tables[static_cast<std::size_t>(scan.table)];
  }
  const std::string& Party() const { return catalog.PartyName(party); }

  const planner::TableMapping& Mapping(const ScanNode& scan) const {
    static const planner::TableMapping none;
    const auto found = config.tables.find(Table(scan).name);
    return found == config.tables.end() ? none : found->second;
  }
  std::string FileOf(const ScanNode& scan) const {
    const std::string& mapped = Mapping(scan).table;
    return mapped.empty() ? Table(scan).name + ".csv" : mapped;
  }

  TableCleaner CleanerOf(const ScanNode& scan) const {
    std::vector<int> read;
    for (const ScanNode::Output& output : scan.columns) read.push_back(output.table_column);
    return TableCleaner(catalog, Table(scan), Mapping(scan), std::move(read));
  }

  // A file's error, with the table that it is about.
  absl::Status About(const planner::CatalogTable& table, const std::string& name, const absl::Status& status) const {
    if (absl::IsNotFound(status)) {
      std::vector<std::string> files;
      std::error_code ignored;
      for (const auto& entry : std::filesystem::directory_iterator(config.database_path, ignored)) {
        files.push_back(entry.path().filename().string());
      }
      std::sort(files.begin(), files.end());
      return absl::NotFoundError(absl::StrCat(table.FullName(), ": ", Party(), "'s CSV folder has no table '", name, "'",
                                              NearestName(name, files), "; correct [tables.", table.name,
                                              "] in its node file"));
    }
    return WithMessage(status, absl::StrCat(table.FullName(), ": in the CSV folder of ", Party(), ", ",
                                            std::string(status.message())));
  }

  absl::StatusOr<std::vector<std::size_t>> Positions(const planner::CatalogTable& table, const std::string& name,
                                                     const CsvFile& file,
                                                     const std::vector<std::string>& wanted) const;
  absl::Status ReadRows(const planner::CatalogTable& table, const std::string& name,
                        const std::vector<std::string>& wanted,
                        const std::function<absl::Status(const std::vector<RawCell>&)>& take);
  absl::Status Feed(const ScanNode& scan, TableCleaner& cleaner);
};

absl::StatusOr<std::vector<std::size_t>> CsvConnector::State::Positions(
    const planner::CatalogTable& table, const std::string& name, const CsvFile& file,
    const std::vector<std::string>& wanted) const {
  std::vector<std::size_t> positions;
  for (const std::string& column : wanted) {
    const auto found = std::find(file.header().begin(), file.header().end(), column);
    if (found == file.header().end()) {
      return absl::NotFoundError(absl::StrCat(table.FullName(), ": the header of ", Party(), "'s file ", name,
                                              " has no column '", column, "'", NearestName(column, file.header()),
                                              "; correct [tables.", table.name, "] in its node file"));
    }
    positions.push_back(static_cast<std::size_t>(found - file.header().begin()));
  }
  return positions;
}

absl::Status CsvConnector::State::ReadRows(const planner::CatalogTable& table, const std::string& name,
                                           const std::vector<std::string>& wanted,
                                           const std::function<absl::Status(const std::vector<RawCell>&)>& take) {
  const absl::StatusOr<std::unique_ptr<CsvFile>> opened = CsvFile::Open(config.database_path, name, config.csv);
  if (!opened.ok()) return About(table, name, opened.status());
  CsvFile& file = **opened;
  if (!(seen.try_emplace(name, file.identity()).first->second == file.identity())) {
    return About(table, name, absl::UnavailableError(absl::StrCat(
                            name, ": it changed during the query; ask again when the export is done")));
  }
  CARE_ASSIGN_OR_RETURN(const std::vector<std::size_t> positions, Positions(table, name, file, wanted));
  std::vector<RawCell> cells(positions.size());
  for (std::uint64_t row = 0;; ++row) {
    if (row % kRowsPerLook == 0) {
      if (interrupted) return absl::CancelledError(absl::StrCat(Party(), ": the query was cancelled"));
      if (Clock::now() > deadline) {
        return absl::DeadlineExceededError(
            absl::StrCat(Party(), ": its files took longer to read than its statement timeout; let ", Party(),
                         " raise statement_timeout_seconds, or use a database"));
      }
    }
    const absl::StatusOr<bool> more = file.Next();
    if (!more.ok()) return About(table, name, more.status());
    if (!*more) return absl::OkStatus();
    for (std::size_t i = 0; i < positions.size(); ++i) cells[i] = file.cells()[positions[i]];
    CARE_RETURN_IF_ERROR(take(cells));
  }
}

absl::Status CsvConnector::State::Feed(const ScanNode& scan, TableCleaner& cleaner) {
  if (const planner::MergeMapping* merged = cleaner.merged(); merged != nullptr) {
    CARE_RETURN_IF_ERROR(
        ReadRows(Table(scan), merged->table, {merged->from, merged->to},
                 [&](const std::vector<RawCell>& cells) { return cleaner.AddMerge(cells[0], cells[1]); }));
  }
  return ReadRows(Table(scan), FileOf(scan), cleaner.needed(),
                  [&](const std::vector<RawCell>& cells) { return cleaner.AddRow(cells); });
}

CsvConnector::CsvConnector(std::unique_ptr<State> state) : state_(std::move(state)) {}
CsvConnector::~CsvConnector() = default;

absl::StatusOr<std::unique_ptr<CsvConnector>> CsvConnector::Open(const planner::Catalog& catalog, PartyId party,
                                                                 const planner::NodeConfig& config,
                                                                 std::vector<planner::ColumnInfo> columns) {
  std::error_code error;
  if (!std::filesystem::is_directory(config.database_path, error)) {
    return absl::UnavailableError(
        absl::StrCat(catalog.PartyName(party), ": its CSV folder cannot be read; ", catalog.PartyName(party),
                     " should check folder under [database] in its node file, and who may read it"));
  }
  return std::unique_ptr<CsvConnector>(
      new CsvConnector(std::make_unique<State>(catalog, party, config, std::move(columns))));
}

bool CsvConnector::Supports(const LogicalNode& node) const { return std::holds_alternative<ScanNode>(node.node); }

absl::StatusOr<std::string> CsvConnector::SqlFor(const LogicalNode& node) const {
  const auto& scan = std::get<ScanNode>(node.node);
  const planner::CatalogTable& table = state_->Table(scan);
  // What would be read is there: the header says.
  const auto file = CsvFile::Open(state_->config.database_path, state_->FileOf(scan), state_->config.csv);
  if (!file.ok()) return state_->About(table, state_->FileOf(scan), file.status());
  CARE_RETURN_IF_ERROR(
      state_->Positions(table, state_->FileOf(scan), **file, state_->CleanerOf(scan).needed()).status());
  return absl::StrCat("read ", state_->FileOf(scan), " (", absl::StrJoin(state_->CleanerOf(scan).needed(), ", "), ")");
}

absl::Status CsvConnector::BeginSnapshot() {
  if (state_->in_snapshot) return absl::FailedPreconditionError("a snapshot is open already");
  state_->in_snapshot = true;
  state_->interrupted = false;
  state_->seen.clear();
  state_->reports.clear();
  return absl::OkStatus();
}

absl::StatusOr<ColumnBatch> CsvConnector::Run(const LogicalNode& node) {
  if (!state_->in_snapshot) return absl::FailedPreconditionError("a fragment runs in a snapshot");
  const auto* scan = std::get_if<ScanNode>(&node.node);
  CARE_CHECK(scan != nullptr);
  state_->deadline = Clock::now() + std::chrono::seconds(state_->config.statement_timeout_seconds);
  TableCleaner cleaner = state_->CleanerOf(*scan);
  const absl::Status fed = state_->Feed(*scan, cleaner);
  absl::StatusOr<ColumnBatch> batch = fed.ok() ? cleaner.Finish() : absl::StatusOr<ColumnBatch>(fed);
  state_->reports[scan->table] = {state_->Table(*scan).FullName(), cleaner.report(), batch.status()};
  if (!batch.ok()) return batch;
  for (std::size_t i = 0; i < scan->columns.size(); ++i) {
    batch->columns[i].name = ColumnName(scan->columns[i].column);
    batch->columns[i].type = state_->columns[scan->columns[i].column].type;
  }
  return batch;
}

absl::Status CsvConnector::EndSnapshot() {
  state_->in_snapshot = false;
  state_->interrupted = false;
  return absl::OkStatus();
}

std::vector<TableReport> CsvConnector::CleaningReports() const {
  std::vector<TableReport> reports;
  for (const auto& [table, report] : state_->reports) reports.push_back(report);
  return reports;
}

void CsvConnector::Interrupt() { state_->interrupted = true; }

}  // namespace care::connectors
