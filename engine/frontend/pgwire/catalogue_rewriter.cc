#include "engine/frontend/pgwire/catalogue_rewriter.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/catalogue_relations.h"
#include "engine/frontend/pgwire/catalogue_rewriting.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
namespace {

std::set<std::string> BooleanColumns() {
  std::set<std::string> columns;
  for (const CatalogueRelation& relation : CatalogueRelations()) {
    for (const auto& column : relation.columns) {
      if (column.type == "bool") columns.insert(column.name);
    }
  }
  return columns;
}

}  // namespace

absl::StatusOr<std::string> CatalogueRewriting::Run() {
  while (at_ < in_.size()) CARE_RETURN_IF_ERROR(Step());
  EndSelect();
  EndOrderItem();
  return Print();
}

absl::Status CatalogueRewriting::Step() {
  const Token& token = *Peek();
  switch (token.kind) {
    case TokenKind::kWord:
      return OnWord(token);
    case TokenKind::kQuoted:
      ++at_;
      Emit(token);
      return absl::OkStatus();
    case TokenKind::kString:
      return OnString(token);
    case TokenKind::kSymbol:
      return OnSymbol(token);
    default:
      ++at_;
      Emit(token);
      return absl::OkStatus();
  }
}

absl::Status CatalogueRewriting::OnString(const Token& token) {
  ++at_;
  const bool truth = token.text == "t" || token.text == "true",
             untruth = token.text == "f" || token.text == "false";
  const bool compared = out_.size() >= 2 && (out_.back().IsSymbol("=") || out_.back().IsSymbol("<>") ||
                                             out_.back().IsSymbol("!="));
  static const std::set<std::string> kBooleans = BooleanColumns();
  if ((truth || untruth) && compared && kBooleans.contains(out_[out_.size() - 2].text)) {
    Emit({TokenKind::kNumber, truth ? "1" : "0"});
  } else {
    Emit(token);
  }
  return absl::OkStatus();
}

absl::Status CatalogueRewriting::OnWord(const Token& token) {
  // A schema before a function or an operator.
  if ((token.text == "pg_catalog" || token.text == "information_schema") && IsSymbol(1, ".") && IsName(2) &&
      IsSymbol(3, "(") && !AfterDot()) {
    at_ += 2;
    return absl::OkStatus();
  }
  if (AfterDot()) {
    ++at_;
    Emit(token);
    return absl::OkStatus();
  }
  if (After("as") && !IsSymbol(1, "(") && level().kind != Level::kCast) {
    ++at_;
    Emit({TokenKind::kQuoted, token.text});  // SQLite reserves other words
    return absl::OkStatus();
  }
  if (token.text == "operator" && IsSymbol(1, "(")) return OnOperator();
  if (token.text == "collate") return OnCollate();
  if (token.text == "array") return OnArray();
  if ((token.text == "any" || token.text == "some" || token.text == "all") && IsSymbol(1, "(") &&
      !out_.empty() && out_.back().kind == TokenKind::kSymbol) {
    return OnAny(token.text == "all");
  }
  if (token.text == "ilike") return Replace("glob");  // the function that GLOB calls is ours
  const bool is_series = token.text == "generate_series" || token.text == "unnest";
  if ((is_series || token.text == "pg_partition_ancestors") && IsSymbol(1, "(") && InFrom())
    return OnSetFunction();
  if (YieldsRows(token.text) && IsSymbol(1, "(")) return OnListedSetFunction();
  if (token.text == "cast" && IsSymbol(1, "(")) return OpenCall("cast", Level::kCast);
  if (token.text == "trim" && IsSymbol(1, "(")) return OpenTrim();
  if (token.text == "substring" && IsSymbol(1, "(")) return OpenCall("substr", Level::kSubstring);
  if (level().kind == Level::kSubstring && (token.text == "from" || token.text == "for")) {
    ++at_;
    Emit(Symbol(","));
    return absl::OkStatus();
  }
  if (level().kind == Level::kTrim && token.text == "from") {
    ++at_;
    level().trimmed.assign(out_.begin() + static_cast<std::ptrdiff_t>(level().opened), out_.end());
    out_.resize(level().opened);
    return absl::OkStatus();
  }
  if (level().kind == Level::kCast && After("as")) return OnCastType();
  if (token.text == "distinct" && IsWord(1, "on") && IsSymbol(2, "(")) return OnDistinctOn();
  if (token.text == "only" && After("from")) {
    ++at_;
    return absl::OkStatus();
  }
  if (token.text == "current_timestamp" && !IsSymbol(1, "(")) {
    ++at_;
    EmitAll({Word("now"), Symbol("("), Symbol(")")});
    return absl::OkStatus();
  }
  static const std::set<std::string_view> kCalls = {"current_user",    "session_user", "current_schema",
                                                    "current_catalog", "current_role", "user"};
  if (kCalls.contains(token.text) && !IsSymbol(1, ".") && !IsSymbol(1, "(")) {
    ++at_;
    EmitAll({Word(token.text == "user" || token.text == "current_role" ? "current_user" : token.text),
             Symbol("("), Symbol(")")});
    return absl::OkStatus();
  }
  CARE_RETURN_IF_ERROR(NoteClause(token));
  if (token.text == "order" && IsWord(1, "by")) {
    at_ += 2;
    EmitAll({Word("order"), Word("by")});
    level().in_order_by = true;
    level().descending = level().nulls_said = false;
    return absl::OkStatus();
  }
  if (level().in_order_by) {
    if (token.text == "desc") level().descending = true;
    if (token.text == "nulls") level().nulls_said = true;
    if (token.text == "limit" || token.text == "offset" || token.text == "rows" || token.text == "range")
      EndOrderBy();
  }
  // A set function's alias stands for its value: s, s.value, a.relid.
  for (auto one = levels_.rbegin(); one != levels_.rend(); ++one) {
    const auto alias = one->set_functions.find(token.text);
    if (alias == one->set_functions.end() || IsSymbol(1, "(")) continue;
    std::string column = "value";
    if (IsSymbol(1, ".") && IsName(2)) {
      const auto known = alias->second.find(Peek(2)->text);
      if (known != alias->second.end()) column = known->second;
      at_ += 2;
    }
    ++at_;
    EmitAll({{TokenKind::kQuoted, token.text}, Symbol("."), Word(column)});
    return absl::OkStatus();
  }
  ++at_;
  Emit(token);
  return absl::OkStatus();
}

