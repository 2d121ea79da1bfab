#include "engine/frontend/pgwire/statement.h"

#include <algorithm>
#include <array>
#include <set>

#include "absl/strings/numbers.h"

namespace care::engine::pgwire {
namespace {

constexpr std::array<std::string_view, 10> kRefused = {"copy",   "prepare", "execute", "listen", "unlisten",
                                                       "notify", "lock",    "move",    "call",   "do"};

bool Is(const std::vector<Token>& tokens, std::size_t at, std::string_view word) {
  return at < tokens.size() && tokens[at].IsWord(word);
}

// EXTRACT(YEAR FROM x), SUBSTRING(x FROM 1), TRIM(BOTH FROM x), OVERLAY, POSITION: the call that a FROM
// belongs to.
bool IsCallWithFrom(const std::vector<Token>& tokens, std::size_t open) {
  static constexpr std::array<std::string_view, 4> kCalls = {"extract", "substring", "trim", "overlay"};
  return open > 0 && tokens[open - 1].kind == TokenKind::kWord &&
         std::find(kCalls.begin(), kCalls.end(), tokens[open - 1].text) != kCalls.end();
}

// Where a FROM clause's list of tables ends, at its own depth.
bool EndsFromClause(const Token& token) {
  static const std::set<std::string_view> kWords = {"where", "group",     "having", "window",
                                                    "order", "limit",     "offset", "fetch",
                                                    "union", "intersect", "except", "for"};
  return token.kind == TokenKind::kWord && kWords.contains(token.text);
}

class RelationFinder {
 public:
  RelationFinder(const std::vector<Token>& tokens, const SessionServices& services)
      : tokens_(tokens), services_(services) {}

  SelectReads Reads() {
    FindCommonTables();
    if (!CatalogueOnly()) return SelectReads::kTables;
    if (reads_catalogue_) return SelectReads::kCatalogue;
    return has_from_ || AsksSession() ? SelectReads::kSession : SelectReads::kTables;
  }

 private:
  bool CatalogueOnly() {
    struct Level {
      bool in_from = false;
      bool call = false;
    };
    std::vector<Level> levels(1);
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      const Token& token = tokens_[at];
      if (token.IsSymbol("(")) {
        levels.push_back({false, IsCallWithFrom(tokens_, at)});
      } else if (token.IsSymbol(")")) {
        if (levels.size() > 1) levels.pop_back();
      } else if (token.IsWord("from")) {
        if (levels.back().call || Is(tokens_, at == 0 ? tokens_.size() : at - 1, "distinct")) continue;
        levels.back().in_from = has_from_ = true;
        if (!Reference(at + 1)) return false;
      } else if (token.IsWord("join") || (token.IsSymbol(",") && levels.back().in_from)) {
        if (!Reference(at + 1)) return false;
      } else if (token.IsWord("table") && at == 0) {
        if (!Reference(at + 1)) return false;
      } else if (EndsFromClause(token)) {
        levels.back().in_from = false;
      }
    }
    return true;
  }

  // What the catalogue's functions and types know and the planner does not.
  bool AsksSession() const {
    static const std::set<std::string_view> kNames = {"current_user",   "session_user", "user",      "current_role", "current_catalog",
                                                      "current_schema", "union",        "intersect", "except"};
    static const std::set<std::string_view> kFunctions = {
        "version", "current_database", "current_schemas", "current_setting", "set_config", "obj_description",
        "col_description", "shobj_description", "format_type", "quote_ident", "quote_literal", "array_to_string",
        "array_upper", "array_lower", "array_length", "inet_server_addr", "inet_server_port", "inet_client_addr",
        "txid_current"};
    static const std::set<std::string_view> kTypes = {"oid", "name", "xid", "json", "jsonb", "uuid"};
    if (tokens_.front().IsWord("values")) return true;
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      const Token& token = tokens_[at];
      if (!token.IsName()) continue;
      const bool called = at + 1 < tokens_.size() && tokens_[at + 1].IsSymbol("(");
      const bool named = at > 0 && tokens_[at - 1].IsWord("as");
      const bool cast = at > 0 && (tokens_[at - 1].IsSymbol("::") || (named && at + 1 < tokens_.size() && tokens_[at + 1].IsSymbol(")")));
      if (cast && (token.text.starts_with("reg") || kTypes.contains(token.text))) return true;
      if (cast && at + 1 < tokens_.size() && tokens_[at + 1].IsSymbol("[")) return true;
      if (token.kind != TokenKind::kWord || named) continue;
      if (token.text == "select" && at > 0 && !tokens_[at - 1].IsSymbol("(")) continue;
      if (token.text == "select" && at > 1) return true;  // a subquery that reads no relation
      if (kNames.contains(token.text) || token.text == "pg_catalog") return true;
      if (token.text == "array" && !OfQuantifier(at)) return true;
      if (called && (kFunctions.contains(token.text) || token.text.starts_with("pg_") || token.text.starts_with("has_") ||
                     token.text.starts_with("to_reg"))) {
        return true;
      }
    }
    return false;
  }

