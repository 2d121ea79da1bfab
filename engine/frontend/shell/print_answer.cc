#include "engine/frontend/shell/print_answer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/session/messages.h"

namespace care::engine {
namespace {

constexpr char kSuppressionNote[] = "suppressed";

// Characters, not bytes, of UTF-8.
std::size_t Width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string Padded(const std::string& text, std::size_t width, bool to_the_right) {
  const std::string space(width - std::min(width, Width(text)), ' ');
  return to_the_right ? space + text : text + space;
}

bool AnySuppressed(const Answer& answer, std::size_t column) {
  return std::any_of(answer.suppressed.begin(), answer.suppressed.end(),
                     [column](const std::vector<bool>& row) { return row[column]; });
}

std::string SuppressionNote(const Answer& answer) {
  for (const std::string& note : answer.notes) {
    if (note.starts_with(kSuppressionNote)) return note;
  }
  return kSuppressionNote;
}

// "(<10)" from "suppressed: fewer than 10 persons".
std::string Mark(const std::string& note) {
  const std::string words = "fewer than ";
  const std::size_t at = note.find(words);
  if (at == std::string::npos) return "(*)";
  const std::size_t begin = at + words.size();
  const std::size_t end = note.find_first_not_of("0123456789", begin);
  const std::string number = note.substr(begin, end == std::string::npos ? end : end - begin);
  return number.empty() ? "(*)" : absl::StrCat("(<", number, ")");
}

std::string CsvCell(const std::string& text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

// Without the spaces that would trail the last column.
void AppendLine(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  absl::StrAppend(&out, line, "\n");
}

}  // namespace

std::string FormatTable(const Answer& answer) {
  const std::string note = SuppressionNote(answer);
  const std::string mark = Mark(note);
  const std::size_t columns = answer.columns.size();
  std::vector<std::size_t> widths(columns);
  std::vector<std::vector<std::string>> cells;
  bool any_suppressed = false;
  for (std::size_t c = 0; c < columns; ++c) widths[c] = Width(answer.columns[c].name);
  for (std::size_t r = 0; r < answer.rows.size(); ++r) {
    std::vector<std::string>& row = cells.emplace_back(columns);
    for (std::size_t c = 0; c < columns; ++c) {
      any_suppressed |= answer.suppressed[r][c];
      row[c] = answer.suppressed[r][c] ? mark : answer.rows[r][c].value_or("");
      widths[c] = std::max(widths[c], Width(row[c]));
    }
  }
  std::string out, header, rule;
  for (std::size_t c = 0; c < columns; ++c) {
    absl::StrAppend(&header, c == 0 ? " " : " | ",
                    Padded(answer.columns[c].name, widths[c], answer.columns[c].is_number));
    absl::StrAppend(&rule, c == 0 ? "-" : "-+-", std::string(widths[c], '-'));
  }
  AppendLine(out, header);
  AppendLine(out, rule + "-");
  for (const std::vector<std::string>& row : cells) {
    std::string line;
    for (std::size_t c = 0; c < columns; ++c) {
      absl::StrAppend(&line, c == 0 ? " " : " | ", Padded(row[c], widths[c], answer.columns[c].is_number));
    }
    AppendLine(out, line);
  }
  absl::StrAppend(&out, "(", answer.rows.size(), answer.rows.size() == 1 ? " row)\n" : " rows)\n");
  if (any_suppressed) absl::StrAppend(&out, mark, " ", note, "\n");
  for (const std::string& other : answer.notes) {
    if (!other.starts_with(kSuppressionNote)) absl::StrAppend(&out, other, "\n");
  }
  return out;
}

std::string FormatCsv(const Answer& answer) {
  const std::string note = SuppressionNote(answer);
  std::vector<bool> noted;
  std::string out;
  for (std::size_t c = 0; c < answer.columns.size(); ++c) {
    noted.push_back(AnySuppressed(answer, c));
    absl::StrAppend(&out, c == 0 ? "" : ",", CsvCell(answer.columns[c].name));
    if (noted[c]) absl::StrAppend(&out, ",", CsvCell(answer.columns[c].name + "_note"));
  }
  out.push_back('\n');
  for (std::size_t r = 0; r < answer.rows.size(); ++r) {
    for (std::size_t c = 0; c < answer.columns.size(); ++c) {
      if (c > 0) out.push_back(',');
      const bool hidden = answer.suppressed[r][c];
      if (!hidden && answer.rows[r][c].has_value()) out += CsvCell(*answer.rows[r][c]);
      if (noted[c]) absl::StrAppend(&out, ",", hidden ? CsvCell(note) : "");
    }
    out.push_back('\n');
  }
  return out;
}

std::string FormatJson(const Answer& answer) {
  using nlohmann::json;
  json columns = json::array();
  for (const AnswerColumn& column : answer.columns)
    columns.push_back({{"name", column.name}, {"type", column.type}});
  json rows = json::array();
  for (const auto& row : answer.rows) {
    json cells = json::array();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool is_integer = answer.columns[i].type == "bigint" || answer.columns[i].type == "integer";
      if (!row[i].has_value()) {
        cells.push_back(nullptr);
      } else if (answer.columns[i].is_boolean) {
        cells.push_back(*row[i] == "t");
      } else if (is_integer) {
        cells.push_back(json::parse(*row[i]));
      } else {
        cells.push_back(*row[i]);  // decimals as text: a JSON reader's floats would lose digits
      }
    }
    rows.push_back(std::move(cells));
  }
  const json text = {{"columns", columns},
                     {"rows", rows},
                     {"suppressed", answer.suppressed},
                     {"notes", answer.notes},
                     {"seconds", answer.seconds},
                     {"bytes", answer.bytes},
                     {"rounds", answer.rounds}};
  return DumpJson(text) + "\n";
}

std::string FormatFigures(const Answer& answer) {
  char text[128];
  const double megabytes = static_cast<double>(answer.bytes) / 1e6;
  std::snprintf(text, sizeof(text), "%.2f s, %.*f MB sent between the parties, %llu rounds", answer.seconds,
                megabytes < 0.1 ? 4 : 1, megabytes, static_cast<unsigned long long>(answer.rounds));
  return text;
}

}  // namespace care::engine
