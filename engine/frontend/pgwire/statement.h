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
  kCatalogue,  // reads pg_catalog or information_schema, or no relation at all
  kQuestion,   // everything else is for the federation's planner
};

StatementKind KindOf(const std::vector<Token>& tokens, const SessionServices& services);

// Whether a SELECT reads relations of the catalogue only, or none.
bool ReadsCatalogueOnly(const std::vector<Token>& tokens, const SessionServices& services);

// The greatest n of $n.
std::size_t ParameterCount(const std::vector<Token>& tokens);

}  // namespace care::engine::pgwire
