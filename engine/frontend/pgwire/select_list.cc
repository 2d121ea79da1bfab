#include "engine/frontend/pgwire/select_list.h"

#include <map>
#include <set>
#include <span>

#include "engine/frontend/pgwire/catalogue_types.h"

namespace care::engine::pgwire {
namespace {

using Tokens = std::span<const Token>;

bool OneOf(const Token& token, const std::set<std::string_view>& words) {
  return token.kind == TokenKind::kWord && words.contains(token.text);
}

const std::set<std::string_view> kNotLabels = {"null", "true", "false", "end", "and",
                                               "or",   "not",  "is",    "in",  "like"};
const std::set<std::string_view> kTruth = {"and",   "or",     "not",     "is",      "in",
                                           "like",  "ilike",  "exists",  "between", "true",
                                           "false", "isnull", "notnull", "similar"};
const std::set<std::string_view> kComparisons = {
    "=", "<>", "!=", "<", ">", "<=", ">=", "~", "!~", "~*", "!~*", "~~", "!~~"};

// Functions that clients select, by what they return.
const std::map<std::string_view, std::string_view> kFunctionTypes = {
    {"current_database", "name"}, {"current_schema", "name"},
    {"current_user", "name"},     {"session_user", "name"},
    {"pg_get_userbyid", "name"},  {"count", "int8"},
    {"pg_backend_pid", "int4"},   {"row_number", "int8"},
    {"current_catalog", "name"},  {"user", "name"},
    {"now", "timestamptz"},       {"version", "text"},
    {"current_timestamp", "timestamptz"}};

bool IsTruthFunction(std::string_view name) {
  return name.ends_with("_is_visible") || (name.starts_with("has_") && name.ends_with("_privilege")) ||
         name == "pg_is_in_recovery" || name == "pg_is_other_temp_schema" ||
         name == "pg_relation_is_publishable" || name == "pg_has_role" || name == "bool_or" ||
         name == "bool_and";
}

// Calls `visit(position)` for each token outside parentheses and CASE.
template <typename Visit>
void AtTop(Tokens tokens, Visit visit) {
  int depth = 0;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const Token& token = tokens[at];
    if (token.IsSymbol(")") || token.IsSymbol("]") || token.IsWord("end")) --depth;
    if (depth == 0) visit(at);
    if (token.IsSymbol("(") || token.IsSymbol("[") || token.IsWord("case")) ++depth;
  }
}

std::string KnownType(std::string_view name) {
  if (name == "bigint") return "int8";
  if (name == "integer" || name == "int") return "int4";
  if (name == "smallint") return "int2";
  if (name == "boolean") return "bool";
  if (name == "regclass" || name == "regtype" || name == "regnamespace" || name == "regproc") return "text";
  for (const CatalogueType& type : kCatalogueTypes) {
    if (type.name == name) return std::string(name);
  }
  return {};
}

// The expression's own name and type, without a label.
SelectItem OfExpression(Tokens tokens) {
  constexpr std::size_t kLongest = 1'000;  // bounds the depth of the recursion
  SelectItem item{"?column?", {}};
  if (tokens.empty() || tokens.size() > kLongest) return item;
  bool truth = false, operators = false;
  std::size_t last_cast = 0;
  AtTop(tokens, [&](std::size_t at) {
    const Token& token = tokens[at];
    if (OneOf(token, kTruth) && !(at > 0 && tokens[at - 1].IsSymbol("."))) truth = true;
    if (token.kind != TokenKind::kSymbol) return;
    if (kComparisons.contains(token.text)) truth = true;
    if (token.text == "::")
      last_cast = at;
    else if (token.text != "." && token.text != "(" && token.text != ")" && token.text != "[" &&
             token.text != "]")
      operators = true;
  });
  const Token& first = tokens[0];
  if (truth) {
    item.type = "bool";
    if (tokens.size() == 1 || (last_cast == 0 && first.IsWord("exists")))
      item.name = first.IsWord("exists") ? "exists" : "bool";
    if (tokens.size() == 1) item.name = "?column?";
    return item;
  }
  if (operators) return item;
  if (last_cast > 0) {
    item = OfExpression(tokens.first(last_cast));
    const bool is_array = tokens.back().IsSymbol("]");
    const std::string type = tokens.back().IsName() ? KnownType(tokens.back().text) : std::string();
    item.type = is_array ? "text" : type.empty() ? "text" : type;
    if (item.name == "?column?" && tokens.back().IsName())
      item.name =
          tokens.back().text == "int" || tokens.back().text == "integer" ? "int4" : tokens.back().text;
    return item;
  }
  if (first.IsWord("case")) {
    item.name = "case";
    bool all_truth = false;
    for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
      if (tokens[at].IsWord("then") || tokens[at].IsWord("else")) {
        all_truth = tokens[at + 1].IsWord("true") || tokens[at + 1].IsWord("false");
        if (!all_truth) break;
      }
    }
    if (all_truth) item.type = "bool";
    // A name comes from what ELSE yields.
    std::size_t otherwise = 0;
    AtTop(tokens.subspan(1, tokens.size() - 1), [&](std::size_t at) {
      if (tokens[at + 1].IsWord("else")) otherwise = at + 2;
    });
    if (otherwise > 0 && otherwise + 1 < tokens.size()) {
      const SelectItem named = OfExpression(tokens.subspan(otherwise, tokens.size() - 1 - otherwise));
      if (named.name != "?column?") item.name = named.name;
    }
    return item;
  }
  if (first.IsWord("array")) return {"array", "text"};
  if (first.IsWord("cast") && tokens.size() > 3) {
    for (std::size_t at = 2; at + 1 < tokens.size(); ++at) {
      if (tokens[at].IsWord("as")) {
        item = OfExpression(tokens.subspan(2, at - 2));
        item.type = KnownType(tokens[tokens.size() - 2].text);
        if (item.name == "?column?")
          item.name = item.type.empty() ? tokens[tokens.size() - 2].text : item.type;
      }
    }
    return item;
  }
  if (first.IsSymbol("(")) {
    if (tokens.size() < 2 || !tokens.back().IsSymbol(")")) return item;
    const std::vector<Token> inner(tokens.begin() + 1, tokens.end() - 1);
    if (!inner.empty() && inner[0].IsWord("select")) {
      const std::vector<SelectItem> items = SelectItems(inner);
      return items.size() == 1 ? items[0] : item;
    }
    return OfExpression(tokens.subspan(1, tokens.size() - 2));
  }
  if (first.kind == TokenKind::kString) return {"?column?", "text"};
  if (!first.IsName() || first.IsWord("null")) return item;
  // a.b.c, or a.f(...)
  std::size_t at = 0;
  while (at + 2 < tokens.size() && tokens[at + 1].IsSymbol(".") && tokens[at + 2].IsName()) at += 2;
  item.name = tokens[at].text;
  const bool call = at + 1 < tokens.size() && tokens[at + 1].IsSymbol("(");
  if (call || tokens.size() == 1) {
    if (const auto known = kFunctionTypes.find(item.name); known != kFunctionTypes.end())
      item.type = known->second;
    if (call && IsTruthFunction(item.name)) item.type = "bool";
  }
  return item;
}

