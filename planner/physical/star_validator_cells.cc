// What a star query releases: the cells of its answer, the gate that counts persons in each, and what is computed of those that
// opened.
#include <algorithm>
#include <optional>
#include <set>

#include "engine/types/status_macros.h"
#include "planner/physical/fragment_checks.h"
#include "planner/physical/group_domains.h"
#include "planner/physical/star_validator.h"

namespace care::planner {

absl::Status StarValidator::Check(const CellsNode& cells) {
  UInt128 product = 1;
  for (const GroupDomain& group : cells.groups) {
    CARE_RETURN_IF_ERROR(CheckGroup(group));
    product *= group.size();
    if (product > kMaxCells) return Invalid("the groups span too many cells");
  }
  if (cells.measures.empty()) return Invalid("the cells hold no measure");
  if (cells.method == GroupMethod::kLocal) return CheckLocalCells(cells);
  if (cells.method == GroupMethod::kRowBoundaries) return CheckRowCells(cells);

  const auto* keys = Earlier<KeysNode>(cells.source);
  if (keys == nullptr) return Invalid("the cells refer to no earlier key space");
  std::vector<ColumnId> groups;
  for (const GroupDomain& group : cells.groups) groups.push_back(group.column);
  if (cells.method == GroupMethod::kBoundaries) {
    if (groups.empty() || groups != keys->order_by_groups)
      return Invalid("the key space is not in the order of the groups");
  } else {
    for (ColumnId column : groups) {
      const bool shared = std::any_of(key_forms_.begin(), key_forms_.end(), [&](const SharedForm& form) {
        return form.column == column && form.form == Form::kOneHot;
      });
      if (!shared) return Invalid("a group's codes are not shared");
    }
  }
  for (const Measure& measure : cells.measures) {
    CARE_RETURN_IF_ERROR(CheckJoint(measure.value, key_space_));
    CARE_RETURN_IF_ERROR(CheckJoint(measure.condition, key_space_));
    for (const ExpressionPtr& factor : measure.factors)
      CARE_RETURN_IF_ERROR(CheckJoint(factor, key_space_));
  }
  return absl::OkStatus();
}

// The values are those that the federation file makes public for the column, in its order.
absl::Status StarValidator::CheckGroup(const GroupDomain& group) const {
  if (group.column >= plan_.columns.size()) return Invalid("a group is no column");
  const ColumnInfo& info = plan_.columns[group.column];
  const std::optional<GroupDomain> domain = DomainOf(group.column, info);
  if (!domain || domain->values != group.values)
    return Invalid("a group's values are not its column's public domain");
  if (info.nullable && !group.has_null) return Invalid("a group that may be NULL has no code for it");
  for (const PhysicalNode& node : plan_.nodes) {
    const auto* local = std::get_if<LocalNode>(&node);
    if (local == nullptr) continue;
    const std::optional<BaseColumn> base = TraceColumn(*local->fragment, group.column, catalog_);
    if (!base) continue;
    const CatalogColumn& column = catalog_.tables[base->table].columns[base->table_column];
    if (!column.rules.group_key && !column.rules.is_public)
      return Invalid("a column is grouped by that may not be");
    if (info.domain != column.domain) return Invalid("a group's values are not its column's public domain");
  }
  return absl::OkStatus();
}

absl::Status StarValidator::CheckColumns(const CellsNode& cells, const LocalNode& local) const {
  if (cells.measure_columns.size() != cells.measures.size()) return Invalid("a measure has no column");
  const ColumnSet outputs = OutputSet(*local.fragment);
  for (ColumnId column : cells.measure_columns) {
    if (outputs.count(column) == 0) return Invalid("a measure is not the fragment's");
  }
  for (const GroupDomain& group : cells.groups) {
    if (outputs.count(group.column) == 0) return Invalid("a group is not the fragment's");
  }
  for (const Measure& measure : cells.measures) {
    if (measure.value || measure.condition || !measure.factors.empty())
      return Invalid("a measure of one owner is computed twice");
  }
  return absl::OkStatus();
}

absl::Status StarValidator::CheckLocalCells(const CellsNode& cells) const {
  const auto* local = Earlier<LocalNode>(cells.source);
  if (local == nullptr) return Invalid("the cells refer to no earlier fragment");
  CARE_RETURN_IF_ERROR(CheckColumns(cells, *local));
  const auto* aggregate = std::get_if<AggregateNode>(&local->fragment->node);
  if (aggregate == nullptr) return Invalid("an owner's cells are no aggregate");
  std::vector<ColumnId> groups;
  for (const GroupDomain& group : cells.groups) groups.push_back(group.column);
  return groups == aggregate->group_by ? absl::OkStatus()
                                       : Invalid("an owner's cells are other groups than the query's");
}

absl::Status StarValidator::CheckRowCells(const CellsNode& cells) const {
  const auto* rows = Earlier<RowsNode>(cells.source);
  if (rows == nullptr) return Invalid("the cells refer to no earlier row space");
  const LocalNode& local = std::get<LocalNode>(plan_.nodes[rows->local]);
  CARE_RETURN_IF_ERROR(CheckColumns(cells, local));
  for (ColumnId column : cells.measure_columns) {
    if (!IsOwned(*rows, column)) return Invalid("a measure of rows is not their owner's");
  }
  // One row is one person in one cell.
  ColumnSet person_and_cell{*local.key};
  for (const GroupDomain& group : cells.groups) person_and_cell.insert(group.column);
  if (!TellsRowsApart(*local.fragment, person_and_cell, catalog_))
    return Invalid("a person may have several rows in a cell");
  return absl::OkStatus();
}

absl::Status StarValidator::Check(const GateNode& gate) {
  const auto* cells = Earlier<CellsNode>(gate.cells);
  if (cells == nullptr) return Invalid("the gate refers to no earlier cells");
  if (gate.person_measures.empty() || gate.person_measures[0] != 0)
    return Invalid("the gate does not count persons first");
  std::set<std::uint32_t> counted;
  for (std::uint32_t measure : gate.person_measures) {
    if (measure >= cells->measures.size()) return Invalid("the gate counts a measure that does not exist");
    if (!counted.insert(measure).second) return Invalid("the gate counts a measure twice");
    if (!CountsPersons(*cells, measure)) return Invalid("the gate counts something else than persons");
  }
  if (!CountsEveryPerson(*cells)) return Invalid("the gate's first count leaves persons out");
  return absl::OkStatus();
}

// A slot of the key space is a person, and so is a row of (key, group); one owner counts its subjects.
bool StarValidator::CountsPersons(const CellsNode& cells, std::uint32_t measure) const {
  if (cells.method == GroupMethod::kLocal) return SubjectCount(cells, measure) != nullptr;
  if (cells.method == GroupMethod::kRowBoundaries) {
    const ColumnInfo& info = plan_.columns[cells.measure_columns[measure]];
    return info.type.IsInteger() && info.min && *info.min >= 0 && info.max && *info.max <= 1;
  }
  return !cells.measures[measure].value && cells.measures[measure].factors.empty();
}

bool StarValidator::CountsEveryPerson(const CellsNode& cells) const {
  if (cells.method == GroupMethod::kLocal) return SubjectCount(cells, 0)->filter == nullptr;
  if (cells.method == GroupMethod::kRowBoundaries) {
    const ColumnInfo& info = plan_.columns[cells.measure_columns[0]];
    return info.min == 1 && info.max == 1;
  }
  return !cells.measures[0].condition;
}

const AggregateCall* StarValidator::SubjectCount(const CellsNode& cells, std::uint32_t measure) const {
  const auto& local = std::get<LocalNode>(plan_.nodes[cells.source]);
  const auto& aggregate = std::get<AggregateNode>(local.fragment->node);
  for (const NamedAggregate& named : aggregate.calls) {
    if (named.column != cells.measure_columns[measure]) continue;
    if (named.call.function != AggregateFunction::kCount || !named.call.distinct) return nullptr;
    const auto* counted = std::get_if<ColumnExpression>(&named.call.argument->node);
    if (counted == nullptr) return nullptr;
    const std::optional<BaseColumn> base = TraceColumn(*aggregate.child, counted->column, catalog_);
    return base && catalog_.tables[base->table].subject_column == base->table_column ? &named.call
                                                                                     : nullptr;
  }
  return nullptr;
}

absl::Status StarValidator::CheckFinish() const {
  if (plan_.finish == nullptr) return Invalid("there is nothing to do with the released groups");
  LogicalPtr node = plan_.finish;
  while (!std::holds_alternative<ReleaseNode>(node->node)) {
    const std::vector<LogicalPtr> children = ChildrenOf(*node);
    if (children.size() != 1) return Invalid("what runs on the released groups reads something else");
    node = children[0];
  }
  const LogicalPtr& child = std::get<ReleaseNode>(node->node).child;
  const auto* released = std::get_if<AggregateNode>(&child->node);
  if (released == nullptr) return Invalid("what is released is no aggregate");
  const auto& cells = std::get<CellsNode>(plan_.nodes[plan_.nodes.size() - 2]);
  if (released->group_by.size() != cells.groups.size())
    return Invalid("the cells are other groups than the query's");
  if (released->calls.size() != plan_.calls.size())
    return Invalid("the query's aggregates are not all computed");
  for (std::size_t i = 0; i < plan_.calls.size(); ++i) {
    const FinishCall& call = plan_.calls[i];
    const AggregateCall& asked = released->calls[i].call;
    if (call.column != released->calls[i].column || call.function != asked.function) {
      return Invalid("an aggregate is computed as another");
    }
    if (call.sum_measure >= cells.measures.size() || call.count_measure >= cells.measures.size()) {
      return Invalid("an aggregate needs a measure that does not exist");
    }
  }
  return absl::OkStatus();
}

}  // namespace care::planner
