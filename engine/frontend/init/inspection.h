// engine/frontend/init/inspection.h
//
// What `care init --inspect` looks at: an owner's tables as their database describes them, and a way to ask
// for the few figures that a proposal is rounded from. Read-only, at the owner's own place; what is asked is
// an aggregate or a handful of values, and nothing of it leaves the machine but by the owner's hand.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "planner/catalog/node_config.h"

namespace care::engine {

enum class OwnKind : std::uint8_t {
  kBoolean,
  kInteger,
  kDecimal,
  kFloat,
  kDate,
  kInstant,  // a moment: its day counts
  kMomentText,  // SQLite's moments, which are texts
  kText,
  kOther,  // not usable: `unusable` says why
};

struct OwnColumn {
  std::string name;
  std::string comment;
  std::string declared;  // the database's own words for its type
  OwnKind kind = OwnKind::kOther;
  int integer_bits = 64;
  int precision = 0;  // of decimals; 0: not declared
  int scale = 0;
  bool not_null = false;
  std::string unusable;
};

struct OwnTable {
  std::string schema;  // empty where the database has none
  std::string name;
  std::string comment;
  std::vector<OwnColumn> columns;
  std::vector<std::string> primary_key;
  std::vector<std::vector<std::string>> unique;
  struct Reference {
    std::vector<std::string> columns;
    std::string table;
  };
  std::vector<Reference> references;
};

class InspectedDatabase {
 public:
  using Rows = std::vector<std::vector<std::optional<std::string>>>;
  virtual ~InspectedDatabase() = default;

  virtual absl::StatusOr<std::vector<OwnTable>> Tables() = 0;
  virtual absl::StatusOr<Rows> Query(const std::string& sql) = 0;
  // The expression for a column as text: a date as ISO text, a number in digits, a text as itself.
  virtual std::string AsText(const OwnColumn& column) const = 0;
};

std::string QuotedName(const std::string& name);
std::string QuotedTable(const OwnTable& table);

// Of `config`: the url, the password file and the party.
absl::StatusOr<std::unique_ptr<InspectedDatabase>> InspectPostgresql(const planner::NodeConfig& config);
absl::StatusOr<std::unique_ptr<InspectedDatabase>> InspectSqlite(const std::string& path,
                                                                 const std::string& party);

}  // namespace care::engine