absl::Status CatalogueRewriting::OnSymbol(const Token& token) {
  if (token.text == "::") return OnCast();
  if (token.text == "~" || token.text == "!~" || token.text == "~*" || token.text == "!~*") {
    ++at_;
    EmitRegex(token.text);
    return absl::OkStatus();
  }
  if (token.text == "~~" || token.text == "!~~") {
    ++at_;
    if (token.text == "!~~") Emit(Word("not"));
    Emit(Word("like"));
    return absl::OkStatus();
  }
  if (token.text == "(") {
    ++at_;
    Emit(token);
    Open(Level::kPlain);
    return absl::OkStatus();
  }
  if (token.text == "[") return OnSubscript();
  if (token.text == ")" || token.text == "]") return OnClose();
  if (token.text == "," && level().in_order_by) {
    EndOrderItem();
    level().descending = level().nulls_said = false;
  }
  ++at_;
  Emit(token);
  return absl::OkStatus();
}

void CatalogueRewriting::Open(Level::Kind kind) {
  levels_.emplace_back();
  level().kind = kind;
  level().opened = out_.size();
}

absl::Status CatalogueRewriting::Replace(std::string word) {
  ++at_;
  Emit(Word(std::move(word)));
  return absl::OkStatus();
}

absl::Status CatalogueRewriting::OpenCall(std::string name, Level::Kind kind) {
  at_ += 2;
  EmitAll({Word(std::move(name)), Symbol("(")});
  Open(kind);
  return absl::OkStatus();
}

absl::Status CatalogueRewriting::OpenTrim() {
  at_ += 2;
  std::string name = "trim";
  if (IsWord(0, "leading")) name = "ltrim";
  if (IsWord(0, "trailing")) name = "rtrim";
  if (IsWord(0, "leading") || IsWord(0, "trailing") || IsWord(0, "both")) ++at_;
  if (IsWord(0, "from")) ++at_;
  EmitAll({Word(name), Symbol("(")});
  Open(Level::kTrim);
  return absl::OkStatus();
}

