#include "connectors/postgresql/connection_settings.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using Parameters = std::map<std::string, std::string>;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

absl::Status BadSetting(const char* key, const char* what) {
  return absl::InvalidArgumentError(absl::StrCat(key, " under [database] in the node file: ", what));
}

absl::StatusOr<Parameters> ParseUrl(const std::string& url) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(url.c_str(), &message));
  PQfreemem(message);  // It quotes the url.
  if (options == nullptr) {
    return BadSetting("url",
                      "not a PostgreSQL connection URI; write postgresql://USER@HOST:5432/DATABASE, with special "
                      "characters percent-encoded");
  }
  Parameters parameters;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') parameters[option->keyword] = option->val;
  }
  return parameters;
}

// What libpq takes from its environment where the url is silent.
Parameters Defaults() {
  Parameters parameters;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconndefaults());
  if (options == nullptr) return parameters;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') parameters[option->keyword] = option->val;
  }
  return parameters;
}

absl::StatusOr<std::string> ReadPassword(const std::string& path) {
  const auto unreadable = [] {
    return BadSetting("password_file", "cannot be read; check the path and that this program's user may read it");
  };
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return unreadable();
  struct stat status = {};
  std::array<char, 4096> text;
  ssize_t length = -1;
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
    do {
      length = ::read(file, text.data(), text.size());
    } while (length < 0 && errno == EINTR);
  }
  ::close(file);
  if (length < 0) return unreadable();
  if ((status.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    return BadSetting("password_file", "every user of this machine may read or write it; chmod 600 it");
  }
  std::string_view line(text.data(), static_cast<std::size_t>(length));
  if (static_cast<std::size_t>(length) == text.size() && line.find('\n') == std::string_view::npos) {
    return BadSetting("password_file", "its first line is too long for a password");
  }
  line = line.substr(0, line.find('\n'));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.empty()) return BadSetting("password_file", "its first line is empty; write the password there");
  if (line.find('\0') != std::string_view::npos) return BadSetting("password_file", "it holds a NUL byte");
  return std::string(line);
}

bool IsThisMachine(std::string_view host) {
  return host.empty() || host[0] == '/' || host[0] == '@' || host == "localhost" || host == "::1" ||
         absl::StartsWith(absl::string_view(host.data(), host.size()), "127.");
}

}  // namespace

absl::StatusOr<ConnectionSettings> ReadConnectionSettings(const planner::NodeConfig& config) {
  CARE_ASSIGN_OR_RETURN(Parameters parameters, ParseUrl(config.database_url));
  if (parameters.count("password") > 0 || parameters.count("sslpassword") > 0) {
    return BadSetting("url",
                      "it holds a password; take that out, write it as the only line of a file that only this "
                      "program's user can read, and name the file as password_file");
  }
  const Parameters defaults = Defaults();
  const auto setting = [&](const char* keyword) {
    const auto own = parameters.find(keyword);
    if (own != parameters.end()) return own->second;
    const auto other = defaults.find(keyword);
    return other == defaults.end() ? std::string() : other->second;
  };
  const std::string addresses = setting("hostaddr");
  const std::string hosts = addresses.empty() ? setting("host") : addresses;
  const std::vector<std::string> each = absl::StrSplit(hosts, ',');
  const bool here = setting("service").empty() &&
                    std::all_of(each.begin(), each.end(), [](const std::string& host) { return IsThisMachine(host); });
  const auto suggest = [&](const char* keyword, const char* value) { parameters.try_emplace(keyword, value); };
  // PostgreSQL's own default, prefer, takes whoever answers: right for a socket of this machine alone.
  if (!here) suggest("sslmode", "verify-full");
  suggest("connect_timeout", "10");
  suggest("application_name", "care");
  suggest("keepalives_idle", "30");
  suggest("keepalives_interval", "10");
  suggest("keepalives_count", "3");
  suggest("tcp_user_timeout", "60000");
  parameters["client_encoding"] = "UTF8";
  if (!config.database_password_file.empty()) {
    CARE_ASSIGN_OR_RETURN(parameters["password"], ReadPassword(config.database_password_file));
  }
  ConnectionSettings settings;
  const std::string named = setting("host").empty() ? hosts : setting("host");
  const std::string port = setting("port");
  settings.server =
      named.empty() ? std::string("the local socket") : absl::StrCat(named, ":", port.empty() ? "5432" : port);
  for (auto& [keyword, value] : parameters) settings.parameters.emplace_back(keyword, std::move(value));
  return settings;
}

}  // namespace care::connectors
