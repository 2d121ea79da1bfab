// tests/differential/random_tables.h
//
// Random schemas and rows over two to three owners, for random_queries_test.cc: NULL keys, duplicates, empty tables, skew, the
// extremes of declared ranges, ties, texts with and without a public domain. Rows mostly describe nobody, and all uses are
// allowed, so that nothing is hidden and answers can be compared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/frontend/generate/coaching_schema.h"
#include "engine/frontend/generate/random_stream.h"
#include "engine/frontend/generate/table_writer.h"

namespace care::engine {

enum class RandomKind : std::uint8_t { kKey, kInteger, kNumeric, kDate, kBoolean, kText, kFloat, kTimestamp };

struct RandomColumn {
  ExampleColumn declared;
  RandomKind kind = RandomKind::kInteger;
  std::int64_t low = 0, high = 0;   // of what is stored
  std::vector<std::string> values;  // texts
};

struct RandomCell {
  bool null = false;
  std::int64_t integer = 0;
  std::string text;
};

struct RandomTable {
  std::string owner;
  std::string name;
  std::vector<RandomColumn> columns;
  bool is_unique = false;  // on its first column
  std::uint64_t row_bound = 0;
  std::vector<std::vector<RandomCell>> rows;
};

struct RandomSchema {
  bool about_persons = false;  // the first column of each table names one, and is never NULL
  std::vector<RandomTable> tables;
  std::uint64_t partitions = 1;  // what can runs in so many
};

RandomSchema MakeRandomSchema(RandomStream& random);

// federation.toml and one database a party in the directory, which must exist.
absl::Status WriteParties(const RandomSchema& schema, const std::string& directory);
std::string RandomNodeTables(const RandomSchema& schema, const std::string& party);
// The same rows for PostgreSQL, with its schemas made anew.
std::string RandomPostgresScript(const RandomSchema& schema);
std::string RandomFederation(const RandomSchema& schema);

inline const std::vector<std::string>& RandomParties() {
  static const auto& names = *new std::vector<std::string>{"north", "east", "south"};
  return names;
}

}  // namespace care::engine
