// Groups over shared tables, and what of them is released.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/functional_dependencies.h"
#include "planner/physical/column_digits.h"
#include "planner/physical/group_domains.h"
#include "planner/physical/group_sorts.h"
#include "planner/physical/joint_expressions.h"
#include "planner/physical/percentile_ratio.h"
#include "planner/physical/table_builder.h"
#include "planner/physical/table_expressions.h"
#include "planner/physical/table_placement.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

// Up to here a slot for each combination costs less than a sort.
constexpr std::uint64_t kMostDenseGroups = 64;

// What is interpolated has as many digits more.
constexpr int kMostFractionDigits = 6;

// Cell by cell, without an order.
bool AddsUp(const AggregateCall& call) {
  return IsSumOrCount(call) || call.function == AggregateFunction::kBoolAnd || call.function == AggregateFunction::kBoolOr;
}

}  // namespace

absl::Status TableBuilder::CheckCalls(const AggregateNode& aggregate) const {
  for (const NamedAggregate& named : aggregate.calls) {
    switch (named.call.function) {
      case AggregateFunction::kCountStar:
      case AggregateFunction::kCount:
      case AggregateFunction::kSum:
      case AggregateFunction::kMin:
      case AggregateFunction::kMax:
      case AggregateFunction::kBoolAnd:
      case AggregateFunction::kBoolOr:
      case AggregateFunction::kPercentileDiscrete:
        break;
      case AggregateFunction::kPercentileContinuous:
        if (named.call.fraction.scale > kMostFractionDigits) {
          return Refuse(named.call.position, absl::StrCat("a fraction of more than ", kMostFractionDigits, " digits is not supported yet"));
        }
        if (named.call.type.kind == TypeKind::kNumeric && !named.call.distinct) break;
        return Refuse(named.call.position, "this PERCENTILE_CONT over rows of several owners is not supported yet");
      default:
        return Refuse(named.call.position, "this aggregate over rows of several owners is not supported yet");
    }
  }
  return absl::OkStatus();
}

std::vector<std::vector<Value>> TableBuilder::DomainsOf(const std::vector<ColumnId>& keys, std::uint64_t most_cells,
                                                        std::string* obstacle) const {
  const auto stopped_by = [&](std::string why) {
    if (obstacle != nullptr) *obstacle = std::move(why);
    return std::vector<std::vector<Value>>();
  };
  std::uint64_t cells = 1;
  std::vector<std::vector<Value>> domains;
  for (ColumnId column : keys) {
    const std::optional<GroupDomain> domain = SlotDomainOf(column, logical_.columns[column]);
    if (!domain) return stopped_by(absl::StrCat(logical_.columns[column].name, " has no public domain"));
    if (cells * domain->size() > most_cells) return stopped_by(absl::StrCat("its public domains have more than ", most_cells, " combinations"));
    cells *= domain->size();
    domains.push_back(domain->values);
    if (domain->has_null) domains.back().emplace_back(Null{});
  }
  return domains;
}

// The keys' domains where they are public and few and every call adds up, or the gate needs them; otherwise none.
std::vector<std::vector<Value>> TableBuilder::DenseDomains(const AggregateNode& aggregate, const ColumnSet& required,
                                                           std::string& obstacle) const {
  if (!gate_keys_.empty() && aggregate.group_by == gate_keys_) return DomainsOf(gate_keys_, kMaxCells, &obstacle);
  for (const NamedAggregate& named : aggregate.calls) {
    if (required.count(named.column) == 0 || AddsUp(named.call)) continue;
    obstacle = absl::StrCat(logical_.columns[named.column].name, " does not add up");
    return {};
  }
  return DomainsOf(aggregate.group_by, kMostDenseGroups, &obstacle);
}

