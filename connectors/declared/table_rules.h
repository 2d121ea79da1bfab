// connectors/declared/table_rules.h
//
// What a federation file declares about a whole table, which the planner relies on when it sizes and joins:
// its number of rows, unique keys, how many persons, how many rows of one person. Errors name table, rule and
// remedy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "connectors/declared/subject_count.h"
#include "planner/logical/logical_plan.h"

namespace care::connectors {

absl::Status TooManyRows(const planner::CatalogTable& table, const std::string& party);

// The declared keys whose columns the scan reads and that no key of `enforced` (sets of column positions that
// the database itself keeps unique) makes certain.
std::vector<std::vector<int>> UnenforcedKeys(const planner::ScanNode& scan, const planner::CatalogTable& table,
                                             const std::vector<std::vector<int>>& enforced);
// Yields a row if more than `most` rows of `from` have the same key. NULL is no key.
std::string DuplicatesSql(const std::string& from, const std::vector<std::string>& key, std::uint64_t most = 1);
absl::Status DuplicateKey(const planner::CatalogTable& table, const std::vector<int>& key, const std::string& party);

// The declared multiplicities whose columns the scan reads, where no key of `enforced` makes them certain.
std::vector<planner::MostRows> UnenforcedMostRows(const planner::ScanNode& scan, const planner::CatalogTable& table,
                                                  const std::vector<std::vector<int>>& enforced);
absl::Status TooManyAlike(const planner::CatalogTable& table, const planner::MostRows& declared,
                          const std::string& party);

absl::Status JudgeSubjectCounts(const planner::CatalogTable& table, const SubjectCounts& counts,
                                const std::string& party);

}  // namespace care::connectors
