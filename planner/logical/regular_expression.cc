#include "planner/logical/regular_expression.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace care::planner {
namespace {

constexpr int kMostCount = 255;      // PostgreSQL's DUPMAX
constexpr int kDeepest = 50;         // groups in groups
constexpr int kMostAtoms = 255;     // RE2's bound of a repetition too; with every bounded repetition written out
constexpr char32_t kWidestFold = 1000;  // characters of a range whose case is ignored

bool IsLetter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsAlphanumeric(char32_t c) { return IsLetter(c) || (c >= '0' && c <= '9'); }
char32_t OtherCase(char32_t c) { return IsLetter(c) ? c ^ 0x20 : c; }

std::string Quoted(char32_t c) { return absl::StrFormat("\\x{%x}", static_cast<std::uint32_t>(c)); }

// \d, \w and \s between brackets, in ASCII; \s has the vertical tab, which RE2's does not.
std::string_view ClassOfEscape(char32_t c) {
  switch (c) {
    case 'd':
      return "0-9";
    case 'w':
      return "0-9A-Za-z_";
    case 's':
      return "\\x{9}-\\x{d} ";
    default:
      return {};
  }
}

// \n and its like; 0 for other letters.
char32_t ControlOfEscape(char32_t c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'f':
      return '\f';
    case 'v':
      return '\v';
    default:
      return 0;
  }
}

std::string_view ReasonAgainstEscape(char32_t c) {
  if (c >= '1' && c <= '9') return "a back-reference";
  if (c == 'm' || c == 'M' || c == 'y' || c == 'Y') return "a constraint on word boundaries";
  if (c == 'A' || c == 'Z') return "the escapes \\A and \\Z";
  return "this escape";
}

// Recursive descent over an advanced regular expression.
class Reader {
 public:
  Reader(std::vector<PatternCharacter> pattern, bool folds) : pattern_(std::move(pattern)), folds_(folds) {}

  TextPattern Read() {
    TextPattern result;
    if (pattern_.size() >= 3 && pattern_[0] == '*' && pattern_[1] == '*' && pattern_[2] == '*') {
      Unsupported("a director (***)");
    }
    int atoms = 0;
    std::string expression = fault_ ? std::string() : Alternatives(0, atoms);
    if (!fault_ && at_ < pattern_.size()) Malformed("parentheses () not balanced");
    result.fault = fault_;
    if (!fault_) result.expression = std::move(expression);
    return result;
  }

 private:
  bool Ended() const { return fault_.has_value() || at_ >= pattern_.size(); }
  bool Next(char32_t c) const { return at_ < pattern_.size() && pattern_[at_] == c; }
  bool Later(std::size_t ahead, char32_t c) const { return at_ + ahead < pattern_.size() && pattern_[at_ + ahead] == c; }
  std::size_t Place() const {
    if (at_ < pattern_.size()) return pattern_[at_].at;
    return pattern_.empty() ? 1 : pattern_.back().at;
  }
  void Malformed(std::string what) {
    if (!fault_) fault_ = PatternFault{true, std::move(what), Place()};
  }
  void Unsupported(std::string what) {
    if (!fault_) fault_ = PatternFault{false, std::move(what), Place()};
  }

  std::string Alternatives(int depth, int& atoms) {
    std::string expression = Branch(depth, atoms);
    while (!Ended() && Next('|')) {
      ++at_;
      absl::StrAppend(&expression, "|", Branch(depth, atoms));
    }
    return expression;
  }

  std::string Branch(int depth, int& atoms) {
    std::string expression;
    while (!Ended() && !Next('|') && !Next(')')) {
      if (Next('^') || Next('$')) {
        // The ends of the whole text: a line's end is a character like others.
        expression += Next('^') ? "\\A" : "\\z";
        ++at_;
        ++atoms;
        if (AtQuantifier()) Malformed("quantifier operand invalid");
        continue;
      }
      int of_atom = 1;
      const std::string atom = Atom(depth, of_atom);
      if (fault_) return {};
      expression += Quantified(atom, of_atom);
      atoms += of_atom;
      if (atoms > kMostAtoms) Unsupported(absl::StrCat("more than ", kMostAtoms, " characters, repetitions written out"));
    }
    return expression;
  }

  bool AtQuantifier() const {
    if (Next('*') || Next('+') || Next('?')) return true;
    return Next('{') && at_ + 1 < pattern_.size() && pattern_[at_ + 1].code >= '0' && pattern_[at_ + 1].code <= '9';
  }

