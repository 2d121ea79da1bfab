// engine/frontend/pgwire/statement.h
//
// What kind of statement a client sent, by its first words: a question, or one of the many things that clients
// tell a server about their session.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/frontend/pgwire/services.h"
#include "engine/frontend/pgwire/sql_tokens.h"

namespace care::engine::pgwire {

enum class StatementKind {
  kBegin,
  kCommit,
  kRollback,
  kSavepoint,
  kRelease,
  kRollbackTo,
  kSet,
  kReset,
  kShow,
  kDiscard,
  kDeallocate,
  kDeclare,
  kFetch,
  kClose,
  kRefused,    // by name: COPY, PREPARE, LISTEN, ...
  kCatalogue,  // reads pg_catalog or information_schema, or asks what only the catalogue's functions know
  kQuestion,   // everything else is for the federation's planner
};

StatementKind KindOf(const std::vector<Token>& tokens, const SessionServices& services);

// What a SELECT reads.
enum class SelectReads {
  kTables,     // relations that are not the catalogue's, or nothing but what the planner knows: SELECT 1 + 1
  kCatalogue,  // relations of the catalogue and no others
  kSession,    // no relation, but rows or names that the planner does not know: SELECT current_user
};
SelectReads ReadsOf(const std::vector<Token>& tokens, const SessionServices& services);

// The greatest n of $n.
std::size_t ParameterCount(const std::vector<Token>& tokens);

}  // namespace care::engine::pgwire
