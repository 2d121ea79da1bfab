#include "connectors/cleaning/cleaning_report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace care::connectors {

bool HasFindings(const CleaningReport& report) {
  return report.rows_read != report.rows_kept || report.keys_merged > 0 || !report.violations.empty();
}

std::string ReportLine(const TableReport& table) {
  const CleaningReport& report = table.report;
  std::string line = absl::StrCat(table.table, ": ", report.rows_read, " rows read, ", report.rows_kept, " kept");
  std::vector<std::string> parts;
  const auto add = [&](std::uint64_t count, const char* what) {
    if (count > 0) parts.push_back(absl::StrCat(count, what));
  };
  add(report.rows_reversed, " reversed");
  add(report.rows_dropped, " dropped");
  add(report.rows_duplicate, " duplicate");
  add(report.keys_merged, " with a merged key");
  for (const auto& [where, count] : report.violations) {
    parts.push_back(absl::StrCat(count, " of ", where.first, " break the rule ", where.second));
  }
  if (!parts.empty()) absl::StrAppend(&line, "; ", absl::StrJoin(parts, ", "));
  return line;
}

}  // namespace care::connectors