absl::StatusOr<std::vector<ColumnId>> TableBuilder::GateKeys(const AggregateNode& aggregate) const {
  if (aggregate.group_by.empty()) return std::vector<ColumnId>();
  // A cell for each group that there can be, so that a hidden one is shown as hidden.
  if (!DomainsOf(aggregate.group_by, kMaxCells).empty()) return aggregate.group_by;
  if (aggregate.group_by.size() == 1) return std::vector<ColumnId>();
  // What follows from other keys makes no lines of its own, unless it makes groups of their groups.
  const FunctionalDependencies dependencies(logical_.columns, catalog_);
  std::vector<ColumnId> keys = dependencies.Determining(*aggregate.child, aggregate.group_by);
  const ColumnSet same_everywhere = dependencies.DeterminedBy(*aggregate.child, {});
  for (ColumnId column : aggregate.group_by) {
    if (std::find(keys.begin(), keys.end(), column) != keys.end() || same_everywhere.count(column) != 0) continue;
    if (IsSubset({keys.begin(), keys.end()}, dependencies.DeterminedBy(*aggregate.child, {column}))) continue;
    return Refuse({}, absl::StrCat("groups of persons inside those of \"", logical_.columns[column].name,
                                   "\", which follows from the other columns, are not supported yet: a hidden group could be had from its total"),
                  absl::StrCat("declare domains of all that it groups by, of at most ", kMaxCells, " combinations, or leave the column out"));
  }
  if (keys.size() < 2) return std::vector<ColumnId>();
  if (!DomainsOf(keys, kMaxCells).empty()) return keys;
  std::uint64_t cells = 1;
  for (ColumnId key : keys) {
    const std::optional<GroupDomain> domain = SlotDomainOf(key, logical_.columns[key]);
    if (!domain) {
      return Refuse({}, absl::StrCat("groups of persons by several columns, of which \"", logical_.columns[key].name,
                                     "\" has no public domain, are not supported yet: a hidden group could be had by subtraction"),
                    "declare `domain` (text), a short `min` to `max` (integer), or `min` and `max` of the date in DATE_TRUNC('month', date); "
                    "group by a CASE of constants; or by one column");
    }
    cells *= domain->size();
    if (cells > kMaxCells) break;
  }
  return Refuse({}, absl::StrCat("the groups of persons span more than ", kMaxCells, " cells"),
                "group by fewer columns, or by a CASE that sorts their values into bands");
}

// Rows that are groups already, one a group, in the slots of their cells.
absl::StatusOr<TableBuilder::Table> TableBuilder::AsCells(Table table, const ColumnSet& required) {
  GroupTableNode group{.input = table.node, .method = TableGroupMethod::kDense, .group_by = gate_keys_};
  std::string obstacle;
  group.domains = DomainsOf(gate_keys_, kMaxCells, &obstacle);
  if (group.domains.empty()) {
    // What is built may say more of its columns than was known before, as that they can be NULL.
    return Refuse({}, absl::StrCat("a slot for each group of persons that there can be is not supported yet here: ", obstacle),
                  "group by fewer columns, or by a CASE that sorts their values into bands");
  }
  for (ColumnId column : required) {
    if (std::find(gate_keys_.begin(), gate_keys_.end(), column) != gate_keys_.end()) continue;
    const DataType type = logical_.columns[column].type;
    AggregateCall call;
    call.function = type.IsExactNumber()                 ? AggregateFunction::kSum
                    : type.kind == TypeKind::kBoolean ? AggregateFunction::kBoolOr
                                                      : AggregateFunction::kMax;
    if (call.function == AggregateFunction::kMax) CARE_RETURN_IF_ERROR(CheckReadable(column));
    call.argument = MakeColumn(column, type);
    call.type = type;
    group.calls.push_back({column, std::move(call)});
  }
  group.group_bound = CellsOf(group);
  table.slots = group.group_bound;
  table.node = Add(std::move(group));
  return table;
}

// Where the owner of the rows' order knows the keys, it tells the groups apart for nothing; unless most of them would be of rows that
// others have dropped since.
void TableBuilder::GroupByOwner(const Table& table, GroupTableNode& group, std::string& reason) const {
  if (all_secret_ || table.order == kNoParty) return;
  ColumnSet keys(group.group_by.begin(), group.group_by.end());
  if (!IsSubset(keys, table.known) || !IsSubset({group.determined.begin(), group.determined.end()}, table.known)) return;
  // What follows from the keys in the rows that a join left need not follow from them in all that the owner has.
  const ColumnSet follow = FunctionalDependencies(logical_.columns, catalog_).DeterminedBy(*table.ordered, keys);
  GroupTableNode by_owner = group;
  by_owner.determined.clear();
  for (ColumnId column : group.determined) {
    if (follow.count(column) != 0) {
      by_owner.determined.push_back(column);
    } else {
      by_owner.group_by.push_back(column);
      keys.insert(column);
    }
  }
  for (const NamedAggregate& named : group.calls) {
    if (!IsSumOrCount(named.call)) return;
  }
  constexpr std::uint64_t kMostForOne = 4;
  const std::uint64_t bound = std::clamp<std::uint64_t>(facts_.MostDistinct(*table.ordered, keys), 1, table.slots);
  if (bound / kMostForOne > group.group_bound) return;
  group = std::move(by_owner);
  group.method = TableGroupMethod::kByOwner;
  group.group_bound = bound;
  reason = absl::StrCat(catalog_.PartyName(table.order), " knows the groups of its rows");
}

