#include "connectors/postgresql/connection.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "connectors/postgresql/server_error.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

constexpr milliseconds kConnectPatience{20'000};
// How long a server may take to acknowledge that a statement was cancelled.
constexpr milliseconds kCancelPatience{3'000};
// Looking at Interrupt after each message would cost as much as reading it.
constexpr unsigned kMessagesPerLook = 256;

// serialization_failure: also what a standby says of a snapshot that its replay may not wait for.
constexpr std::string_view kWithdrawn = "40001";
constexpr int kMostLastWords = 8;

Result Owned(PGresult* result) { return Result(result, &PQclear); }

std::string_view SqlstateOf(const PGresult* result) {
  const char* code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return code == nullptr ? std::string_view() : std::string_view(code);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresqlConnection>> PostgresqlConnection::Open(const ConnectionSettings& settings,
                                                                                 std::string party) {
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : settings.parameters) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  PGconn* handle = wake < 0 ? nullptr : PQconnectStartParams(keywords.data(), values.data(), 0);
  if (handle == nullptr) {
    if (wake >= 0) ::close(wake);
    return absl::ResourceExhaustedError(
        absl::StrCat(party, ": no memory or file descriptor for a database connection"));
  }
  std::unique_ptr<PostgresqlConnection> connection(new PostgresqlConnection(handle, wake, std::move(party)));
  CARE_RETURN_IF_ERROR(connection->Connect(settings.server));
  return connection;
}

absl::Status PostgresqlConnection::Connect(const std::string& server) {
  // Errors of the server are then their codes alone, in every language.
  PQsetErrorVerbosity(handle_, PQERRORS_SQLSTATE);
  PQsetNoticeReceiver(
      handle_,
      [](void* withdrawn, const PGresult* notice) {
        if (SqlstateOf(notice) == kWithdrawn) *static_cast<bool*>(withdrawn) = true;
      },
      &withdrawn_);
  deadline_ = steady_clock::now() + kConnectPatience;
  for (PostgresPollingStatusType state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;) {
    if (state == PGRES_POLLING_FAILED || PQstatus(handle_) == CONNECTION_BAD) {
      return ConnectionError(PQerrorMessage(handle_), server, party_);
    }
    const absl::Status waited = Wait(state == PGRES_POLLING_WRITING ? POLLOUT : POLLIN);
    if (!waited.ok()) return absl::IsDeadlineExceeded(waited) ? ConnectionError({}, server, party_) : waited;
    state = PQconnectPoll(handle_);
  }
  return absl::OkStatus();
}

PostgresqlConnection::~PostgresqlConnection() {
  PQfinish(handle_);
  ::close(wake_);
}

bool PostgresqlConnection::is_utf8() const {
  const char* encoding = PQparameterStatus(handle_, "server_encoding");
  return encoding != nullptr && std::string_view(encoding) == "UTF8";
}

void PostgresqlConnection::Interrupt() {
  interrupted_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
}

void PostgresqlConnection::ClearInterrupt() {
  interrupted_ = false;
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t read = ::read(wake_, &count, sizeof count);
}

absl::Status PostgresqlConnection::Lost() {
  usable_ = false;
  // A standby that withdraws the snapshot of a session that stands idle ends the session; why is its last word, which
  // comes as a notice, as a result that nobody waits for, or in the connection's own message.
  for (int i = 0; i < kMostLastWords && PQstatus(handle_) == CONNECTION_BAD; ++i) {
    const Result last = Owned(PQgetResult(handle_));
    if (last == nullptr) break;
    withdrawn_ = withdrawn_ || SqlstateOf(last.get()) == kWithdrawn;
  }
  if (withdrawn_ || std::string_view(PQerrorMessage(handle_)).find(kWithdrawn) != std::string_view::npos) {
    return StatementError(kWithdrawn, party_, "");
  }
  return ConnectionLost(party_);
}

absl::Status PostgresqlConnection::Wait(short events) {
  for (;;) {
    if (interrupted_) return absl::CancelledError(absl::StrCat(party_, ": the query was cancelled"));
    const auto left = std::chrono::ceil<milliseconds>(deadline_ - steady_clock::now());
    if (left.count() <= 0) {
      return absl::DeadlineExceededError(
          absl::StrCat(party_, ": its database took longer than its statement timeout; narrow the query, or let ",
                       party_, " add an index or raise statement_timeout_seconds under [database]"));
    }
    std::array<pollfd, 2> files = {pollfd{PQsocket(handle_), events, 0}, pollfd{wake_, POLLIN, 0}};
    if (files[0].fd < 0) return Lost();
    const int ready = ::poll(files.data(), files.size(), static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return Lost();
    if (ready > 0 && files[0].revents != 0) return absl::OkStatus();
  }
}

absl::Status PostgresqlConnection::Start(int sent) {
  if (sent != 1) return Lost();
  deadline_ = steady_clock::now() + patience_;
  return absl::OkStatus();
}

absl::StatusOr<PGresult*> PostgresqlConnection::NextResult() {
  while (interrupted_ || PQisBusy(handle_) != 0) {
    absl::Status waited = Wait(POLLIN);
    if (waited.ok() && PQconsumeInput(handle_) != 1) waited = Lost();
    if (!waited.ok()) {
      Abandon();
      return waited;
    }
  }
  return PQgetResult(handle_);
}

absl::StatusOr<Result> PostgresqlConnection::Finish(const std::string& what) {
  Result last = Owned(nullptr);
  absl::Status status;
  for (;;) {
    CARE_ASSIGN_OR_RETURN(PGresult* const next, NextResult());
    if (next == nullptr) break;
    last = Owned(next);
    const ExecStatusType kind = PQresultStatus(next);
    if (kind == PGRES_FATAL_ERROR && status.ok()) {
      status = SqlstateOf(next).empty() ? Lost() : StatementError(SqlstateOf(next), party_, what);
    }
    if (kind == PGRES_COPY_OUT || kind == PGRES_COPY_IN || kind == PGRES_COPY_BOTH) {
      Abandon();
      return absl::InternalError(absl::StrCat(party_, ": its database began a COPY where none was asked for"));
    }
  }
  if (PQstatus(handle_) == CONNECTION_BAD) {
    usable_ = false;
    if (status.ok()) status = Lost();
  }
  if (!status.ok()) return status;
  return last;
}

void PostgresqlConnection::Abandon() {
  if (!usable_ || PQstatus(handle_) == CONNECTION_BAD) {
    usable_ = false;
    return;
  }
  std::array<char, 256> message;
  if (PGcancel* cancel = PQgetCancel(handle_); cancel != nullptr) {
    PQcancel(cancel, message.data(), static_cast<int>(message.size()));
    PQfreeCancel(cancel);
  }
  const auto patience = steady_clock::now() + kCancelPatience;
  for (;;) {
    while (PQisBusy(handle_) != 0) {
      const auto left = std::chrono::ceil<milliseconds>(patience - steady_clock::now());
      pollfd file = {PQsocket(handle_), POLLIN, 0};
      if (left.count() <= 0 || ::poll(&file, 1, static_cast<int>(left.count())) == 0 || PQconsumeInput(handle_) != 1) {
        usable_ = false;
        return;
      }
    }
    const Result result = Owned(PQgetResult(handle_));
    if (result == nullptr) return;
    if (PQresultStatus(result.get()) != PGRES_COPY_OUT) continue;
    // What the server had sent already.
    for (;;) {
      char* data = nullptr;
      const int size = PQgetCopyData(handle_, &data, 1);
      PQfreemem(data);
      if (size < 0) break;
      if (size > 0) continue;
      pollfd file = {PQsocket(handle_), POLLIN, 0};
      const auto left = std::chrono::ceil<milliseconds>(patience - steady_clock::now());
      if (left.count() <= 0 || ::poll(&file, 1, static_cast<int>(left.count())) == 0 || PQconsumeInput(handle_) != 1) {
        usable_ = false;
        return;
      }
    }
  }
}

absl::Status PostgresqlConnection::Execute(const std::string& statements, const std::string& what) {
  CARE_RETURN_IF_ERROR(Start(PQsendQuery(handle_, statements.c_str())));
  return Finish(what).status();
}

absl::StatusOr<PostgresqlConnection::Rows> PostgresqlConnection::Query(const std::string& sql,
                                                                       const std::vector<std::string>& parameters,
                                                                       const std::string& what) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  CARE_RETURN_IF_ERROR(Start(PQsendQueryParams(handle_, sql.c_str(), static_cast<int>(values.size()), nullptr,
                                               values.data(), nullptr, nullptr, 0)));
  CARE_ASSIGN_OR_RETURN(const Result result, Finish(what));
  Rows rows;
  for (int row = 0; result != nullptr && row < PQntuples(result.get()); ++row) {
    std::vector<std::optional<std::string>>& cells = rows.emplace_back();
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      if (PQgetisnull(result.get(), row, column) != 0) {
        cells.emplace_back();
      } else {
        cells.emplace_back(std::in_place, PQgetvalue(result.get(), row, column),
                           static_cast<std::size_t>(PQgetlength(result.get(), row, column)));
      }
    }
  }
  return rows;
}

absl::StatusOr<std::vector<PostgresqlConnection::ResultColumn>> PostgresqlConnection::Describe(
    const std::string& sql, const std::string& what) {
  CARE_RETURN_IF_ERROR(
      Start(PQsendQueryParams(handle_, absl::StrCat("SELECT * FROM (", sql, "\n) AS q LIMIT 0").c_str(), 0, nullptr,
                              nullptr, nullptr, nullptr, 0)));
  CARE_ASSIGN_OR_RETURN(const Result result, Finish(what));
  std::vector<ResultColumn> columns;
  for (int column = 0; result != nullptr && column < PQnfields(result.get()); ++column) {
    columns.push_back({PQfname(result.get(), column), PQftype(result.get(), column), PQfmod(result.get(), column)});
  }
  return columns;
}

absl::Status PostgresqlConnection::CopyOut(const std::string& sql,
                                           absl::FunctionRef<absl::Status(const char*, std::size_t)> receive,
                                           const std::string& what) {
  CARE_RETURN_IF_ERROR(Start(PQsendQuery(handle_, sql.c_str())));
  CARE_ASSIGN_OR_RETURN(PGresult* const first, NextResult());
  const Result begun = Owned(first);
  if (begun == nullptr) return Lost();
  if (PQresultStatus(begun.get()) != PGRES_COPY_OUT) {
    const std::string code(SqlstateOf(begun.get()));
    CARE_RETURN_IF_ERROR(Finish(what).status());
    if (code.empty() && PQstatus(handle_) == CONNECTION_BAD) return Lost();
    return StatementError(code, party_, what);
  }
  for (unsigned messages = 0;;) {
    char* data = nullptr;
    const int size = PQgetCopyData(handle_, &data, 1);
    absl::Status status;
    if (size > 0) {
      status = receive(data, static_cast<std::size_t>(size));
      PQfreemem(data);
      if (status.ok() && ++messages % kMessagesPerLook == 0 && interrupted_) {
        status = absl::CancelledError(absl::StrCat(party_, ": the query was cancelled"));
      }
    } else if (size == 0) {
      status = Wait(POLLIN);
      if (status.ok() && PQconsumeInput(handle_) != 1) status = Lost();
    } else {
      // The end, or an error in its place: the last result tells.
      return Finish(what).status();
    }
    if (!status.ok()) {
      Abandon();
      return status;
    }
  }
}

}  // namespace care::connectors
