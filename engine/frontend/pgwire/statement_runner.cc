#include "engine/frontend/pgwire/statement_runner.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/catalogue_limits.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/types/status_macros.h"
#include "grammar/parameters.h"
#include "grammar/query_error.h"

namespace care::engine::pgwire {
namespace {

ResultSet Tagged(std::string tag) {
  ResultSet result;
  result.tag = std::move(tag);
  return result;
}

// JSON is one value, as PostgreSQL gives it.
ResultSet Explained(const Reply& reply) {
  ResultSet result;
  result.has_rows = true;
  result.tag = "EXPLAIN";
  result.columns.push_back({"QUERY PLAN", WireTypeNamed("text")});
  if (reply.is_json) {
    result.rows.push_back({std::string(absl::StripTrailingAsciiWhitespace(reply.explanation))});
    return result;
  }
  std::string_view rest = reply.explanation;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    result.rows.push_back({std::string(rest.substr(0, end))});
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return result;
}

ResultSet FromAnswer(Answer answer) {
  ResultSet result;
  result.has_rows = true;
  result.tag = "SELECT";
  for (const AnswerColumn& column : answer.columns) {
    const absl::StatusOr<DataType> type = ParseDataType(column.type);
    result.columns.push_back(
        {column.name,
         type.ok() ? WireTypeOf(*type) : WireTypeNamed(column.type == "interval" ? "interval" : "text")});
  }
  result.rows = std::move(answer.rows);
  result.notices = std::move(answer.notes);
  return result;
}

// A new status with the place in the client's own text.
absl::Status InClientsText(const absl::Status& status, const sql::TextWithParameters& text) {
  const auto parts = sql::QueryErrorPartsOf(status);
  if (!parts.has_value() || !parts->offset.has_value()) return status;
  sql::SourcePosition position;
  position.offset = static_cast<std::uint32_t>(text.OriginalOffset(*parts->offset));
  return sql::WithQueryError(
      status, sql::EncodedQueryError(sql::QueryError("", position, parts->message, parts->hint)));
}

std::string RefusalHint(const std::string& word) {
  if (word == "copy")
    return "select the result, and let the client write the file: psql --csv -o FILE -c \"SELECT ...\"";
  if (word == "prepare" || word == "execute")
    return "drivers prepare statements through the protocol; send the statement itself";
  return "data is only read here: SELECT, EXPLAIN, SHOW and SET";
}

}  // namespace

absl::Status CheckNameLength(std::string_view name, std::string_view of_what) {
  if (name.size() <= kLongestName) return absl::OkStatus();
  return SqlStatus(sqlstate::kLimitExceeded,
                   absl::StrCat("the name of ", std::string(of_what), " is longer than ", kLongestName, " bytes"));
}

absl::Status NotSupported(std::string_view what, std::string_view hint) {
  return SqlStatus(sqlstate::kFeatureNotSupported, absl::StrCat(std::string(what), " is not supported"),
                   hint);
}

absl::StatusOr<ResultSet> StatementRunner::Run(const StatementText& statement,
                                               const std::vector<ParameterValue>& parameters) {
  const Tokens& tokens = statement.tokens;
  const StatementKind kind = KindOf(tokens, services_);
  if (transaction_ == TransactionState::kFailed && kind != StatementKind::kRollback &&
      kind != StatementKind::kCommit && kind != StatementKind::kRollbackTo) {
    return SqlStatus(sqlstate::kFailedTransaction,
                     "current transaction is aborted, commands ignored until end of transaction block");
  }
  switch (kind) {
    case StatementKind::kBegin:
      return Begin();
    case StatementKind::kCommit:
      return EndTransaction(true);
    case StatementKind::kRollback:
      return EndTransaction(false);
    case StatementKind::kSavepoint:
    case StatementKind::kRelease:
    case StatementKind::kRollbackTo:
      return Savepoint(kind, tokens);
    case StatementKind::kSet:
      return Set(tokens, statement.sql);
    case StatementKind::kReset:
      return Reset(tokens);
    case StatementKind::kShow:
      return Show(tokens, statement.sql);
    case StatementKind::kDiscard:
      return Discard(tokens);
    case StatementKind::kDeallocate:
      return Deallocate(tokens);
    case StatementKind::kDeclare:
      return Declare(statement, parameters);
    case StatementKind::kFetch:
      return Fetch(tokens);
    case StatementKind::kClose:
      return CloseCursor(tokens);
    case StatementKind::kRefused:
      return NotSupported(absl::AsciiStrToUpper(tokens[0].text), RefusalHint(tokens[0].text));
    case StatementKind::kCatalogue:
      return AskCatalogue(statement.sql, tokens, parameters);
    case StatementKind::kQuestion:
      return Ask(statement.sql, parameters);
  }
  return absl::InternalError("a statement of no kind");
}

absl::StatusOr<ResultSet> StatementRunner::RunQuery(std::string_view sql, const Tokens& tokens,
                                                    const std::vector<ParameterValue>& parameters) {
  return ReadsOf(tokens, services_) == SelectReads::kTables ? Ask(sql, parameters) : AskCatalogue(sql, tokens, parameters);
}

absl::StatusOr<ResultSet> StatementRunner::Ask(std::string_view sql,
                                               const std::vector<ParameterValue>& parameters) {
  std::vector<std::string> literals;
  for (const ParameterValue& value : parameters) {
    CARE_ASSIGN_OR_RETURN(literals.emplace_back(), ParameterLiteral(value));
  }
  CARE_ASSIGN_OR_RETURN(const auto text, sql::TextWithParameters::Replace(sql, literals));
  Question question;
  question.sql = text.sql();
  question.purpose = settings_.purpose();
  question.asked_by = user_;
  asker_.Begin(settings_.WantsNotices());
  absl::StatusOr<Reply> reply = services_.Ask(question, asker_);
  asker_.End();
  if (!reply.ok()) return InClientsText(reply.status(), text);
  if (!reply->answer.has_value()) return Explained(*reply);
  return FromAnswer(*std::move(reply->answer));
}

absl::StatusOr<ResultSet> StatementRunner::AskCatalogue(std::string_view sql, const Tokens& tokens,
                                                        const std::vector<ParameterValue>& parameters) {
  CARE_RETURN_IF_ERROR(CheckCatalogueLimits(tokens, ReadsOf(tokens, services_) == SelectReads::kCatalogue));
  return services_.AskCatalogue({sql, tokens, parameters, settings_, user_, process_});
}

absl::StatusOr<ResultSet> StatementRunner::Describe(const StatementText& statement,
                                                    const std::vector<ParameterValue>& parameters) {
  const Tokens& tokens = statement.tokens;
  switch (KindOf(tokens, services_)) {
    case StatementKind::kCatalogue: {
      // The catalogue costs nothing and discloses nothing: its columns are those of the answer.
      CARE_ASSIGN_OR_RETURN(ResultSet result, AskCatalogue(statement.sql, tokens, parameters));
      result.rows.clear();
      return result;
    }
    case StatementKind::kShow: {
      CARE_ASSIGN_OR_RETURN(ResultSet result, Show(tokens, statement.sql));
      result.rows.clear();
      return result;
    }
    case StatementKind::kFetch: {
      const auto cursor = cursors_.find(tokens.back().text);
      ResultSet result;
      if (cursor != cursors_.end()) {
        result.has_rows = true;
        result.columns = cursor->second.result.columns;
      }
      return result;
    }
    case StatementKind::kQuestion:
      break;
    default:
      return ResultSet();
  }
  std::vector<std::string> literals;
  for (const ParameterValue& value : parameters) {
    CARE_ASSIGN_OR_RETURN(literals.emplace_back(), ParameterLiteral(value));
  }
  CARE_ASSIGN_OR_RETURN(const auto text, sql::TextWithParameters::Replace(statement.sql, literals));
  Question question;
  question.sql = text.sql();
  question.purpose = settings_.purpose();
  question.asked_by = user_;
  const absl::StatusOr<std::vector<DescribedColumn>> columns = services_.Describe(question);
  if (!columns.ok()) return InClientsText(columns.status(), text);
  ResultSet result;
  result.has_rows = true;
  for (const DescribedColumn& column : *columns)
    result.columns.push_back({column.name, WireTypeOf(column.type)});
  return result;
}

// ---- The transaction that clients believe to be in ----------------------------------------------------

absl::StatusOr<ResultSet> StatementRunner::Begin() {
  ResultSet result = Tagged("BEGIN");
  if (transaction_ != TransactionState::kIdle)
    result.notices.push_back("there is already a transaction in progress");
  transaction_ = TransactionState::kOpen;
  return result;
}

absl::StatusOr<ResultSet> StatementRunner::EndTransaction(bool commit) {
  ResultSet result = Tagged(commit && transaction_ != TransactionState::kFailed ? "COMMIT" : "ROLLBACK");
  if (transaction_ == TransactionState::kIdle)
    result.notices.push_back("there is no transaction in progress");
  transaction_ = TransactionState::kIdle;
  savepoints_.clear();
  std::erase_if(cursors_, [](const auto& entry) { return !entry.second.holds; });
  return result;
}

absl::StatusOr<ResultSet> StatementRunner::Savepoint(StatementKind kind, const Tokens& tokens) {
  constexpr std::size_t kMostSavepoints = 1'000;
  const std::string& name = tokens.back().text;
  if (tokens.size() < 2 || !tokens.back().IsName()) {
    return SqlStatus(sqlstate::kSyntaxError, "a savepoint's name is missing");
  }
  CARE_RETURN_IF_ERROR(CheckNameLength(name, "a savepoint"));
  if (transaction_ == TransactionState::kIdle) {
    return SqlStatus("25P01", "savepoints can only be used in transaction blocks", "BEGIN starts one");
  }
  if (kind == StatementKind::kSavepoint) {
    if (savepoints_.size() >= kMostSavepoints)
      return SqlStatus(sqlstate::kLimitExceeded, "too many savepoints");
    CARE_ASSIGN_OR_RETURN(HeldBytes held, budget_.Hold(sizeof(SavepointEntry) + name.size(), "a savepoint"));
    savepoints_.push_back({name, std::move(held)});
    return Tagged("SAVEPOINT");
  }
  std::size_t at = savepoints_.size();
  while (at > 0 && savepoints_[at - 1].name != name) --at;
  if (at == 0) {
    return SqlStatus(sqlstate::kInvalidSavepoint, absl::StrCat("savepoint \"", name, "\" does not exist"));
  }
  const std::size_t kept = kind == StatementKind::kRelease ? at - 1 : at;
  savepoints_.erase(savepoints_.begin() + static_cast<std::ptrdiff_t>(kept), savepoints_.end());
  if (kind == StatementKind::kRelease) return Tagged("RELEASE");
  transaction_ = TransactionState::kOpen;
  return Tagged("ROLLBACK");
}

// ---- Settings -----------------------------------------------------------------------------------------

absl::StatusOr<ResultSet> StatementRunner::Set(const Tokens& tokens, std::string_view sql) {
  std::size_t at = 1;
  const auto is = [&](std::string_view word) { return at < tokens.size() && tokens[at].IsWord(word); };
  if (is("session") || is("local")) ++at;
  if (is("characteristics") || is("transaction") || is("constraints")) return Tagged("SET");
  if (is("role")) return NotSupported("SET ROLE", "connect as that user");
  std::string name;
  if (is("time") && at + 1 < tokens.size() && tokens[at + 1].IsWord("zone")) {
    name = "TimeZone";
    at += 2;
  } else if (is("names")) {
    name = "client_encoding";
    ++at;
  } else {
    while (at < tokens.size() && (tokens[at].IsName() || tokens[at].IsSymbol("."))) {
      if (is("to")) break;
      absl::StrAppend(&name, tokens[at].text);
      ++at;
    }
    if (name.empty() || at >= tokens.size() || !(is("to") || tokens[at].IsSymbol("="))) {
      return SqlStatus(sqlstate::kSyntaxError, "SET is written as SET name = value");
    }
    ++at;
  }
  if (at >= tokens.size()) return SqlStatus(sqlstate::kSyntaxError, "SET is written as SET name = value");
  if (tokens.size() == at + 1 && tokens[at].IsWord("default")) {
    CARE_RETURN_IF_ERROR(settings_.Reset(name));
    return Tagged("SET");
  }
  std::string value;
  if (tokens.size() == at + 1 && tokens[at].kind != TokenKind::kQuoted) {
    value = tokens[at].kind == TokenKind::kString
                ? tokens[at].text
                : std::string(sql.substr(tokens[at].begin, tokens[at].end - tokens[at].begin));
  } else {
    // A list, as search_path takes, or a number with a sign.
    for (; at < tokens.size(); ++at) {
      if (tokens[at].IsSymbol(",")) {
        value += ", ";
      } else {
        value += tokens[at].kind == TokenKind::kString
                     ? tokens[at].text
                     : std::string(sql.substr(tokens[at].begin, tokens[at].end - tokens[at].begin));
      }
    }
  }
  if (name == "purpose") name = "care.purpose";
  CARE_RETURN_IF_ERROR(settings_.Set(name, value));
  return Tagged("SET");
}

absl::StatusOr<ResultSet> StatementRunner::Reset(const Tokens& tokens) {
  std::string name;
  for (std::size_t at = 1; at < tokens.size(); ++at) name += tokens[at].text;
  if (name == "all") {
    settings_.ResetAll();
  } else {
    CARE_RETURN_IF_ERROR(settings_.Reset(name == "timezone" ? "TimeZone" : name));
  }
  return Tagged("RESET");
}

absl::StatusOr<ResultSet> StatementRunner::Show(const Tokens& tokens, std::string_view sql) {
  ResultSet result;
  result.has_rows = true;
  result.tag = "SHOW";
  const WireType text = WireTypeNamed("text");
  std::string name;
  for (std::size_t at = 1; at < tokens.size(); ++at) name += tokens[at].text;
  if (name == "all") {
    result.columns = {{"name", text}, {"setting", text}, {"description", text}};
    for (const auto& [key, value] : settings_.All()) result.rows.push_back({key, value, ""});
    return result;
  }
  if (tokens.size() > 1 && (tokens[1].IsWord("tables") || tokens[1].IsWord("columns") || tokens[1].IsWord("policy"))) {
    CARE_ASSIGN_OR_RETURN(ResultSet shown, Ask(sql, {}));
    shown.tag = "SHOW";
    return shown;
  }
  if (name == "purpose") name = "care.purpose";
  if (name == "transactionisolationlevel") name = "transaction_isolation";
  if (name == "sessionauthorization") name = "session_authorization";
  CARE_ASSIGN_OR_RETURN(const std::string value, settings_.Show(name));
  result.columns = {{name, text}};
  result.rows.push_back({value});
  return result;
}

// ---- What a session remembers --------------------------------------------------------------------------

absl::StatusOr<ResultSet> StatementRunner::Discard(const Tokens& tokens) {
  const bool all = tokens.size() == 2 && tokens[1].IsWord("all");
  if (all) {
    prepared_.ForgetAll();
    cursors_.clear();
    settings_.ResetAll();
  }
  return Tagged(all ? "DISCARD ALL" : "DISCARD");
}

absl::StatusOr<ResultSet> StatementRunner::Deallocate(const Tokens& tokens) {
  const std::size_t at = tokens.size() > 1 && tokens[1].IsWord("prepare") ? 2 : 1;
  if (at >= tokens.size())
    return SqlStatus(sqlstate::kSyntaxError, "DEALLOCATE is written as DEALLOCATE name");
  if (tokens[at].IsWord("all")) {
    prepared_.ForgetAll();
    return Tagged("DEALLOCATE ALL");
  }
  if (!prepared_.Forget(tokens[at].text)) {
    return SqlStatus(sqlstate::kInvalidStatementName,
                     absl::StrCat("prepared statement \"", tokens[at].text, "\" does not exist"));
  }
  return Tagged("DEALLOCATE");
}

}  // namespace care::engine::pgwire
