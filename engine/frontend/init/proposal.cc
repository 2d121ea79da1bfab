#include "engine/frontend/init/proposal.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/frontend/init/measured_column.h"
#include "engine/frontend/init/public_bounds.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr char kPersonWords[][12] = {"bsn",    "patient", "person",     "persoon",
                                     "client", "insured", "verzekerde", "subject"};

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {  // TOML has no others within one line
      absl::StrAppend(&quoted, "\\u", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad4));
      continue;
    }
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

std::string QuotedList(const std::vector<std::string>& items) {
  std::vector<std::string> quoted;
  for (const std::string& item : items) quoted.push_back(Quoted(item));
  return absl::StrCat("[", absl::StrJoin(quoted, ", "), "]");
}

// A comment of the database may hold anything.
std::string OneLine(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

class TableProposal {
 public:
  TableProposal(InspectedDatabase& database, const OwnTable& table, const std::string& party)
      : database_(database), table_(table), party_(party), name_(FederationName(table.name)) {}

  absl::Status Measure() {
    std::set<std::string> names;
    for (const OwnColumn& own : table_.columns) {
      CARE_ASSIGN_OR_RETURN(MeasuredColumn column, MeasureColumn(database_, table_, own));
      while (!names.insert(column.name).second) column.name += "_2";
      columns_.push_back(std::move(column));
    }
    ChooseSubject();
    for (MeasuredColumn& column : columns_) {
      if (column.many_texts && column.own_name != subject_own_ && !IsKeyPart(column.own_name)) {
        column.left_out = "free text, or too many values for a domain";
      }
    }
    CARE_ASSIGN_OR_RETURN(const std::int64_t rows,
                          Number(absl::StrCat("SELECT COUNT(*) FROM ", QuotedTable(table_))));
    row_bound_ = PublicCount(static_cast<std::uint64_t>(rows));
    if (subject_own_.empty()) return absl::OkStatus();
    const std::string subject = QuotedName(subject_own_);
    CARE_ASSIGN_OR_RETURN(const std::int64_t persons, Number(absl::StrCat("SELECT COUNT(DISTINCT ", subject,
                                                                          ") FROM ", QuotedTable(table_))));
    CARE_ASSIGN_OR_RETURN(const std::int64_t most,
                          Number(absl::StrCat("SELECT COALESCE(MAX(n), 0) FROM (SELECT COUNT(*) AS n FROM ",
                                              QuotedTable(table_), " GROUP BY ", subject, ") AS counts")));
    subject_bound_ = std::min(PublicCount(static_cast<std::uint64_t>(persons)), row_bound_);
    // One row a person is a property of the table and no measurement, where the table says so itself.
    const bool unique = table_.primary_key == std::vector{subject_own_} ||
                        std::find(table_.unique.begin(), table_.unique.end(), std::vector{subject_own_}) !=
                            table_.unique.end();
    most_rows_ = unique ? 1 : static_cast<std::uint64_t>(UpTheLadder(most + most / 2 + 1).value_or(most));
    most_rows_ = std::min(most_rows_, row_bound_);
    return absl::OkStatus();
  }

  bool has_bsn() const {
    return std::any_of(columns_.begin(), columns_.end(), [](const auto& column) { return column.is_bsn; });
  }

  std::string FederationText() const {
    std::string text = "\n";
    if (!table_.comment.empty()) absl::StrAppend(&text, "# ", OneLine(table_.comment), "\n");
    absl::StrAppend(&text, "[[table]]\nname = ", Quoted(party_ + "." + name_), "\n");
    if (subject_own_.empty()) {
      text +=
          "# CHECK THIS: no column looks like a person. Write subject = \"...\" and key = \"...\" at its "
          "column\n";
    } else {
      absl::StrAppend(&text, "# check this: ", why_subject_, "\nsubject = ", Quoted(NameOf(subject_own_)),
                      "\n");
    }
    if (!table_.primary_key.empty()) absl::StrAppend(&text, Key("primary_key = ", table_.primary_key, false));
    for (const auto& unique : table_.unique) absl::StrAppend(&text, Key("unique = ", unique, true));
    absl::StrAppend(&text, "row_bound = ", row_bound_, "\n");
    if (!subject_own_.empty()) {
      absl::StrAppend(&text, "max_rows_per_subject = ", most_rows_, "\n");
      if (subject_bound_ < row_bound_) absl::StrAppend(&text, "subject_bound = ", subject_bound_, "\n");
    }
    for (const auto& reference : table_.references) {
      absl::StrAppend(&text, "# ", OneLine(absl::StrJoin(reference.columns, ", ")), " refers to ",
                      OneLine(reference.table), "\n");
    }
    for (std::size_t i = 0; i < columns_.size(); ++i)
      absl::StrAppend(&text, ColumnText(columns_[i], table_.columns[i]));
    return text;
  }

  std::string NodeText() const {
    const std::string own =
        table_.schema.empty() ? table_.name : absl::StrCat(table_.schema, ".", table_.name);
    std::string text = absl::StrCat("\n[tables.", name_, "]\ntable = ", Quoted(own), "\n");
    std::string mapped;
    for (const MeasuredColumn& column : columns_) {
      if (!column.left_out.empty() || column.name == column.own_name) continue;
      absl::StrAppend(&mapped, column.name, " = ", Quoted(column.own_name), "\n");
    }
    if (!mapped.empty()) absl::StrAppend(&text, "[tables.", name_, ".columns]\n", mapped);
    return text;
  }

 private:
  absl::StatusOr<std::int64_t> Number(const std::string& sql) {
    CARE_ASSIGN_OR_RETURN(const auto rows, database_.Query(sql));
    std::int64_t number = 0;
    if (rows.empty() || !absl::SimpleAtoi(rows[0][0].value_or(""), &number))
      return absl::InternalError("no number");
    return number;
  }

  bool CanBeKey(const MeasuredColumn& column) const {
    return column.left_out.empty() && column.domain.empty() &&
           (column.type == "text" || column.type == "bigint" || column.type == "integer" ||
            column.type == "smallint");
  }

  void ChooseSubject() {
    for (const MeasuredColumn& column : columns_) {
      if (!column.is_bsn) continue;
      subject_own_ = column.own_name;
      why_subject_ = "the values of this column look like a BSN";
      return;
    }
    for (const char* word : kPersonWords) {
      for (const MeasuredColumn& column : columns_) {
        if (!CanBeKey(column) || column.name.find(word) == std::string::npos) continue;
        subject_own_ = column.own_name;
        why_subject_ = "the name of this column sounds like a person";
        return;
      }
    }
    if (table_.references.size() == 1 && table_.references[0].columns.size() == 1) {
      for (const MeasuredColumn& column : columns_) {
        if (!CanBeKey(column) || column.own_name != table_.references[0].columns[0]) continue;
        subject_own_ = column.own_name;
        why_subject_ = absl::StrCat("this column refers to ", OneLine(table_.references[0].table));
        return;
      }
    }
  }

  bool IsKeyPart(const std::string& own) const {
    const auto has = [&own](const std::vector<std::string>& key) {
      return std::find(key.begin(), key.end(), own) != key.end();
    };
    return has(table_.primary_key) || std::any_of(table_.unique.begin(), table_.unique.end(), has);
  }

  std::string NameOf(const std::string& own) const {
    for (const MeasuredColumn& column : columns_) {
      if (column.own_name == own && column.left_out.empty()) return column.name;
    }
    return "";
  }

  // Nothing if a column of it is left out.
  std::string Key(const char* what, const std::vector<std::string>& own, bool nested) const {
    std::vector<std::string> names;
    for (const std::string& column : own) {
      names.push_back(NameOf(column));
      if (names.back().empty()) return "";
    }
    const bool repeated = nested && table_.unique.size() > 1;
    if (nested) return absl::StrCat(repeated ? "#" : "", what, "[", QuotedList(names), "]\n");
    return absl::StrCat(what, QuotedList(names), "\n");
  }

  std::string ColumnText(const MeasuredColumn& column, const OwnColumn& own) const {
    const std::string declared = own.declared.empty() ? "no type" : OneLine(own.declared);
    if (!column.left_out.empty()) {
      return absl::StrCat("\n  # left out: ", OneLine(column.own_name), " (", declared,
                          "): ", column.left_out, "\n");
    }
    std::string text = "\n  [[table.column]]\n";
    if (!own.comment.empty()) absl::StrAppend(&text, "  # ", OneLine(own.comment), "\n");
    absl::StrAppend(&text, "  name = ", Quoted(column.name), "\n  type = ", Quoted(column.type), "\n");
    if (column.decimals >= 0) absl::StrAppend(&text, "  decimals = ", column.decimals, "\n");
    const bool is_key = column.own_name == subject_own_ || column.is_bsn || column.many_texts;
    if (is_key) {
      const std::string domain = column.is_bsn ? "bsn" : column.name;
      absl::StrAppend(&text,
                      "  # check this: all owners must call the same kind of key by one name\n  key = ",
                      Quoted(domain), "\n");
    }
    if (!column.nullable) text += "  nullable = false\n";
    for (const std::string& remark : column.remarks) absl::StrAppend(&text, "  # ", remark, "\n");
    if (!is_key && !column.min.empty()) {
      absl::StrAppend(&text, "  min = ", column.min, "\n  max = ", column.max, "\n");
    }
    if (!column.domain.empty()) absl::StrAppend(&text, "  domain = ", QuotedList(column.domain), "\n");
    return text;
  }

  InspectedDatabase& database_;
  const OwnTable& table_;
  const std::string& party_;
  const std::string name_;
  std::vector<MeasuredColumn> columns_;
  std::string subject_own_;
  std::string why_subject_;
  std::uint64_t row_bound_ = 0;
  std::uint64_t subject_bound_ = 0;
  std::uint64_t most_rows_ = 0;
};

}  // namespace