absl::StatusOr<TableBuilder::Table> TableBuilder::Group(const LogicalPtr& node, const AggregateNode& aggregate,
                                                        const ColumnSet& required) {
  CARE_RETURN_IF_ERROR(CheckCalls(aggregate));
  GroupTableNode group;
  // Slots for every combination need all the keys; a sort needs those that determine the others.
  std::string reason;
  const bool is_dense = !DenseDomains(aggregate, required, reason).empty();
  if (aggregate.group_by.empty()) {
    group.method = TableGroupMethod::kOneGroup;
  } else if (is_dense) {
    group.method = TableGroupMethod::kDense;
    group.group_by = aggregate.group_by;
  } else {
    group.group_by = FunctionalDependencies(logical_.columns, catalog_).Determining(*aggregate.child, aggregate.group_by);
    for (ColumnId column : aggregate.group_by) {
      const bool sorts = std::find(group.group_by.begin(), group.group_by.end(), column) != group.group_by.end();
      if (!sorts && required.count(column) != 0) group.determined.push_back(column);
    }
  }
  ColumnSet below(group.group_by.begin(), group.group_by.end());
  below.insert(group.determined.begin(), group.determined.end());
  for (const NamedAggregate& named : aggregate.calls) {
    if (required.count(named.column) == 0) continue;
    CollectColumns(named.call.argument, below);
    CollectColumns(named.call.filter, below);
  }
  const ColumnSet groups_above = std::exchange(groups_above_, {group.group_by.begin(), group.group_by.end()});
  absl::StatusOr<Table> built = Build(aggregate.child, below);
  groups_above_ = groups_above;
  CARE_ASSIGN_OR_RETURN(Table table, std::move(built));
  if (group.method == TableGroupMethod::kDense) {
    // What is built may say more of its columns: that a set operation's can be NULL.
    group.domains = DenseDomains(aggregate, required, reason);
    if (group.domains.empty()) group.method = TableGroupMethod::kSorted;
  }
  std::vector<NamedExpression> derived;
  for (const NamedAggregate& named : aggregate.calls) {
    if (required.count(named.column) == 0) continue;
    if (named.call.function == AggregateFunction::kPercentileDiscrete) {
      const absl::StatusOr<PercentileRatio> ratio = RatioOfPercentile(named.call.fraction, table.slots);
      if (!ratio.ok()) return Refuse(named.call.position, std::string(ratio.status().message()), "0.25, 0.5 and 0.75 are");
    }
    NamedAggregate call = named;
    for (ExpressionPtr* argument : {&call.call.argument, &call.call.filter}) {
      if (*argument == nullptr) continue;
      CARE_ASSIGN_OR_RETURN(const ColumnId column, AsColumn(*argument, "argument", derived));
      *argument = MakeColumn(column, (*argument)->type, (*argument)->position);
    }
    const bool picks = named.call.function == AggregateFunction::kMin || named.call.function == AggregateFunction::kMax ||
                       named.call.function == AggregateFunction::kPercentileDiscrete;
    CARE_RETURN_IF_ERROR(picks ? CheckReadable(named.column) : CheckShape(named.column));
    group.calls.push_back(std::move(call));
  }
  for (ColumnId column : group.group_by) CARE_RETURN_IF_ERROR(CheckShape(column));
  for (ColumnId column : group.determined) CARE_RETURN_IF_ERROR(CheckShape(column));
  CARE_ASSIGN_OR_RETURN(table, Derive(std::move(table), std::move(derived)));
  group.input = table.node;
  group.group_bound = std::max<std::uint64_t>(1, std::min(table.slots, facts_.Bound(*node)));
  if (group.method == TableGroupMethod::kSorted) GroupByOwner(table, group, reason);
  if (group.method == TableGroupMethod::kOneGroup) group.group_bound = 1;
  if (group.method == TableGroupMethod::kDense) group.group_bound = CellsOf(group);
  table.slots = group.group_bound;
  const bool by_owner = group.method == TableGroupMethod::kByOwner;
  if (by_owner) {
    table.known = {group.group_by.begin(), group.group_by.end()};
    table.known.insert(group.determined.begin(), group.determined.end());
    // The owner's groups, of rows that are gone too.
    std::vector<ColumnId> keys = group.group_by;
    keys.insert(keys.end(), group.determined.begin(), group.determined.end());
    table.ordered = MakeNode(AggregateNode{table.ordered, std::move(keys), {}});
  } else {
    table.order = kNoParty;
    table.known.clear();
  }
  if (group.method == TableGroupMethod::kSorted) reason = absl::StrCat("there cannot be a slot for each group: ", reason);
  if (group.method == TableGroupMethod::kDense) reason = "all groups there can be are public, and few: a slot each";
  table.node = Add(std::move(group), std::move(reason));
  table.logical = node;
  table.fresh_share = false;
  return table;
}

