#include "engine/frontend/record/record_page.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/frontend/record/escape_markup.h"
#include "engine/frontend/record/html_writer.h"
#include "engine/frontend/record/record_style.h"

namespace care::engine {
namespace {

using nlohmann::json;

constexpr int kDeepestPlan = 40;

std::string Grouped(std::uint64_t number) {
  std::string digits = absl::StrCat(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string Bytes(std::uint64_t bytes) {
  if (bytes < 10'000) return absl::StrCat(Grouped(bytes), " bytes");
  const char* unit = bytes < 1'000'000 ? "kB" : "MB";
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %s", static_cast<double>(bytes) / (bytes < 1'000'000 ? 1e3 : 1e6), unit);
  return absl::StrCat(text, " (", Grouped(bytes), " bytes)");
}

// EXPLAIN's JSON came over a wire: what is missing is empty.
std::string TextOf(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->is_number() ? found->dump() : "";
}
std::uint64_t NumberOf(const json& object, const char* name) { return NumberField(object, name).value_or(0); }
std::vector<std::string> TextsOf(const json& object, const char* name) {
  std::vector<std::string> texts;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array()) return texts;
  for (const json& text : *found) {
    if (text.is_string()) texts.push_back(text.get<std::string>());
  }
  return texts;
}
std::vector<json> ObjectsOf(const json& object, const char* name) {
  std::vector<json> objects;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array()) return objects;
  for (const json& entry : *found) objects.push_back(entry.is_object() ? entry : json::object());
  return objects;
}

class RecordWriter {
 public:
  RecordWriter(const Answer& answer, const AnswerRecord& record) : answer_(answer), record_(record) {}

  std::string Write() && {
    WriteQuestion();
    WriteTable();
    WriteGate();
    WriteLeakage();
    WriteVerdicts();
    WriteLedgers();
    WritePlan();
    WriteStatements();
    WriteFigures();
    const std::string title = absl::StrCat("Answer ", record_.session_id.substr(0, 8), " of ", record_.time);
    return absl::StrCat(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
        EscapeMarkup(title), "</title>\n<style>", kRecordStyle, "</style>\n</head>\n<body>\n<main>\n",
        "<h1>Record of an answer</h1>\n<p class=\"lead\">What was asked of the federation ",
        EscapeMarkup(record_.federation), ", what was released to ", EscapeMarkup(record_.recipient),
        ", and what every party agreed to before anything was opened.</p>\n", std::move(html_).Finish(),
        "</main>\n<footer>Written by care ", EscapeMarkup(record_.care_version), ". This file is complete in itself: ",
        "it holds no script and loads nothing.</footer>\n</body>\n</html>\n");
  }

 private:
  void WriteQuestion() {
    html_.Section("The question");
    html_.Entries({{"Asked by", absl::StrCat(record_.asked_by, ", at the node of ", record_.recipient)},
                   {"Answer to", record_.recipient},
                   {"Purpose", record_.purpose},
                   {"Legal basis", record_.legal_basis.empty() ? "none was stated" : record_.legal_basis},
                   {"Time", absl::StrCat(record_.time, " (UTC, of the entry in the ledger of ", record_.recipient, ")")},
                   {"Session", record_.session_id, true}});
    html_.Preformatted(record_.sql, "SQL as it was asked");
  }

  std::size_t SuppressedCells() const {
    std::size_t count = 0;
    for (const auto& row : answer_.suppressed) count += static_cast<std::size_t>(std::count(row.begin(), row.end(), true));
    return count;
  }

  void WriteTable() {
    html_.Section("The released table");
    HtmlTable table;
    table.caption = absl::StrCat("Released to ", record_.recipient, ": ", answer_.rows.size(),
                                 answer_.rows.size() == 1 ? " row" : " rows", ", ", SuppressedCells(),
                                 " cells suppressed");
    table.kind = "released";
    for (const AnswerColumn& column : answer_.columns) {
      table.header.push_back({.text = column.name, .kind = column.is_number ? "number" : "", .details = {column.type}});
    }
    for (std::size_t r = 0; r < answer_.rows.size(); ++r) {
      auto& row = table.rows.emplace_back();
      for (std::size_t c = 0; c < answer_.columns.size(); ++c) {
        const bool is_number = answer_.columns[c].is_number;
        if (answer_.suppressed[r][c]) {
          row.push_back({.text = "suppressed", .kind = is_number ? "hidden number" : "hidden"});
        } else if (!answer_.rows[r][c].has_value()) {
          row.push_back({.text = "NULL", .kind = is_number ? "null number" : "null"});
        } else {
          row.push_back({.text = *answer_.rows[r][c], .kind = is_number ? "number" : ""});
        }
      }
    }
    html_.Table(table);
    if (!answer_.notes.empty()) html_.List(answer_.notes);
  }

  void WriteGate() {
    html_.Section("Release control");
    std::vector<std::string> strictest;
    for (const RecordedParty& party : record_.parties) {
      if (party.threshold == record_.threshold) strictest.push_back(party.name);
    }
    html_.Paragraph(absl::StrCat("Threshold in force: ", record_.threshold,
                                 " distinct persons in a released cell, as required by ", absl::StrJoin(strictest, ", "),
                                 ". A cell of fewer is hidden, and so are further cells from which a hidden one could be "
                                 "computed. The gate decided this inside the secure computation, before anything was "
                                 "opened."));
    html_.Entries({{"Cells suppressed", absl::StrCat(SuppressedCells())}});
  }

  void WriteLeakage() {
    html_.Section("What was opened");
    HtmlTable table{.caption = "Leakage report: everything that was opened, to whom, and by which rule",
                    .kind = "wide",
                    .header = {{"To"}, {"What"}, {"Values, at most", "number"}, {"Rule"}}};
    for (const json& entry : ObjectsOf(record_.plan, "leakage")) {
      table.rows.push_back({{TextOf(entry, "recipient")},
                            {TextOf(entry, "what")},
                            {Grouped(NumberOf(entry, "max_values")), "number"},
                            {TextOf(entry, "rule")}});
    }
    html_.Table(table);
    html_.Paragraph("Nothing else. All parties know the query and the sizes in its plan, which are public bounds and not "
                    "counts.");
    html_.SubSection("Assumptions");
    html_.List(TextsOf(record_.plan, "assumptions"));
  }

  void WriteVerdicts() {
    html_.Section("What each party agreed to");
    html_.Paragraph("Each party planned the query for itself, from the text and its own copy of the federation file, and "
                    "signed what it derived. All three derived the same.");
    HtmlTable table{.caption = "Verdicts of the parties",
                    .kind = "wide",
                    .header = {{"Party"}, {"Verdict"}, {"Threshold", "number"}, {"Disclosure digest"},
                               {"Execution digest"}},
                    .rows_have_headers = true};
    for (const RecordedParty& party : record_.parties) {
      table.rows.push_back({{party.name},
                            {"agreed", "good"},
                            {absl::StrCat(party.threshold), "number"},
                            {.text = party.disclosure_digest, .is_code = true},
                            {.text = party.execution_digest, .is_code = true}});
    }
    html_.Table(table);
    HtmlTable signatures{.caption = "Signatures: ECDSA over SHA-256; the key's fingerprint is the SHA-256 of its "
                                    "SubjectPublicKeyInfo",
                         .kind = "wide",
                         .header = {{"Party"}, {"Fingerprint of the key"}, {"Signature of the verdict"}},
                         .rows_have_headers = true};
    for (const RecordedParty& party : record_.parties) {
      signatures.rows.push_back({{party.name},
                                 {.text = party.key_sha256, .is_code = true},
                                 {.text = party.signature, .is_code = true}});
    }
    html_.Table(signatures);
    html_.Entries({{"Signature of the proposal", record_.proposal_signature, true}});
    html_.SubSection("What the planning depended on, as signed by the asking node");
    html_.Preformatted(record_.plan_inputs, "Plan inputs");
  }

  void WriteLedgers() {
    html_.Section("The ledgers' entries");
    html_.Paragraph("Every party wrote the release into its ledger before anything was opened, under this session. The hash "
                    "binds the entry to all that came before it.");
    HtmlTable table{.caption = "Entries under this session, by party",
                    .kind = "wide",
                    .header = {{"Party"}, {"Hash of the entry"}},
                    .rows_have_headers = true};
    for (const RecordedParty& party : record_.parties) {
      table.rows.push_back({{party.name}, {.text = party.ledger_hash, .is_code = true}});
    }
    html_.Table(table);
  }

  // The tree from `id` down, each node once per place where it is used, as EXPLAIN shows it.
  void AddPlanRows(const std::vector<json>& nodes, std::size_t id, int depth, HtmlTable& table) const {
    if (id >= nodes.size() || depth > kDeepestPlan || table.rows.size() > 4 * nodes.size()) return;
    const json& node = nodes[id];
    const bool is_joint = TextOf(node, "where") == "joint";
    std::vector<std::string> details = TextsOf(node, "details");
    if (const std::string fragment = TextOf(node, "fragment"); !fragment.empty()) details.push_back(fragment);
    std::vector<std::string> roles;
    for (const char* role : {"spine", "arm", "helper"}) {
      if (const std::string party = TextOf(node, role); !party.empty()) roles.push_back(absl::StrCat(role, " ", party));
    }
    if (!roles.empty()) details.insert(details.begin(), absl::StrJoin(roles, ", "));
    table.rows.push_back({{.text = TextOf(node, "operation"), .details = std::move(details), .depth = depth},
                          {TextOf(node, "where")},
                          {Grouped(NumberOf(node, "slots")), "number"},
                          {is_joint ? Grouped(NumberOf(node, "rounds")) : "", "number"},
                          {is_joint ? Grouped(NumberOf(node, "bytes")) : "", "number"}});
    const auto inputs = node.find("inputs");
    if (inputs == node.end() || !inputs->is_array()) return;
    for (const json& input : *inputs) {
      // An input comes before its user; anything else would not end.
      if (input.is_number_unsigned() && input.get<std::size_t>() < id) {
        AddPlanRows(nodes, input.get<std::size_t>(), depth + 1, table);
      }
    }
  }

  void WritePlan() {
    html_.Section("The plan");
    HtmlTable table{.caption = "What ran where; each step above what it is computed from. Slots are public bounds; rounds "
                               "and bytes are the planner's estimate",
                    .kind = "wide",
                    .header = {{"Step"}, {"Where"}, {"Slots", "number"}, {"Rounds", "number"}, {"Bytes", "number"}}};
    const std::vector<json> nodes = ObjectsOf(record_.plan, "nodes");
    if (!nodes.empty()) AddPlanRows(nodes, nodes.size() - 1, 0, table);
    html_.Table(table);
  }

  void WriteStatements() {
    html_.Section("What each party ran in its own database");
    html_.Paragraph("As each party stated it when it agreed. The signatures above do not cover these texts.");
    for (const RecordedParty& party : record_.parties) {
      html_.SubSection(party.name);
      if (party.statements.empty()) html_.Paragraph("No statement: this party's rows play no part in the query.");
      for (const std::string& statement : party.statements) {
        html_.Preformatted(statement, absl::StrCat("Statement in the database of ", party.name));
      }
    }
  }

  void WriteFigures() {
    html_.Section("Figures and versions");
    char seconds[32];
    std::snprintf(seconds, sizeof(seconds), "%.2f s", answer_.seconds);
    html_.Entries({{"Duration", seconds},
                   {"Sent between the parties", Bytes(answer_.bytes)},
                   {"Rounds", Grouped(answer_.rounds)},
                   {"Protocol", record_.protocol},
                   {"Federation", absl::StrCat(record_.federation, ", version ", record_.federation_version)},
                   {"Digest of the federation file", record_.federation_digest, true},
                   {"care at the asking node", record_.care_version},
                   {"Planner at every party", absl::StrCat("version ", record_.planner_version)}});
  }

  const Answer& answer_;
  const AnswerRecord& record_;
  HtmlWriter html_;
};

}  // namespace

std::string RecordPage(const Answer& answer) { return RecordWriter(answer, *answer.record).Write(); }

}  // namespace care::engine
