// planner/catalog/node_config.h
//
// One party's own settings, read from its node file: where its key, databases and state are, and how strict
// its release gate is. A node file never leaves its node and never influences a plan; the threshold enters
// through the agreement, where the strictest party's wins.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace care::planner {

// What happens to a cell that breaks a declared rule, wherever it is in the column.
enum class OnViolation : std::uint8_t {
  kError,  // the query ends, with table, column and rule
  kNull,   // the cell counts as NULL; the column must be nullable
  kDrop,   // the row does not count
};

// What happens to rows that share a key declared unique.
enum class OnDuplicate : std::uint8_t {
  kError,
  kFirst,  // the least by `order_by` stays; of equals, the first in storage order
  kDrop,   // none of them stays
};

struct ColumnMapping {
  std::string column;   // the owner's name for it
  bool scaled = false;     // NUMERIC stored as an integer in units of 10^-scale
  bool timestamp = false;  // DATE stored as a text with a time of day
  OnViolation on_violation = OnViolation::kError;
  bool trim = false;  // white space at both ends does not count; key formats always trim
  bool nfc = false;   // Unicode's canonical composition; key formats always compose
};

// A person's number that was merged into another. Chains are followed; a circle is an error.
struct MergeMapping {
  std::string table;  // of the owner's database, with these two columns of it
  std::string from;
  std::string to;
};

// Rows that take back another row. Neither counts.
struct ReversalMapping {
  std::string id;        // the owner's column that numbers a row
  std::string reverses;  // not NULL in a reversal: the number of the row that it takes back
};

struct TableMapping {
  std::string table;  // one of the two
  std::string sql;
  std::map<std::string, ColumnMapping> columns;  // by federation column; absent: same name, native storage
  OnDuplicate on_duplicate = OnDuplicate::kError;
  std::string order_by;  // the owner's column that says which of duplicates is the first
  std::optional<MergeMapping> merged;  // applied to the subject's key
  std::optional<ReversalMapping> reversal;
};

// How the files of a CSV folder are written.
struct CsvFormat {
  char delimiter = ',';
  std::string null;  // the unquoted field that means NULL
};

// Where clients of PostgreSQL's protocol connect.
struct SqlListener {
  std::string listen;            // host:port; port 0: the system chooses
  std::string users_path;        // names and SCRAM verifiers (care user add)
  std::string certificate_path;  // the node's own unless said
  std::string private_key_path;
  std::string purpose = "not stated";  // of a session that states none
  bool tls_optional = false;           // clients of this machine may connect without TLS
  std::uint32_t connections = 250;     // at most, at a time
};

struct NodeConfig {
  std::string party;
  std::string federation_path;  // paths are absolute or relative to the working directory after loading
  std::string listen;
  std::string certificate_path;
  std::string private_key_path;
  std::string authority_path;
  std::string data_directory;
  std::string database_kind;        // sqlite, postgresql or csv
  std::string database_path;        // sqlite: the file; csv: the folder
  std::string database_url;         // postgresql: a libpq connection URI or string, without a password
  std::string database_password_file;  // postgresql: its first line is the password; empty: libpq's own ways
  CsvFormat csv;
  std::uint32_t statement_timeout_seconds = 120;
  std::map<std::string, TableMapping> tables;  // by table name without schema
  std::uint32_t threshold = 10;                // fewest distinct persons in a released cell
  std::string proxy;                           // host:port of an HTTP proxy for dialling out; empty: none
  std::string proxy_credentials_path;          // its first line is user:password; empty: the proxy asks for none
  std::uint32_t most_waiting = 64;             // queries of this node that may wait for their turn
  std::uint32_t drain_seconds = 60;            // how long a node that is told to stop lets queries run on
  std::optional<SqlListener> sql;
  bool preview = false;                        // allows peers that are not on loopback
  std::string log_level = "info";              // trace, debug, info, warn, error or off
  std::string log_format = "text";             // text or json
  std::string metrics_listen;                  // host:port for Prometheus and health checks; empty: none
  bool record_traffic = false;                 // keeps what peers sent in the last query (demo --eavesdrop)
};

// A path may begin with ${CREDENTIALS_DIRECTORY} or ${STATE_DIRECTORY}, which systemd sets for a unit. Where the
// variable is not set the path stays as it is written: analysts read the same file and need no such path.
absl::StatusOr<NodeConfig> LoadNodeConfig(const std::string& path);
// An error that names the key if a path that a node needs still holds such a variable.
absl::Status CheckPathsAreKnown(const NodeConfig& config);

}  // namespace care::planner