bool IsBsn(std::string text) {
  const auto is_space = [](char c) { return c == ' '; };
  text.erase(std::remove_if(text.begin(), text.end(), is_space), text.end());
  if (text.empty() || text.size() > 9) return false;
  text.insert(0, 9 - text.size(), '0');
  int sum = 0;
  bool any = false;
  for (int i = 0; i < 9; ++i) {
    const char c = text[static_cast<std::size_t>(i)];
    if (c < '0' || c > '9') return false;
    any |= c != '0';
    sum += (i == 8 ? -1 : 9 - i) * (c - '0');
  }
  return any && sum % 11 == 0;
}

absl::StatusOr<InitProposal> ProposeTables(InspectedDatabase& database, const std::string& party) {
  CARE_ASSIGN_OR_RETURN(const std::vector<OwnTable> tables, database.Tables());
  InitProposal proposal;
  bool has_bsn = false;
  std::string entries;
  for (const OwnTable& table : tables) {
    TableProposal one(database, table, party);
    CARE_RETURN_IF_ERROR(one.Measure());
    has_bsn |= one.has_bsn();
    absl::StrAppend(&entries, one.FederationText());
    absl::StrAppend(&proposal.node, one.NodeText());
    ++proposal.tables;
  }
  proposal.federation = absl::StrCat(
      "# A DRAFT for the federation file, from the database of ", party, ", for ", party,
      "'s own eyes. Read every line before\n# any of it goes into federation.toml: that file is public among "
      "the parties. Bounds are rounded outward; lists of\n"
      "# values, types and persons are guesses. Remove tables and columns that no question needs.\n");
  if (has_bsn) {
    absl::StrAppend(
        &proposal.federation,
        "\n# Once for the whole federation: nine digits with their zeros, whatever each owner stores.\n"
        "[[key]]\nname = \"bsn\"\nformat = \"bsn\"\n");
  }
  absl::StrAppend(&proposal.federation, entries);
  return proposal;
}

}  // namespace care::engine