SelectItem OfItem(Tokens tokens) {
  std::size_t as = 0;
  AtTop(tokens, [&](std::size_t at) {
    if (tokens[at].IsWord("as")) as = at;
  });
  if (as > 0 && as + 2 == tokens.size()) {
    SelectItem item = OfExpression(tokens.first(as));
    item.name = tokens.back().text;
    return item;
  }
  // A label without AS follows something that ends an expression.
  if (tokens.size() > 1 && tokens.back().IsName() && !OneOf(tokens.back(), kNotLabels)) {
    const Token& before = tokens[tokens.size() - 2];
    const bool ends =
        before.IsSymbol(")") || before.IsSymbol("]") || before.kind == TokenKind::kQuoted ||
        before.kind == TokenKind::kString || before.kind == TokenKind::kNumber ||
        before.kind == TokenKind::kParameter ||
        (before.kind == TokenKind::kWord && !OneOf(before, {"and", "or", "not", "is", "in", "like", "case",
                                                            "when", "then", "else", "distinct", "from"}));
    if (ends) {
      SelectItem item = OfExpression(tokens.first(tokens.size() - 1));
      item.name = tokens.back().text;
      return item;
    }
  }
  return OfExpression(tokens);
}

}  // namespace

std::vector<SelectItem> SelectItems(const std::vector<Token>& tokens) {
  std::vector<SelectItem> items;
  if (tokens.empty() || !tokens[0].IsWord("select")) return items;
  std::size_t begin = 1;
  if (tokens.size() > 1 && (tokens[1].IsWord("all") || tokens[1].IsWord("distinct"))) begin = 2;
  const Tokens all(tokens);
  if (begin == 2 && tokens.size() > 3 && tokens[2].IsWord("on") && tokens[3].IsSymbol("(")) {
    std::size_t open = 1;
    for (begin = 4; begin < tokens.size() && open > 0; ++begin) open += tokens[begin].IsSymbol("(") ? 1 : tokens[begin].IsSymbol(")") ? -1 : 0;
  }
  std::size_t item_begin = begin;
  bool ended = false, star = false;
  const auto finish = [&](std::size_t end) {
    if (end > item_begin) items.push_back(OfItem(all.subspan(item_begin, end - item_begin)));
    item_begin = end + 1;
  };
  AtTop(all, [&](std::size_t at) {
    if (ended || at < begin) return;
    const Token& token = all[at];
    if (token.IsSymbol("*") && (at == item_begin || all[at - 1].IsSymbol("."))) star = true;
    if (token.IsSymbol(",")) {
      finish(at);
    } else if (OneOf(token, {"from", "where", "group", "having", "order", "limit", "offset", "union",
                             "intersect", "except"}) &&
               !(at > 0 &&
                 (all[at - 1].IsSymbol(".") || all[at - 1].IsWord("distinct") || all[at - 1].IsWord("as")))) {
      finish(at);
      ended = true;
    }
  });
  if (!ended) finish(all.size());
  if (star) items.clear();
  return items;
}

}  // namespace care::engine::pgwire
