// engine/frontend/pgwire/sql_error.h
//
// An error as clients of PostgreSQL's protocol see it: SQLSTATE, message, detail, hint, and the place in the
// statement, under which psql draws a caret. Front-end code makes statuses with SqlStatus; those of the engine
// are given a SQLSTATE by their kind.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace care::engine::pgwire {

struct SqlError {
  std::string sqlstate;
  std::string message;
  std::string detail;
  std::string hint;
  std::size_t position = 0;  // in characters, from 1; 0: none
};

namespace sqlstate {
inline constexpr char kProtocolViolation[] = "08P01";
inline constexpr char kFeatureNotSupported[] = "0A000";
inline constexpr char kInvalidParameter[] = "22023";
inline constexpr char kInvalidText[] = "22P02";
inline constexpr char kInvalidBinary[] = "22P03";
inline constexpr char kFailedTransaction[] = "25P02";
inline constexpr char kInvalidStatementName[] = "26000";
inline constexpr char kInvalidAuthorization[] = "28000";
inline constexpr char kInvalidPassword[] = "28P01";
inline constexpr char kInvalidCursorName[] = "34000";
inline constexpr char kInvalidSavepoint[] = "3B001";
inline constexpr char kInsufficientPrivilege[] = "42501";
inline constexpr char kSyntaxError[] = "42601";
inline constexpr char kUndefinedObject[] = "42704";
inline constexpr char kDuplicateStatement[] = "42P05";
inline constexpr char kDuplicateCursor[] = "42P03";
inline constexpr char kOutOfMemory[] = "53200";
inline constexpr char kTooManyConnections[] = "53300";
inline constexpr char kLimitExceeded[] = "54000";
inline constexpr char kQueryCanceled[] = "57014";
inline constexpr char kAdminShutdown[] = "57P01";
}  // namespace sqlstate

// A status that carries its SQLSTATE.
absl::Status SqlStatus(const char* sqlstate, std::string_view message, std::string_view hint = {});

// `sql` is the text that the client sent, in which the statement began at byte `begin`.
SqlError SqlErrorOf(const absl::Status& status, std::string_view sql, std::size_t begin);

}  // namespace care::engine::pgwire
