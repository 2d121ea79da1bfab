#include "engine/frontend/pgwire/catalogue_rewriter.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/catalogue_relations.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
namespace {

Token Word(std::string text) { return {TokenKind::kWord, std::move(text)}; }
Token Symbol(std::string text) { return {TokenKind::kSymbol, std::move(text)}; }
Token Text(std::string text) { return {TokenKind::kString, std::move(text)}; }

std::set<std::string> BooleanColumns() {
  std::set<std::string> columns;
  for (const CatalogueRelation& relation : CatalogueRelations()) {
    for (const auto& column : relation.columns) {
      if (column.type == "bool") columns.insert(column.name);
    }
  }
  return columns;
}

class Rewriter {
 public:
  explicit Rewriter(const std::vector<Token>& tokens) : in_(tokens) {}

  absl::StatusOr<std::string> Run() {
    while (at_ < in_.size()) CARE_RETURN_IF_ERROR(Step());
    EndOrderItem();
    return Print();
  }

 private:
  // An open parenthesis or bracket of the output.
  struct Level {
    enum Kind {
      kPlain,
      kArrayQuery,
      kArrayList,
      kAnyQuery,
      kSubscript,
      kCast,
      kTrim,
      kSubstring
    } kind = kPlain;
    std::size_t opened = 0;  // position in out_ behind the parenthesis
    bool in_from = false;
    bool in_order_by = false;
    bool descending = false;
    bool nulls_said = false;
    std::map<std::string, std::map<std::string, std::string>>
        set_functions;  // alias -> column -> json_each's
  };

  const Token* Peek(std::size_t ahead = 0) const {
    return at_ + ahead < in_.size() ? &in_[at_ + ahead] : nullptr;
  }
  bool IsWord(std::size_t ahead, std::string_view word) const {
    const Token* token = Peek(ahead);
    return token != nullptr && token->IsWord(word);
  }
  bool IsSymbol(std::size_t ahead, std::string_view symbol) const {
    const Token* token = Peek(ahead);
    return token != nullptr && token->IsSymbol(symbol);
  }
  bool IsName(std::size_t ahead) const { return Peek(ahead) != nullptr && Peek(ahead)->IsName(); }
  Level& level() { return levels_.back(); }
  void Emit(Token token) { out_.push_back(std::move(token)); }
  void EmitAll(std::vector<Token> tokens) {
    for (Token& token : tokens) Emit(std::move(token));
  }
  bool AfterDot() const { return !out_.empty() && out_.back().IsSymbol("."); }
  bool After(std::string_view word) const { return !out_.empty() && out_.back().IsWord(word); }

