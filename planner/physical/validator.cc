#include "planner/physical/validator.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/types/timestamp.h"
#include "engine/types/status_macros.h"
#include "planner/logical/column_facts.h"
#include "planner/physical/fragment_checks.h"
#include "planner/physical/group_domains.h"
#include "planner/physical/leakage.h"
#include "planner/physical/table_validator.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

ColumnSet OutputSet(const LogicalNode& node) {
  const std::vector<ColumnId> columns = OutputColumns(node);
  return {columns.begin(), columns.end()};
}

bool SameForm(const SharedForm& a, const SharedForm& b) {
  return a.column == b.column && a.form == b.form && a.base == b.base && a.width == b.width &&
         a.null_plane == b.null_plane;
}

// Whether equal values of the two types are the same bytes as join keys.
bool SameKeyEncoding(const DataType& a, const DataType& b) {
  if (a.IsInteger() && b.IsInteger()) return true;
  return a.kind == b.kind && a.scale == b.scale;
}

class Validator {
 public:
  Validator(const PhysicalPlan& plan, const std::vector<Disclosure>& disclosures, const Catalog& catalog)
      : plan_(plan), disclosures_(disclosures), catalog_(catalog) {}

  absl::Status Validate() {
    if (plan_.recipient >= catalog_.parties.size())
      return Invalid("the recipient is no party of the federation");
    CARE_RETURN_IF_ERROR(CheckOrder());
    for (at_ = 0; at_ < plan_.nodes.size(); ++at_) {
      CARE_RETURN_IF_ERROR(std::visit([&](const auto& node) { return Check(node); }, plan_.nodes[at_]));
    }
    CARE_RETURN_IF_ERROR(CheckFragmentsUsedOnce());
    CARE_RETURN_IF_ERROR(CheckFinish());
    if (disclosures_ != LeakageOf(plan_, catalog_)) return Invalid("the leakage report is not the plan's");
    return absl::OkStatus();
  }

 private:
  absl::Status Invalid(std::string_view rule) const {
    const std::string where =
        at_ < plan_.nodes.size() ? absl::StrCat("invalid plan, node ", at_, ": ") : "invalid plan: ";
    return absl::InternalError(absl::StrCat(where, std::string(rule)));
  }

  // An earlier node of the wanted kind, or null.
  template <typename Node>
  const Node* Earlier(NodeId id) const {
    return id < at_ ? std::get_if<Node>(&plan_.nodes[id]) : nullptr;
  }
  const LocalNode& LocalOf(const KeysNode& keys) const {
    return std::get<LocalNode>(plan_.nodes[keys.local]);
  }

  absl::Status CheckOrder() const {
    std::size_t cells = 0, gates = 0, key_spaces = 0;
    for (const PhysicalNode& node : plan_.nodes) {
      cells += std::holds_alternative<CellsNode>(node) ? 1 : 0;
      gates += std::holds_alternative<GateNode>(node) ? 1 : 0;
      key_spaces += std::holds_alternative<KeysNode>(node) ? 1 : 0;
    }
    if (cells != 1 || gates != 1) return Invalid("a plan has one CellsNode and one GateNode");
    if (key_spaces > 1) return Invalid("a plan has at most one key space");
    const auto* gate = std::get_if<GateNode>(&plan_.nodes.back());
    if (gate == nullptr) return Invalid("the gate is not the last node");
    if (gate->cells + 2 != plan_.nodes.size() ||
        !std::holds_alternative<CellsNode>(plan_.nodes[gate->cells])) {
      return Invalid("the gate does not stand on the cells");
    }
    return absl::OkStatus();
  }

  // --- Fragments and keys

  absl::Status Check(const LocalNode& local) {
    const auto& compute = catalog_.compute_parties;
    if (std::find(compute.begin(), compute.end(), local.party) == compute.end()) {
      return Invalid("a fragment's party takes no part in the computation");
    }
    if (local.fragment == nullptr) return Invalid("a fragment is missing");
    if (const absl::Status status = CheckFragment(*local.fragment, local.party, plan_.columns, catalog_);
        !status.ok()) {
      return Invalid(std::string(status.message()));
    }
    if (!local.key) return absl::OkStatus();
    if (OutputSet(*local.fragment).count(*local.key) == 0)
      return Invalid("a fragment does not yield its key");
    const CatalogColumn* key = KeyColumn(local);
    if (key == nullptr || key->key_domain.empty()) return Invalid("a join key is no declared key column");
    if (!key->rules.join_key) return Invalid("a join key may not be joined on");
    const std::optional<BaseColumn> base = TraceColumn(*local.fragment, *local.key, catalog_);
    if (catalog_.tables[base->table].subject_column != base->table_column)
      return Invalid("a join key does not name the person");
    if (!NeverNull(*local.fragment, *local.key, catalog_)) return Invalid("a join key can be NULL");
    if (local.key_unique && !TellsRowsApart(*local.fragment, {*local.key}, catalog_)) {
      return Invalid("a fragment may hold a key twice");
    }
    return absl::OkStatus();
  }

