#include "planner/catalog/node_config.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/catalog/toml_entry.h"

namespace care::planner {
namespace {

constexpr std::uint64_t kLargestThreshold = 1'000'000;
constexpr std::uint64_t kMostSqlConnections = 10'000;
constexpr std::uint64_t kLongestStatementSeconds = 86'400;

absl::StatusOr<ColumnMapping> ReadColumn(TomlEntry& columns, const std::string& name,
                                         const std::string& path) {
  const toml::node* node = columns.Node(name);
  ColumnMapping mapping;
  if (node->is_string()) {
    mapping.column = node->as_string()->get();
    return mapping;
  }
  if (!node->is_table()) {
    return columns.Error(name,
                         absl::StrCat("\"", name, "\" must be the owner's name for the column in quotes"));
  }
  TomlEntry entry = columns.Child(*node->as_table(), path);
  CARE_ASSIGN_OR_RETURN(mapping.column, entry.TextOr("column", name));
  CARE_ASSIGN_OR_RETURN(const std::string storage, entry.TextOr("storage", "native"));
  if (storage != "native" && storage != "scaled") {
    return entry.Error("storage",
                       absl::StrCat("unknown storage \"", storage, "\"; write \"native\" or \"scaled\""));
  }
  mapping.scaled = storage == "scaled";
  CARE_RETURN_IF_ERROR(entry.Finish());
  return mapping;
}

absl::StatusOr<TableMapping> ReadTable(TomlEntry entry, const std::string& name) {
  TableMapping mapping;
  CARE_ASSIGN_OR_RETURN(mapping.table, entry.TextOr("table", ""));
  CARE_ASSIGN_OR_RETURN(mapping.sql, entry.TextOr("sql", ""));
  if (mapping.table.empty() == mapping.sql.empty()) {
    return entry.Error("write either table = \"...\" or sql = \"SELECT ...\"");
  }
  CARE_ASSIGN_OR_RETURN(const toml::table* columns, entry.OptionalTable("columns"));
  if (columns != nullptr) {
    TomlEntry column_entries = entry.Child(*columns, absl::StrCat("tables.", name, ".columns"));
    for (const auto& [key, node] : *columns) {
      const std::string column(key.str());
      CARE_ASSIGN_OR_RETURN(
          mapping.columns[column],
          ReadColumn(column_entries, column, absl::StrCat("tables.", name, ".columns.", column)));
    }
  }
  CARE_RETURN_IF_ERROR(entry.Finish());
  return mapping;
}

absl::Status ReadDatabase(TomlEntry& file, const std::filesystem::path& folder, NodeConfig& config) {
  CARE_ASSIGN_OR_RETURN(const toml::table* database, file.OptionalTable("database"));
  if (database == nullptr) {
    return file.Error(
        "there is no [database] section; write one with kind = \"postgresql\" and url = \"...\", kind = \"sqlite\" "
        "and path = \"...\", or kind = \"csv\" and folder = \"...\"");
  }
  TomlEntry entry = file.Child(*database, "database");
  CARE_ASSIGN_OR_RETURN(config.database_kind, entry.Text("kind"));
  if (config.database_kind == "postgresql") {
    CARE_ASSIGN_OR_RETURN(config.database_url, entry.Text("url"));
    CARE_ASSIGN_OR_RETURN(const std::string password_file, entry.TextOr("password_file", ""));
    if (!password_file.empty()) config.database_password_file = (folder / password_file).string();
  } else if (config.database_kind == "sqlite" || config.database_kind == "csv") {
    CARE_ASSIGN_OR_RETURN(const std::string path, entry.Text(config.database_kind == "csv" ? "folder" : "path"));
    config.database_path = (folder / path).string();
  } else {
    return entry.Error("kind", absl::StrCat("unknown kind \"", config.database_kind,
                                            "\"; write \"postgresql\", \"sqlite\" or \"csv\""));
  }
  CARE_ASSIGN_OR_RETURN(const std::optional<std::uint64_t> timeout,
                        entry.OptionalCount("statement_timeout_seconds", kLongestStatementSeconds));
  if (timeout.has_value()) config.statement_timeout_seconds = static_cast<std::uint32_t>(*timeout);
  return entry.Finish();
}

absl::Status ReadSql(TomlEntry& file, const std::filesystem::path& folder, NodeConfig& config) {
  CARE_ASSIGN_OR_RETURN(const toml::table* section, file.OptionalTable("sql"));
  if (section == nullptr) return absl::OkStatus();
  TomlEntry entry = file.Child(*section, "sql");
  SqlListener sql;
  CARE_ASSIGN_OR_RETURN(sql.listen, entry.Text("listen"));
  if (sql.listen.find(':') == std::string::npos) {
    return entry.Error("listen", "\"listen\" is host:port, as 127.0.0.1:5439");
  }
  CARE_ASSIGN_OR_RETURN(const std::string users, entry.Text("users"));
  sql.users_path = (folder / users).string();
  CARE_ASSIGN_OR_RETURN(const std::string certificate, entry.TextOr("certificate", ""));
  CARE_ASSIGN_OR_RETURN(const std::string private_key, entry.TextOr("private_key", ""));
  if (certificate.empty() != private_key.empty()) {
    return entry.Error("[sql] needs both certificate and private_key, or neither: then it shows the node's own");
  }
  sql.certificate_path = certificate.empty() ? config.certificate_path : (folder / certificate).string();
  sql.private_key_path = private_key.empty() ? config.private_key_path : (folder / private_key).string();
  CARE_ASSIGN_OR_RETURN(sql.purpose, entry.TextOr("purpose", sql.purpose));
  CARE_ASSIGN_OR_RETURN(const std::string tls, entry.TextOr("tls", "required"));
  if (tls != "required" && tls != "optional") {
    return entry.Error("tls", absl::StrCat("\"tls\" is \"required\", or \"optional\" for clients of this machine, not \"",
                                           tls, "\""));
  }
  sql.tls_optional = tls == "optional";
  CARE_ASSIGN_OR_RETURN(const std::optional<std::uint64_t> connections,
                        entry.OptionalCount("connections", kMostSqlConnections));
  if (connections.has_value()) sql.connections = static_cast<std::uint32_t>(*connections);
  CARE_RETURN_IF_ERROR(entry.Finish());
  config.sql = std::move(sql);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NodeConfig> LoadNodeConfig(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return absl::NotFoundError(absl::StrCat("cannot read the node file ", path));
  const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  CARE_ASSIGN_OR_RETURN(const toml::table root, ParseToml(text, path));
  TomlEntry file(root, path, "");
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const auto path_of = [&](std::string_view key) -> absl::StatusOr<std::string> {
    CARE_ASSIGN_OR_RETURN(const std::string value, file.Text(key));
    return (folder / value).string();  // an absolute value replaces the folder
  };

  NodeConfig config;
  CARE_ASSIGN_OR_RETURN(config.party, file.Text("party"));
  CARE_ASSIGN_OR_RETURN(config.federation_path, path_of("federation"));
  CARE_ASSIGN_OR_RETURN(config.listen, file.Text("listen"));
  if (config.listen.find(':') == std::string::npos) {
    return file.Error("listen", "\"listen\" is host:port, as 127.0.0.1:7401");
  }
  CARE_ASSIGN_OR_RETURN(config.certificate_path, path_of("certificate"));
  CARE_ASSIGN_OR_RETURN(config.private_key_path, path_of("private_key"));
  CARE_ASSIGN_OR_RETURN(config.authority_path, path_of("authority"));
  CARE_ASSIGN_OR_RETURN(config.data_directory, path_of("data_directory"));
  CARE_ASSIGN_OR_RETURN(config.preview, file.BooleanOr("preview", false));
  CARE_ASSIGN_OR_RETURN(config.record_traffic, file.BooleanOr("record_traffic", false));

  CARE_ASSIGN_OR_RETURN(const toml::table* release, file.OptionalTable("release"));
  if (release != nullptr) {
    TomlEntry entry = file.Child(*release, "release");
    CARE_ASSIGN_OR_RETURN(const std::optional<std::uint64_t> threshold,
                          entry.OptionalCount("threshold", kLargestThreshold));
    if (threshold.has_value()) config.threshold = static_cast<std::uint32_t>(*threshold);
    CARE_RETURN_IF_ERROR(entry.Finish());
  }

  CARE_RETURN_IF_ERROR(ReadDatabase(file, folder, config));
  CARE_RETURN_IF_ERROR(ReadSql(file, folder, config));

  CARE_ASSIGN_OR_RETURN(const toml::table* tables, file.OptionalTable("tables"));
  if (tables != nullptr) {
    TomlEntry entry = file.Child(*tables, "tables");
    for (const auto& [key, node] : *tables) {
      const std::string name(key.str());
      CARE_ASSIGN_OR_RETURN(const toml::table* table, entry.OptionalTable(name));
      CARE_ASSIGN_OR_RETURN(config.tables[name],
                            ReadTable(file.Child(*table, absl::StrCat("tables.", name)), name));
    }
  }
  CARE_RETURN_IF_ERROR(file.Finish());
  return config;
}

}  // namespace care::planner
