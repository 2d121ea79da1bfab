#include "engine/frontend/pgwire/sql_tokens.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
namespace {

// A token takes many times the bytes that it was read from.
constexpr std::size_t kMostTokens = 200'000;

bool StartsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80) != 0;
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool ContinuesWord(char c) { return StartsWord(c) || IsDigit(c) || c == '$'; }
bool IsOperatorCharacter(char c) { return std::string_view("+-*/<>=~!@#%^&|`?").find(c) != std::string_view::npos; }

absl::Status Unterminated(std::string_view what) {
  return SqlStatus(sqlstate::kSyntaxError, absl::StrCat("unterminated ", std::string(what)));
}

void AppendUtf8(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out.push_back(static_cast<char>(0xc0 | point >> 6));
    out.push_back(static_cast<char>(0x80 | (point & 0x3f)));
  } else if (point < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | point >> 12));
    out.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | (point >> 18 & 0x07)));
    out.push_back(static_cast<char>(0x80 | (point >> 12 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3f)));
  }
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view sql) : sql_(sql) {}

  absl::StatusOr<std::vector<Token>> Run() {
    while (true) {
      CARE_RETURN_IF_ERROR(SkipBlanks());
      if (at_ == sql_.size()) return std::move(tokens_);
      if (tokens_.size() == kMostTokens) {
        return SqlStatus(sqlstate::kLimitExceeded,
                         absl::StrCat("the statement has more than ", kMostTokens, " words and symbols"));
      }
      const std::size_t begin = at_;
      CARE_ASSIGN_OR_RETURN(Token token, Next());
      token.begin = begin;
      token.end = at_;
      tokens_.push_back(std::move(token));
    }
  }

 private:
  char Peek(std::size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

  absl::Status SkipBlanks() {
    while (at_ < sql_.size()) {
      const char c = sql_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v') {
        ++at_;
      } else if (c == '-' && Peek(1) == '-') {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (c == '/' && Peek(1) == '*') {
        std::size_t depth = 0;
        do {
          if (at_ >= sql_.size()) return Unterminated("/* comment");
          if (Peek() == '/' && Peek(1) == '*') {
            ++depth;
            at_ += 2;
          } else if (Peek() == '*' && Peek(1) == '/') {
            --depth;
            at_ += 2;
          } else {
            ++at_;
          }
        } while (depth > 0);
      } else {
        break;
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Token> Next() {
    const char c = Peek();
    if (c == '\'') return String(false);
    if ((c == 'e' || c == 'E') && Peek(1) == '\'') {
      ++at_;
      return String(true);
    }
    if (c == '"') return QuotedName();
    if (c == '$') return Dollar();
    if (StartsWord(c)) return Word();
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number();
    if (c == ':' && Peek(1) == ':') return Symbol(2);
    if (IsOperatorCharacter(c)) return Operator();
    return Symbol(1);
  }

  Token Symbol(std::size_t length) {
    Token token{TokenKind::kSymbol, std::string(sql_.substr(at_, length))};
    at_ += length;
    return token;
  }

  // PostgreSQL's rules: as long as possible, but a comment ends it, and + or - at its end only after one of the
  // characters that make operators of users.
  Token Operator() {
    std::size_t length = 0;
    while (at_ + length < sql_.size() && IsOperatorCharacter(sql_[at_ + length])) {
      const std::string_view two = sql_.substr(at_ + length, 2);
      if (length > 0 && (two == "--" || two == "/*")) break;
      ++length;
    }
    const std::string_view text = sql_.substr(at_, length);
    const bool users_own = text.find_first_of("~!@#%^&|`?") != std::string_view::npos;
    while (length > 1 && !users_own && (sql_[at_ + length - 1] == '+' || sql_[at_ + length - 1] == '-')) --length;
    return Symbol(length);
  }

  Token Word() {
    Token token{TokenKind::kWord, {}};
    while (at_ < sql_.size() && ContinuesWord(sql_[at_])) {
      const char c = sql_[at_++];
      token.text.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    return token;
  }

  Token Number() {
    const std::size_t begin = at_;
    while (IsDigit(Peek()) || Peek() == '.') ++at_;
    if ((Peek() == 'e' || Peek() == 'E') &&
        (IsDigit(Peek(1)) || ((Peek(1) == '+' || Peek(1) == '-') && IsDigit(Peek(2))))) {
      at_ += 2;
      while (IsDigit(Peek())) ++at_;
    }
    return {TokenKind::kNumber, std::string(sql_.substr(begin, at_ - begin))};
  }

  absl::StatusOr<Token> QuotedName() {
    Token token{TokenKind::kQuoted, {}};
    for (++at_; at_ < sql_.size(); ++at_) {
      if (sql_[at_] == '"') {
        if (Peek(1) != '"') {
          ++at_;
          return token;
        }
        ++at_;
      }
      token.text.push_back(sql_[at_]);
    }
    return Unterminated("quoted identifier");
  }

  absl::StatusOr<Token> String(bool escapes) {
    Token token{TokenKind::kString, {}};
    for (++at_; at_ < sql_.size(); ++at_) {
      const char c = sql_[at_];
      if (c == '\'') {
        if (Peek(1) != '\'') {
          ++at_;
          return token;
        }
        ++at_;
      } else if (c == '\\' && escapes) {
        ++at_;
        if (at_ == sql_.size()) break;
        Escape(token.text);
        continue;
      }
      token.text.push_back(sql_[at_]);
    }
    return Unterminated("quoted string");
  }

  // The character behind a backslash; leaves at_ on the last one that it took.
  void Escape(std::string& out) {
    const char c = sql_[at_];
    const auto digits = [this](std::size_t most, int base) {
      std::uint32_t value = 0;
      std::size_t count = 0;
      while (count < most) {
        const char digit = Peek(1);
        const int number = IsDigit(digit) ? digit - '0' : (digit | 0x20) >= 'a' && (digit | 0x20) <= 'f'
                                                              ? (digit | 0x20) - 'a' + 10
                                                              : base;
        if (number >= base) break;
        value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(number);
        ++count;
        ++at_;
      }
      return value;
    };
    switch (c) {
      case 'n':
        return out.push_back('\n');
      case 't':
        return out.push_back('\t');
      case 'r':
        return out.push_back('\r');
      case 'b':
        return out.push_back('\b');
      case 'f':
        return out.push_back('\f');
      case 'x':
        return out.push_back(static_cast<char>(digits(2, 16)));
      case 'u':
        return AppendUtf8(out, digits(4, 16));
      case 'U':
        return AppendUtf8(out, digits(8, 16));
      default:
        out.push_back(c);
    }
  }

  absl::StatusOr<Token> Dollar() {
    if (IsDigit(Peek(1))) {
      const std::size_t begin = ++at_;
      while (IsDigit(Peek())) ++at_;
      return Token{TokenKind::kParameter, std::string(sql_.substr(begin, at_ - begin))};
    }
    std::size_t end = at_ + 1;
    while (end < sql_.size() && (StartsWord(sql_[end]) || (IsDigit(sql_[end]) && end > at_ + 1))) ++end;
    if (end == sql_.size() || sql_[end] != '$') return Symbol(1);
    const std::string_view tag = sql_.substr(at_, end + 1 - at_);
    const std::size_t close = sql_.find(tag, end + 1);
    if (close == std::string_view::npos) return Unterminated("dollar-quoted string");
    Token token{TokenKind::kString, std::string(sql_.substr(end + 1, close - end - 1))};
    at_ = close + tag.size();
    return token;
  }

  const std::string_view sql_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

absl::StatusOr<std::vector<Token>> TokenizeSql(std::string_view sql) { return Tokenizer(sql).Run(); }

absl::StatusOr<std::vector<StatementText>> SplitStatements(std::string_view sql) {
  CARE_ASSIGN_OR_RETURN(std::vector<Token> tokens, TokenizeSql(sql));
  std::vector<StatementText> statements;
  std::size_t begin = 0;  // byte where the present statement began
  std::vector<Token> own;
  const auto finish = [&](std::size_t end) {
    if (!own.empty()) {
      for (Token& token : own) {
        token.begin -= begin;
        token.end -= begin;
      }
      statements.push_back({sql.substr(begin, end - begin), begin, std::move(own)});
      own.clear();
    }
  };
  for (Token& token : tokens) {
    if (token.IsSymbol(";")) {
      finish(token.begin);
      begin = token.end;
    } else {
      own.push_back(std::move(token));
    }
  }
  finish(sql.size());
  return statements;
}

}  // namespace care::engine::pgwire
