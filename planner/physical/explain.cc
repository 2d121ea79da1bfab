// EXPLAIN: written for a reader who must decide whether a query may run. First what runs where, with sizes
// and costs; then what each owner computes alone; then everything that anybody learns, and on which
// assumptions.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "nlohmann/json.hpp"
#include "planner/physical/plan_query.h"
#include "planner/physical/query_link.h"
#include "planner/physical/readable_names.h"
#include "planner/physical/size_text.h"
#include "planner/physical/table_report.h"
#include "planner/physical/table_shape.h"

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

// The columns of floating point that are read, and what each is computed as.
void AddFixedPoints(const LogicalNode& node, const Catalog& catalog, std::set<std::string>& found) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    const CatalogTable& table = catalog.tables[static_cast<std::size_t>(scan->table)];
    for (const auto& read : scan->columns) {
      const CatalogColumn& column = table.columns[static_cast<std::size_t>(read.table_column)];
      if (column.shown_as == TypeKind::kUnknown) continue;
      found.insert(absl::StrCat(table.FullName(), ".", column.name, ": ", column.ShownType().ToString(), ", computed as ", column.type.ToString()));
    }
  }
  for (const LogicalPtr& child : ChildrenOf(node)) AddFixedPoints(*child, catalog, found);
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

class PlanReport {
 public:
  PlanReport(const PlannedQuery& query, const Catalog& catalog)
      : query_(query), plan_(query.plan), catalog_(catalog), names_(query.plan, catalog) {
    for (NodeId id = 0; id < plan_.nodes.size(); ++id) {
      nodes_.push_back(std::visit([&](const auto& node) { return Report(node); }, plan_.nodes[id]));
      if (IsTableNode(plan_.nodes[id])) nodes_.back().slots = SlotsOf(plan_, id);
      const PhysicalNode& node = plan_.nodes[id];
      const bool on_keys =
          std::holds_alternative<KeysNode>(node) || std::holds_alternative<LookupNode>(node) ||
          std::holds_alternative<RowSumsNode>(node) || std::holds_alternative<ConditionNode>(node);
      if (on_keys) last_on_keys_ = id;
    }
  }

  const std::vector<NodeReport>& nodes() const { return nodes_; }
  std::string Party(PartyId party) const { return party == kNoParty ? "joint" : catalog_.PartyName(party); }

  std::vector<std::string> Assumptions() const {
    std::vector<std::string> assumptions;
    std::vector<std::string> compute;
    for (PartyId party : catalog_.compute_parties) compute.push_back(catalog_.PartyName(party));
    assumptions.push_back(
        absl::StrCat("Of ", absl::StrJoin(compute, ", "),
                     ", no two put together what they receive, and each follows the protocol (semi-honest, "
                     "honest majority of three)."));
    const std::vector<PartyId> outside = OutsideOwners(plan_);
    if (!outside.empty()) {
      std::vector<std::string> names;
      for (const PartyId party : outside) names.push_back(catalog_.PartyName(party));
      assumptions.push_back(absl::StrCat(
          absl::StrJoin(names, ", "), outside.size() == 1 ? " does" : " do",
          " not compute: ", outside.size() == 1 ? "it shares its" : "each shares its",
          " own rows among the three, agrees and keeps a ledger as they do, and receives nothing of the answer. None of the "
          "three puts together with ", outside.size() == 1 ? "it" : "any of them", " what it receives."));
    }
    for (NodeId id = 0; id < plan_.nodes.size(); ++id) {
      const auto* join = std::get_if<JoinTablesNode>(&plan_.nodes[id]);
      if (join == nullptr || join->method != JoinMethod::kLookup) continue;
      assumptions.push_back(absl::StrCat("Where ", Party(OrderOf(plan_, join->left)), " looks up rows of ",
                                         Party(OrderOf(plan_, join->right)), ", ", Party(join->helper),
                                         " helps, and does not collude with either owner."));
    }
    for (const PhysicalNode& node : plan_.nodes) {
      const auto* lookup = std::get_if<LookupNode>(&node);
      if (lookup == nullptr) continue;
      const PartyId arm = std::get<LocalNode>(plan_.nodes[lookup->arm]).party;
      assumptions.push_back(absl::StrCat("Where ", Spine(), " looks up rows of ", Party(arm), ", ",
                                         Party(lookup->helper),
                                         " helps, and does not collude with either owner."));
    }
    assumptions.push_back(
        "What owners declare in the federation file holds; each checks its own data before it shares "
        "anything.");
    return assumptions;
  }

