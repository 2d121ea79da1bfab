// connectors/postgresql/server_error.h
//
// What an error of the owner's database means to the one who asked, in our words. PostgreSQL's own messages quote
// data, names and statements, so they stop here: of an error only its SQLSTATE, five characters that say which
// kind it is, is looked at.
//
//   Aborted            the database withdrew the snapshot (a standby's replay, a serialization failure): the same
//                      statements may pass if they are run again from the start
//   Unavailable        the database cannot be reached, is stopping, or is busy
//   FailedPrecondition the owner has to correct something
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace care::connectors {

// Of a statement. `what`: the table it is about, or empty.
absl::Status StatementError(std::string_view sqlstate, const std::string& party, const std::string& what);

// Of a connection that was not made. `message` is libpq's, of which only codes and known words are read.
absl::Status ConnectionError(std::string_view message, const std::string& server, const std::string& party);

absl::Status ConnectionLost(const std::string& party);

}  // namespace care::connectors