absl::Status CatalogueRewriting::NotUnderstood(std::string_view what) {
  return SqlStatus(sqlstate::kFeatureNotSupported,
                   absl::StrCat(std::string(what), " is not supported in catalogue queries"));
}

// OPERATOR(pg_catalog.~)
absl::Status CatalogueRewriting::OnOperator() {
  at_ += 2;
  while (IsName(0) && IsSymbol(1, ".")) at_ += 2;
  if (Peek() == nullptr || Peek()->kind != TokenKind::kSymbol || !IsSymbol(1, ")")) {
    return SqlStatus(sqlstate::kSyntaxError, "OPERATOR(...) is not understood");
  }
  const std::string symbol = Peek()->text;
  at_ += 2;
  if (symbol.find('~') != std::string::npos && symbol != "~~" && symbol != "!~~") {
    EmitRegex(symbol);
  } else if (symbol == "~~" || symbol == "!~~") {
    if (symbol == "!~~") Emit(Word("not"));
    Emit(Word("like"));
  } else {
    Emit(Symbol(symbol));
  }
  return absl::OkStatus();
}

void CatalogueRewriting::EmitRegex(const std::string& symbol) {
  if (symbol[0] == '!') Emit(Word("not"));
  Emit(Word(symbol.back() == '*' ? "match" : "regexp"));  // both call functions of ours
}

absl::Status CatalogueRewriting::OnCollate() {
  ++at_;
  while (IsName(0) && IsSymbol(1, ".")) at_ += 2;
  if (!IsName(0)) return SqlStatus(sqlstate::kSyntaxError, "COLLATE needs a name");
  ++at_;
  return absl::OkStatus();
}

absl::Status CatalogueRewriting::OnClose() {
  EndSelect();
  EndOrderBy();
  ++at_;
  if (levels_.size() == 1) return SqlStatus(sqlstate::kSyntaxError, "a parenthesis closes nothing");
  const Level closed = level();
  levels_.pop_back();
  if (!closed.trimmed.empty()) {
    Emit(Symbol(","));
    EmitAll(closed.trimmed);
  }
  Emit(Symbol(")"));
  if (closed.kind == Level::kPlain && OnField(closed.opened - 1)) return absl::OkStatus();
  if (closed.kind == Level::kArrayQuery) {
    EmitAll({Word("select"), Word("care_array_agg"), Symbol("("), Word("care_cell"), Symbol(")"),
             Word("from"), Word("care_rows"), Symbol(")")});
  }
  return ColumnAliases(closed.opened - 1);
}

// (row).x, of a row that _pg_expandarray yields.
bool CatalogueRewriting::OnField(std::size_t open) {
  if (!IsSymbol(0, ".") || !(IsWord(1, "x") || IsWord(1, "n"))) return false;
  EmitAll({Symbol(","), Text(Peek(1)->text), Symbol(")")});
  const std::vector<Token> call = {Word("care_field"), Symbol("(")};
  out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(open), call.begin(), call.end());
  at_ += 2;
  return true;
}

// (query) s(a, b), with or without AS.
absl::Status CatalogueRewriting::ColumnAliases(std::size_t open) {
  const bool in_from = open > 0 && (out_[open - 1].IsWord("from") || out_[open - 1].IsWord("join") ||
                                    out_[open - 1].IsSymbol(","));
  const std::size_t name = IsWord(0, "as") ? 1 : 0;
  if (!in_from || !IsName(name) || !IsSymbol(name + 1, "(")) return absl::OkStatus();
  std::vector<Token> columns;
  std::size_t ahead = name + 2;
  for (; Peek(ahead) != nullptr && !IsSymbol(ahead, ")"); ++ahead) {
    if (!IsName(ahead) && !IsSymbol(ahead, ",")) return absl::OkStatus();
    columns.push_back(IsName(ahead) ? Token{TokenKind::kQuoted, Peek(ahead)->text} : Symbol(","));
  }
  std::vector<Token> query(out_.begin() + static_cast<std::ptrdiff_t>(open), out_.end());
  out_.resize(open);
  EmitAll({Symbol("("), Word("with"), Word("care_named"), Symbol("(")});
  EmitAll(std::move(columns));
  EmitAll({Symbol(")"), Word("as")});
  EmitAll(std::move(query));
  EmitAll({Word("select"),
           Symbol("*"),
           Word("from"),
           Word("care_named"),
           Symbol(")"),
           {TokenKind::kQuoted, Peek(name)->text}});
  at_ += ahead + 1;
  return absl::OkStatus();
}

