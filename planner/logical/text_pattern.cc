#include "planner/logical/text_pattern.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "planner/logical/regular_expression.h"

namespace care::planner {
namespace {

// SIMILAR TO as the regular expression that PostgreSQL makes of it: % and _ are the wildcards, . ^ $ themselves.
class SimilarReader {
 public:
  explicit SimilarReader(std::string_view pattern) : written_(CharactersOf(pattern)) {}

  TextPattern Read() {
    for (at_ = 0; at_ < written_.size() && !fault_; ++at_) Step(written_[at_]);
    if (fault_) return {{}, fault_};
    TextPattern pattern = ReadRegularExpression(std::move(regular_), false);
    if (!pattern.fault) pattern.expression = absl::StrCat("\\A(?:", pattern.expression, ")\\z");
    return pattern;
  }

 private:
  void Add(char32_t code, std::size_t at) { regular_.push_back({code, at}); }
  void Refuse(bool malformed, std::string what, std::size_t at) { fault_ = PatternFault{malformed, std::move(what), at}; }

  void Step(const PatternCharacter& c) {
    switch (c.code) {
      case '\\':
        if (at_ + 1 >= written_.size()) return Refuse(true, "it ends with its escape character", c.at);
        if (written_[at_ + 1] == '"') return Refuse(false, "an escaped quote", c.at);
        Add('\\', c.at);
        return Add(written_[++at_].code, c.at);
      case '[':
        return Bracket();
      case '%':
        Add('.', c.at);
        return Add('*', c.at);
      case '_':
        return Add('.', c.at);
      case '(':
        // PostgreSQL keeps no groups: "(?" is no group with options there.
        if (at_ + 1 < written_.size() && written_[at_ + 1] == '?') return Refuse(true, "quantifier operand invalid", c.at);
        return Add('(', c.at);
      case '.':
      case '^':
      case '$':
        Add('\\', c.at);
        return Add(c.code, c.at);
      default:
        return Add(c.code, c.at);
    }
  }

  // Versions of PostgreSQL read nested brackets otherwise: a class stands alone.
  void Bracket() {
    const std::size_t begin = at_;
    Add('[', written_[at_++].at);
    if (at_ < written_.size() && written_[at_] == '^') Add('^', written_[at_++].at);
    if (at_ < written_.size() && written_[at_] == ']') return Refuse(false, "a ] as a member of a bracket", written_[at_].at);
    if (at_ + 1 < written_.size() && written_[at_] == '[' && written_[at_ + 1] == ':') {
      while (at_ < written_.size() && !(written_[at_] == ']')) Add(written_[at_].code, written_[at_].at), ++at_;
      if (at_ + 1 >= written_.size()) return Refuse(true, "brackets [] not balanced", written_[begin].at);
      if (!(written_[at_ + 1] == ']')) return Refuse(false, "a class beside others between brackets", written_[at_ + 1].at);
      Add(']', written_[at_].at);
      ++at_;
      return Add(']', written_[at_].at);
    }
    for (; at_ < written_.size(); ++at_) {
      const PatternCharacter& c = written_[at_];
      if (c == '[') return Refuse(false, "a [ between brackets", c.at);
      if (c == '\\') return Refuse(false, "an escape between brackets", c.at);
      Add(c.code, c.at);
      if (c == ']') return;
    }
    Refuse(true, "brackets [] not balanced", written_[begin].at);
  }

  const std::vector<PatternCharacter> written_;
  std::size_t at_ = 0;
  std::vector<PatternCharacter> regular_;
  std::optional<PatternFault> fault_;
};

}  // namespace

TextPattern ReadTextPattern(Function kind, std::string_view pattern) {
  if (kind == Function::kSimilar) return SimilarReader(pattern).Read();
  return ReadRegularExpression(CharactersOf(pattern), kind == Function::kRegexIgnoringCase);
}

std::optional<std::string> WithBackslashEscapes(std::string_view pattern, std::string_view escape) {
  std::string rewritten;
  for (std::size_t at = 0; at < pattern.size();) {
    if (!escape.empty() && pattern.substr(at).starts_with(escape)) {
      at += escape.size();
      if (at >= pattern.size()) return std::nullopt;
      rewritten += '\\';
      rewritten += pattern[at++];
    } else {
      if (pattern[at] == '\\') rewritten += '\\';
      rewritten += pattern[at++];
    }
  }
  return rewritten;
}

}  // namespace care::planner
