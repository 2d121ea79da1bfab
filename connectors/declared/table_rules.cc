#include "connectors/declared/table_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace care::connectors {

absl::Status TooManyRows(const planner::CatalogTable& table, const std::string& party) {
  return absl::ResourceExhaustedError(absl::StrCat(
      table.FullName(), ": ", party, " has more rows than the declared row_bound of ", table.row_bound,
      "; agree on a higher row_bound in the federation file, or map a smaller table in ", party, "'s node file"));
}

namespace {

bool IsCertain(const std::vector<int>& key, const std::vector<std::vector<int>>& enforced) {
  return std::any_of(enforced.begin(), enforced.end(), [&](const std::vector<int>& other) {
    return std::all_of(other.begin(), other.end(),
                       [&](int column) { return std::find(key.begin(), key.end(), column) != key.end(); });
  });
}

std::set<int> ColumnsRead(const planner::ScanNode& scan) {
  std::set<int> read;
  for (const planner::ScanNode::Output& output : scan.columns) read.insert(output.table_column);
  return read;
}

bool ReadsAll(const std::set<int>& read, const std::vector<int>& columns) {
  return std::all_of(columns.begin(), columns.end(), [&](int column) { return read.count(column) > 0; });
}

std::string NamesOf(const planner::CatalogTable& table, const std::vector<int>& columns) {
  std::vector<std::string> names;
  for (int column : columns) names.push_back(table.columns[static_cast<std::size_t>(column)].name);
  return absl::StrJoin(names, ", ");
}

}  // namespace

std::vector<std::vector<int>> UnenforcedKeys(const planner::ScanNode& scan, const planner::CatalogTable& table,
                                             const std::vector<std::vector<int>>& enforced) {
  const std::set<int> read = ColumnsRead(scan);
  std::vector<std::vector<int>> keys;
  for (const std::vector<int>& key : table.unique_keys) {
    if (key.empty() || !ReadsAll(read, key)) continue;
    if (!IsCertain(key, enforced)) keys.push_back(key);
  }
  return keys;
}

std::vector<planner::MostRows> UnenforcedMostRows(const planner::ScanNode& scan, const planner::CatalogTable& table,
                                                  const std::vector<std::vector<int>>& enforced) {
  const std::set<int> read = ColumnsRead(scan);
  std::vector<planner::MostRows> unenforced;
  for (const planner::MostRows& declared : table.max_rows_per) {
    if (ReadsAll(read, declared.columns) && !IsCertain(declared.columns, enforced)) unenforced.push_back(declared);
  }
  return unenforced;
}

absl::Status TooManyAlike(const planner::CatalogTable& table, const planner::MostRows& declared,
                          const std::string& party) {
  return absl::FailedPreconditionError(absl::StrCat(
      table.FullName(), ": more rows agree on (", NamesOf(table, declared.columns), ") than the declared most_rows of ",
      declared.rows, "; ", party, " should correct its data or agree on a higher one"));
}

std::string DuplicatesSql(const std::string& from, const std::vector<std::string>& key, std::uint64_t most) {
  std::vector<std::string> not_null;
  for (const std::string& column : key) not_null.push_back(absl::StrCat("(", column, ") IS NOT NULL"));
  return absl::StrCat("SELECT 1 FROM ", from, " WHERE ", absl::StrJoin(not_null, " AND "), " GROUP BY ",
                      absl::StrJoin(key, ", "), " HAVING COUNT(*) > ", most, " LIMIT 1");
}

absl::Status DuplicateKey(const planner::CatalogTable& table, const std::vector<int>& key, const std::string& party) {
  return absl::FailedPreconditionError(absl::StrCat(table.FullName(), ": two rows have the same (",
                                                    NamesOf(table, key), "), which is declared unique; ", party,
                                                    " should correct its data or the declaration"));
}

absl::Status JudgeSubjectCounts(const planner::CatalogTable& table, const SubjectCounts& counts,
                                const std::string& party) {
  const auto broken = [&](const char* what, const char* rule, std::uint64_t bound) {
    return absl::FailedPreconditionError(absl::StrCat(table.FullName(), ": ", what, " than the declared ", rule, " of ",
                                                      bound, "; ", party,
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

}  // namespace care::connectors