  std::uint64_t Microseconds() const {
    const std::uint64_t bytes = std::min(query_.cost.bytes, std::uint64_t{1} << 60);
    const std::uint64_t rounds = std::min(query_.cost.rounds, std::uint64_t{1} << 32);
    return mpc::Microseconds({bytes, rounds}, LinkOf(catalog_, query_.inputs));
  }

 private:
  std::string Spine() const {
    for (const PhysicalNode& node : plan_.nodes) {
      if (const auto* keys = std::get_if<KeysNode>(&node))
        return Party(std::get<LocalNode>(plan_.nodes[keys->local]).party);
    }
    return "";
  }
  const LocalNode& Local(NodeId id) const { return std::get<LocalNode>(plan_.nodes[id]); }

  std::string Shared(const std::vector<SharedForm>& forms) const {
    std::vector<std::string> parts;
    for (const SharedForm& form : forms) {
      const std::string name = names_.Column(form.column);
      switch (form.form) {
        case Form::kFlag:
          parts.push_back(absl::StrCat(name, " (flag)"));
          break;
        case Form::kBits:
          parts.push_back(absl::StrCat(name, " (", form.width, " bits)"));
          break;
        case Form::kOneHot:
          parts.push_back(absl::StrCat(name, " (code of ", form.width, ")"));
          break;
        case Form::kRing:
          parts.push_back(absl::StrCat(name, " (number)"));
          break;
        case Form::kOwned:
          parts.push_back(absl::StrCat(name, " (kept, only multiplied)"));
          break;
      }
    }
    return absl::StrJoin(parts, ", ");
  }

