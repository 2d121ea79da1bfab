#include "planner/physical/star_validator.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/column_facts.h"
#include "planner/physical/fragment_checks.h"
#include "planner/physical/leakage.h"

namespace care::planner {
namespace {

bool SameForm(const SharedForm& a, const SharedForm& b) {
  return a.column == b.column && a.form == b.form && a.base == b.base && a.width == b.width &&
         a.null_plane == b.null_plane;
}

// Whether equal values of the two types are the same bytes as join keys.
bool SameKeyEncoding(const DataType& a, const DataType& b) {
  if (a.IsInteger() && b.IsInteger()) return true;
  return a.kind == b.kind && a.scale == b.scale;
}

void Admit(const std::vector<SharedForm>& forms, std::set<ColumnId>& space, std::vector<SharedForm>& shared) {
  for (const SharedForm& form : forms) {
    if (form.form == Form::kOwned) continue;
    space.insert(form.column);
    shared.push_back(form);
  }
}

}  // namespace

absl::Status StarValidator::Validate() {
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

absl::Status StarValidator::Invalid(std::string_view rule) const {
  const std::string where =
      at_ < plan_.nodes.size() ? absl::StrCat("invalid plan, node ", at_, ": ") : "invalid plan: ";
  return absl::InternalError(absl::StrCat(where, std::string(rule)));
}

StarValidator::ColumnSet StarValidator::OutputSet(const LogicalNode& node) {
  const std::vector<ColumnId> columns = OutputColumns(node);
  return {columns.begin(), columns.end()};
}

absl::Status StarValidator::CheckOrder() const {
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

absl::Status StarValidator::Check(const LocalNode& local) {
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

const CatalogColumn* StarValidator::KeyColumn(const LocalNode& local) const {
  const std::optional<BaseColumn> base = TraceColumn(*local.fragment, *local.key, catalog_);
  return base ? &catalog_.tables[base->table].columns[base->table_column] : nullptr;
}

absl::Status StarValidator::CheckKeysMatch(const LocalNode& spine, const LocalNode& other) const {
  if (!other.key) return Invalid("a fragment that is joined has no key");
  const CatalogColumn* a = KeyColumn(spine);
  const CatalogColumn* b = KeyColumn(other);
  if (a->key_domain != b->key_domain) return Invalid("keys of different key domains are joined");
  if (!SameKeyEncoding(a->type, b->type)) return Invalid("keys of different types are joined");
  return absl::OkStatus();
}

absl::Status StarValidator::CheckFragmentsUsedOnce() {
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

absl::Status StarValidator::Check(const KeysNode& keys) {
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

absl::Status StarValidator::Check(const LookupNode& lookup) {
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

absl::Status StarValidator::Check(const ConditionNode& condition) {
  if (Earlier<KeysNode>(condition.keys) == nullptr)
    return Invalid("a condition refers to no earlier key space");
  if (!condition.predicate || condition.predicate->type.kind != TypeKind::kBoolean)
    return Invalid("a condition is no boolean");
  return CheckJoint(condition.predicate, key_space_);
}

absl::Status StarValidator::CheckJoint(const ExpressionPtr& expression, const ColumnSet& space) const {
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

absl::Status StarValidator::Check(const RowsNode& rows) {
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

bool StarValidator::IsOwned(const RowsNode& rows, ColumnId column) {
  return std::any_of(rows.columns.begin(), rows.columns.end(), [&](const SharedForm& form) {
    return form.column == column && form.form == Form::kOwned;
  });
}

absl::Status StarValidator::Check(const RowSumsNode& sums) {
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

}  // namespace care::planner
