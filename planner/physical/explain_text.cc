// EXPLAIN: written for a reader who must decide whether a query may run. First what runs where, with sizes
// and costs; then what each owner computes alone; then everything that anybody learns, and on which
// assumptions.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "planner/physical/plan_query.h"
#include "planner/physical/plan_report.h"
#include "planner/physical/size_text.h"

namespace care::planner {
namespace {

std::string Grouped(std::uint64_t number) {
  std::string digits = absl::StrCat(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(at, ",");
  return digits;
}

std::string Duration(std::uint64_t microseconds) {
  const std::uint64_t milliseconds = microseconds / 1000;
  if (milliseconds < 1000) return absl::StrCat(milliseconds, " ms");
  return absl::StrCat(milliseconds / 1000, ".", milliseconds % 1000 / 100, " s");
}

constexpr std::size_t kLineWidth = 110;

// In characters, not in bytes: the tree's lines are three bytes each.
std::size_t WidthOf(const std::string& text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

// `text` after `prefix`, broken at spaces; the lines that go on are indented further.
void AppendWrapped(const std::string& prefix, const std::string& text, std::string& out) {
  const std::size_t room = kLineWidth > WidthOf(prefix) + 20 ? kLineWidth - WidthOf(prefix) : 20;
  std::string line;
  bool first = true;
  const auto flush = [&] {
    absl::StrAppend(&out, prefix, first ? "" : "    ", line, "\n");
    first = false;
    line.clear();
  };
  for (const std::string& word : std::vector<std::string>(absl::StrSplit(text, ' '))) {
    if (!line.empty() && WidthOf(line) + 1 + WidthOf(word) + (first ? 0 : 4) > room) flush();
    absl::StrAppend(&line, line.empty() ? "" : " ", word);
  }
  flush();
}

constexpr std::size_t kTitleWidth = 70;

class TextPrinter {
 public:
  TextPrinter(const PlannedQuery& query, const PlanReport& report, const MeasuredPlan* measured)
      : query_(query), report_(report), measured_(measured) {}

  std::string Tree() {
    Line("", "plan", "where", "slots", {"rounds", "data"}, {"measured", "measured"});
    // What nothing else reads: the gate of a star, each opening of tables.
    std::vector<bool> read(report_.nodes().size(), false);
    for (const NodeReport& node : report_.nodes()) {
      for (NodeId input : node.inputs) read[input] = true;
    }
    for (NodeId id = 0; id < read.size(); ++id) {
      const bool last = id + 1 == read.size();
      if (last || (!read[id] && report_.nodes()[id].operation == "open")) PrintNode(id, "", "");
    }
    return std::move(text_);
  }

 private:
  struct Moved {
    std::string rounds, data;
  };

  void Line(const std::string& prefix, const std::string& title, const std::string& where, const std::string& slots,
            const Moved& expected, const Moved& measured) {
    const std::string left = prefix + title;
    const std::size_t width = WidthOf(left);
    std::string line = absl::StrCat(left, std::string(width < kTitleWidth ? kTitleWidth - width : 1, ' '),
                                    absl::StrFormat("%-9s %11s %7s", where, slots, expected.rounds));
    if (measured_ == nullptr) {
      absl::StrAppendFormat(&line, " %10s", expected.data);
    } else {
      absl::StrAppendFormat(&line, " %8s %10s %10s", measured.rounds, expected.data, measured.data);
    }
    absl::StripTrailingAsciiWhitespace(&line);
    absl::StrAppend(&text_, line, "\n");
  }

  void PrintNode(NodeId id, const std::string& prefix, const std::string& below) {
    printed_.insert(id);
    const NodeReport& node = report_.nodes()[id];
    const auto [bytes, rounds] = query_.cost.node_bytes_and_rounds[id];
    const bool local = node.party != kNoParty;
    const std::string title = local ? absl::StrCat(node.title, " [", id, "]") : node.title;
    Moved expected, measured;
    if (!local && query_.cost.is_known) expected = {Grouped(rounds), SizeText(bytes)};
    if (!local && measured_ != nullptr) {
      measured.rounds = Grouped(measured_->nodes[id].rounds);
      if (measured_->is_complete) measured.data = SizeText(measured_->nodes[id].bytes);
    }
    Line(prefix, title, report_.Party(node.party), Grouped(node.slots), expected, measured);
    const bool ends = node.inputs.empty() || (node.operation == "reuse" && printed_.count(node.inputs[0]) != 0);
    const std::string bar = ends ? "  " : "│ ";
    for (const std::string& detail : node.details)
      AppendWrapped(absl::StrCat(below, bar, "  "), detail, text_);
    if (const auto reason = query_.plan.reasons.find(id); reason != query_.plan.reasons.end())
      AppendWrapped(absl::StrCat(below, bar, "  "), absl::StrCat("because ", reason->second), text_);
    if (ends) return;  // what is read again stands once
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const bool last = i + 1 == node.inputs.size();
      PrintNode(node.inputs[i], below + (last ? "└ " : "├ "), below + (last ? "  " : "│ "));
    }
  }

  const PlannedQuery& query_;
  const PlanReport& report_;
  const MeasuredPlan* const measured_;  // null if the query did not run
  std::set<NodeId> printed_;
  std::string text_;
};

// As `care query` shows it.
std::string Waited(std::uint64_t microseconds) {
  if (microseconds < 1'000'000) return Duration(microseconds);
  return absl::StrFormat("%d.%02d s", microseconds / 1'000'000, microseconds % 1'000'000 / 10'000);
}

std::string MeasuredText(const PlanReport& report, const MeasuredPlan& measured) {
  std::vector<std::string> parties;
  for (const auto& [party, sent] : measured.sent) {
    parties.push_back(absl::StrCat(report.Party(party), " ",
                                   sent.has_value() ? SizeText(*sent) : std::string("left before it said how much")));
  }
  std::string text = absl::StrCat("Measured: ", measured.is_complete ? "" : "at least ", SizeText(measured.Bytes()),
                                  " between all parties, ", Grouped(measured.rounds), " rounds, ",
                                  Waited(measured.microseconds), " from the agreement to the answer\n",
                                  "  sent by ", absl::StrJoin(parties, ", "), "\n");
  if (measured.is_complete) {
    absl::StrAppend(&text, "  of it ", SizeText(measured.BytesBesideThePlan()),
                    " to agree, to make keys and to confirm the ledgers\n");
  }
  return text;
}

}  // namespace

std::string PlannedQuery::ExplainText(const Catalog& catalog, const MeasuredPlan* measured) const {
  const PlanReport report(*this, catalog);
  std::string text = absl::StrCat("Federation ", catalog.name, ", answer to ", report.Party(plan.recipient));
  if (!inputs.purpose.empty()) absl::StrAppend(&text, ", for ", inputs.purpose);
  absl::StrAppend(&text, "\n\n", TextPrinter(*this, report, measured).Tree());

  absl::StrAppend(&text, "\nWhat each owner computes alone, in its own database\n");
  for (NodeId id = 0; id < plan.nodes.size(); ++id) {
    const NodeReport& node = report.nodes()[id];
    if (node.sql.empty()) continue;
    absl::StrAppend(&text, "  [", id, "] ", report.Party(node.party), ", at most ", Grouped(node.slots),
                    node.slots == 1 ? " row\n" : " rows\n");
    for (const std::string& line : node.sql) AppendWrapped("      ", line, text);
  }

  absl::StrAppend(&text, "\nLeakage report: everything that is opened\n");
  for (const Disclosure& disclosure : disclosures) {
    AppendWrapped("  ", absl::StrCat("to ", report.Recipient(disclosure.recipient), ": ", disclosure.what), text);
    absl::StrAppend(&text, "      at most ", Grouped(disclosure.max_values),
                    disclosure.max_values == 1 ? " value; " : " values; ", disclosure.rule, "\n");
  }
  absl::StrAppend(
      &text,
      "  Nothing else. All parties know the query and the sizes above, which are public bounds and not "
      "counts;\n"
      "  an owner whose data break a declared bound ends the query, and the others see that it did.\n");

  absl::StrAppend(&text, "\nAssumptions\n");
  for (const std::string& assumption : report.Assumptions()) AppendWrapped("  ", assumption, text);

  const std::set<std::string> fixed_points = report.FixedPoints();
  if (!fixed_points.empty()) {
    absl::StrAppend(&text, "\nFloating point, rounded by its owner to the declared decimals\n");
    for (const std::string& column : fixed_points) AppendWrapped("  ", column, text);
  }

  if (!logical.rules.empty()) {
    absl::StrAppend(&text, "\nRewritten by\n");
    AppendWrapped("  ", absl::StrJoin(logical.rules, ", "), text);
  }

  if (!considered.empty()) {
    absl::StrAppend(&text, "\nConsidered, the first of these taken\n");
    for (const PlanAlternative& way : considered)
      AppendWrapped("  ", absl::StrCat(way.name, ": ", SizeText(way.bytes), " in ", Grouped(way.rounds), " rounds"), text);
  }

  if (!cost.is_known) {
    absl::StrAppend(&text, "\nExpected: not estimated\n");
  } else {
    absl::StrAppend(&text, "\nExpected: ", SizeText(cost.bytes), " between all parties, ", Grouped(cost.rounds),
                    " rounds, ");
    if (catalog.links.count(inputs.link_class) != 0) {
      absl::StrAppend(&text, "about ", Duration(report.Microseconds()), " on the declared link \"",
                      inputs.link_class, "\" besides computation\n");
    } else {
      absl::StrAppend(&text, "no speed declared for the link \"", inputs.link_class, "\"\n");
    }
  }
  if (measured != nullptr) absl::StrAppend(&text, MeasuredText(report, *measured));
  absl::StrAppend(&text, "Disclosure digest ", disclosure_digest, "\nExecution digest  ", execution_digest,
                  "\n");
  return text;
}

}  // namespace care::planner
