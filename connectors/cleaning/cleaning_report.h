// connectors/cleaning/cleaning_report.h
//
// What cleaning found in one table: counts of rows and cells, for the owner's eyes only. Names and numbers of its own
// data, never a value; it is logged at the owner's node and travels nowhere.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace care::connectors {

struct CleaningReport {
  std::uint64_t rows_read = 0;
  std::uint64_t rows_reversed = 0;   // reversals, and what they took back
  std::uint64_t rows_dropped = 0;    // for a broken rule with on_violation = "drop"
  std::uint64_t rows_duplicate = 0;  // that did not stay
  std::uint64_t rows_kept = 0;
  std::uint64_t keys_merged = 0;     // rows whose person's number was merged into another
  // By (column, rule): how many cells broke it. Cells of reversed rows are not counted.
  std::map<std::pair<std::string, std::string>, std::uint64_t> violations;
};

struct TableReport {
  std::string table;  // "hospital.patients"
  CleaningReport report;
  absl::Status status;  // why a query over this table would end, if it would
};

// "hospital.visits: 1,204 rows read, 1,180 kept; 12 reversed, 10 dropped, 2 duplicate; bsn: 10 not bsn": one line.
std::string ReportLine(const TableReport& report);

// True if there is more to say than how many rows were read.
bool HasFindings(const CleaningReport& report);

}  // namespace care::connectors