  const CatalogColumn* KeyColumn(const LocalNode& local) const {
    const std::optional<BaseColumn> base = TraceColumn(*local.fragment, *local.key, catalog_);
    return base ? &catalog_.tables[base->table].columns[base->table_column] : nullptr;
  }

  absl::Status CheckKeysMatch(const LocalNode& spine, const LocalNode& other) const {
    if (!other.key) return Invalid("a fragment that is joined has no key");
    const CatalogColumn* a = KeyColumn(spine);
    const CatalogColumn* b = KeyColumn(other);
    if (a->key_domain != b->key_domain) return Invalid("keys of different key domains are joined");
    if (!SameKeyEncoding(a->type, b->type)) return Invalid("keys of different types are joined");
    return absl::OkStatus();
  }


  template <typename Table>
  absl::Status Check(const Table&) {
    return Invalid("a star has no tables");
  }

  absl::Status CheckFragmentsUsedOnce() {
    std::map<NodeId, int> uses;
    for (const PhysicalNode& node : plan_.nodes) {
      if (const auto* keys = std::get_if<KeysNode>(&node)) ++uses[keys->local];
      if (const auto* lookup = std::get_if<LookupNode>(&node)) ++uses[lookup->arm];
      if (const auto* rows = std::get_if<RowsNode>(&node)) ++uses[rows->local];
      const auto* cells = std::get_if<CellsNode>(&node);
      if (cells != nullptr && cells->method == GroupMethod::kLocal) ++uses[cells->source];
    }
    for (NodeId id = 0; id < plan_.nodes.size(); ++id) {
      if (std::holds_alternative<LocalNode>(plan_.nodes[id]) && uses[id] != 1)
        return Invalid("a fragment is not used once");
    }
    return absl::OkStatus();
  }

  // --- Forms

  absl::Status CheckForm(const SharedForm& form, const LocalNode& local, bool may_own) const {
    if (form.column >= plan_.columns.size() || OutputSet(*local.fragment).count(form.column) == 0) {
      return Invalid("a shared column is not the fragment's");
    }
    if (local.key && form.column == *local.key) return Invalid("a join key is shared as a value");
    const ColumnInfo& info = plan_.columns[form.column];
    const bool carries_null = form.null_plane || !info.nullable;
    switch (form.form) {
      case Form::kFlag:
        if (info.type.kind != TypeKind::kBoolean || form.width != 1) return Invalid("a flag is no boolean");
        return carries_null ? absl::OkStatus() : Invalid("a flag that may be NULL has no null plane");
      case Form::kBits:
        if (!carries_null) return Invalid("a compared value that may be NULL has no null plane");
        return CheckWidth(form, info);
      case Form::kOneHot:
        return CheckOneHot(form);
      case Form::kRing:
        if (!info.type.IsExactNumber() || form.width != 64)
          return Invalid("a value of the ring is no exact number");
        return absl::OkStatus();
      case Form::kOwned:
        if (!may_own) return Invalid("only the spine's owner may keep a column to itself");
        return info.type.IsExactNumber() ? absl::OkStatus()
                                         : Invalid("a value of the ring is no exact number");
    }
    return Invalid("unknown form");
  }

  absl::Status CheckWidth(const SharedForm& form, const ColumnInfo& info) const {
    if (form.width == 0 || form.width > 63) return Invalid("a compared value has no width");
    const auto low = info.min ? Int128{*info.min} : TypeRange(info.type).low;
    const auto high = info.max ? Int128{*info.max} : TypeRange(info.type).high;
    const Int128 top = Int128{form.base} + (Int128{1} << form.width) - 1;
    if (low < form.base || high > top) return Invalid("a compared value does not fit its bits");
    const bool listed = std::any_of(
        plan_.comparison_ranges.begin(), plan_.comparison_ranges.end(), [&](const ComparisonRange& range) {
          return range.base == form.base && range.width == form.width && range.scale == info.type.scale;
        });
    return listed ? absl::OkStatus() : Invalid("a compared value's bits are of no common range");
  }

