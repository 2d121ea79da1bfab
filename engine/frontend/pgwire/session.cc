#include "engine/frontend/pgwire/session.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/frontend/pgwire/users_file.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
namespace {

constexpr std::int32_t kCancelRequest = 80877102;
constexpr std::int32_t kSslRequest = 80877103;
constexpr std::int32_t kGssEncryptionRequest = 80877104;
constexpr std::size_t kFlushBytes = 64 * 1024;
constexpr std::size_t kMostOptions = 100;

}  // namespace

Session::Session(SessionServices& services, Output& output, SessionFacts facts)
    : services_(services), output_(output), facts_(std::move(facts)), budget_(services.memory()), asker_([this](const std::string& text) {
        writer_.Notice("NOTICE", text);
        Flush();
      }) {}

Session::Next Session::Handle(const Message& message) {
  Next next = Next::kClose;
  switch (phase_) {
    case Phase::kStartup:
      next = HandleStartup(message);
      break;
    case Phase::kPasswordFirst:
    case Phase::kPasswordFinal:
      next = HandlePassword(message);
      break;
    case Phase::kVerdict:
      break;  // nothing is handled then
    case Phase::kReady:
      next = HandleReady(message);
      break;
  }
  if (phase_ != Phase::kReady || next == Next::kClose) Flush();
  return next;
}

void Session::Refuse(const absl::Status& why) {
  const SqlError error = SqlErrorOf(why, {}, 0);
  Fatal(error.sqlstate.c_str(), error.message, error.hint);
  Flush();
}

Session::Next Session::Fatal(const char* sqlstate, std::string_view message, std::string_view hint) {
  writer_.Error({sqlstate, std::string(message), {}, std::string(hint), 0}, /*fatal=*/true);
  return Next::kClose;
}

// ---- Startup ------------------------------------------------------------------------------------------

Session::Next Session::HandleStartup(const Message& message) {
  FieldReader fields(message.body);
  const std::int32_t code = fields.Int32();
  switch (code) {
    case kCancelRequest: {
      const auto process = static_cast<std::uint32_t>(fields.Int32());
      const auto secret = static_cast<std::uint32_t>(fields.Int32());
      if (fields.finished()) services_.Cancel(process, secret);
      return Next::kClose;  // the client waits for the end of this connection
    }
    case kSslRequest:
      if (encrypted_) return Fatal(sqlstate::kProtocolViolation, "this connection is encrypted already");
      output_.Send("S");
      return Next::kStartTls;
    case kGssEncryptionRequest:
      output_.Send("N");
      return Next::kContinue;
    default:
      break;
  }
  if (code >> 16 != 3) {
    return Fatal(sqlstate::kFeatureNotSupported,
                 "unsupported frontend protocol: this node speaks version 3.0");
  }
  if (!encrypted_ && !(services_.tls_optional() && facts_.from_this_machine)) {
    return Fatal(sqlstate::kInvalidAuthorization, "this node accepts encrypted connections only",
                 "connect with sslmode=require");
  }
  return StartSession(fields);
}

Session::Next Session::StartSession(FieldReader fields) {
  std::vector<std::string> unknown;
  for (std::size_t count = 0;; ++count) {
    const std::string name(fields.Text());
    if (!fields.ok() || count > kMostOptions) {
      return Fatal(sqlstate::kProtocolViolation, "the startup packet is not understood");
    }
    if (name.empty()) break;
    const std::string value(fields.Text());
    if (name == "user") {
      user_ = value;
    } else if (name == "database") {
      database_ = value;
    } else if (name == "replication") {
      if (value != "false" && value != "off" && value != "no" && value != "0") {
        return Fatal(sqlstate::kFeatureNotSupported, "replication is not supported");
      }
    } else if (name.starts_with("_pq_.")) {
      unknown.push_back(name);
    } else {
      wishes_[name] = value;
    }
  }
  if (user_.empty()) return Fatal(sqlstate::kInvalidAuthorization, "no user name was given");
  if (!unknown.empty()) writer_.NegotiateProtocolVersion(unknown);
  exchange_.emplace(services_.VerifierOf(user_), encrypted_ ? services_.endpoint_hash() : std::string());
  std::vector<std::string> mechanisms;
  if (encrypted_ && !services_.endpoint_hash().empty()) mechanisms.push_back(kScramPlus);
  mechanisms.push_back(kScram);
  writer_.AuthenticationSasl(mechanisms);
  phase_ = Phase::kPasswordFirst;
  return Next::kContinue;
}