  absl::Status Step() {
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

  absl::Status OnString(const Token& token) {
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

  absl::Status OnWord(const Token& token) {
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
    const bool yields_rows = token.text == "generate_series" || token.text == "unnest";
    if ((yields_rows || token.text == "pg_partition_ancestors") && IsSymbol(1, "(") && InFrom())
      return OnSetFunction();
    if (yields_rows && IsSymbol(1, "(")) return NotUnderstood("a function that yields rows outside FROM");
    if (token.text == "cast" && IsSymbol(1, "(")) return OpenCall("cast", Level::kCast);
    if (token.text == "trim" && IsSymbol(1, "(")) return OpenTrim();
    if (token.text == "substring" && IsSymbol(1, "(")) return OpenCall("substr", Level::kSubstring);
    if (level().kind == Level::kSubstring && (token.text == "from" || token.text == "for")) {
      ++at_;
      Emit(Symbol(","));
      return absl::OkStatus();
    }
    if (level().kind == Level::kTrim && token.text == "from") {
      return NotUnderstood("TRIM with characters");
    }
    if (level().kind == Level::kCast && After("as")) return OnCastType();
    if (token.text == "distinct" && IsWord(1, "on") && IsSymbol(2, "(")) return NotUnderstood("DISTINCT ON");
    if (token.text == "only" && After("from")) {
      ++at_;
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
    NoteClause(token);
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

  absl::Status OnSymbol(const Token& token) {
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

  void Open(Level::Kind kind) {
    levels_.emplace_back();
    level().kind = kind;
    level().opened = out_.size();
  }

  absl::Status Replace(std::string word) {
    ++at_;
    Emit(Word(std::move(word)));
    return absl::OkStatus();
  }

  absl::Status OpenCall(std::string name, Level::Kind kind) {
    at_ += 2;
    EmitAll({Word(std::move(name)), Symbol("(")});
    Open(kind);
    return absl::OkStatus();
  }

  absl::Status OpenTrim() {
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

  absl::Status NotUnderstood(std::string_view what) {
    return SqlStatus(sqlstate::kFeatureNotSupported,
                     absl::StrCat(std::string(what), " is not supported in catalogue queries"));
  }

  // OPERATOR(pg_catalog.~)
  absl::Status OnOperator() {
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

  void EmitRegex(const std::string& symbol) {
    if (symbol[0] == '!') Emit(Word("not"));
    Emit(Word(symbol.back() == '*' ? "match" : "regexp"));  // both call functions of ours
  }

  absl::Status OnCollate() {
    ++at_;
    while (IsName(0) && IsSymbol(1, ".")) at_ += 2;
    if (!IsName(0)) return SqlStatus(sqlstate::kSyntaxError, "COLLATE needs a name");
    ++at_;
    return absl::OkStatus();
  }

  absl::Status OnArray() {
    if (!out_.empty() && out_.back().IsSymbol("||") && (IsSymbol(1, "(") || IsSymbol(1, "["))) {
      // An array that is NULL adds nothing; {a}{b} reads as {a,b}.
      out_.pop_back();
      std::vector<Token> left = TakePrimary();
      EmitAll({Word("coalesce"), Symbol("(")});
      EmitAll(std::move(left));
      EmitAll({Symbol(","), Text(""), Symbol(")"), Symbol("||")});
    }
    if (IsSymbol(1, "(")) {
      at_ += 2;
      EmitAll({Symbol("("), Word("with"), Word("care_rows"), Symbol("("), Word("care_cell"), Symbol(")"),
               Word("as"), Symbol("(")});
      Open(Level::kArrayQuery);
      return absl::OkStatus();
    }
    if (IsSymbol(1, "[")) {
      at_ += 2;
      EmitAll({Word("care_array"), Symbol("(")});
      Open(Level::kArrayList);
      return absl::OkStatus();
    }
    ++at_;
    Emit(Word("array"));
    return absl::OkStatus();
  }

  // x = ANY (array) is care_in_array(x, array); x = ANY (SELECT ...) is x IN (SELECT ...).
  absl::Status OnAny(bool all) {
    const bool equal = out_.back().IsSymbol("=") && !all;
    const bool unequal = (out_.back().IsSymbol("<>") || out_.back().IsSymbol("!=")) && all;
    if (!equal && !unequal) return NotUnderstood("this comparison with ANY or ALL");
    out_.pop_back();
    at_ += 2;
    if (IsWord(0, "select") || IsWord(0, "with") || IsWord(0, "values")) {
      if (unequal) Emit(Word("not"));
      EmitAll({Word("in"), Symbol("(")});
      Open(Level::kAnyQuery);
      return absl::OkStatus();
    }
    std::vector<Token> left = TakePrimary();
    if (unequal) Emit(Word("not"));
    EmitAll({Word("care_in_array"), Symbol("(")});
    EmitAll(std::move(left));
    Emit(Symbol(","));
    Open(Level::kPlain);
    return absl::OkStatus();
  }

  absl::Status OnSubscript() {
    std::vector<Token> array = TakePrimary();
    if (array.empty()) return SqlStatus(sqlstate::kSyntaxError, "[ has nothing before it");
    ++at_;
    EmitAll({Word("care_element"), Symbol("(")});
    EmitAll(std::move(array));
    Emit(Symbol(","));
    Open(Level::kSubscript);
    return absl::OkStatus();
  }

  absl::Status OnClose() {
    EndOrderBy();
    ++at_;
    if (levels_.size() == 1) return SqlStatus(sqlstate::kSyntaxError, "a parenthesis closes nothing");
    const Level closed = level();
    levels_.pop_back();
    Emit(Symbol(")"));
    if (closed.kind == Level::kArrayQuery) {
      EmitAll({Word("select"), Word("care_array_agg"), Symbol("("), Word("care_cell"), Symbol(")"),
               Word("from"), Word("care_rows"), Symbol(")")});
    }
    return ColumnAliases(closed.opened - 1);
  }

  // (query) s(a, b), with or without AS.
  absl::Status ColumnAliases(std::size_t open) {
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

  bool InFrom() {
    return level().in_from && !out_.empty() &&
           (out_.back().IsWord("from") || out_.back().IsWord("join") || out_.back().IsSymbol(","));
  }

  void NoteClause(const Token& token) {
    static const std::set<std::string_view> kOthers = {"select", "where", "group",     "having", "order",
                                                       "limit",  "union", "intersect", "except"};
    if (token.text == "from" && !After("distinct")) level().in_from = true;
    if (kOthers.contains(token.text)) level().in_from = false;
  }

  // generate_series(a, b) AS s, unnest(x) WITH ORDINALITY AS s(value, number): json_each over an array made
  // of it.
  absl::Status OnSetFunction() {
    const std::string function = Peek()->text;
    const std::size_t select = level().opened, own_end = out_.size();
    at_ += 2;
    std::size_t depth = 1;
    EmitAll({Word("json_each"), Symbol("("),
             Word(function == "generate_series" ? "care_json_of_series" : "care_json_of_array"),
             Symbol("(")});
    Open(Level::kPlain);
    while (at_ < in_.size() && depth > 0) {
      if (IsSymbol(0, "(")) ++depth;
      if (IsSymbol(0, ")") && --depth == 0) break;
      CARE_RETURN_IF_ERROR(Step());
    }
    if (at_ >= in_.size()) return SqlStatus(sqlstate::kSyntaxError, "a parenthesis is not closed");
    ++at_;
    levels_.pop_back();
    EmitAll({Symbol(")"), Symbol(")")});
    if (IsWord(0, "with") && IsWord(1, "ordinality")) at_ += 2;
    if (IsWord(0, "as")) ++at_;
    std::string alias = function;
    if (IsName(0) && !ReservedAfterTable(*Peek())) {
      alias = Peek()->text;
      ++at_;
    }
    std::map<std::string, std::string> columns;
    if (IsSymbol(0, "(")) {
      ++at_;
      std::size_t number = 0;
      for (; Peek() != nullptr && !IsSymbol(0, ")"); ++at_) {
        if (!IsName(0)) continue;
        columns[Peek()->text] = number == 0 ? "value" : "key + 1";
        ++number;
      }
      ++at_;
    }
    EmitAll({Word("as"), {TokenKind::kQuoted, alias}});
    level().set_functions[alias] = std::move(columns);
    NameValues(select, own_end, alias);
    return absl::OkStatus();
  }

  // In the select list, before the alias was known: s is s.value there too.
  void NameValues(std::size_t begin, std::size_t end, const std::string& alias) {
    std::vector<Token> named(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(begin));
    const auto is_symbol = [this](std::size_t at, std::string_view symbol) {
      return at < out_.size() && out_[at].IsSymbol(symbol);
    };
    for (std::size_t at = begin; at < out_.size(); ++at) {
      const bool alone = at < end && out_[at].IsWord(alias) && !is_symbol(at + 1, ".") &&
                         !is_symbol(at + 1, "(") &&
                         !(at > 0 && (is_symbol(at - 1, ".") || out_[at - 1].IsWord("as")));
      if (alone) {
        named.push_back({TokenKind::kQuoted, alias});
        named.push_back(Symbol("."));
        named.push_back(Word("value"));
      } else {
        named.push_back(std::move(out_[at]));
      }
    }
    out_ = std::move(named);
  }

  static bool ReservedAfterTable(const Token& token) {
    static const std::set<std::string_view> kWords = {"where", "join",  "left",    "right", "inner",
                                                      "cross", "full",  "on",      "order", "group",
                                                      "limit", "union", "natural", "using", "offset"};
    return token.kind == TokenKind::kWord && kWords.contains(token.text);
  }

  // The name of a type at `at_`, without its schema; leaves at_ behind it and its (n) and [].
  absl::StatusOr<std::string> TypeName(bool* is_array) {
    while (IsName(0) && IsSymbol(1, ".")) at_ += 2;
    if (!IsName(0)) return SqlStatus(sqlstate::kSyntaxError, "a type's name is missing");
    std::string type = Peek()->text;
    ++at_;
    if (type == "double" && IsWord(0, "precision")) ++at_;
    if (type == "character" && IsWord(0, "varying")) ++at_;
    if ((type == "timestamp" || type == "time") && (IsWord(0, "with") || IsWord(0, "without")) &&
        IsWord(1, "time"))
      at_ += 3;
    if (IsSymbol(0, "(") && Peek(1) != nullptr && Peek(1)->kind == TokenKind::kNumber) {
      while (Peek() != nullptr && !IsSymbol(0, ")")) ++at_;
      ++at_;
    }
    *is_array = false;
    while (IsSymbol(0, "[") && IsSymbol(1, "]")) {
      *is_array = true;
      at_ += 2;
    }
    return type;
  }

  static std::string Affinity(const std::string& type) {
    static const std::set<std::string_view> kTexts = {"text",        "varchar",   "name", "char",
                                                      "bpchar",      "character", "date", "timestamp",
                                                      "timestamptz", "time",      "json"};
    static const std::set<std::string_view> kIntegers = {"int",    "integer",  "int2", "int4", "int8",
                                                         "bigint", "smallint", "oid",  "xid"};
    static const std::set<std::string_view> kNumbers = {"numeric", "decimal", "float4",
                                                        "float8",  "real",    "double"};
    if (kTexts.contains(type)) return "text";
    if (kIntegers.contains(type)) return "integer";
    if (kNumbers.contains(type)) return "real";
    return {};
  }

  // CAST(x AS type): at the type.
  absl::Status OnCastType() {
    bool is_array = false;
    CARE_ASSIGN_OR_RETURN(const std::string type, TypeName(&is_array));
    const std::string affinity = is_array ? std::string() : Affinity(type);
    Emit(Word(affinity.empty() ? "text" : affinity));
    return absl::OkStatus();
  }

  absl::Status OnCast() {
    ++at_;
    bool is_array = false;
    CARE_ASSIGN_OR_RETURN(const std::string type, TypeName(&is_array));
    std::vector<Token> operand = TakePrimary();
    if (operand.empty()) return SqlStatus(sqlstate::kSyntaxError, ":: has nothing before it");
    const bool literal = operand.size() == 1 && operand[0].kind == TokenKind::kString;
    const auto call = [&](const std::string& function) {
      EmitAll({Word(function), Symbol("(")});
      EmitAll(std::move(operand));
      Emit(Symbol(")"));
    };
    if (is_array) {
      EmitAll(std::move(operand));
    } else if (type == "regclass" || type == "regtype" || type == "regnamespace" || type == "regproc" ||
               type == "regrole") {
      call(absl::StrCat(literal ? "to_" : "care_name_of_", type));
    } else if (type == "bool" || type == "boolean") {
      call("care_boolean");
    } else if (const std::string affinity = Affinity(type); !affinity.empty()) {
      EmitAll({Word("cast"), Symbol("(")});
      EmitAll(std::move(operand));
      EmitAll({Word("as"), Word(affinity), Symbol(")")});
    } else {
      EmitAll(std::move(operand));
    }
    return absl::OkStatus();
  }

  // Takes the operand that ends the output: a literal, a name with its qualifiers, a call, something in
  // parentheses.
  std::vector<Token> TakePrimary() {
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

  void EndOrderItem() {
    if (!level().in_order_by || level().nulls_said || out_.empty()) return;
    EmitAll({Word("nulls"), Word(level().descending ? "first" : "last")});
  }

  void EndOrderBy() {
    EndOrderItem();
    level().in_order_by = false;
  }

  std::string Print() const {
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

  const std::vector<Token>& in_;
  std::size_t at_ = 0;
  std::vector<Token> out_;
  std::vector<Level> levels_ = std::vector<Level>(1);
};

}  // namespace

absl::StatusOr<std::string> RewriteForCatalogue(const std::vector<Token>& tokens) {
  return Rewriter(tokens).Run();
}

}  // namespace care::engine::pgwire
