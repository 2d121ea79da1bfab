#include "connectors/postgresql/server_error.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace care::connectors {
namespace {

// The last code that ends a line, as in "FATAL:  28P01": with several hosts, each adds its own error.
std::string SqlstateIn(std::string_view message) {
  std::string code;
  constexpr std::size_t kLength = 5;
  for (std::size_t at = message.find(":  "); at != std::string_view::npos; at = message.find(":  ", at + 1)) {
    const std::string_view rest = message.substr(at + 3);
    const std::string_view word = rest.substr(0, rest.find('\n'));
    const bool is_code = word.size() == kLength && std::all_of(word.begin(), word.end(), [](char c) {
                           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                         });
    if (is_code) code = std::string(word);
  }
  return code;
}

}  // namespace

absl::Status ConnectionLost(const std::string& party) {
  return absl::UnavailableError(
      absl::StrCat(party, ": its database went away while it was read; ask again when it is back"));
}

absl::Status StatementError(std::string_view sqlstate, const std::string& party, const std::string& what) {
  const std::string code(sqlstate);
  const std::string subject =
      what.empty() ? absl::StrCat(party, ": its database") : absl::StrCat(what, ": ", party, "'s database");
  const auto starts = [&](const char* prefix) { return absl::StartsWith(code, prefix); };
  if (code == "40001" || code == "40P01") {
    return absl::AbortedError(absl::StrCat(subject,
                                           " withdrew the snapshot that was read (a standby's replay, or a "
                                           "conflict with a writer); ask again, or let ",
                                           party, " raise max_standby_streaming_delay"));
  }
  if (code == "57014") {
    return absl::DeadlineExceededError(
        absl::StrCat(subject,
                     " took longer than its statement timeout, or its administrator cancelled the "
                     "statement; narrow the query, or let ",
                     party, " add an index or raise statement_timeout_seconds under [database]"));
  }
  if (code == "55P03") {
    return absl::UnavailableError(
        absl::StrCat(subject, " keeps the table locked for a change of its own; ask again when that is done"));
  }
  if (code == "42501") {
    return absl::FailedPreconditionError(absl::StrCat(
        subject, " does not let the node's role read it; ", party,
        " should GRANT SELECT on the table, and USAGE on its schema, to the user in url under [database]"));
  }
  if (code == "42P01" || code == "42703" || code == "3F000" || code == "42883" || code == "42804") {
    return absl::FailedPreconditionError(
        absl::StrCat(subject, " no longer has the table or columns that the node file maps; ", party,
                     " should correct [tables] in its node file, or ask again if the table was just changed"));
  }
  if (code == "25006") {
    return absl::FailedPreconditionError(
        absl::StrCat(subject, " was asked to write: the sql or view that ", party,
                     "'s node file maps calls a function that writes; a snapshot is read-only"));
  }
  if (code == "53300") {
    return absl::UnavailableError(absl::StrCat(subject, " has no connection left; ask again later, or let ", party,
                                               " raise max_connections, or the role's CONNECTION LIMIT"));
  }
  if (starts("53") || code == "54000") {
    return absl::ResourceExhaustedError(absl::StrCat(subject, " is out of memory, disk or another resource"));
  }
  if (code == "25P03") {
    return absl::DeadlineExceededError(absl::StrCat(subject, " ended the snapshot, which stood idle for too long"));
  }
  if (starts("57P") || starts("08")) return ConnectionLost(party);
  if (starts("22021") || starts("22P05")) {
    return absl::FailedPreconditionError(absl::StrCat(subject, " holds a text that is not valid in its own encoding; ",
                                                      party, " should correct its data"));
  }
  if (starts("22")) {
    return absl::OutOfRangeError(
        absl::StrCat(subject, " could not compute a value (SQLSTATE ", code,
                     "): a number out of range, a division by zero or a text of another form"));
  }
  if (starts("58") || starts("XX")) {
    return absl::UnavailableError(absl::StrCat(subject, " reports damage or a fault of its machine (SQLSTATE ", code,
                                               "); ", party, " should read its log"));
  }
  return absl::InternalError(
      absl::StrCat(subject, " refused a statement (SQLSTATE ", code.empty() ? "none" : code, ")"));
}

absl::Status ConnectionError(std::string_view message, const std::string& server, const std::string& party) {
  const std::string code = SqlstateIn(message);
  const std::string at = absl::StrCat(party, ": its database at ", server);
  if (code == "28P01") {
    return absl::FailedPreconditionError(
        absl::StrCat(at, " does not accept the password; ", party,
                     " should check password_file and the user in url under [database]"));
  }
  if (code == "28000") {
    return absl::FailedPreconditionError(
        absl::StrCat(at, " does not let this user in from here; ", party,
                     " should check the user in url under [database], that its role may LOGIN, and pg_hba.conf"));
  }
  if (code == "3D000" || code == "42501") {
    return absl::FailedPreconditionError(absl::StrCat(
        at, code == "3D000" ? " has no database of that name; " : " does not let this user into it; ", party,
        code == "3D000" ? " should check the name in url under [database]"
                        : " should GRANT CONNECT on the database to that user"));
  }
  if (code == "53300") return StatementError(code, party, {});
  if (code == "57P03") {
    return absl::UnavailableError(absl::StrCat(at, " is starting up or shutting down; ask again later"));
  }
  if (!code.empty()) {
    return absl::UnavailableError(absl::StrCat(at, " refused the connection (SQLSTATE ", code, ")"));
  }
  const absl::string_view words(message.data(), message.size());
  if (absl::StrContains(words, "no password supplied")) {
    return absl::FailedPreconditionError(
        absl::StrCat(at, " wants a password; ", party, " should name a password_file under [database]"));
  }
  if (absl::StrContains(words, "root certificate file")) {
    return absl::FailedPreconditionError(
        absl::StrCat(at, " cannot be verified: the certificate of its authority is missing; ", party,
                     " should add sslrootcert=FILE to url under [database]"));
  }
  if (absl::StrContains(words, "SSL") || absl::StrContains(words, "certificate")) {
    return absl::FailedPreconditionError(
        absl::StrCat(at, " cannot be reached over verified TLS; ", party,
                     " should check that it has ssl = on, that the host in url is a name in its certificate, and that "
                     "sslrootcert in url is the authority that signed it"));
  }
  return absl::UnavailableError(absl::StrCat(at, " cannot be reached; ", party,
                                             " should check that it runs, and host and port in url under [database]"));
}

}  // namespace care::connectors