Session::Next Session::HandlePassword(const Message& message) {
  if (message.type != 'p')
    return Fatal(sqlstate::kProtocolViolation, "a message of the password exchange was expected");
  FieldReader fields(message.body);
  absl::StatusOr<std::string> answer;
  if (phase_ == Phase::kPasswordFirst) {
    const std::string_view mechanism = fields.Text();
    const std::int32_t size = fields.Int32();
    const std::string_view first =
        size < 0 ? std::string_view() : fields.Bytes(static_cast<std::size_t>(size));
    if (!fields.finished())
      return Fatal(sqlstate::kProtocolViolation, "a message of the password exchange is malformed");
    answer = exchange_->First(mechanism, first);
    if (!answer.ok()) return Fatal(sqlstate::kProtocolViolation, std::string(answer.status().message()));
    writer_.AuthenticationSaslContinue(*answer);
    phase_ = Phase::kPasswordFinal;
    return Next::kContinue;
  }
  verdict_ = exchange_->Final(message.body);
  exchange_.reset();
  pause_ = services_.LoggedIn(user_, facts_.address, verdict_.ok());
  phase_ = Phase::kVerdict;
  return pause_.count() > 0 ? Next::kPause : GiveVerdict();
}

Session::Next Session::Resume() {
  const Next next = GiveVerdict();
  Flush();
  return next;
}

Session::Next Session::GiveVerdict() {
  if (!verdict_.ok()) {
    return Fatal(sqlstate::kInvalidPassword,
                 absl::StrCat("password authentication failed for user \"", user_, "\""));
  }
  writer_.AuthenticationSaslFinal(*verdict_);
  // Only now, so that strangers cannot take the places of those who may log in.
  if (!services_.Admit(facts_.process))
    return Fatal(sqlstate::kTooManyConnections, "sorry, too many clients already", "try again later");
  return Welcome();
}

absl::Status Session::Wish(const std::string& name, const std::string& value) {
  const absl::Status set = settings_->Set(name, value);
  if (set.ok() || !absl::EqualsIgnoreCase(name, "timezone")) return set;
  // Drivers send that of their machine unasked (pgjdbc), and read in the reply which one holds.
  wishes_other_zone_ = true;
  return absl::OkStatus();
}

// options=-c care.purpose=... , with backslashes before spaces of a value.
absl::Status Session::ReadOptions(std::string_view options) {
  std::vector<std::string> words(1);
  for (std::size_t at = 0; at < options.size(); ++at) {
    if (options[at] == '\\' && at + 1 < options.size()) {
      words.back().push_back(options[++at]);
    } else if (options[at] == ' ') {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back().push_back(options[at]);
    }
  }
  if (words.back().empty()) words.pop_back();
  for (std::size_t at = 0; at < words.size(); ++at) {
    std::string assignment = words[at];
    if (assignment == "-c" && at + 1 < words.size()) {
      assignment = words[++at];
    } else if (assignment.starts_with("--") || assignment.starts_with("-c")) {
      assignment.erase(0, 2);
    } else {
      return SqlStatus(sqlstate::kInvalidParameter, "options are written as -c name=value");
    }
    const std::size_t equal = assignment.find('=');
    if (equal == std::string::npos)
      return SqlStatus(sqlstate::kInvalidParameter, "options are written as -c name=value");
    CARE_RETURN_IF_ERROR(Wish(assignment.substr(0, equal), assignment.substr(equal + 1)));
  }
  return absl::OkStatus();
}

Session::Next Session::Welcome() {
  // libpq names the user where no database is given.
  if (!database_.empty() && database_ != user_ && database_ != services_.database()) {
    return Fatal("3D000", absl::StrCat("database \"", database_, "\" does not exist"),
                 absl::StrCat("the database is the federation: ", services_.database()));
  }
  settings_.emplace(user_, services_.default_purpose());
  absl::Status set;
  for (const auto& [name, value] : wishes_) {
    if (set.ok()) set = name == "options" ? ReadOptions(value) : Wish(name, value);
  }
  if (!set.ok()) {
    const SqlError error = SqlErrorOf(set, {}, 0);
    return Fatal(error.sqlstate.c_str(), error.message, error.hint);
  }
  wishes_.clear();
  settings_->Started();
  StatementRunner::PreparedStatements& prepared = *this;
  runner_.emplace(services_, asker_, *settings_, prepared, budget_, user_, facts_.process);
  writer_.AuthenticationOk();
  SendSettings();
  if (wishes_other_zone_ && settings_->WantsNotices())
    writer_.Notice("NOTICE", "times are those of UTC here, whatever the client's time zone");
  writer_.BackendKeyData(facts_.process, facts_.secret);
  phase_ = Phase::kReady;
  Ready();
  return Next::kContinue;
}

