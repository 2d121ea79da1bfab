#include "engine/frontend/suite/expected_cells.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cctype>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/frontend/suite/row_difference.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr char kHashWords[] = " values hashing to ";

bool IsWord(const std::string& text) { return text == "NULL" || text == "(empty)" || text == "(suppressed)"; }

bool IsHash(const SuiteRecord& record) {
  return record.expected.size() == 1 && record.expected[0].find(kHashWords) != std::string::npos &&
         std::isdigit(static_cast<unsigned char>(record.expected[0][0])) != 0;
}

bool HasTab(const std::string& line) { return line.find('\t') != std::string::npos; }

// Whether rows are lines with tabs, or each value has a line of its own. A single column is both.
bool HasRowLines(const SuiteRecord& record) {
  return record.expected.empty() || record.types.size() == 1 || IsHash(record) || HasTab(record.expected[0]);
}

void Sort(const SuiteRecord& record, Cells& rows) {
  if (record.sorting == Sorting::kRows) std::sort(rows.begin(), rows.end());
  if (record.sorting != Sorting::kValues) return;
  std::vector<std::string> values;
  for (const auto& row : rows) values.insert(values.end(), row.begin(), row.end());
  std::sort(values.begin(), values.end());
  std::size_t next = 0;
  for (auto& row : rows) {
    for (std::string& cell : row) cell = values[next++];
  }
}

std::string Md5(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr) != 1) return "(no MD5 on this machine)";
  return absl::BytesToHexString(std::string(reinterpret_cast<char*>(digest), size));
}

}  // namespace

std::string WrittenCell(const std::string& text) {
  if (text.empty()) return "(empty)";
  std::string written;
  if (IsWord(text)) written = "\\";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    switch (c) {
      case ' ':
        written += at == 0 || at + 1 == text.size() ? "\\s" : " ";
        break;
      case '\\':
        written += "\\\\";
        break;
      case '\t':
        written += "\\t";
        break;
      case '\n':
        written += "\\n";
        break;
      case '\r':
        written += "\\r";
        break;
      default:
        written += c;
    }
  }
  return written;
}

Cells CellsOf(const Answer& answer) {
  Cells cells;
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    auto& written = cells.emplace_back();
    for (std::size_t column = 0; column < answer.columns.size(); ++column) {
      const auto& cell = answer.rows[row][column];
      written.push_back(answer.suppressed[row][column] ? "(suppressed)" : cell.has_value() ? WrittenCell(*cell) : "NULL");
    }
  }
  return cells;
}

std::size_t SuppressedIn(const Answer& answer) {
  std::size_t count = 0;
  for (const auto& row : answer.suppressed) count += static_cast<std::size_t>(std::count(row.begin(), row.end(), true));
  return count;
}

bool TypeLetterFits(char letter, const std::string& type) {
  switch (letter) {
    case 'I':
      return type == "smallint" || type == "integer" || type == "bigint";
    case 'T':
      return type == "text" || type.starts_with("character varying");
    case 'R':
      return type.starts_with("numeric") || type == "double precision" || type == "real";
    case 'D':
      return type == "date";
    case 'S':
      return type.starts_with("timestamp");
    case 'B':
      return type == "boolean";
    default:
      return letter == '?';
  }
}

std::string CompareColumns(const SuiteRecord& record, const Answer& answer) {
  std::vector<std::string> columns;
  bool fit = record.types.size() == answer.columns.size();
  for (std::size_t i = 0; i < answer.columns.size(); ++i) {
    const AnswerColumn& column = answer.columns[i];
    columns.push_back(absl::StrCat(column.name, " ", column.type));
    fit = fit && TypeLetterFits(record.types[i], column.type);
  }
  const std::string listed = absl::StrJoin(columns, ", ");
  if (!fit) return absl::StrCat("the columns do not fit \"query ", record.types, "\": ", listed);
  if (!record.directives.columns.empty() && record.directives.columns != listed)
    return absl::StrCat("expected the columns ", record.directives.columns, "\n     got the columns ", listed);
  return "";
}

absl::StatusOr<Cells> ExpectedRows(const SuiteRecord& record) {
  const std::size_t columns = record.types.size();
  Cells rows;
  if (HasRowLines(record)) {
    for (const std::string& line : record.expected) {
      if (columns == 1) {
        rows.push_back({line});
        continue;
      }
      rows.push_back(absl::StrSplit(line, '\t'));
      if (rows.back().size() != columns) {
        return absl::InvalidArgumentError(absl::StrCat("expected row ", rows.size(), " has ", rows.back().size(),
                                                       " values between tabs, the query has ", columns, " columns"));
      }
    }
    return rows;
  }
  if (record.expected.size() % columns != 0) {
    return absl::InvalidArgumentError(absl::StrCat("there are ", record.expected.size(), " expected values, one a line, "
                                                   "which makes no whole rows of ", columns, " columns"));
  }
  for (std::size_t at = 0; at < record.expected.size(); at += columns) {
    const auto begin = record.expected.begin() + static_cast<std::ptrdiff_t>(at);
    rows.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(columns));
  }
  return rows;
}

std::string HashLine(const SuiteRecord& record, Cells actual) {
  Sort(record, actual);
  std::string text;
  std::size_t count = 0;
  for (const auto& row : actual) {
    for (const std::string& cell : row) {
      absl::StrAppend(&text, cell, "\n");
      ++count;
    }
  }
  return absl::StrCat(count, kHashWords, Md5(text));
}

absl::StatusOr<std::string> CompareRows(const SuiteRecord& record, Cells actual) {
  if (IsHash(record)) {
    const std::string line = HashLine(record, std::move(actual));
    if (line == record.expected[0]) return "";
    return absl::StrCat("- ", record.expected[0], "\n+ ", line, "\n");
  }
  CARE_ASSIGN_OR_RETURN(Cells expected, ExpectedRows(record));
  Sort(record, expected);
  Sort(record, actual);
  return RowDifference(expected, actual);
}

std::vector<std::string> ExpectedLines(const SuiteRecord& record, Cells actual) {
  const std::size_t values = actual.empty() ? 0 : actual.size() * actual[0].size();
  if (record.hash_threshold > 0 && values > record.hash_threshold) return {HashLine(record, std::move(actual))};
  Sort(record, actual);
  std::vector<std::string> lines;
  for (const auto& row : actual) {
    if (HasRowLines(record)) {
      lines.push_back(absl::StrJoin(row, "\t"));
    } else {
      lines.insert(lines.end(), row.begin(), row.end());
    }
  }
  return lines;
}

}  // namespace care::engine