  NodeReport Report(const LocalNode& local) const {
    NodeReport report{.operation = "local", .party = local.party, .title = "Local", .slots = local.row_bound};
    report.sql = names_.Fragment(*local.fragment);
    return report;
  }
  NodeReport Report(const KeysNode& keys) const {
    const LocalNode& local = Local(keys.local);
    NodeReport report{.operation = "keys", .slots = local.row_bound, .inputs = {keys.local}};
    report.title = absl::StrCat("Keys  spine=", Party(local.party));
    report.parties = {{"spine", Party(local.party)}};
    if (!keys.columns.empty()) report.details.push_back(absl::StrCat("shares ", Shared(keys.columns)));
    if (!keys.order_by_groups.empty()) {
      report.details.push_back(
          absl::StrCat("in its owner's order by ", names_.Columns(keys.order_by_groups)));
    }
    return report;
  }
  NodeReport Report(const LookupNode& lookup) const {
    const PartyId spine = Local(std::get<KeysNode>(plan_.nodes[lookup.keys]).local).party;
    const PartyId arm = Local(lookup.arm).party;
    NodeReport report{.operation = lookup.keeps_unmatched ? "lookup left" : "lookup inner",
                      .slots = Local(std::get<KeysNode>(plan_.nodes[lookup.keys]).local).row_bound,
                      .inputs = {last_on_keys_, lookup.arm}};
    report.title =
        absl::StrCat(lookup.keeps_unmatched ? "Lookup left" : "Lookup inner", "  spine=", Party(spine),
                     " arm=", Party(arm), " helper=", Party(lookup.helper));
    report.parties = {{"spine", Party(spine)}, {"arm", Party(arm)}, {"helper", Party(lookup.helper)}};
    if (!lookup.columns.empty()) report.details.push_back(absl::StrCat("brings ", Shared(lookup.columns)));
    return report;
  }
  NodeReport Report(const RowsNode& rows) const {
    const KeysNode& keys = std::get<KeysNode>(plan_.nodes[rows.keys]);
    NodeReport report{.operation = "rows",
                      .slots = Local(keys.local).row_bound + Local(rows.local).row_bound,
                      .inputs = {rows.local}};
    report.title = absl::StrCat("Rows  spine=", Party(Local(rows.local).party));
    report.parties = {{"spine", Party(Local(rows.local).party)}};
    if (!rows.columns.empty()) report.details.push_back(absl::StrCat("shares ", Shared(rows.columns)));
    if (!rows.expanded.empty())
      report.details.push_back(absl::StrCat("to each row of its key: ", Shared(rows.expanded)));
    return report;
  }
  NodeReport Report(const RowSumsNode& sums) const {
    const auto& rows = std::get<RowsNode>(plan_.nodes[sums.rows]);
    NodeReport report{.operation = "row sums",
                      .title = "RowSums  rows -> keys",
                      .slots = Local(std::get<KeysNode>(plan_.nodes[rows.keys]).local).row_bound,
                      .inputs = {last_on_keys_, sums.rows}};
    for (const RowSum& sum : sums.sums) {
      std::string text = absl::StrCat(names_.Column(sum.output), " = SUM(", names_.Column(sum.value), ")");
      if (sum.condition) absl::StrAppend(&text, " where ", names_.Expression(sum.condition));
      report.details.push_back(std::move(text));
    }
    return report;
  }
  NodeReport Report(const ConditionNode& condition) const {
    NodeReport report{.operation = "condition",
                      .title = "Condition",
                      .slots = Local(std::get<KeysNode>(plan_.nodes[condition.keys]).local).row_bound,
                      .inputs = {last_on_keys_}};
    report.details.push_back(names_.Expression(condition.predicate));
    return report;
  }
  NodeReport Report(const CellsNode& cells) const {
    static constexpr const char* kMethods[] = {"by their owner", "by secret codes", "by the spine's order",
                                               "by the rows' order"};
    std::vector<std::string> groups;
    for (const GroupDomain& group : cells.groups) {
      const ColumnInfo& info = plan_.columns[group.column];
      const std::string name = names_.Column(group.column);
      groups.push_back(
          absl::StrCat(info.table < 0 && name != info.name ? absl::StrCat(info.name, " = ", name) : name,
                       " (", group.values.size(), group.has_null ? " + NULL)" : ")"));
    }
    const bool on_keys = cells.method == GroupMethod::kOneHot || cells.method == GroupMethod::kBoundaries;
    NodeReport report{.operation = "cells",
                      .title = absl::StrCat("Cells  ", kMethods[static_cast<int>(cells.method)]),
                      .slots = cells.cells(),
                      .inputs = {cells.source}};
    if (on_keys) report.inputs = {last_on_keys_};
    if (cells.method == GroupMethod::kRowBoundaries) report.inputs = {last_on_keys_, cells.source};
    report.details.push_back(groups.empty() ? "one cell" : absl::StrJoin(groups, " x "));
    for (std::size_t i = 0; i < cells.measures.size(); ++i) {
      const Measure& measure = cells.measures[i];
      std::vector<std::string> factors;
      if (measure.value) factors.push_back(names_.Expression(measure.value));
      for (const ExpressionPtr& factor : measure.factors) factors.push_back(names_.Expression(factor));
      std::string text = absl::StrCat(measure.name, ": ");
      if (i < cells.measure_columns.size()) {
        absl::StrAppend(&text, names_.Column(cells.measure_columns[i]));
      } else {
        absl::StrAppend(&text,
                        factors.empty() ? "count" : absl::StrCat("sum of ", absl::StrJoin(factors, " * ")));
      }
      if (measure.condition) absl::StrAppend(&text, " where ", names_.Expression(measure.condition));
      report.details.push_back(std::move(text));
    }
    return report;
  }
  template <typename Node>
  NodeReport Report(const Node& node) const {
    return ReportTable(node, plan_, catalog_, names_);
  }
  NodeReport Report(const GateNode& gate) const {
    const auto& cells = std::get<CellsNode>(plan_.nodes[gate.cells]);
    NodeReport report{.operation = "gate", .title = "Gate", .slots = cells.cells(), .inputs = {gate.cells}};
    std::vector<std::string> counts;
    for (std::uint32_t measure : gate.person_measures) counts.push_back(cells.measures[measure].name);
    report.details.push_back(
        absl::StrCat("hides a cell in which one of these is below the strictest party's threshold: ",
                     absl::StrJoin(counts, ", ")));
    if (!cells.groups.empty()) {
      report.details.push_back(
          "hides further cells where a hidden one could be computed from its neighbours");
    }
    return report;
  }

  const PlannedQuery& query_;
  const PhysicalPlan& plan_;
  const Catalog& catalog_;
  ReadableNames names_;
  NodeId last_on_keys_ = 0;
  std::vector<NodeReport> nodes_;
};

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