// ---- Statements ---------------------------------------------------------------------------------------

Session::Next Session::HandleReady(const Message& message) {
  switch (message.type) {
    case 'X':
      return Next::kClose;
    case 'S':
      skips_until_sync_ = false;
      if (runner_->transaction() == TransactionState::kIdle) portals_.clear();
      Ready();
      return Next::kContinue;
    case 'H':
      Flush();
      return Next::kContinue;
    case 'Q': {
      if (skips_until_sync_) return Next::kContinue;
      FieldReader fields(message.body);
      const std::string_view sql = fields.Text();
      if (!fields.finished()) return Fatal(sqlstate::kProtocolViolation, "a query message is malformed");
      SimpleQuery(sql);
      return Next::kContinue;
    }
    case 'P':
    case 'B':
    case 'D':
    case 'E':
    case 'C': {
      if (skips_until_sync_) return Next::kContinue;
      if (const absl::Status status = HandleExtended(message); !status.ok()) {
        skips_until_sync_ = true;
        runner_->Failed();
        SendError(status, failed_sql_, 0);
      }
      failed_sql_ = std::string();
      FlushIfLarge();
      return Next::kContinue;
    }
    case 'F':
      if (skips_until_sync_) return Next::kContinue;
      SendError(NotSupported("a function call message", "call functions in a SELECT"), {}, 0);
      Ready();
      return Next::kContinue;
    case 'd':
    case 'c':
    case 'f':
      return Next::kContinue;  // the rest of a COPY that was refused
    default:
      return Fatal(sqlstate::kProtocolViolation, "a message of an unknown type arrived");
  }
}

void Session::SimpleQuery(std::string_view sql) {
  portals_.erase("");
  const absl::StatusOr<std::vector<StatementText>> statements = SplitStatements(sql);
  absl::Status status = statements.status();
  std::size_t begin = 0;
  if (status.ok() && statements->empty()) writer_.Bare('I');
  for (std::size_t at = 0; status.ok() && at < statements->size(); ++at) {
    begin = (*statements)[at].begin;
    absl::StatusOr<ResultSet> result = runner_->Run((*statements)[at], {});
    status = result.status();
    if (!status.ok()) break;
    SendSettings();
    SendNotices(*result);
    std::size_t next = 0;
    if (result->has_rows) writer_.RowDescription(result->columns, {});
    status = SendRows(*result, {}, next, 0);
  }
  if (!status.ok()) {
    runner_->Failed();
    SendError(status, sql, begin);
  }
  Ready();
}

void Session::Ready() {
  writer_.ReadyForQuery(static_cast<char>(runner_->transaction()));
  Flush();
}

void Session::SendSettings() {
  for (const auto& [name, value] : settings_->TakeChanged()) writer_.ParameterStatus(name, value);
}

void Session::SendNotices(const ResultSet& result) {
  if (!settings_->WantsNotices()) return;
  for (const std::string& notice : result.notices) writer_.Notice("NOTICE", notice);
}

void Session::SendError(const absl::Status& status, std::string_view sql, std::size_t begin) {
  writer_.Error(SqlErrorOf(status, sql, begin));
}

absl::Status Session::SendRows(ResultSet& result, const std::vector<std::int16_t>& formats, std::size_t& next,
                               std::size_t most) {
  const std::size_t first = next;
  const std::size_t end = most == 0 || result.rows.size() - next < most ? result.rows.size() : next + most;
  for (; next < end; ++next) {
    auto& row = result.rows[next];
    for (std::size_t column = 0; column < row.size() && !formats.empty(); ++column) {
      if (formats.size() == 1 ? formats[0] == 0 : formats[column] == 0) continue;
      if (!row[column].has_value()) continue;
      CARE_ASSIGN_OR_RETURN(row[column], BinaryCell(result.columns[column].type.oid, *row[column]));
    }
    writer_.DataRow(row);
    row.clear();
    row.shrink_to_fit();
    FlushIfLarge();
  }
  if (next < result.rows.size()) {
    writer_.Bare('s');
  } else {
    const bool counts = result.has_rows && (result.tag == "SELECT" || result.tag == "FETCH");
    writer_.CommandComplete(counts ? absl::StrCat(result.tag, " ", next - first) : result.tag);
  }
  return absl::OkStatus();
}

void Session::FlushIfLarge() {
  if (writer_.size() >= kFlushBytes) Flush();
}

void Session::Flush() {
  if (writer_.size() > 0) output_.Send(writer_.Take());
}

}  // namespace care::engine::pgwire