bool CatalogueRewriting::InFrom() {
  return level().in_from && !out_.empty() &&
         (out_.back().IsWord("from") || out_.back().IsWord("join") || out_.back().IsSymbol(","));
}

absl::Status CatalogueRewriting::NoteClause(const Token& token) {
  static const std::set<std::string_view> kOthers = {"select", "where", "group", "having", "order", "limit", "offset", "fetch",
                                                     "union", "intersect", "except"};
  if (token.text == "from" && !After("distinct")) {
    level().in_from = level().has_from = true;
    level().in_select = false;
  }
  if (!kOthers.contains(token.text)) return absl::OkStatus();
  level().in_from = false;
  if (token.text == "select") {
    level().in_select = true;
    level().has_from = false;
    return absl::OkStatus();
  }
  if (token.text != "where" && !level().distinct_on.empty()) {
    if (token.text == "order" || token.text == "group" || token.text == "having")
      return NotUnderstood(absl::StrCat("DISTINCT ON with ", token.text == "order" ? "ORDER" : "GROUP", " BY"));
    EndSelect();
  }
  if (level().in_select || level().has_from) EndFrom();
  level().in_select = false;
  return absl::OkStatus();
}

// Takes the operand that ends the output: a literal, a name with its qualifiers, a call, something in
// parentheses.
std::vector<Token> CatalogueRewriting::TakePrimary() {
  std::size_t begin = out_.size();
  if (begin == 0 || begin <= level().opened) return {};
  if (out_[begin - 1].IsSymbol(")")) {
    int depth = 0;
    do {
      --begin;
      if (out_[begin].IsSymbol(")")) ++depth;
      if (out_[begin].IsSymbol("(")) --depth;
    } while (begin > 0 && depth > 0);
    static const std::set<std::string_view> kNoFunction = {
        "in", "and", "or", "not", "select", "from", "where", "then", "else", "when", "on", "as", "values"};
    if (begin > 0 && out_[begin - 1].IsName() && !kNoFunction.contains(out_[begin - 1].text)) --begin;
  } else {
    --begin;
    if (out_[begin].kind == TokenKind::kSymbol) return {};
    if (out_[begin].IsWord("end")) {
      int depth = 0;
      ++begin;
      do {
        --begin;
        if (out_[begin].IsWord("end")) ++depth;
        if (out_[begin].IsWord("case")) --depth;
      } while (begin > 0 && depth > 0);
    }
  }
  while (begin >= 2 && out_[begin - 1].IsSymbol(".") && out_[begin - 2].IsName()) begin -= 2;
  begin = std::max(begin, level().opened);
  std::vector<Token> primary(std::make_move_iterator(out_.begin() + static_cast<std::ptrdiff_t>(begin)),
                             std::make_move_iterator(out_.end()));
  out_.resize(begin);
  return primary;
}

void CatalogueRewriting::EndOrderItem() {
  if (!level().in_order_by || level().nulls_said || out_.empty()) return;
  EmitAll({Word("nulls"), Word(level().descending ? "first" : "last")});
}

void CatalogueRewriting::EndOrderBy() {
  EndOrderItem();
  level().in_order_by = false;
}

std::string CatalogueRewriting::Print() const {
  std::string sql;
  for (const Token& token : out_) {
    if (!sql.empty()) sql.push_back(' ');
    switch (token.kind) {
      case TokenKind::kQuoted:
        sql.push_back('"');
        for (const char c : token.text) sql.append(c == '"' ? 2 : 1, c);
        sql.push_back('"');
        break;
      case TokenKind::kString:
        sql.push_back('\'');
        for (const char c : token.text) sql.append(c == '\'' ? 2 : 1, c);
        sql.push_back('\'');
        break;
      case TokenKind::kParameter:
        sql.append("?").append(token.text);
        break;
      default:
        sql.append(token.text);
    }
  }
  return sql;
}

absl::StatusOr<std::string> RewriteForCatalogue(const std::vector<Token>& tokens) {
  return CatalogueRewriting(tokens).Run();
}

}  // namespace care::engine::pgwire