std::string To(const PlanReport& report, PartyId recipient) {
  return recipient == kNoParty ? "every compute party" : report.Party(recipient);
}

// What no operator of the plan moved: the agreement, the keys, the ledgers' confirmation.
std::uint64_t BytesBesideThePlan(const MeasuredPlan& measured) {
  std::uint64_t bytes = measured.Bytes();
  for (const mpc::Cost& node : measured.nodes) bytes -= std::min(bytes, node.bytes);
  return bytes;
}

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
    absl::StrAppend(&text, "  of it ", SizeText(BytesBesideThePlan(measured)),
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
    AppendWrapped("  ", absl::StrCat("to ", To(report, disclosure.recipient), ": ", disclosure.what), text);
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

  std::set<std::string> fixed_points;
  AddFixedPoints(*logical.root, catalog, fixed_points);
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

std::string PlannedQuery::ExplainJson(const Catalog& catalog, const MeasuredPlan* measured) const {
  using Json = nlohmann::ordered_json;
  const PlanReport report(*this, catalog);
  Json root;
  root["federation"] = catalog.name;
  root["recipient"] = report.Party(plan.recipient);
  root["purpose"] = inputs.purpose;
  root["sql"] = sql;
  root["output"] = Json::array();
  for (const OutputColumn& column : output)
    root["output"].push_back({{"name", column.name}, {"type", column.type.ToString()}});
  root["nodes"] = Json::array();
  for (NodeId id = 0; id < plan.nodes.size(); ++id) {
    const NodeReport& node = report.nodes()[id];
    Json entry;
    entry["id"] = id;
    entry["operation"] = node.operation;
    entry["where"] = report.Party(node.party);
    for (const auto& [role, party] : node.parties) entry[role] = party;
    entry["slots"] = node.slots;
    if (cost.is_known) {
      entry["rounds"] = cost.node_bytes_and_rounds[id].second;
      entry["bytes"] = cost.node_bytes_and_rounds[id].first;
    }
    if (measured != nullptr && node.party == kNoParty) {
      entry["measured"]["rounds"] = measured->nodes[id].rounds;
      entry["measured"]["bytes"] = measured->is_complete ? Json(measured->nodes[id].bytes) : Json();
    }
    entry["inputs"] = node.inputs;
    entry["details"] = node.details;
    if (const auto reason = plan.reasons.find(id); reason != plan.reasons.end()) entry["because"] = reason->second;
    if (!node.sql.empty()) entry["fragment"] = absl::StrJoin(node.sql, "\n");
    root["nodes"].push_back(std::move(entry));
  }
  root["leakage"] = Json::array();
  for (const Disclosure& disclosure : disclosures) {
    root["leakage"].push_back({{"id", disclosure.id},
                               {"what", disclosure.what},
                               {"recipient", To(report, disclosure.recipient)},
                               {"max_values", disclosure.max_values},
                               {"rule", disclosure.rule}});
  }
  root["assumptions"] = report.Assumptions();
  std::set<std::string> fixed_points;
  AddFixedPoints(*logical.root, catalog, fixed_points);
  if (!fixed_points.empty()) root["fixed_point"] = fixed_points;
  root["rules"] = logical.rules;
  root["considered"] = Json::array();
  for (const PlanAlternative& way : considered)
    root["considered"].push_back({{"plan", way.name}, {"bytes", way.bytes}, {"rounds", way.rounds}});
  root["cost"] = nullptr;
  if (cost.is_known) {
    root["cost"] = {{"bytes", cost.bytes},
                    {"rounds", cost.rounds},
                    {"link_class", inputs.link_class},
                    {"microseconds", report.Microseconds()}};
  }
  if (measured != nullptr) {
    Json& all = root["measured"];
    all["bytes"] = measured->is_complete ? Json(measured->Bytes()) : Json();
    all["bytes_beside_the_plan"] = measured->is_complete ? Json(BytesBesideThePlan(*measured)) : Json();
    for (const auto& [party, sent] : measured->sent)
      all["bytes_sent"][report.Party(party)] = sent.has_value() ? Json(*sent) : Json();
    all["rounds"] = measured->rounds;
    all["microseconds"] = measured->microseconds;
  }
  root["disclosure_digest"] = disclosure_digest;
  root["execution_digest"] = execution_digest;
  return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace care::planner
