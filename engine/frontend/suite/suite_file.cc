#include "engine/frontend/suite/suite_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/types/status_macros.h"
#include "grammar/parameters.h"

namespace care::engine {
namespace {

constexpr std::size_t kDeepestInclude = 8;
constexpr std::uintmax_t kLargestFile = std::uintmax_t{64} << 20;
constexpr std::string_view kSeparator = "----";

bool IsBlank(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

std::vector<std::string> WordsOf(const std::string& line) {
  return absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
}

// What follows the first `count` words, without the spaces around it.
std::string AfterWords(std::string_view line, std::size_t count) {
  for (; count > 0; --count) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    line.remove_prefix(std::min(line.find_first_of(" \t"), line.size()));
  }
  return std::string(absl::StripAsciiWhitespace(absl::string_view(line.data(), line.size())));
}

class SuiteReader {
 public:
  SuiteReader(std::string path, std::string engine, std::size_t depth)
      : path_(std::move(path)), engine_(std::move(engine)), depth_(depth) {}

  absl::StatusOr<std::vector<SuiteRecord>> Read() {
    CARE_RETURN_IF_ERROR(ReadLines());
    while (at_ < lines_.size()) {
      const std::string& line = lines_[at_];
      if (IsBlank(line) || line.starts_with("#")) {
        if (IsBlank(line) && has_prelude_) return Error("a directive belongs directly above a record");
        ++at_;
        continue;
      }
      if (line.starts_with("+")) {
        CARE_RETURN_IF_ERROR(ReadDirective(line));
        continue;
      }
      const std::vector<std::string> words = WordsOf(line);
      if (words[0] == "halt") break;
      CARE_RETURN_IF_ERROR(ReadCommand(line, words));
    }
    if (has_prelude_) return Error("a directive without a record");
    if (records_.empty()) return absl::InvalidArgumentError(absl::StrCat(path_, ": there is no record in this file"));
    return std::move(records_);
  }

 private:
  absl::Status Error(const std::string& what) const {
    return absl::InvalidArgumentError(absl::StrCat(path_, ":", std::min(at_ + 1, lines_.size()), ": ", what));
  }

  absl::Status ReadLines() {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path_, error))
      return absl::NotFoundError(absl::StrCat(path_, ": there is no such file"));
    if (std::filesystem::file_size(path_, error) > kLargestFile)
      return absl::InvalidArgumentError(absl::StrCat(path_, ": a suite has at most ", kLargestFile >> 20, " MB"));
    std::ifstream file(path_, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) return absl::NotFoundError(absl::StrCat(path_, ": cannot be read"));
    lines_ = absl::StrSplit(text, '\n');
    for (std::string& line : lines_) {
      if (line.ends_with('\r')) line.pop_back();
    }
    while (!lines_.empty() && lines_.back().empty()) lines_.pop_back();
    return absl::OkStatus();
  }

  absl::Status ReadDirective(const std::string& line) {
    const std::vector<std::string> words = WordsOf(line);
    const std::string& name = words[0];
    const std::string argument = AfterWords(line, 1);
    has_prelude_ = true;
    if (argument.empty() != (name == "+unordered")) {
      return Error(argument.empty() ? absl::StrCat(name, " needs an argument") : absl::StrCat(name, " has no argument"));
    }
    if (name == "+operator") {
      for (absl::string_view operation : absl::StrSplit(argument, ',')) {
        directives_.operators.emplace_back(absl::StripAsciiWhitespace(operation));
      }
    } else if (name == "+leakage") {
      if (argument == "only") {
        directives_.leakage_only = true;
      } else {
        directives_.leakage.push_back(argument);
      }
    } else if (name == "+suppressed") {
      std::uint64_t count = 0;
      if (!absl::SimpleAtoi(argument, &count)) return Error("+suppressed is followed by a number of cells");
      directives_.suppressed = count;
    } else if (name == "+purpose") {
      directives_.purpose = argument;
    } else if (name == "+parameter") {
      directives_.parameters.push_back(argument);
    } else if (name == "+columns") {
      directives_.columns = argument;
    } else if (name == "+unordered") {
      unordered_ = true;
    } else {
      return Error(absl::StrCat("unknown directive ", name,
                                "; there are +operator, +leakage, +suppressed, +purpose, +parameter, +columns and +unordered"));
    }
    ++at_;
    return absl::OkStatus();
  }

  absl::Status ReadCommand(const std::string& line, const std::vector<std::string>& words) {
    const std::string& command = words[0];
    if (command == "skipif" || command == "onlyif") {
      if (words.size() != 2) return Error(absl::StrCat(command, " is followed by the name of one engine"));
      skipped_ |= (words[1] == engine_) == (command == "skipif");
      has_prelude_ = true;
      ++at_;
      return absl::OkStatus();
    }
    if (command == "statement" || command == "query") return ReadRecord(line, words);
    if (has_prelude_) return Error("a directive belongs directly above a record");
    if (command == "hash-threshold") {
      if (words.size() != 2 || !absl::SimpleAtoi(words[1], &hash_threshold_))
        return Error("hash-threshold is followed by a number of values");
      ++at_;
      return absl::OkStatus();
    }
    if (command == "include") {
      CARE_RETURN_IF_ERROR(Include(AfterWords(line, 1)));
      ++at_;
      return absl::OkStatus();
    }
    return Error(absl::StrCat("\"", command, "\" is not known here; a record begins with \"query\" or \"statement\", "
                              "and a blank line ends it"));
  }

