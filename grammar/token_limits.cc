#include "grammar/token_limits.h"

#include <algorithm>
#include <vector>

#include "CareSqlParser.h"
#include "absl/strings/str_cat.h"
#include "grammar/parser.h"
#include "grammar/query_error.h"

namespace care::sql {
namespace {

using P = caresql::CareSqlParser;

// Tokens that put one node of the tree above another, beside its neighbours in a list.
bool IsOperator(std::size_t type) {
  switch (type) {
    case P::AND:
    case P::OR:
    case P::NOT:
    case P::IS:
    case P::ISNULL:
    case P::NOTNULL:
    case P::BETWEEN:
    case P::IN:
    case P::LIKE:
    case P::ILIKE:
    case P::SIMILAR:
    case P::DOUBLE_COLON:
    case P::EQUAL:
    case P::NOT_EQUAL:
    case P::LESS:
    case P::LESS_OR_EQUAL:
    case P::GREATER:
    case P::GREATER_OR_EQUAL:
    case P::CONCATENATE:
    case P::REGEX:
    case P::REGEX_IGNORING_CASE:
    case P::NOT_REGEX:
    case P::NOT_REGEX_IGNORING_CASE:
    case P::PLUS:
    case P::MINUS:
    case P::STAR:
    case P::SLASH:
    case P::PERCENT:
      return true;
    default:
      return false;
  }
}

bool IsChainOfTables(std::size_t type) {
  return type == P::JOIN || type == P::UNION || type == P::INTERSECT || type == P::EXCEPT;
}

bool StartsOperand(std::size_t type) {
  return type == P::COMMA || type == P::WHEN || type == P::THEN || type == P::ELSE;
}

// An open parenthesis or CASE: the longest path below it so far.
struct Level {
  std::size_t opened_by = 0;
  std::size_t operators = 0;  // since the last comma
  std::size_t tables = 0;     // joins and set operations; commas do not end those
  std::size_t child = 0;      // deepest child since the last comma
  std::size_t deepest = 0;    // over all operands

  std::size_t Path() const { return std::max(deepest, operators + child) + tables; }
  void StartOperand() {
    deepest = std::max(deepest, operators + child);
    operators = 0;
    child = 0;
  }
};

}  // namespace

absl::Status CheckTokenLimits(const SourceText& source, antlr4::CommonTokenStream& tokens) {
  std::vector<Level> levels(1);
  std::size_t previous = antlr4::Token::EOF;
  const auto close = [&](std::size_t opened_by) {
    if (levels.size() == 1 || levels.back().opened_by != opened_by) return;  // The parser reports it.
    const std::size_t path = levels.back().Path() + 1;
    levels.pop_back();
    levels.back().child = std::max(levels.back().child, path);
  };
  for (antlr4::Token* token : tokens.getTokens()) {
    const std::size_t type = token->getType();
    const auto position = [&] {
      return source.OfCharacters(token->getStartIndex(), token->getStopIndex() + 1);
    };
    // After a dot or AS, any word is a name.
    const bool is_name = previous == P::DOT || previous == P::AS;
    previous = type;
    if (type == P::LEFT_PAREN || (type == P::CASE && !is_name)) {
      levels.emplace_back().opened_by = type;
      if (levels.size() - 1 > kMaximumNesting) {
        return QueryError(source.sql(), position(),
                          absl::StrCat("the statement is nested too deeply: at most ", kMaximumNesting,
                                       " levels of parentheses and CASE are accepted"));
      }
    } else if (type == P::RIGHT_PAREN) {
      close(P::LEFT_PAREN);
    } else if (type == P::END && !is_name) {
      close(P::CASE);
    } else if (StartsOperand(type)) {
      levels.back().StartOperand();
    } else if (IsOperator(type)) {
      ++levels.back().operators;
    } else if (IsChainOfTables(type)) {
      ++levels.back().tables;
    }
    if (levels.back().Path() > kMaximumOperatorChain) {
      return QueryError(source.sql(), position(),
                        absl::StrCat("the statement is too complex: at most ", kMaximumOperatorChain,
                                     " operators may follow one another"),
                        "write a long list of alternatives as IN (...)");
    }
  }
  return absl::OkStatus();
}

}  // namespace care::sql