absl::StatusOr<TableBuilder::Table> TableBuilder::DistinctRows(const LogicalPtr& node, const LogicalPtr& child,
                                                               const ColumnSet& required) {
  const LogicalPtr groups = MakeNode(AggregateNode{child, OutputColumns(*child), {}});
  CARE_ASSIGN_OR_RETURN(Table table, Group(groups, std::get<AggregateNode>(groups->node), required));
  table.logical = node;
  return table;
}

TableBuilder::Table TableBuilder::DropRows(Table table, const ReleaseLimits& limits) {
  const auto can = [&](const ExpressionPtr& expression) {
    return IsSubset(ColumnsOf(expression), OutputSet(*table.logical)) &&
           CanEvaluateJointly(expression, logical_.columns).ok();
  };
  bool all = true;
  for (const ExpressionPtr& condition : limits.conditions) {
    if (!can(condition)) {
      all = false;
      continue;
    }
    table.node = Add(FilterTableNode{table.node, condition});
  }
  // Rows that a condition above still drops must not take the places of others.
  if (!all || !limits.rows || *limits.rows == 0 || *limits.rows >= table.slots) return table;
  TopTableNode top;
  std::vector<NamedExpression> derived;
  const std::size_t columns = logical_.columns.size();
  for (const SortKey& key : limits.keys) {
    if (!can(key.expression)) all = false;
  }
  absl::StatusOr<std::vector<TableKey>> keys = std::vector<TableKey>{};
  if (all) keys = KeysOf(limits.keys, derived);
  if (!all || !keys.ok()) {
    logical_.columns.resize(columns);
    return table;
  }
  top.keys = *std::move(keys);
  if (!derived.empty()) table.node = Add(DeriveTableNode{table.node, std::move(derived)});
  top.input = table.node;
  top.rows = *limits.rows;
  table.slots = top.rows;
  table.node = Add(std::move(top));
  return table;
}

LogicalPtr TableBuilder::DropAtOwner(LogicalPtr rows, const ReleaseLimits& limits) const {
  const ColumnSet columns = OutputSet(*rows);
  const auto reads = [&](const ExpressionPtr& expression) {
    // Averages and quotients have digits that no column of an owner's answer carries.
    return IsSubset(ColumnsOf(expression), columns) && CanEvaluateJointly(expression, logical_.columns).ok();
  };
  bool all = true;
  std::vector<ExpressionPtr> conditions;
  for (const ExpressionPtr& condition : limits.conditions) {
    if (reads(condition)) conditions.push_back(condition);
    else all = false;
  }
  if (!conditions.empty()) rows = MakeNode(FilterNode{rows, MakeConjunction(std::move(conditions))});
  for (const SortKey& key : limits.keys) all = all && reads(key.expression);
  if (!all || !limits.rows || *limits.rows == 0) return rows;
  if (!limits.keys.empty()) rows = MakeNode(SortNode{rows, limits.keys});
  return MakeNode(LimitNode{rows, limits.rows, 0});
}

// Of groups, and of equal values, PostgreSQL shows the digits of the row that it meets first or last.
absl::Status TableBuilder::CheckDigits(const AggregateNode& aggregate) const {
  const ColumnDigits digits(aggregate.child, logical_.columns);
  for (ColumnId column : aggregate.group_by) {
    if (logical_.columns[column].type.kind != TypeKind::kNumeric || !digits.Vary(column)) continue;
    return Refuse({}, absl::StrCat("the digits of \"", logical_.columns[column].name,
                                   "\" would depend on which rows it comes from: it mixes numbers of different scales"),
                  kVaryingScaleHint);
  }
  for (const NamedAggregate& named : aggregate.calls) {
    const AggregateFunction function = named.call.function;
    if (function != AggregateFunction::kMin && function != AggregateFunction::kMax && function != AggregateFunction::kPercentileDiscrete)
      continue;
    if (named.call.argument->type.kind == TypeKind::kNumeric && digits.Vary(named.call.argument)) {
      return Refuse(named.call.position, "the digits of this value would depend on which row it is: it mixes numbers of different scales",
                    kVaryingScaleHint);
    }
  }
  return absl::OkStatus();
}