  std::string Quantified(const std::string& atom, int& atoms) {
    if (!AtQuantifier()) return atom;
    std::string quantifier;
    if (Next('{')) {
      quantifier = Bound(atoms);
    } else {
      quantifier = std::string(1, static_cast<char>(pattern_[at_++].code));
    }
    if (fault_) return {};
    if (Next('?')) ++at_;  // the shortest match: whether there is one is the same
    if (AtQuantifier()) Malformed("quantifier operand invalid");
    // Of an empty match as well: the atom is a group of its own.
    return absl::StrCat("(?:", atom, ")", quantifier);
  }

  int Count() {
    int count = 0;
    while (at_ < pattern_.size() && pattern_[at_].code >= '0' && pattern_[at_].code <= '9') {
      count = std::min(count * 10 + static_cast<int>(pattern_[at_++].code - '0'), kMostCount + 1);
    }
    return count;
  }

  std::string Bound(int& atoms) {
    ++at_;
    const int least = Count();
    int most = least;
    bool open = false;
    if (Next(',')) {
      ++at_;
      open = Next('}');
      if (!open) most = Count();
    }
    if (!Next('}') || least > kMostCount || most > kMostCount || most < least) {
      Malformed("invalid repetition count(s)");
      return {};
    }
    ++at_;
    atoms = std::min(atoms * std::max(open ? least + 1 : most, 1), kMostAtoms + 1);
    return open ? absl::StrCat("{", least, ",}") : absl::StrCat("{", least, ",", most, "}");
  }

  std::string Atom(int depth, int& atoms) {
    const char32_t c = pattern_[at_].code;
    if (AtQuantifier()) {
      Malformed("quantifier operand invalid");
      return {};
    }
    switch (c) {
      case '(':
        return Group(depth, atoms);
      case '[':
        return Bracket(atoms);
      case '\\':
        return Escape();
      case '{':
        Unsupported("a brace that begins no repetition: write \\{");
        return {};
      case '.':
        ++at_;
        return "(?s:.)";
      default:
        ++at_;
        return Literal(c);
    }
  }

  std::string Literal(char32_t c) const {
    if (folds_ && IsLetter(c)) return absl::StrCat("[", Quoted(c), Quoted(OtherCase(c)), "]");
    return Quoted(c);
  }

  std::string Group(int depth, int& atoms) {
    if (depth >= kDeepest) {
      Unsupported(absl::StrCat("groups more than ", kDeepest, " deep"));
      return {};
    }
    if (Later(1, '?')) {
      if (!Later(2, ':')) {
        const bool looks = Later(2, '=') || Later(2, '!') || Later(2, '<');
        Unsupported(looks ? "look-around" : Later(2, '#') ? "a comment" : "options (?...)");
        return {};
      }
      at_ += 2;
    }
    ++at_;
    int inner = 0;
    std::string expression = Alternatives(depth + 1, inner);
    if (fault_) return {};
    if (!Next(')')) {
      Malformed("parentheses () not balanced");
      return {};
    }
    ++at_;
    atoms = std::max(inner, 1);
    return absl::StrCat("(?:", expression, ")");
  }

  std::string Escape() {
    if (at_ + 1 >= pattern_.size()) {
      Malformed("invalid escape \\ sequence");
      return {};
    }
    const char32_t c = pattern_[at_ + 1].code;
    if (const char32_t control = ControlOfEscape(c); control != 0) {
      at_ += 2;
      return Quoted(control);
    }
    const bool complement = c == 'D' || c == 'W' || c == 'S';
    if (const std::string_view escaped = ClassOfEscape(complement ? OtherCase(c) : c); !escaped.empty()) {
      at_ += 2;
      return absl::StrCat(complement ? "[^" : "[", std::string(escaped), "]");
    }
    if (IsAlphanumeric(c)) {
      Unsupported(std::string(ReasonAgainstEscape(c)));
      return {};
    }
    if (c >= 0x80) {
      Unsupported("an escape before a character beyond ASCII");
      return {};
    }
    at_ += 2;
    return Quoted(c);
  }

  // One end of a range, or a character alone.
  std::optional<char32_t> BracketCharacter() {
    const char32_t c = pattern_[at_].code;
    if (c != '\\') {
      ++at_;
      return c;
    }
    if (at_ + 1 >= pattern_.size()) {
      Malformed("invalid escape \\ sequence");
      return std::nullopt;
    }
    const char32_t escaped = pattern_[at_ + 1].code;
    if (const char32_t control = ControlOfEscape(escaped); control != 0) {
      at_ += 2;
      return control;
    }
    if (IsAlphanumeric(escaped) || escaped >= 0x80) {
      Unsupported("this escape between brackets");
      return std::nullopt;
    }
    at_ += 2;
    return escaped;
  }

