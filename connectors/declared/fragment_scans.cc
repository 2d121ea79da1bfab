#include "connectors/declared/fragment_scans.h"

#include <algorithm>
#include <set>

namespace care::connectors {
namespace {

using planner::ColumnExpression;
using planner::LogicalNode;
using planner::ScanNode;

// True of a conjunction of `column IS NOT NULL` over columns that are declared NOT NULL: the dialect leaves it
// out, and the check of each cell finds what breaks it.
bool HoldsByDeclaration(const planner::ExpressionPtr& predicate, const planner::CatalogTable& table,
                        const std::map<planner::ColumnId, int>& origin) {
  const std::vector<planner::ExpressionPtr> conjuncts = planner::SplitConjuncts(predicate);
  return std::all_of(conjuncts.begin(), conjuncts.end(), [&](const planner::ExpressionPtr& conjunct) {
    const auto* call = std::get_if<planner::CallExpression>(&conjunct->node);
    if (call == nullptr || call->function != planner::Function::kIsNotNull) return false;
    const auto* column = std::get_if<ColumnExpression>(&call->arguments[0]->node);
    if (column == nullptr) return false;
    const auto found = origin.find(column->column);
    return found != origin.end() && !table.columns[static_cast<std::size_t>(found->second)].nullable;
  });
}

}  // namespace

void CollectScans(const LogicalNode& node, std::vector<const ScanNode*>& scans) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) scans.push_back(scan);
  for (const planner::LogicalPtr& child : planner::ChildrenOf(node)) CollectScans(*child, scans);
}

const ScanNode* WholeScan(const LogicalNode& node, const planner::Catalog& catalog,
                          std::map<planner::ColumnId, int>& origin) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    for (const ScanNode::Output& output : scan->columns) origin[output.column] = output.table_column;
    return scan;
  }
  if (const auto* sort = std::get_if<planner::SortNode>(&node.node)) {
    return WholeScan(*sort->child, catalog, origin);
  }
  if (const auto* filter = std::get_if<planner::FilterNode>(&node.node)) {
    const ScanNode* scan = WholeScan(*filter->child, catalog, origin);
    if (scan == nullptr) return nullptr;
    const planner::CatalogTable& table = catalog.tables[static_cast<std::size_t>(scan->table)];
    return HoldsByDeclaration(filter->predicate, table, origin) ? scan : nullptr;
  }
  const auto* project = std::get_if<planner::ProjectNode>(&node.node);
  if (project == nullptr) return nullptr;
  std::map<planner::ColumnId, int> below;
  const ScanNode* scan = WholeScan(*project->child, catalog, below);
  if (scan == nullptr) return nullptr;
  std::set<int> kept;
  for (const planner::NamedExpression& column : project->columns) {
    if (std::holds_alternative<planner::LiteralExpression>(column.expression->node)) continue;
    const auto* plain = std::get_if<ColumnExpression>(&column.expression->node);
    if (plain == nullptr) return nullptr;
    const auto found = below.find(plain->column);
    if (found == below.end()) continue;  // a constant from below
    origin[column.column] = found->second;
    kept.insert(found->second);
  }
  return kept.size() == scan->columns.size() ? scan : nullptr;
}

bool ReadsSubject(const ScanNode& scan, const planner::CatalogTable& table) {
  return std::any_of(scan.columns.begin(), scan.columns.end(),
                     [&](const ScanNode::Output& output) { return output.table_column == table.subject_column; });
}

}  // namespace care::connectors