  // What a column can hold where nothing is declared: of years 1 to 9999, of a numeric at most 61 bits.
  static IntegerRange TypeRange(const DataType& type) {
    if (type.kind == TypeKind::kBoolean) return {0, 1};
    if (type.kind == TypeKind::kDate) return {-719162, 2932896};
    if (type.IsTimestamp()) return {kFirstTimestamp, kLastTimestamp};
    const IntegerRange widest{-(Int128{1} << 61), (Int128{1} << 61) - 1};
    if (type.kind == TypeKind::kBigInt || type.kind == TypeKind::kNumeric) return widest;
    return RangeOfType(type).value_or(widest);
  }

  absl::Status CheckOneHot(const SharedForm& form) const {
    const auto& cells = std::get<CellsNode>(plan_.nodes[plan_.nodes.size() - 2]);
    for (const GroupDomain& group : cells.groups) {
      if (group.column != form.column) continue;
      return form.width == group.values.size() ? absl::OkStatus()
                                               : Invalid("one bit a code: the widths differ");
    }
    return Invalid("codes are shared that no group needs");
  }

  // --- The key space

  absl::Status Check(const KeysNode& keys) {
    const auto* local = Earlier<LocalNode>(keys.local);
    if (local == nullptr) return Invalid("the key space refers to no earlier fragment");
    if (!local->key || !TellsRowsApart(*local->fragment, {*local->key}, catalog_)) {
      return Invalid("the key space may hold a key twice");
    }
    for (const SharedForm& form : keys.columns) CARE_RETURN_IF_ERROR(CheckForm(form, *local, true));
    for (ColumnId column : keys.order_by_groups) {
      if (OutputSet(*local->fragment).count(column) == 0)
        return Invalid("the key space is ordered by another's column");
    }
    Admit(keys.columns, key_space_, key_forms_);
    return absl::OkStatus();
  }

  static void Admit(const std::vector<SharedForm>& forms, ColumnSet& space, std::vector<SharedForm>& shared) {
    for (const SharedForm& form : forms) {
      if (form.form == Form::kOwned) continue;
      space.insert(form.column);
      shared.push_back(form);
    }
  }

  absl::Status Check(const LookupNode& lookup) {
    const auto* keys = Earlier<KeysNode>(lookup.keys);
    const auto* arm = Earlier<LocalNode>(lookup.arm);
    if (keys == nullptr || arm == nullptr)
      return Invalid("a lookup refers to no earlier key space or fragment");
    const LocalNode& spine = LocalOf(*keys);
    if (arm->party == spine.party) return Invalid("a lookup's arm and spine have one owner");
    const auto& compute = catalog_.compute_parties;
    const bool helps = std::find(compute.begin(), compute.end(), lookup.helper) != compute.end();
    if (!helps || lookup.helper == arm->party || lookup.helper == spine.party) {
      return Invalid("a lookup's helper is no compute party besides the two owners");
    }
    CARE_RETURN_IF_ERROR(CheckKeysMatch(spine, *arm));
    if (!TellsRowsApart(*arm->fragment, {*arm->key}, catalog_)) return Invalid("an arm may hold a key twice");
    for (const SharedForm& form : lookup.columns) {
      CARE_RETURN_IF_ERROR(CheckForm(form, *arm, false));
      if (lookup.keeps_unmatched && !plan_.columns[form.column].nullable) {
        return Invalid("a column of an arm that may not match is not taken for nullable");
      }
    }
    Admit(lookup.columns, key_space_, key_forms_);
    return absl::OkStatus();
  }

  absl::Status Check(const ConditionNode& condition) {
    if (Earlier<KeysNode>(condition.keys) == nullptr)
      return Invalid("a condition refers to no earlier key space");
    if (!condition.predicate || condition.predicate->type.kind != TypeKind::kBoolean)
      return Invalid("a condition is no boolean");
    return CheckJoint(condition.predicate, key_space_);
  }

  absl::Status CheckJoint(const ExpressionPtr& expression, const ColumnSet& space) const {
    if (!expression) return absl::OkStatus();
    ColumnSet used;
    CollectColumns(expression, used);
    for (ColumnId column : used) {
      if (space.count(column) == 0) return Invalid("an expression uses a column that its slot space lacks");
    }
    if (const auto raising = FindRaising(expression, plan_.columns)) {
      return Invalid(absl::StrCat("a joint expression can raise ", raising->why));
    }
    return absl::OkStatus();
  }

  // --- Row spaces

