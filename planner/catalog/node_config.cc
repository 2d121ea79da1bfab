#include "planner/catalog/node_config.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/read_file.h"
#include "engine/types/status_macros.h"
#include "planner/catalog/file_text.h"
#include "planner/catalog/table_mapping.h"
#include "planner/catalog/toml_entry.h"

namespace care::planner {
namespace {

constexpr std::uint64_t kLargestThreshold = 1'000'000;
constexpr std::uint64_t kMostSqlConnections = 10'000;
constexpr std::uint64_t kLongestStatementSeconds = 86'400;
constexpr std::uint64_t kMostWaiting = 10'000;
constexpr std::uint64_t kLongestDrainSeconds = 3'600;

absl::Status ReadCsvFormat(TomlEntry& entry, CsvFormat& format) {
  CARE_ASSIGN_OR_RETURN(const std::string delimiter, entry.TextOr("delimiter", ","));
  const std::string forbidden("\"\r\n\0", 4);
  const bool is_one = delimiter.size() == 1 && static_cast<unsigned char>(delimiter[0]) < 0x80;
  if (!is_one || forbidden.find(delimiter[0]) != std::string::npos) {
    return entry.Error("delimiter", "\"delimiter\" is one ASCII character, as \",\", \";\" or \"\\t\"");
  }
  format.delimiter = delimiter[0];
  CARE_ASSIGN_OR_RETURN(format.null, entry.TextOr("null", ""));
  if (format.null.find_first_of(forbidden + delimiter) != std::string::npos) {
    return entry.Error("null", "\"null\" is a text without quotes, line ends and delimiters, as \"NULL\"");
  }
  return absl::OkStatus();
}

// What `path` means in a node file in `folder`.
std::string ResolvePath(const std::filesystem::path& folder, const std::string& path) {
  for (const char* name : {"CREDENTIALS_DIRECTORY", "STATE_DIRECTORY"}) {
    const std::string variable = absl::StrCat("${", name, "}");
    if (!path.starts_with(variable)) continue;
    const char* value = std::getenv(name);
    return value == nullptr ? path : absl::StrCat(value, path.substr(variable.size()));
  }
  return (folder / path).string();  // an absolute path replaces the folder
}

absl::Status ReadNetwork(TomlEntry& file, const std::filesystem::path& folder, NodeConfig& config) {
  CARE_ASSIGN_OR_RETURN(const toml::table* network, file.OptionalTable("network"));
  if (network == nullptr) return absl::OkStatus();
  TomlEntry entry = file.Child(*network, "network");
  CARE_ASSIGN_OR_RETURN(config.proxy, entry.TextOr("proxy", ""));
  if (!config.proxy.empty() && (config.proxy.find(':') == std::string::npos ||
                                config.proxy.find("//") != std::string::npos)) {
    return entry.Error("proxy", "\"proxy\" is host:port of an HTTP proxy, as proxy.example:3128");
  }
  CARE_ASSIGN_OR_RETURN(const std::string credentials, entry.TextOr("proxy_credentials", ""));
  if (!credentials.empty() && config.proxy.empty()) {
    return entry.Error("proxy_credentials", "there is no proxy to show them to; write proxy = \"host:port\" too");
  }
  if (!credentials.empty()) config.proxy_credentials_path = ResolvePath(folder, credentials);
  return entry.Finish();
}

absl::Status ReadLog(TomlEntry& file, NodeConfig& config) {
  CARE_ASSIGN_OR_RETURN(const toml::table* log, file.OptionalTable("log"));
  if (log == nullptr) return absl::OkStatus();
  TomlEntry entry = file.Child(*log, "log");
  const auto one_of = [&](std::string_view key, std::string& value, std::vector<std::string> known) -> absl::Status {
    CARE_ASSIGN_OR_RETURN(value, entry.TextOr(key, value));
    if (std::find(known.begin(), known.end(), value) != known.end()) return absl::OkStatus();
    return entry.Error(key, absl::StrCat("unknown ", std::string(key), " \"", value, "\"; write ",
                                         absl::StrJoin(known, ", ")));
  };
  CARE_RETURN_IF_ERROR(one_of("level", config.log_level, {"trace", "debug", "info", "warn", "error", "off"}));
  CARE_RETURN_IF_ERROR(one_of("format", config.log_format, {"text", "json"}));
  return entry.Finish();
}

absl::Status ReadMetrics(TomlEntry& file, NodeConfig& config) {
  CARE_ASSIGN_OR_RETURN(const toml::table* metrics, file.OptionalTable("metrics"));
  if (metrics == nullptr) return absl::OkStatus();
  TomlEntry entry = file.Child(*metrics, "metrics");
  CARE_ASSIGN_OR_RETURN(config.metrics_listen, entry.Text("listen"));
  if (config.metrics_listen.find(':') == std::string::npos) {
    return entry.Error("listen", "\"listen\" is host:port, as 127.0.0.1:9464");
  }
  return entry.Finish();
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
    if (!password_file.empty()) config.database_password_file = ResolvePath(folder, password_file);
  } else if (config.database_kind == "sqlite" || config.database_kind == "csv") {
    CARE_ASSIGN_OR_RETURN(const std::string path, entry.Text(config.database_kind == "csv" ? "folder" : "path"));
    config.database_path = ResolvePath(folder, path);
    if (config.database_kind == "csv") CARE_RETURN_IF_ERROR(ReadCsvFormat(entry, config.csv));
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
  sql.users_path = ResolvePath(folder, users);
  CARE_ASSIGN_OR_RETURN(const std::string certificate, entry.TextOr("certificate", ""));
  CARE_ASSIGN_OR_RETURN(const std::string private_key, entry.TextOr("private_key", ""));
  if (certificate.empty() != private_key.empty()) {
    return entry.Error("[sql] needs both certificate and private_key, or neither: then it shows the node's own");
  }
  sql.certificate_path = certificate.empty() ? config.certificate_path : ResolvePath(folder, certificate);
  sql.private_key_path = private_key.empty() ? config.private_key_path : ResolvePath(folder, private_key);
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
  CARE_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, "the node file"));
  return ParseNodeFile(text, path);
}

