#include "planner/physical/table_report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "planner/physical/shared_value.h"
#include "planner/physical/table_shape.h"

namespace care::planner {
namespace {

constexpr const char* kWindowNames[] = {"ROW_NUMBER", "RANK",  "DENSE_RANK", "LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE",
                                        "COUNT",      "COUNT", "SUM",        "AVG", "MIN",  "MAX"};
constexpr const char* kJoinNames[] = {"inner", "left", "full", "cross", "semi", "anti"};

std::string WithWidth(ColumnId column, const PhysicalPlan& plan, const ReadableNames& names) {
  const auto shape = ShapeOfColumn(plan.columns[column]);
  if (!shape.ok()) return names.Column(column);
  return absl::StrCat(names.Column(column), " (", shape->width, shape->width == 1 ? " bit" : " bits",
                      shape->nullable ? " + NULL)" : ")");
}

std::string Order(const std::vector<TableKey>& keys, const ReadableNames& names) {
  std::vector<std::string> parts;
  for (const TableKey& key : keys) {
    parts.push_back(absl::StrCat(names.Column(key.column), key.descending ? " DESC" : "",
                                 key.nulls_first == key.descending ? "" : key.nulls_first ? " NULLS FIRST" : " NULLS LAST"));
  }
  return absl::StrJoin(parts, ", ");
}

}  // namespace

NodeReport ReportTable(const ShareTableNode& node, const PhysicalPlan& plan, const Catalog& catalog,
                       const ReadableNames& names) {
  const LocalNode& local = std::get<LocalNode>(plan.nodes[node.local]);
  const PartyId owner = local.party;
  const NodeId id = static_cast<NodeId>(std::find_if(plan.nodes.begin(), plan.nodes.end(), [&](const PhysicalNode& other) {
    return std::get_if<ShareTableNode>(&other) == &node;
  }) - plan.nodes.begin());
  const bool arm = IsLookedUpOnly(plan, id);
  NodeReport report{.operation = arm ? "arm" : "share",
                    .title = absl::StrCat(arm ? "Arm  owner=" : "Share  owner=", catalog.PartyName(owner),
                                          local.outside ? ", which does not compute" : ""),
                    .inputs = {node.local}};
  report.parties = {{"owner", catalog.PartyName(owner)}};
  std::vector<std::string> columns;
  std::vector<ColumnId> kept;
  for (const ShareColumn& column : node.columns) {
    if (column.bits || column.ring) {
      columns.push_back(WithWidth(column.column, plan, names));
    } else {
      kept.push_back(column.column);
    }
  }
  if (!columns.empty()) report.details.push_back(absl::StrCat(arm ? "brings " : "shares ", absl::StrJoin(columns, ", ")));
  if (!kept.empty()) report.details.push_back(absl::StrCat("keeps ", names.Columns(kept)));
  if (!node.order_by.empty()) report.details.push_back(absl::StrCat("in the order of ", names.Columns(node.order_by)));
  if (node.partitions) {
    report.details.push_back(absl::StrCat("in ", node.partitions->count, " partitions by a keyed hash of ", names.Column(node.partitions->column),
                                          ", at most ", local.row_bound, " rows together"));
  }
  return report;
}

NodeReport ReportTable(const GatherPartitionsNode& node, const PhysicalPlan& plan, const Catalog&, const ReadableNames&) {
  NodeReport report{.operation = "gather", .title = absl::StrCat("Gather  ", RunsOf(plan, node.input), " partitions", plan.lanes > 1 ? absl::StrCat(", ", plan.lanes, " at a time") : ""), .inputs = {node.input}};
  report.details.push_back(node.is_partial ? "what is below runs once for each, what is above makes whole groups of their parts"
                                           : "what is below runs once for each");
  return report;
}

NodeReport ReportTable(const ConcatTablesNode& node, const PhysicalPlan&, const Catalog&, const ReadableNames& names) {
  NodeReport report{.operation = "concat", .title = "Concat", .inputs = node.inputs};
  if (node.inputs.size() == 1) {
    report.operation = "reuse";
    report.title = "Reuse";
  }
  report.details.push_back(names.Columns(node.columns));
  return report;
}

NodeReport ReportTable(const DeriveTableNode& node, const PhysicalPlan& plan, const Catalog&, const ReadableNames& names) {
  NodeReport report{.operation = "derive", .title = "Compute", .inputs = {node.input}};
  for (const NamedExpression& item : node.columns)
    report.details.push_back(absl::StrCat(plan.columns[item.column].name, " = ", names.Expression(item.expression)));
  return report;
}

NodeReport ReportTable(const FilterTableNode& node, const PhysicalPlan&, const Catalog&, const ReadableNames& names) {
  NodeReport report{.operation = "filter", .title = "Filter", .inputs = {node.input}};
  report.details.push_back(names.Expression(node.predicate));
  return report;
}

NodeReport ReportTable(const JoinTablesNode& node, const PhysicalPlan& plan, const Catalog& catalog,
                       const ReadableNames& names) {
  const char* kind = kJoinNames[static_cast<int>(node.kind)];
  NodeReport report{.inputs = {node.left, node.right}};
  switch (node.method) {
    case JoinMethod::kLookup: {
      const std::string spine = catalog.PartyName(OrderOf(plan, node.left));
      const std::string arm = catalog.PartyName(OrderOf(plan, node.right));
      report.operation = absl::StrCat("lookup ", kind);
      report.title = absl::StrCat("Lookup ", kind, "  spine=", spine, " arm=", arm, " helper=", catalog.PartyName(node.helper));
      report.parties = {{"spine", spine}, {"arm", arm}, {"helper", catalog.PartyName(node.helper)}};
      break;
    }
    case JoinMethod::kByOwner:
      report.operation = absl::StrCat("join by owner ", kind);
      report.title = absl::StrCat("Join ", kind, "  by its owner ", catalog.PartyName(OrderOf(plan, node.left)));
      report.parties = {{"owner", catalog.PartyName(OrderOf(plan, node.left))}};
      break;
    case JoinMethod::kSort:
      report.operation = absl::StrCat("sort join ", kind);
      report.title = absl::StrCat("SortJoin ", kind);
      if (node.most_matches > 1) absl::StrAppend(&report.title, "  at most ", node.most_matches, " rows a key");
      break;
    case JoinMethod::kProduct:
      report.operation = absl::StrCat("product ", kind);
      report.title = absl::StrCat("Product ", kind);
      break;
  }
  std::vector<std::string> keys;
  for (const auto& [left, right] : node.keys) keys.push_back(absl::StrCat(names.Column(left), " = ", names.Column(right)));
  if (!keys.empty()) report.details.push_back(absl::StrCat("on ", absl::StrJoin(keys, " AND ")));
  if (node.residual != nullptr) report.details.push_back(absl::StrCat("where ", names.Expression(node.residual)));
  if (node.method == JoinMethod::kLookup && node.left_keys < SlotsOf(plan, node.left))
    report.details.push_back(absl::StrCat("for at most ", node.left_keys, " different keys"));
  return report;
}

NodeReport ReportTable(const GroupTableNode& node, const PhysicalPlan& plan, const Catalog&, const ReadableNames& names) {
  static constexpr const char* kMethods[] = {"sorted", "dense", "one group", "by owner"};
  NodeReport report{.operation = absl::StrCat("group ", kMethods[static_cast<int>(node.method)]),
                    .title = absl::StrCat("Group  ", kMethods[static_cast<int>(node.method)]),
                    .inputs = {node.input}};
  if (!node.group_by.empty()) report.details.push_back(absl::StrCat("by ", names.Columns(node.group_by)));
  if (!node.determined.empty()) report.details.push_back(absl::StrCat("and with them ", names.Columns(node.determined)));
  for (const NamedAggregate& named : node.calls) {
    std::vector<ColumnInfo> readable = plan.columns;
    for (const ExpressionPtr& part : {named.call.argument, named.call.second, named.call.filter}) {
      std::set<ColumnId> columns;
      CollectColumns(part, columns);
      for (ColumnId column : columns) readable[column].name = names.Column(column);
    }
    report.details.push_back(absl::StrCat(plan.columns[named.column].name, " = ", ReadableCall(named.call, readable)));
  }
  return report;
}

NodeReport ReportTable(const WindowTableNode& node, const PhysicalPlan& plan, const Catalog&, const ReadableNames& names) {
  NodeReport report{.operation = "window", .title = "Window", .inputs = {node.input}};
  if (!node.partition_by.empty()) report.details.push_back(absl::StrCat("by ", names.Columns(node.partition_by)));
  if (!node.order_by.empty()) report.details.push_back(absl::StrCat("order ", Order(node.order_by, names)));
  for (const NamedWindowCall& named : node.calls) {
    const WindowCall& call = named.call;
    std::string text = absl::StrCat(plan.columns[named.column].name, " = ", kWindowNames[static_cast<int>(call.function)], "(");
    if (call.argument != nullptr) absl::StrAppend(&text, names.Expression(call.argument));
    if (call.function == WindowFunction::kCountStar) absl::StrAppend(&text, "*");
    if (call.function == WindowFunction::kLag || call.function == WindowFunction::kLead) {
      absl::StrAppend(&text, ", ", call.distance);
      if (call.fallback != nullptr) absl::StrAppend(&text, ", ", names.Expression(call.fallback));
    }
    report.details.push_back(text + ")");
  }
  return report;
}

NodeReport ReportTable(const TopTableNode& node, const PhysicalPlan&, const Catalog&, const ReadableNames& names) {
  NodeReport report{.operation = "top", .title = absl::StrCat("Top ", node.rows), .inputs = {node.input}};
  if (!node.keys.empty()) report.details.push_back(absl::StrCat("by ", Order(node.keys, names)));
  return report;
}

NodeReport ReportTable(const CompactTableNode& node, const PhysicalPlan&, const Catalog&, const ReadableNames&) {
  return {.operation = "compact", .title = absl::StrCat("Compact  to ", node.bound), .inputs = {node.input}};
}

NodeReport ReportTable(const GateTableNode& node, const PhysicalPlan& plan, const Catalog&, const ReadableNames&) {
  NodeReport report{.operation = "gate", .title = "Gate", .inputs = {node.input}};
  if (node.person_counts.empty()) {
    report.details.push_back("its rows are about nobody: no threshold");
    return report;
  }
  std::vector<std::string> counts;
  for (ColumnId column : node.person_counts) counts.push_back(plan.columns[column].name);
  report.details.push_back(absl::StrCat("hides a group in which one of these is below the strictest party's threshold: ",
                                        absl::StrJoin(counts, ", ")));
  report.details.push_back("hides further groups where a hidden one could be computed from the others");
  return report;
}

NodeReport ReportTable(const OpenTableNode& node, const PhysicalPlan& plan, const Catalog& catalog, const ReadableNames& names) {
  NodeReport report{.operation = "open", .title = absl::StrCat("Open  to ", plan.recipient < catalog.parties.size() ? catalog.PartyName(plan.recipient) : "nobody"), .inputs = {node.input}};
  report.details.push_back(names.Columns(node.columns));
  return report;
}

}  // namespace care::planner