absl::Status TableBuilder::AddRelease(const ReleaseNode& release, const PersonGuard& guard, const ColumnSet& read,
                                      const ReleaseLimits& limits) {
  const std::vector<ColumnId> outputs = OutputColumns(*release.child);
  ColumnSet required(guard.counts.begin(), guard.counts.end());
  for (ColumnId column : outputs) {
    if (read.count(column) != 0) required.insert(column);
  }
  const auto* aggregate = std::get_if<AggregateNode>(&release.child->node);
  // Counts of a whole table may be made of sums, above its aggregate.
  const auto* finished = std::get_if<ProjectNode>(&release.child->node);
  if (finished != nullptr) {
    if (const auto* whole = std::get_if<AggregateNode>(&finished->child->node)) CARE_RETURN_IF_ERROR(CheckDigits(*whole));
  }
  if (aggregate != nullptr) CARE_RETURN_IF_ERROR(CheckDigits(*aggregate));
  gate_keys_.clear();
  if (aggregate != nullptr && !guard.counts.empty()) {
    CARE_ASSIGN_OR_RETURN(gate_keys_, GateKeys(*aggregate));
    required.insert(gate_keys_.begin(), gate_keys_.end());
  }
  Table table;
  bool built = false;
  if (aggregate != nullptr && !IsOwnersPart(*release.child) && !aggregate->group_by.empty()) {
    // Where every group is one row of its input, the rows are the groups.
    const ColumnSet groups(aggregate->group_by.begin(), aggregate->group_by.end());
    const std::vector<NamedExpression> calls = CallsOfOneRow(*aggregate);
    if (calls.size() == aggregate->calls.size() && facts_.IsKey(*aggregate->child, groups, /*null_is_a_value=*/true)) {
      ProjectNode project{aggregate->child, {}};
      for (ColumnId column : aggregate->group_by)
        project.columns.push_back({column, MakeColumn(column, logical_.columns[column].type)});
      project.columns.insert(project.columns.end(), calls.begin(), calls.end());
      const LogicalPtr rows = MakeNode(std::move(project));
      CARE_ASSIGN_OR_RETURN(table, BuildNew(rows, required));
      built = true;
    }
  }
  if (!built) {
    LogicalPtr rows = release.child;
    // One owner's rows about nobody: it drops what the answer will not show itself.
    if (IsOwnersPart(*rows) && guard.counts.empty() && !all_secret_) rows = DropAtOwner(rows, limits);
    CARE_ASSIGN_OR_RETURN(table, BuildNew(rows, required));
  }
  if (!gate_keys_.empty()) {
    const auto* cells = std::get_if<GroupTableNode>(&plan_.nodes[table.node]);
    if (cells == nullptr || cells->method != TableGroupMethod::kDense || cells->group_by != gate_keys_) {
      CARE_ASSIGN_OR_RETURN(table, AsCells(std::move(table), required));
    }
  }
  NodeId groups = table.node;
  while (const auto* derived = std::get_if<DeriveTableNode>(&plan_.nodes[groups])) groups = derived->input;
  const NodeId undropped = table.node;
  if (guard.counts.empty()) table = DropRows(std::move(table), limits);
  GateTableNode gate{.input = table.node, .person_counts = guard.counts, .dimensions = {}, .person_in_one_cell = guard.person_in_one_cell};
  OpenTableNode open{.columns = {}, .release = releases_++};
  const auto* group = table.node == undropped ? std::get_if<GroupTableNode>(&plan_.nodes[groups]) : nullptr;
  const bool has_public_slots = group != nullptr && (group->method == TableGroupMethod::kDense || group->method == TableGroupMethod::kOneGroup);
  if (has_public_slots) {
    if (groups == table.node) {
      for (const std::vector<Value>& domain : group->domains) gate.dimensions.push_back(static_cast<std::uint32_t>(domain.size()));
    }
    open.dense = true;
  }
  // The row of no groups is there, hidden or not.
  if (aggregate != nullptr && aggregate->group_by.empty() && table.slots == 1 && !guard.counts.empty()) open.dense = true;
  for (ColumnId column : outputs) {
    if (read.count(column) == 0) continue;
    CARE_RETURN_IF_ERROR(CheckReadable(column));
    open.columns.push_back(column);
  }
  open.input = Add(std::move(gate));
  Add(std::move(open));
  return absl::OkStatus();
}

}  // namespace care::planner