absl::StatusOr<NodeConfig> ParseNodeFile(std::string_view text, const std::string& path) {
  CARE_ASSIGN_OR_RETURN(const toml::table root, ParseToml(text, path));
  TomlEntry file(root, path, "");
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const auto path_of = [&](std::string_view key) -> absl::StatusOr<std::string> {
    CARE_ASSIGN_OR_RETURN(const std::string value, file.Text(key));
    return ResolvePath(folder, value);
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

  CARE_RETURN_IF_ERROR(ReadNetwork(file, folder, config));
  CARE_RETURN_IF_ERROR(ReadLog(file, config));
  CARE_RETURN_IF_ERROR(ReadMetrics(file, config));
  CARE_ASSIGN_OR_RETURN(const toml::table* queries, file.OptionalTable("queries"));
  if (queries != nullptr) {
    TomlEntry entry = file.Child(*queries, "queries");
    CARE_ASSIGN_OR_RETURN(const auto most_waiting, entry.OptionalCount("most_waiting", kMostWaiting));
    if (most_waiting.has_value()) config.most_waiting = static_cast<std::uint32_t>(*most_waiting);
    CARE_ASSIGN_OR_RETURN(const auto drain_seconds, entry.OptionalCount("drain_seconds", kLongestDrainSeconds));
    if (drain_seconds.has_value()) config.drain_seconds = static_cast<std::uint32_t>(*drain_seconds);
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
                            ReadTableMapping(file.Child(*table, absl::StrCat("tables.", name)), name,
                                             config.database_kind));
    }
  }
  CARE_RETURN_IF_ERROR(file.Finish());
  return config;
}

absl::Status CheckPathsAreKnown(const NodeConfig& config) {
  const std::pair<const char*, const std::string*> paths[] = {{"federation", &config.federation_path},
                                                              {"certificate", &config.certificate_path},
                                                              {"private_key", &config.private_key_path},
                                                              {"authority", &config.authority_path},
                                                              {"data_directory", &config.data_directory},
                                                              {"path", &config.database_path},
                                                              {"password_file", &config.database_password_file},
                                                              {"proxy_credentials", &config.proxy_credentials_path}};
  for (const auto& [key, path] : paths) {
    if (!path->starts_with("${")) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("\"", key, "\" of the node file is ", *path, ", but ", path->substr(0, path->find('}') + 1),
                     " is not set: systemd sets it for the node's unit. Start the node by its unit, or set the variable"));
  }
  return absl::OkStatus();
}

}  // namespace care::planner
