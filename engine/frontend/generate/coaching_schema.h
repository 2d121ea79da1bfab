// engine/frontend/generate/coaching_schema.h
//
// The tables of the coaching example, described once: the federation file, the node files, PostgreSQL's DDL, the
// SQLite files and the CSV files all follow from this description.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/frontend/generate/coaching_data.h"

namespace care::engine {

struct ExampleColumn {
  std::string name;
  std::string type;  // as the federation file writes it
  bool nullable = true;
  bool key = false;  // in the join-key domain "bsn"
  std::string min;   // as the federation file writes it; empty for none
  std::string max;
  std::vector<std::string> domain;
  std::string own_name;  // the owner's column, where it is called otherwise
  std::string key_domain;       // of TPC-H's keys
  std::uint32_t max_bytes = 0;  // of text without a domain; 0: not declared

  bool IsText() const { return type == "text"; }
  bool IsDate() const { return type == "date"; }
  bool IsBoolean() const { return type == "boolean"; }
  bool IsNumeric() const { return type.rfind("numeric", 0) == 0; }
};

struct ExampleTable {
  std::string schema;
  std::string name;
  std::vector<ExampleColumn> columns;
  std::vector<std::string> primary_key;    // declared in the federation file; empty for none
  std::vector<std::string> storage_order;  // the SQLite table's own key: rows come in this order without a sort
  std::uint64_t row_bound = 0;
  std::uint64_t max_rows_per_subject = 0;  // 0: not declared
  std::uint64_t subject_bound = 0;         // most distinct persons; 0: not declared
  std::vector<std::vector<std::string>> unique;  // declared keys beside the primary one
  struct MostRows {
    std::vector<std::string> per;
    std::uint64_t rows;
  };
  struct Reference {
    std::vector<std::string> columns;
    std::string table;
    std::vector<std::string> key;
  };
  std::vector<MostRows> most_rows;
  std::vector<Reference> references;
};

std::vector<ExampleTable> DescribeCoachingTables(const CoachingDataOptions& options);

const std::vector<std::string>& Educations();
const std::vector<std::string>& Provinces();
const std::vector<std::string>& CareCategories();

// The least of 1, 1.5, 2, 3, 4, 6, 8 times a power of ten that is no less than `rows`: bounds that do not betray
// the exact number.
std::uint64_t RoundUpOnLadder(std::uint64_t rows);

}  // namespace care::engine