  // x = ANY (ARRAY[1, 2]), which the planner knows.
  bool OfQuantifier(std::size_t at) const {
    return at > 1 && tokens_[at - 1].IsSymbol("(") &&
           (tokens_[at - 2].IsWord("any") || tokens_[at - 2].IsWord("some") || tokens_[at - 2].IsWord("all"));
  }

  void FindCommonTables() {
    for (std::size_t at = 0; at + 2 < tokens_.size(); ++at) {
      // name AS [NOT] [MATERIALIZED] (
      if (!tokens_[at].IsName() || !(tokens_[at + 1].IsWord("as"))) continue;
      std::size_t next = at + 2;
      if (Is(tokens_, next, "not")) ++next;
      if (Is(tokens_, next, "materialized")) ++next;
      if (next < tokens_.size() && tokens_[next].IsSymbol("(")) common_tables_.insert(tokens_[at].text);
    }
  }

  // False if the relation that is named here is not the catalogue's.
  bool Reference(std::size_t at) {
    while (Is(tokens_, at, "lateral") || Is(tokens_, at, "only") ||
           (at < tokens_.size() && tokens_[at].IsSymbol("("))) {
      if (tokens_[at].IsSymbol("(") &&
          (Is(tokens_, at + 1, "select") || Is(tokens_, at + 1, "values") || Is(tokens_, at + 1, "with"))) {
        return true;  // its own FROM is looked at by itself
      }
      ++at;
    }
    if (at >= tokens_.size() || !tokens_[at].IsName()) return true;  // the parser will say what is wrong
    std::string schema, name = tokens_[at].text;
    while (at + 2 < tokens_.size() && tokens_[at + 1].IsSymbol(".") && tokens_[at + 2].IsName()) {
      schema = name;
      name = tokens_[at + 2].text;
      at += 2;
    }
    if (at + 1 < tokens_.size() && tokens_[at + 1].IsSymbol("(")) return true;  // a function
    const bool of_catalogue = schema == "pg_catalog" || schema == "information_schema";
    if (!of_catalogue && !schema.empty()) return false;
    if (!of_catalogue && common_tables_.contains(name)) return true;
    if (!of_catalogue && !services_.IsCatalogueRelation(name)) return false;
    reads_catalogue_ = true;
    return true;
  }

  const std::vector<Token>& tokens_;
  const SessionServices& services_;
  std::set<std::string> common_tables_;
  bool has_from_ = false;
  bool reads_catalogue_ = false;
};

}  // namespace

SelectReads ReadsOf(const std::vector<Token>& tokens, const SessionServices& services) {
  return RelationFinder(tokens, services).Reads();
}

StatementKind KindOf(const std::vector<Token>& tokens, const SessionServices& services) {
  if (tokens.empty()) return StatementKind::kQuestion;
  const Token& first = tokens[0];
  if (first.IsSymbol("(") || first.IsWord("select") || first.IsWord("with") || first.IsWord("values") ||
      first.IsWord("table")) {
    return ReadsOf(tokens, services) == SelectReads::kTables ? StatementKind::kQuestion : StatementKind::kCatalogue;
  }
  if (first.kind != TokenKind::kWord) return StatementKind::kQuestion;
  const std::string& word = first.text;
  if (word == "begin" || (word == "start" && Is(tokens, 1, "transaction"))) return StatementKind::kBegin;
  if (word == "commit" || word == "end") return StatementKind::kCommit;
  if (word == "rollback" || word == "abort") {
    const std::size_t next = Is(tokens, 1, "work") || Is(tokens, 1, "transaction") ? 2 : 1;
    return Is(tokens, next, "to") ? StatementKind::kRollbackTo : StatementKind::kRollback;
  }
  if (word == "savepoint") return StatementKind::kSavepoint;
  if (word == "release") return StatementKind::kRelease;
  if (word == "set") return StatementKind::kSet;
  if (word == "reset") return StatementKind::kReset;
  if (word == "show") return StatementKind::kShow;
  if (word == "discard") return StatementKind::kDiscard;
  if (word == "deallocate") return StatementKind::kDeallocate;
  if (word == "declare") return StatementKind::kDeclare;
  if (word == "fetch") return StatementKind::kFetch;
  if (word == "close") return StatementKind::kClose;
  if (std::find(kRefused.begin(), kRefused.end(), word) != kRefused.end()) return StatementKind::kRefused;
  return StatementKind::kQuestion;
}

std::size_t ParameterCount(const std::vector<Token>& tokens) {
  std::size_t most = 0;
  for (const Token& token : tokens) {
    std::size_t number = 0;
    if (token.kind == TokenKind::kParameter && absl::SimpleAtoi(token.text, &number))
      most = std::max(most, number);
  }
  return most;
}

}  // namespace care::engine::pgwire
