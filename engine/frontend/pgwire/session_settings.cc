#include "engine/frontend/pgwire/session_settings.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/sql_error.h"

namespace care::engine::pgwire {
namespace {

constexpr std::size_t kLongestName = 200;
constexpr std::size_t kLongestValue = 1'000;
constexpr std::size_t kMostSettings = 200;
constexpr char kPurpose[] = "care.purpose";

struct Initial {
  const char* name;
  const char* value;
};

// server_version: what clients write their catalogue queries for.
constexpr Initial kInitial[] = {
    {"server_version", "15.0 (CARE 0.1)"},
    {"server_version_num", "150000"},
    {"server_encoding", "UTF8"},
    {"client_encoding", "UTF8"},
    {"DateStyle", "ISO, MDY"},
    {"IntervalStyle", "postgres"},
    {"TimeZone", "UTC"},
    {"integer_datetimes", "on"},
    {"standard_conforming_strings", "on"},
    {"is_superuser", "off"},
    {"in_hot_standby", "off"},
    {"default_transaction_read_only", "on"},
    {"application_name", ""},
    {"search_path", "\"$user\", public"},
    {"transaction_isolation", "read committed"},
    {"default_transaction_isolation", "read committed"},
    {"transaction_read_only", "on"},
    {"client_min_messages", "notice"},
    {"extra_float_digits", "1"},
    {"statement_timeout", "0"},
    {"lock_timeout", "0"},
    {"idle_in_transaction_session_timeout", "0"},
    {"bytea_output", "hex"},
    {"max_identifier_length", "63"},
    {"max_index_keys", "32"},
    {"lc_collate", "C"},
    {"lc_ctype", "C"},
    {"lc_messages", "C"},
    {"lc_monetary", "C"},
    {"row_security", "on"},
    {"escape_string_warning", "on"},
    {"backslash_quote", "safe_encoding"},
    {"array_nulls", "on"},
    {"synchronous_commit", "on"},
    {"ssl_renegotiation_limit", "0"},
    {"jit", "off"},
};

constexpr std::array<std::string_view, 13> kReported = {"server_version",
                                                        "server_encoding",
                                                        "client_encoding",
                                                        "datestyle",
                                                        "intervalstyle",
                                                        "timezone",
                                                        "integer_datetimes",
                                                        "standard_conforming_strings",
                                                        "is_superuser",
                                                        "session_authorization",
                                                        "application_name",
                                                        "in_hot_standby",
                                                        "default_transaction_read_only"};

constexpr std::array<std::string_view, 12> kReadOnly = {"server_version",  "server_version_num",
                                                        "server_encoding", "integer_datetimes",
                                                        "is_superuser",    "session_authorization",
                                                        "in_hot_standby",  "max_identifier_length",
                                                        "max_index_keys",  "lc_collate",
                                                        "lc_ctype",        "transaction_read_only"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  absl::AsciiStrToLower(&lower);
  return lower;
}

template <typename Names>
bool Has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

absl::Status BadValue(std::string_view name, std::string_view value, std::string_view hint) {
  return SqlStatus(
      sqlstate::kInvalidParameter,
      absl::StrCat("invalid value for parameter \"", std::string(name), "\": \"", std::string(value), "\""),
      hint);
}

// What SET may write, in the form that SHOW then gives.
absl::StatusOr<std::string> Accepted(const std::string& name, std::string_view value) {
  const std::string lower = Lower(value);
  if (name == "client_encoding") {
    std::string letters;
    for (const char c : lower) {
      if (absl::ascii_isalnum(static_cast<unsigned char>(c))) letters.push_back(c);
    }
    if (letters == "utf8" || letters == "unicode") return std::string("UTF8");
    return BadValue(name, value, "texts are UTF8 here");
  }
  if (name == "datestyle") {
    if (lower.starts_with("iso") || lower == "mdy" || lower == "dmy" || lower == "ymd" ||
        lower == "default") {
      return std::string("ISO, MDY");
    }
    return BadValue(name, value, "dates are printed as ISO does");
  }
  if (name == "intervalstyle") {
    if (lower == "postgres" || lower == "default") return std::string("postgres");
    return BadValue(name, value, "intervals are printed as postgres does");
  }
  if (name == "standard_conforming_strings") {
    if (lower == "on" || lower == "true" || lower == "1" || lower == "yes") return std::string("on");
    return BadValue(name, value, "a backslash is an ordinary character in '...'");
  }
  if (name == "default_transaction_read_only") {
    if (lower == "on" || lower == "true" || lower == "1" || lower == "yes") return std::string("on");
    return BadValue(name, value, "data is only read here");
  }
  if (name == "timezone") {
    static constexpr std::array<std::string_view, 22> kUtc = {
        "utc",   "etc/utc", "uct",     "etc/uct",       "gmt",       "etc/gmt",  "gmt0",     "gmt+0",   "gmt-0", "etc/gmt0", "greenwich",
        "zulu",  "z",       "etc/zulu", "etc/universal", "universal", "utc0",     "utc+0",    "utc-0",   "0",     "+00",      "local"};
    if (Has(kUtc, lower)) return std::string("UTC");
    return BadValue(name, value, "times are those of UTC here; let the client show them in its zone");
  }
  if (name == "statement_timeout" && lower != "0" && lower != "default") {
    return BadValue(name, value, "a running query is ended by a cancel request: Ctrl-C in psql");
  }
  if (name == kPurpose && (value.empty() || std::any_of(value.begin(), value.end(), [](char c) {
                             return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
                           }))) {
    return BadValue(name, value, "say in a few words what the questions are for");
  }
  return std::string(value);
}

}  // namespace

SessionSettings::SessionSettings(std::string_view user, std::string_view purpose) {
  for (const Initial& initial : kInitial) values_[Lower(initial.name)] = {initial.name, initial.value};
  values_["session_authorization"] = {"session_authorization", std::string(user)};
  values_[kPurpose] = {kPurpose, std::string(purpose)};
  defaults_ = values_;
}

absl::Status SessionSettings::Set(std::string_view name, std::string_view value) {
  const std::string key = Lower(name);
  const auto found = values_.find(key);
  if (found == values_.end()) {
    // Names with a dot belong to whoever uses them, as in PostgreSQL; care.* are ours.
    if (key.find('.') == std::string::npos || key.starts_with("care.")) {
      return SqlStatus(sqlstate::kUndefinedObject,
                       absl::StrCat("unrecognized configuration parameter \"", std::string(name), "\""),
                       key.starts_with("care.") ? "the parameter is care.purpose" : "");
    }
    if (key.size() > kLongestName)
      return SqlStatus(sqlstate::kLimitExceeded, absl::StrCat("the name of a parameter has at most ", kLongestName, " bytes"));
    if (values_.size() >= kMostSettings)
      return SqlStatus(sqlstate::kLimitExceeded, "the session has too many parameters");
  }
  if (Has(kReadOnly, key)) {
    return SqlStatus("55P02", absl::StrCat("parameter \"", std::string(name), "\" cannot be changed"));
  }
  if (value.size() > kLongestValue) {
    return SqlStatus(
        sqlstate::kInvalidParameter,
        absl::StrCat("the value of \"", std::string(name), "\" is longer than ", kLongestValue, " bytes"));
  }
  const absl::StatusOr<std::string> accepted = Accepted(key, value);
  if (!accepted.ok()) return accepted.status();
  if (found == values_.end()) {
    values_[key] = {key, *accepted};
  } else {
    found->second.value = *accepted;
  }
  return absl::OkStatus();
}

absl::Status SessionSettings::Reset(std::string_view name) {
  const std::string key = Lower(name);
  const auto initial = defaults_.find(key);
  if (initial != defaults_.end()) {
    values_[key] = initial->second;
  } else if (values_.erase(key) == 0) {
    return SqlStatus(sqlstate::kUndefinedObject,
                     absl::StrCat("unrecognized configuration parameter \"", std::string(name), "\""));
  }
  return absl::OkStatus();
}

void SessionSettings::ResetAll() { values_ = defaults_; }

const std::string* SessionSettings::Find(std::string_view name) const {
  const auto found = values_.find(Lower(name));
  return found == values_.end() ? nullptr : &found->second.value;
}

absl::StatusOr<std::string> SessionSettings::Show(std::string_view name) const {
  if (const std::string* value = Find(name)) return *value;
  return SqlStatus(sqlstate::kUndefinedObject,
                   absl::StrCat("unrecognized configuration parameter \"", std::string(name), "\""));
}

const std::string& SessionSettings::purpose() const { return values_.at(kPurpose).value; }

bool SessionSettings::WantsNotices() const {
  const std::string level = Lower(values_.at("client_min_messages").value);
  return level != "warning" && level != "error" && level != "fatal" && level != "panic";
}

std::vector<SessionSettings::Named> SessionSettings::All() const {
  std::vector<Named> all;
  for (const auto& [key, setting] : values_) all.push_back({setting.name, setting.value});
  return all;
}

std::vector<SessionSettings::Named> SessionSettings::TakeChanged() {
  std::vector<Named> changed;
  for (const std::string_view key : kReported) {
    const Setting& setting = values_.at(std::string(key));
    const auto [known, is_new] = reported_.try_emplace(std::string(key), setting.value);
    if (!is_new && known->second == setting.value) continue;
    known->second = setting.value;
    changed.push_back({setting.name, setting.value});
  }
  return changed;
}

}  // namespace care::engine::pgwire