  std::string Range(char32_t low, char32_t high) {
    std::string range = low == high ? Quoted(low) : absl::StrCat(Quoted(low), "-", Quoted(high));
    if (!folds_) return range;
    if (high - low > kWidestFold) {
      Unsupported("a wide range of characters whose case is ignored");
      return {};
    }
    for (char32_t c = low; c <= high; ++c) {
      if (IsLetter(c)) range += Quoted(OtherCase(c));
    }
    return range;
  }

  std::string NamedClass() {
    static constexpr std::string_view kNames[] = {"alnum", "alpha", "blank", "cntrl", "digit", "graph",
                                                  "lower", "print", "punct", "space", "upper", "xdigit"};
    std::string name;
    std::size_t end = at_ + 2;
    for (; end < pattern_.size() && IsAlphanumeric(pattern_[end].code) && name.size() < 8; ++end) {
      name += static_cast<char>(pattern_[end].code);
    }
    const bool closed = end + 1 < pattern_.size() && pattern_[end] == ':' && pattern_[end + 1] == ']';
    if (!closed || std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames)) {
      if (closed && name != "word") {
        Malformed("invalid character class");
      } else {
        Unsupported("this class between brackets");
      }
      return {};
    }
    at_ = end + 2;
    if (folds_ && (name == "upper" || name == "lower")) name = "alpha";
    // As PostgreSQL's, whose classes are of ASCII but for this one.
    if (name == "cntrl") return "\\x{1}-\\x{1f}\\x{7f}-\\x{9f}";
    return absl::StrCat("[:", name, ":]");
  }

  // Counts its members: each is a transition wherever it is written out.
  std::string Bracket(int& atoms) {
    ++at_;
    const bool complement = Next('^');
    if (complement) ++at_;
    std::string members;
    atoms = 0;
    for (bool first = true; !Ended(); first = false, ++atoms) {
      if (Next(']') && !first) {
        ++at_;
        return absl::StrCat(complement ? "[^" : "[", members, "]");
      }
      if (Next('[') && (Later(1, '.') || Later(1, '='))) {
        Unsupported("a collating element");
        return {};
      }
      if (Next('[') && Later(1, ':')) {
        members += NamedClass();
        if (!fault_ && Next('-') && !Later(1, ']')) Unsupported("a class as the end of a range");
        continue;
      }
      if (Next('\\') && at_ + 1 < pattern_.size()) {
        if (const std::string_view escaped = ClassOfEscape(pattern_[at_ + 1].code); !escaped.empty()) {
          at_ += 2;
          absl::StrAppend(&members, std::string(escaped));
          if (Next('-') && !Later(1, ']')) Unsupported("a class as the end of a range");
          continue;
        }
      }
      if (Next('-') && !first && !Later(1, ']')) {
        Unsupported("a - that is neither first nor last between brackets: write \\-");
        return {};
      }
      if (Next('-') && first && Later(1, '-')) {
        Unsupported("a range that begins with -: write \\-");
        return {};
      }
      const std::optional<char32_t> low = BracketCharacter();
      if (!low) return {};
      char32_t high = *low;
      if (Next('-') && at_ + 1 < pattern_.size() && !Later(1, ']')) {
        ++at_;
        if (Next('[') || Next('-')) {
          Unsupported("this end of a range");
          return {};
        }
        const std::optional<char32_t> end = BracketCharacter();
        if (!end) return {};
        high = *end;
        if (high < *low) {
          Malformed("invalid character range");
          return {};
        }
      }
      members += Range(*low, high);
    }
    Malformed("brackets [] not balanced");
    return {};
  }

  const std::vector<PatternCharacter> pattern_;
  const bool folds_;
  std::size_t at_ = 0;
  std::optional<PatternFault> fault_;
};

}  // namespace

std::vector<PatternCharacter> CharactersOf(std::string_view text) {
  std::vector<PatternCharacter> characters;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    char32_t code = length == 1 ? lead : lead & (0xff >> (length + 1));
    for (int k = 1; k < length && i + k < text.size(); ++k) code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3f);
    characters.push_back({code, characters.size() + 1});
    i += length;
  }
  return characters;
}

TextPattern ReadRegularExpression(std::vector<PatternCharacter> pattern, bool folds) {
  return Reader(std::move(pattern), folds).Read();
}

}  // namespace care::planner