  absl::Status Include(const std::string& name) {
    if (name.empty()) return Error("include is followed by a file's name");
    if (depth_ == kDeepestInclude) return Error("files include each other too deeply");
    const std::string path = (std::filesystem::path(path_).parent_path() / name).string();
    SuiteReader included(path, engine_, depth_ + 1);
    CARE_ASSIGN_OR_RETURN(std::vector<SuiteRecord> records, included.Read());
    records_.insert(records_.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
    return absl::OkStatus();
  }

  absl::Status ReadRecord(const std::string& line, const std::vector<std::string>& words) {
    SuiteRecord record;
    record.file = path_;
    record.line = at_ + 1;
    record.hash_threshold = hash_threshold_;
    record.directives = std::exchange(directives_, {});
    record.skipped = std::exchange(skipped_, false);
    if (std::exchange(unordered_, false)) record.sorting = Sorting::kRows;
    has_prelude_ = false;
    CARE_RETURN_IF_ERROR(words[0] == "query" ? ReadQueryLine(words, record) : ReadStatementLine(line, words, record));
    ++at_;
    const std::size_t sql_begin = at_;
    while (at_ < lines_.size() && !IsBlank(lines_[at_]) && lines_[at_] != kSeparator) ++at_;
    record.sql = absl::StrJoin(lines_.begin() + static_cast<std::ptrdiff_t>(sql_begin),
                               lines_.begin() + static_cast<std::ptrdiff_t>(at_), "\n");
    if (record.sql.empty()) return Error("there is no SQL below the record's first line");
    record.expected_begin = record.expected_end = at_;
    if (at_ < lines_.size() && lines_[at_] == kSeparator) {
      if (record.kind == RecordKind::kStatementOk) return Error("\"statement ok\" expects no rows; write \"query\"");
      if (!record.error.empty()) return Error("the error is given twice: beside \"statement error\" and here");
      record.has_expected = true;
      record.expected_begin = ++at_;
      while (at_ < lines_.size() && !IsBlank(lines_[at_])) record.expected.push_back(lines_[at_++]);
      record.expected_end = at_;
    }
    CARE_RETURN_IF_ERROR(CheckDirectives(record));
    records_.push_back(std::move(record));
    return absl::OkStatus();
  }

  absl::Status ReadQueryLine(const std::vector<std::string>& words, SuiteRecord& record) {
    record.kind = RecordKind::kQuery;
    if (words.size() < 2 || words[1].find_first_not_of("ITRDSB?") != std::string::npos) {
      return Error("\"query\" is followed by a letter for each column: I integer, T text, R decimal, D date, S timestamp, "
                   "B boolean, ? any");
    }
    record.types = words[1];
    std::size_t next = 2;
    if (next < words.size()) {
      const std::string& sorting = words[next];
      const bool known = sorting == "nosort" || sorting == "rowsort" || sorting == "valuesort";
      if (sorting == "rowsort") record.sorting = Sorting::kRows;
      if (sorting == "valuesort") record.sorting = Sorting::kValues;
      if (known) ++next;
    }
    if (next < words.size()) record.label = words[next++];
    if (next < words.size()) {
      return Error(absl::StrCat("\"", words[next], "\" is not known here; write query TYPES "
                                "[nosort|rowsort|valuesort] [label]"));
    }
    return absl::OkStatus();
  }

  absl::Status ReadStatementLine(const std::string& line, const std::vector<std::string>& words, SuiteRecord& record) {
    const std::string kind = words.size() > 1 ? words[1] : "";
    if (kind == "ok" && words.size() == 2) {
      record.kind = RecordKind::kStatementOk;
    } else if (kind == "error") {
      record.kind = RecordKind::kStatementError;
      record.error = AfterWords(line, 2);
    } else {
      return Error("write \"statement ok\", or \"statement error\" and what the error says");
    }
    return absl::OkStatus();
  }

  absl::Status CheckDirectives(const SuiteRecord& record) const {
    const Directives& asked = record.directives;
    const bool of_the_plan = !asked.operators.empty() || !asked.leakage.empty() || asked.leakage_only;
    if (record.kind == RecordKind::kStatementError && (of_the_plan || asked.suppressed.has_value()))
      return Error("a query that is refused has no plan and no cells; only +purpose and +parameter go with \"statement error\"");
    if (!asked.columns.empty() && record.kind != RecordKind::kQuery) return Error("+columns goes with \"query\" only");
    if (asked.leakage_only && asked.leakage.empty())
      return Error("\"+leakage only\" needs the +leakage lines that are allowed");
    return absl::OkStatus();
  }

  const std::string path_;
  const std::string engine_;
  const std::size_t depth_;
  std::vector<std::string> lines_;
  std::size_t at_ = 0;
  std::size_t hash_threshold_ = 0;
  // Of the record to come.
  Directives directives_;
  bool unordered_ = false;
  bool skipped_ = false;
  bool has_prelude_ = false;
  std::vector<SuiteRecord> records_;
};

}  // namespace

std::string SuiteRecord::Place() const { return absl::StrCat(file, ":", line); }

absl::StatusOr<std::vector<SuiteRecord>> ReadSuite(const std::string& path, const std::string& engine) {
  return SuiteReader(path, engine, 0).Read();
}

absl::StatusOr<std::string> SuiteRecord::AskedSql() const {
  if (directives.parameters.empty()) return sql;
  CARE_ASSIGN_OR_RETURN(const care::sql::TextWithParameters text,
                        care::sql::TextWithParameters::Replace(sql, directives.parameters));
  return text.sql();
}

}  // namespace care::engine
