// The cursors of a session: DECLARE, FETCH, CLOSE. A cursor's query runs when it is declared, once, and its
// rows wait here: a joint query cannot stop half way.

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/frontend/pgwire/statement_runner.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
namespace {

constexpr std::size_t kMostCursors = 20;

absl::Status NoSuchCursor(const std::string& name) {
  return SqlStatus(sqlstate::kInvalidCursorName, absl::StrCat("cursor \"", name, "\" does not exist"));
}

}  // namespace

absl::StatusOr<ResultSet> StatementRunner::Declare(const StatementText& statement,
                                                   const std::vector<ParameterValue>& parameters) {
  const Tokens& tokens = statement.tokens;
  std::size_t at = 1;
  if (at >= tokens.size() || !tokens[at].IsName()) {
    return SqlStatus(sqlstate::kSyntaxError, "DECLARE is written as DECLARE name CURSOR FOR SELECT ...");
  }
  const std::string name = tokens[at++].text;
  CARE_RETURN_IF_ERROR(CheckNameLength(name, "a cursor"));
  Cursor cursor;
  bool is_cursor = false, without = false;
  for (; at < tokens.size() && !tokens[at].IsWord("for"); ++at) {
    if (tokens[at].IsWord("binary")) return NotSupported("a BINARY cursor", "leave BINARY out");
    is_cursor |= tokens[at].IsWord("cursor");
    without |= tokens[at].IsWord("without");
    cursor.holds |= tokens[at].IsWord("hold") && !without;
  }
  if (!is_cursor || at + 1 >= tokens.size()) {
    return SqlStatus(sqlstate::kSyntaxError, "DECLARE is written as DECLARE name CURSOR FOR SELECT ...");
  }
  if (!cursor.holds && transaction_ == TransactionState::kIdle) {
    return SqlStatus("25P01", "DECLARE CURSOR can only be used in transaction blocks",
                     "BEGIN first, or declare it WITH HOLD");
  }
  if (cursors_.contains(name)) {
    return SqlStatus(sqlstate::kDuplicateCursor, absl::StrCat("cursor \"", name, "\" already exists"));
  }
  if (cursors_.size() >= kMostCursors) {
    return SqlStatus(sqlstate::kLimitExceeded,
                     absl::StrCat("a session has at most ", kMostCursors, " cursors"));
  }
  // The query's own tokens, at their places in the client's text: what precedes it is blanked.
  const Tokens own(tokens.begin() + static_cast<std::ptrdiff_t>(at) + 1, tokens.end());
  std::string sql(statement.sql);
  std::fill(sql.begin(), sql.begin() + static_cast<std::ptrdiff_t>(tokens[at].end), ' ');
  CARE_ASSIGN_OR_RETURN(cursor.result, RunQuery(sql, own, parameters));
  CARE_ASSIGN_OR_RETURN(cursor.held, budget_.Hold(sizeof cursor + BytesOf(name) + BytesOf(cursor.result),
                                                  absl::StrCat("the rows of cursor \"", name, "\"")));
  ResultSet result;
  result.tag = "DECLARE CURSOR";
  result.notices = std::move(cursor.result.notices);
  cursors_.emplace(name, std::move(cursor));
  return result;
}

absl::StatusOr<ResultSet> StatementRunner::Fetch(const Tokens& tokens) {
  std::size_t at = 1, count = 1;
  const auto is = [&](std::string_view word) { return at < tokens.size() && tokens[at].IsWord(word); };
  if (is("backward") || is("prior") || is("first") || is("last") || is("absolute") || is("relative")) {
    return NotSupported("FETCH other than forward", "cursors go forward only");
  }
  if (is("forward") || is("next")) ++at;
  if (is("all")) {
    count = std::string::npos;
    ++at;
  } else if (at < tokens.size() && tokens[at].kind == TokenKind::kNumber) {
    if (!absl::SimpleAtoi(tokens[at].text, &count))
      return SqlStatus(sqlstate::kSyntaxError, "FETCH takes a whole number of rows");
    ++at;
  }
  if (is("from") || is("in")) ++at;
  if (at + 1 != tokens.size() || !tokens[at].IsName()) {
    return SqlStatus(sqlstate::kSyntaxError, "FETCH is written as FETCH number FROM name");
  }
  const auto found = cursors_.find(tokens[at].text);
  if (found == cursors_.end()) return NoSuchCursor(tokens[at].text);
  Cursor& cursor = found->second;
  ResultSet result;
  result.has_rows = true;
  result.tag = "FETCH";
  result.columns = cursor.result.columns;
  const std::size_t end =
      std::min(cursor.result.rows.size(),
               count > cursor.result.rows.size() ? cursor.result.rows.size() : cursor.next + count);
  for (; cursor.next < end; ++cursor.next) result.rows.push_back(std::move(cursor.result.rows[cursor.next]));
  if (cursor.next == cursor.result.rows.size()) {
    cursor.result.rows = {};
    cursor.next = 0;
    cursor.held = HeldBytes();
  }
  return result;
}

absl::StatusOr<ResultSet> StatementRunner::CloseCursor(const Tokens& tokens) {
  ResultSet result;
  result.tag = "CLOSE CURSOR";
  if (tokens.size() == 2 && tokens[1].IsWord("all")) {
    cursors_.clear();
    result.tag = "CLOSE CURSOR ALL";
    return result;
  }
  if (tokens.size() != 2) return SqlStatus(sqlstate::kSyntaxError, "CLOSE is written as CLOSE name");
  if (cursors_.erase(tokens[1].text) == 0) return NoSuchCursor(tokens[1].text);
  return result;
}

}  // namespace care::engine::pgwire
