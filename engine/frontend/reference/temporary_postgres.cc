#include "engine/frontend/reference/temporary_postgres.h"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr char kServerUser[] = "postgres";
constexpr char kMarker[] = "==== rows ====";
constexpr auto kStartPatience = std::chrono::seconds(60);

// Debian keeps the server's programs out of PATH, in a directory for each version.
absl::StatusOr<std::string> ServerPrograms() {
  const char* given = std::getenv("CARE_POSTGRESQL_BIN");  // NOLINT(concurrency-mt-unsafe)
  if (given != nullptr) return std::string(given);
  const std::string directory = "/usr/lib/postgresql/15/bin";
  std::error_code error;
  if (std::filesystem::exists(directory + "/initdb", error)) return directory;
  return absl::NotFoundError(
      "PostgreSQL 15 is not installed: apt-get install postgresql-15, or set CARE_POSTGRESQL_BIN to the "
      "directory of its initdb");
}

absl::Status Failed(std::string_view what, const CommandResult& result) {
  return absl::InternalError(absl::StrCat(std::string(what), " failed: ", result.error));
}

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

}  // namespace

absl::StatusOr<std::unique_ptr<TemporaryPostgres>> TemporaryPostgres::Start(PostgresOptions options) {
  // Under the shortest usual directory: a socket's path has at most 107 characters.
  char pattern[] = "/tmp/care-postgres-XXXXXX";
  if (mkdtemp(pattern) == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot create a directory under /tmp: ", strerror(errno)));
  }
  std::unique_ptr<TemporaryPostgres> postgres(new TemporaryPostgres(pattern, std::move(options)));
  CARE_RETURN_IF_ERROR(postgres->Launch());
  return postgres;
}

absl::Status TemporaryPostgres::Launch() {
  CARE_ASSIGN_OR_RETURN(programs_, ServerPrograms());
  if (geteuid() == 0) {
    const passwd* user = getpwnam(kServerUser);  // NOLINT(concurrency-mt-unsafe)
    if (user == nullptr) {
      return absl::FailedPreconditionError("PostgreSQL does not run as root, and there is no user postgres");
    }
    if (chown(directory_.c_str(), user->pw_uid, user->pw_gid) != 0) {
      return absl::UnavailableError(absl::StrCat("cannot hand ", directory_, " to the user postgres"));
    }
  }
  const std::string data = directory_ + "/data";
  std::vector<std::string> make = {programs_ + "/initdb", "-D", data, "-A", "trust", "-U", kServerUser,
                                   "--no-sync", "--locale=C", "-E", "UTF8"};
  if (!options_.standby_of.empty()) {
    make = {programs_ + "/pg_basebackup", "-D", data, "-h", options_.standby_of, "-U", kServerUser,
            "--write-recovery-conf", "--checkpoint=fast", "--no-sync"};
  }
  CARE_ASSIGN_OR_RETURN(const CommandResult made, RunCommand(make, {.input = {}, .user = kServerUser}));
  if (made.exit_code != 0) return Failed(make[0], made);
  return Restart();
}

void TemporaryPostgres::Crash() {
  if (server_.has_value()) server_->Stop(SIGQUIT, std::chrono::seconds(20));
}

absl::Status TemporaryPostgres::Restart() {
  // Nothing here has to outlive a crash of the machine; what a caller sets comes last and so wins.
  std::vector<std::string> settings = {"listen_addresses=",     "fsync=off", "full_page_writes=off",
                                       "max_connections=20",    "jit=off",   "wal_level=minimal",
                                       "max_wal_senders=0",     "max_wal_size=4GB",
                                       absl::StrCat("port=", options_.port)};
  settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
  std::vector<std::string> arguments = {programs_ + "/postgres", "-D", directory_ + "/data", "-k", directory_};
  for (const std::string& setting : settings) arguments.insert(arguments.end(), {"-c", setting});
  CARE_ASSIGN_OR_RETURN(server_, ChildProcess::Start({.arguments = arguments, .output_path = {}, .user = kServerUser}));
  const auto deadline = std::chrono::steady_clock::now() + kStartPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    CARE_ASSIGN_OR_RETURN(const CommandResult ready,
                          RunCommand({programs_ + "/pg_isready", "-q", "-h", directory_, "-p", absl::StrCat(options_.port)}));
    if (ready.exit_code == 0) return absl::OkStatus();
    if (!server_->IsRunning()) return absl::UnavailableError("the temporary PostgreSQL ended while starting");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return absl::DeadlineExceededError("the temporary PostgreSQL did not start within 60 s");
}

TemporaryPostgres::~TemporaryPostgres() {
  // SIGINT is PostgreSQL's fast shutdown: it waits for nobody.
  if (server_.has_value()) server_->Stop(SIGINT, std::chrono::seconds(20));
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

absl::StatusOr<std::string> TemporaryPostgres::RunPsql(const std::string& script,
                                                       const std::string& database) {
  CARE_ASSIGN_OR_RETURN(
      const CommandResult result,
      RunCommand({programs_ + "/psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h",
                  directory_, "-p", absl::StrCat(options_.port), "-U", kServerUser, "-d", database, "-f", "-"},
                 {.input = script}));
  if (result.exit_code != 0) return Failed("psql", result);
  return result.output;
}

absl::Status TemporaryPostgres::Execute(const std::string& script, const std::string& database) {
  return RunPsql(script, database).status();
}

absl::Status TemporaryPostgres::LoadCsv(const std::string& directory, const std::vector<std::string>& tables,
                                        const std::string& database) {
  std::string script;
  for (const std::string& table : tables) {
    const std::string path = std::filesystem::absolute(directory).string() + "/" + table + ".csv";
    absl::StrAppend(&script, "\\copy ", table, " FROM ", Quoted(path), " WITH (FORMAT csv, HEADER true)\n");
  }
  absl::StrAppend(&script, "ANALYZE;\n");
  return Execute(script, database);
}

absl::StatusOr<TextTable> TemporaryPostgres::Query(std::string_view sql, const std::string& database) {
  std::string statement(sql);
  while (!statement.empty() &&
         (statement.back() == ';' || statement.back() == '\n' || statement.back() == ' ')) {
    statement.pop_back();
  }
  CARE_ASSIGN_OR_RETURN(const std::string output,
                        RunPsql(absl::StrCat(statement, "\n\\gdesc\n\\echo ", kMarker, "\nCOPY (", statement,
                                             "\n) TO STDOUT WITH (FORMAT csv);\n"),
                                database));
  const std::size_t marker = output.find(kMarker);
  if (marker == std::string::npos) return absl::InternalError("psql's output is not as expected");
  TextTable table;
  std::string_view described = std::string_view(output).substr(0, marker);
  while (!described.empty()) {
    const std::size_t end = described.find('\n');
    const std::string_view line = described.substr(0, end);
    const std::size_t tab = line.find('\t');
    if (tab != std::string_view::npos) {
      table.columns.push_back({std::string(line.substr(0, tab)), std::string(line.substr(tab + 1))});
    }
    described.remove_prefix(end == std::string_view::npos ? described.size() : end + 1);
  }
  table.rows = ParseCsv(output.substr(marker + sizeof kMarker));  // past the marker and its newline
  return table;
}

}  // namespace care::engine
