#include "planner/physical/plan_report.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "planner/physical/query_link.h"
#include "planner/physical/table_shape.h"

namespace care::planner {
namespace {

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

}  // namespace

PlanReport::PlanReport(const PlannedQuery& query, const Catalog& catalog)
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

std::vector<std::string> PlanReport::Assumptions() const {
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

std::set<std::string> PlanReport::FixedPoints() const {
  std::set<std::string> fixed_points;
  AddFixedPoints(*query_.logical.root, catalog_, fixed_points);
  return fixed_points;
}

std::uint64_t PlanReport::Microseconds() const {
  const std::uint64_t bytes = std::min(query_.cost.bytes, std::uint64_t{1} << 60);
  const std::uint64_t rounds = std::min(query_.cost.rounds, std::uint64_t{1} << 32);
  return mpc::Microseconds({bytes, rounds}, LinkOf(catalog_, query_.inputs));
}

std::string PlanReport::Spine() const {
  for (const PhysicalNode& node : plan_.nodes) {
    if (const auto* keys = std::get_if<KeysNode>(&node))
      return Party(std::get<LocalNode>(plan_.nodes[keys->local]).party);
  }
  return "";
}

std::string PlanReport::Shared(const std::vector<SharedForm>& forms) const {
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

NodeReport PlanReport::Report(const LocalNode& local) const {
  NodeReport report{.operation = "local", .party = local.party, .title = "Local", .slots = local.row_bound};
  report.sql = names_.Fragment(*local.fragment);
  return report;
}

NodeReport PlanReport::Report(const KeysNode& keys) const {
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

NodeReport PlanReport::Report(const LookupNode& lookup) const {
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

NodeReport PlanReport::Report(const RowsNode& rows) const {
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

NodeReport PlanReport::Report(const RowSumsNode& sums) const {
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

NodeReport PlanReport::Report(const ConditionNode& condition) const {
  NodeReport report{.operation = "condition",
                    .title = "Condition",
                    .slots = Local(std::get<KeysNode>(plan_.nodes[condition.keys]).local).row_bound,
                    .inputs = {last_on_keys_}};
  report.details.push_back(names_.Expression(condition.predicate));
  return report;
}

NodeReport PlanReport::Report(const CellsNode& cells) const {
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

NodeReport PlanReport::Report(const GateNode& gate) const {
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

}  // namespace care::planner