  absl::Status Check(const RowsNode& rows) {
    const auto* local = Earlier<LocalNode>(rows.local);
    const auto* keys = Earlier<KeysNode>(rows.keys);
    if (local == nullptr || keys == nullptr)
      return Invalid("a row space refers to no earlier key space or fragment");
    if (local->party != LocalOf(*keys).party) return Invalid("a row space is not the spine owner's");
    CARE_RETURN_IF_ERROR(CheckKeysMatch(LocalOf(*keys), *local));
    for (const SharedForm& form : rows.columns) CARE_RETURN_IF_ERROR(CheckForm(form, *local, true));
    ColumnSet& space = row_spaces_[static_cast<NodeId>(at_)];
    std::vector<SharedForm> shared;
    Admit(rows.columns, space, shared);
    for (const SharedForm& form : rows.expanded) {
      const bool shared_at_keys = std::any_of(key_forms_.begin(), key_forms_.end(),
                                              [&](const SharedForm& other) { return SameForm(form, other); });
      if (!shared_at_keys || (form.form != Form::kFlag && form.form != Form::kBits)) {
        return Invalid("a column is expanded that the key space lacks");
      }
      if (!space.insert(form.column).second && OutputSet(*local->fragment).count(form.column) != 0) {
        return Invalid("a row space has a column twice");
      }
    }
    return absl::OkStatus();
  }

  static bool IsOwned(const RowsNode& rows, ColumnId column) {
    return std::any_of(rows.columns.begin(), rows.columns.end(), [&](const SharedForm& form) {
      return form.column == column && form.form == Form::kOwned;
    });
  }

  absl::Status Check(const RowSumsNode& sums) {
    const auto* rows = Earlier<RowsNode>(sums.rows);
    if (rows == nullptr) return Invalid("sums refer to no earlier row space");
    for (const RowSum& sum : sums.sums) {
      if (!IsOwned(*rows, sum.value)) return Invalid("a sum's value is not the rows' owner's");
      if (sum.condition && sum.condition->type.kind != TypeKind::kBoolean)
        return Invalid("a condition is no boolean");
      CARE_RETURN_IF_ERROR(CheckJoint(sum.condition, row_spaces_[sums.rows]));
      if (sum.output >= plan_.columns.size() || !key_space_.insert(sum.output).second) {
        return Invalid("a sum is no new column");
      }
    }
    return absl::OkStatus();
  }

  // --- Cells and gate

  absl::Status Check(const CellsNode& cells) {
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
  absl::Status CheckGroup(const GroupDomain& group) const {
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

  absl::Status CheckColumns(const CellsNode& cells, const LocalNode& local) const {
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

  absl::Status CheckLocalCells(const CellsNode& cells) const {
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

  absl::Status CheckRowCells(const CellsNode& cells) const {
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

  absl::Status Check(const GateNode& gate) {
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
  bool CountsPersons(const CellsNode& cells, std::uint32_t measure) const {
    if (cells.method == GroupMethod::kLocal) return SubjectCount(cells, measure) != nullptr;
    if (cells.method == GroupMethod::kRowBoundaries) {
      const ColumnInfo& info = plan_.columns[cells.measure_columns[measure]];
      return info.type.IsInteger() && info.min && *info.min >= 0 && info.max && *info.max <= 1;
    }
    return !cells.measures[measure].value && cells.measures[measure].factors.empty();
  }

  bool CountsEveryPerson(const CellsNode& cells) const {
    if (cells.method == GroupMethod::kLocal) return SubjectCount(cells, 0)->filter == nullptr;
    if (cells.method == GroupMethod::kRowBoundaries) {
      const ColumnInfo& info = plan_.columns[cells.measure_columns[0]];
      return info.min == 1 && info.max == 1;
    }
    return !cells.measures[0].condition;
  }

  const AggregateCall* SubjectCount(const CellsNode& cells, std::uint32_t measure) const {
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

  // --- After the opening

  absl::Status CheckFinish() const {
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

  const PhysicalPlan& plan_;
  const std::vector<Disclosure>& disclosures_;
  const Catalog& catalog_;
  std::size_t at_ = ~std::size_t{0};
  ColumnSet key_space_;  // shared at the keys so far
  std::vector<SharedForm> key_forms_;
  std::map<NodeId, ColumnSet> row_spaces_;  // by RowsNode
};

}  // namespace

absl::Status ValidatePlan(const PhysicalPlan& plan, const std::vector<Disclosure>& disclosures,
                          const Catalog& catalog) {
  if (IsTablePlan(plan)) {
    if (plan.recipient >= catalog.parties.size()) return absl::InternalError("invalid plan: the recipient is no party of the federation");
    CARE_RETURN_IF_ERROR(ValidateTables(plan, catalog));
    if (plan.finish == nullptr) return absl::InternalError("invalid plan: there is nothing to do with what is released");
    if (disclosures != LeakageOf(plan, catalog)) return absl::InternalError("invalid plan: the leakage report is not the plan's");
    return absl::OkStatus();
  }
  return Validator(plan, disclosures, catalog).Validate();
}

}  // namespace care::planner
