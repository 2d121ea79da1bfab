#include "connectors/check_data.h"

#include <memory>
#include <utility>

#include "connectors/open_connector.h"
#include "engine/types/status_macros.h"

namespace care::connectors {

absl::StatusOr<std::vector<TableReport>> CheckData(const planner::Catalog& catalog, PartyId party,
                                                   const planner::NodeConfig& config) {
  std::vector<planner::ColumnInfo> columns;
  std::vector<planner::ScanNode> scans;
  for (std::size_t i = 0; i < catalog.tables.size(); ++i) {
    const planner::CatalogTable& table = catalog.tables[i];
    if (table.owner != party) continue;
    planner::ScanNode scan{static_cast<int>(i), {}};
    for (std::size_t position = 0; position < table.columns.size(); ++position) {
      scan.columns.push_back({static_cast<planner::ColumnId>(columns.size()), static_cast<int>(position)});
      planner::ColumnInfo info;
      info.name = table.columns[position].name;
      info.type = table.columns[position].type;
      info.nullable = table.columns[position].nullable;
      info.min = table.columns[position].min;
      info.max = table.columns[position].max;
      columns.push_back(std::move(info));
    }
    scans.push_back(std::move(scan));
  }
  CARE_ASSIGN_OR_RETURN(const std::unique_ptr<Connector> connector,
                        OpenConnector(catalog, party, config, std::move(columns)));
  std::vector<TableReport> reports;
  for (planner::ScanNode& scan : scans) {
    TableReport report;
    report.table = catalog.tables[static_cast<std::size_t>(scan.table)].FullName();
    // A snapshot each: what one table does to the database must not hide the next.
    CARE_RETURN_IF_ERROR(connector->BeginSnapshot());
    const absl::StatusOr<ColumnBatch> batch = connector->Run(planner::LogicalNode{std::move(scan)});
    report.status = batch.status();
    if (batch.ok()) report.report.rows_read = report.report.rows_kept = batch->rows;
    for (const TableReport& cleaned : connector->CleaningReports()) report.report = cleaned.report;
    CARE_RETURN_IF_ERROR(connector->EndSnapshot());
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace care::connectors
