#include "planner/physical/table_validator.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/physical/fragment_checks.h"
#include "planner/physical/group_domains.h"
#include "planner/physical/group_sorts.h"
#include "planner/physical/partition_columns.h"
#include "planner/physical/person_counts_proof.h"
#include "planner/physical/shared_value.h"
#include "planner/physical/table_expressions.h"
#include "planner/physical/table_shape.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

// What is known of the table that a node yields.
struct State {
  bool table = false;        // false: a fragment
  bool gated = false;
  bool persons = false;      // some table of persons is below
  ColumnSet columns;
  PartyId order = kNoParty;  // who knows which row stands in which slot
  ColumnSet known;           // and what of the columns, in the clear
  const LocalNode* share = nullptr;  // of a ShareTable
};

class TableValidator {
 public:
  TableValidator(const PhysicalPlan& plan, const Catalog& catalog) : plan_(plan), catalog_(catalog) {}

  absl::Status Validate() {
    CARE_ASSIGN_OR_RETURN(partitions_, FindPartitionColumns(plan_));
    std::uint32_t releases = 0;
    for (at_ = 0; at_ < plan_.nodes.size(); ++at_) {
      State state;
      CARE_RETURN_IF_ERROR(std::visit([&](const auto& node) { return Check(node, state); }, plan_.nodes[at_]));
      columns_.push_back(state.columns);
      states_.push_back(std::move(state));
      if (const auto* open = std::get_if<OpenTableNode>(&plan_.nodes[at_])) {
        if (open->release != releases++) return Invalid("openings are not in the order of the releases");
      }
    }
    if (releases == 0) return Invalid("nothing opens");
    return absl::OkStatus();
  }

 private:
  absl::Status Invalid(std::string_view rule) const {
    return absl::InternalError(absl::StrCat("invalid plan, node ", at_, ": ", std::string(rule)));
  }

  // The state of a table that an earlier node yields, or null.
  const State* Input(NodeId id) const { return id < at_ && states_[id].table ? &states_[id] : nullptr; }

  absl::Status CheckColumns(const ColumnSet& used, const ColumnSet& available) const {
    for (ColumnId column : used) {
      if (column >= plan_.columns.size()) return Invalid("it names an unknown column");
      if (available.count(column) == 0) return Invalid(absl::StrCat("it reads column ", column, ", which its input lacks"));
    }
    return absl::OkStatus();
  }
  absl::Status CheckExpression(const ExpressionPtr& expression, const ColumnSet& available) const {
    if (expression == nullptr) return Invalid("an expression is missing");
    ColumnSet used;
    CollectColumns(expression, used);
    CARE_RETURN_IF_ERROR(CheckColumns(used, available));
    if (!CanEvaluateJointly(expression, plan_.columns).ok()) return Invalid("an expression has no joint form");
    return absl::OkStatus();
  }
  absl::Status CheckShape(ColumnId column) const {
    if (!ShapeOfColumn(plan_.columns[column]).ok()) return Invalid("a shared column has no width");
    return absl::OkStatus();
  }
  bool Computes(PartyId party) const {
    const auto& compute = catalog_.compute_parties;
    return std::find(compute.begin(), compute.end(), party) != compute.end();
  }

  bool ScansPersons(const LogicalNode& node, bool& scans) const {
    if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
      scans = true;
      if (catalog_.tables[scan->table].subject_column >= 0) return true;
    }
    bool persons = false;
    for (const LogicalPtr& child : ChildrenOf(node)) persons = ScansPersons(*child, scans) || persons;
    return persons;
  }

  absl::Status Check(const LocalNode& local, State& state) {
    if (local.party >= catalog_.parties.size() || local.fragment == nullptr) return Invalid("a fragment has no owner");
    if (local.outside == Computes(local.party)) return Invalid("a fragment mistakes who computes");
    bool scans = false;
    state.persons = ScansPersons(*local.fragment, scans);
    if (scans) {
      const absl::Status status = CheckFragment(*local.fragment, local.party, plan_.columns, catalog_);
      if (!status.ok()) return Invalid(std::string(status.message()));
    }
    for (ColumnId column : OutputColumns(*local.fragment)) state.columns.insert(column);
    return absl::OkStatus();
  }

  absl::Status Check(const ShareTableNode& share, State& state) {
    const auto* local = share.local < at_ ? std::get_if<LocalNode>(&plan_.nodes[share.local]) : nullptr;
    if (local == nullptr) return Invalid("it shares no fragment");
    if (local->row_bound == 0) return Invalid("it has no slots");
    state = State{.table = true, .persons = states_[share.local].persons, .order = local->outside ? kNoParty : local->party, .share = local};
    for (const ShareColumn& column : share.columns) {
      CARE_RETURN_IF_ERROR(CheckColumns({column.column}, states_[share.local].columns));
      CARE_RETURN_IF_ERROR(CheckShape(column.column));
      state.columns.insert(column.column);
      if (!local->outside) state.known.insert(column.column);
    }
    return CheckColumns({share.order_by.begin(), share.order_by.end()}, states_[share.local].columns);
  }

  absl::Status Check(const GatherPartitionsNode& gather, State& state) {
    const State* input = Input(gather.input);
    if (input == nullptr || input->gated) return Invalid("it reads no table");
    state = State{.table = true, .persons = input->persons, .columns = input->columns};
    return absl::OkStatus();
  }

  absl::Status Check(const ConcatTablesNode& concat, State& state) {
    if (concat.inputs.empty() || concat.inputs.size() != concat.input_columns.size()) return Invalid("a union lacks inputs");
    state.table = true;
    for (std::size_t i = 0; i < concat.inputs.size(); ++i) {
      const State* input = Input(concat.inputs[i]);
      if (input == nullptr || input->gated) return Invalid("it reads no table");
      if (concat.input_columns[i].size() != concat.columns.size()) return Invalid("a union mixes rows of different length");
      CARE_RETURN_IF_ERROR(CheckColumns({concat.input_columns[i].begin(), concat.input_columns[i].end()}, input->columns));
      for (std::size_t c = 0; c < concat.columns.size(); ++c) {
        const DataType &from = plan_.columns[concat.input_columns[i][c]].type, &to = plan_.columns[concat.columns[c]].type;
        // Keys of persons may be integers of another width elsewhere.
        if (from.kind != to.kind && !(from.IsInteger() && to.IsInteger())) return Invalid("a union mixes types");
      }
      state.persons = state.persons || input->persons;
    }
    state.columns = {concat.columns.begin(), concat.columns.end()};
    return absl::OkStatus();
  }

  absl::Status Check(const DeriveTableNode& derive, State& state) {
    const State* input = Input(derive.input);
    if (input == nullptr || input->gated) return Invalid("it reads no table");
    state = *input;
    state.share = nullptr;
    for (const NamedExpression& item : derive.columns) {
      CARE_RETURN_IF_ERROR(CheckExpression(item.expression, input->columns));
      if (item.column >= plan_.columns.size()) return Invalid("it names an unknown column");
      CARE_RETURN_IF_ERROR(CheckShape(item.column));
      if (input->columns.count(item.column) != 0) return Invalid("it gives a column a second meaning");
      state.columns.insert(item.column);
    }
    return absl::OkStatus();
  }

  absl::Status Check(const FilterTableNode& filter, State& state) {
    const State* input = Input(filter.input);
    if (input == nullptr || input->gated) return Invalid("it reads no table");
    state = *input;
    state.share = nullptr;
    return CheckExpression(filter.predicate, input->columns);
  }

  absl::Status Check(const JoinTablesNode& join, State& state) {
    const State* left = Input(join.left);
    const State* right = Input(join.right);
    if (left == nullptr || right == nullptr || left->gated || right->gated) return Invalid("it reads no table");
    ColumnSet both = left->columns;
    for (ColumnId column : right->columns) {
      if (!both.insert(column).second) return Invalid("both sides of a join yield one column");
    }
    std::set<ColumnId> right_keys;
    for (const auto& [a, b] : join.keys) {
      CARE_RETURN_IF_ERROR(CheckColumns({a}, left->columns));
      CARE_RETURN_IF_ERROR(CheckColumns({b}, right->columns));
      const DataType& x = plan_.columns[a].type;
      const DataType& y = plan_.columns[b].type;
      if (!(x.IsInteger() && y.IsInteger()) && (x.kind != y.kind || x.scale != y.scale))
        return Invalid("keys of different types are joined");
      right_keys.insert(b);
    }
    if (join.residual != nullptr) CARE_RETURN_IF_ERROR(CheckExpression(join.residual, both));
    if (join.most_matches == 0) return Invalid("a join finds nothing");
    const bool keeps_left = join.kind == JoinKind::kSemi || join.kind == JoinKind::kAnti;
    state = *left;
    state.share = nullptr;
    state.persons = left->persons || right->persons;
    if (!keeps_left) state.columns = both;
    // A product with one slot leaves the left's slots where they are.
    const bool multiplies = join.method == JoinMethod::kProduct && !keeps_left && SlotsOf(plan_, join.right) != 1;
    const bool moves = join.kind == JoinKind::kFull || join.most_matches > 1 || multiplies;
    if (moves) {
      state.order = kNoParty;
      state.known.clear();
    }
    if (join.method == JoinMethod::kProduct) return join.keys.empty() ? absl::OkStatus() : Invalid("a product has keys");
    if (join.keys.empty()) return Invalid("a join has no key");
    if (join.method == JoinMethod::kSort) return absl::OkStatus();
    CARE_RETURN_IF_ERROR(CheckKnownKeys(join, *left, *right, right_keys));
    return join.method == JoinMethod::kLookup ? CheckLookup(join, *left, *right) : CheckByOwner(*left, *right);
  }

  absl::Status CheckByOwner(const State& left, const State& right) {
    if (left.order == kNoParty || left.order != right.order) return Invalid("nobody knows both sides of a join by its owner");
    return absl::OkStatus();
  }

  absl::Status CheckLookup(const JoinTablesNode& join, const State& left, const State& right) {
    if (join.left_keys == 0) return Invalid("a lookup asks for no key");
    const std::set<PartyId> parties{left.order, right.order, join.helper};
    if (parties.size() != 3 || !std::all_of(parties.begin(), parties.end(), [&](PartyId party) { return Computes(party); }))
      return Invalid("a lookup needs three different compute parties");
    return absl::OkStatus();
  }

  absl::Status CheckKnownKeys(const JoinTablesNode& join, const State& left, const State& right, const ColumnSet& right_keys) {
    if (join.most_matches != 1 || join.kind == JoinKind::kFull) return Invalid("a lookup finds one row at most");
    if (right.share == nullptr) return Invalid("a lookup's arm is no owner's table");
    for (const auto& [key, unused] : join.keys) {
      if (left.known.count(key) == 0) return Invalid("the spine's owner does not know a key of a lookup");
    }
    if (right.share->row_bound > 1 && !TellsRowsApart(*right.share->fragment, right_keys, catalog_))
      return Invalid("a lookup's arm may hold a key twice");
    return absl::OkStatus();
  }

  absl::Status Check(const GroupTableNode& group, State& state) {
    const State* input = Input(group.input);
    if (input == nullptr || input->gated) return Invalid("it reads no table");
    state.table = true;
    state.persons = input->persons;
    CARE_RETURN_IF_ERROR(CheckColumns({group.group_by.begin(), group.group_by.end()}, input->columns));
    CARE_RETURN_IF_ERROR(CheckColumns({group.determined.begin(), group.determined.end()}, input->columns));
    state.columns = {group.group_by.begin(), group.group_by.end()};
    state.columns.insert(group.determined.begin(), group.determined.end());
    const bool by_owner = group.method == TableGroupMethod::kByOwner;
    if (!group.determined.empty() && group.method != TableGroupMethod::kSorted && !by_owner) return Invalid("its method carries no columns");
    if (by_owner) {
      if (input->order == kNoParty || !std::includes(input->known.begin(), input->known.end(), state.columns.begin(), state.columns.end()))
        return Invalid("nobody knows a key by which it groups");
      const bool adds_up = std::all_of(group.calls.begin(), group.calls.end(),
                                       [](const NamedAggregate& named) { return IsSumOrCount(named.call); });
      if (!adds_up) return Invalid("an owner's groups do not add it up");
      state.order = input->order;
      state.known = state.columns;
    }
    for (const NamedAggregate& named : group.calls) {
      for (const ExpressionPtr& part : {named.call.argument, named.call.filter}) {
        if (part == nullptr) continue;
        const auto* column = std::get_if<ColumnExpression>(&part->node);
        if (column == nullptr) return Invalid("an aggregate's argument is no column");
        CARE_RETURN_IF_ERROR(CheckColumns({column->column}, input->columns));
      }
      if (named.column >= plan_.columns.size()) return Invalid("it names an unknown column");
      CARE_RETURN_IF_ERROR(CheckShape(named.column));
      state.columns.insert(named.column);
    }
    if (group.group_bound == 0) return Invalid("it has no slots");
    if (group.group_by.empty() != (group.method == TableGroupMethod::kOneGroup)) return Invalid("its method does not fit its keys");
    if (group.method != TableGroupMethod::kDense) return absl::OkStatus();
    std::uint64_t cells = 1;
    if (group.domains.size() != group.group_by.size()) return Invalid("a group lacks its domain");
    for (std::size_t i = 0; i < group.domains.size(); ++i) {
      const auto declared = SlotDomainOf(group.group_by[i], plan_.columns[group.group_by[i]]);
      if (!declared) return Invalid("a group's domain is not public");
      std::vector<Value> values = declared->values;
      if (declared->has_null) values.emplace_back(Null{});
      if (values != group.domains[i]) return Invalid("a group's domain is not the declared one");
      cells *= values.size();
    }
    if (cells != group.group_bound) return Invalid("its slots are not its domains'");
    return absl::OkStatus();
  }

  absl::Status Check(const WindowTableNode& window, State& state) {
    const State* input = Input(window.input);
    if (input == nullptr || input->gated) return Invalid("it reads no table");
    state = State{.table = true, .persons = input->persons, .columns = input->columns};
    CARE_RETURN_IF_ERROR(CheckColumns({window.partition_by.begin(), window.partition_by.end()}, input->columns));
    for (const TableKey& key : window.order_by) CARE_RETURN_IF_ERROR(CheckColumns({key.column}, input->columns));
    if (window.calls.empty()) return Invalid("a window computes nothing");
    for (const NamedWindowCall& named : window.calls) {
      const WindowCall& call = named.call;
      if (call.function == WindowFunction::kAverage) return Invalid("a window's average is not made of sums");
      const bool takes_none = call.function == WindowFunction::kRowNumber || call.function == WindowFunction::kRank ||
                              call.function == WindowFunction::kDenseRank || call.function == WindowFunction::kCountStar;
      if (takes_none != (call.argument == nullptr)) return Invalid("a window function's argument does not fit it");
      for (const ExpressionPtr& part : {call.argument, call.fallback}) {
        if (part == nullptr) continue;
        const auto* column = std::get_if<ColumnExpression>(&part->node);
        if (column == nullptr) return Invalid("a window function's argument is no column");
        CARE_RETURN_IF_ERROR(CheckColumns({column->column}, input->columns));
      }
      if (named.column >= plan_.columns.size()) return Invalid("it names an unknown column");
      CARE_RETURN_IF_ERROR(CheckShape(named.column));
      if (!state.columns.insert(named.column).second) return Invalid("it gives a column a second meaning");
    }
    return absl::OkStatus();
  }

  absl::Status Check(const TopTableNode& top, State& state) {
    const State* input = Input(top.input);
    if (input == nullptr) return Invalid("it reads no table");
    state = State{.table = true, .gated = input->gated, .persons = input->persons, .columns = input->columns};
    ColumnSet used;
    for (const TableKey& key : top.keys) used.insert(key.column);
    if (top.rows == 0) return Invalid("it has no slots");
    return CheckColumns(used, input->columns);
  }

  absl::Status Check(const CompactTableNode& compact, State& state) {
    const State* input = Input(compact.input);
    if (input == nullptr) return Invalid("it reads no table");
    state = State{.table = true, .gated = input->gated, .persons = input->persons, .columns = input->columns};
    return compact.bound == 0 ? Invalid("it has no slots") : absl::OkStatus();
  }

  absl::Status Check(const GateTableNode& gate, State& state) {
    const State* input = Input(gate.input);
    if (input == nullptr || input->gated) return Invalid("it reads no table");
    state = *input;
    state.share = nullptr;
    state.gated = true;
    if (input->persons && gate.person_counts.empty()) return Invalid("persons are released without being counted");
    for (ColumnId column : gate.person_counts) {
      CARE_RETURN_IF_ERROR(CheckColumns({column}, input->columns));
      if (plan_.columns[column].nullable || !plan_.columns[column].type.IsInteger()) return Invalid("a person count is no count");
      const std::string why = PersonCountsProof(plan_, catalog_, columns_, partitions_).WhyNot(gate.input, column);
      if (!why.empty()) return Invalid(absl::StrCat("column ", column, " is no count of persons: ", why));
    }
    // Columns that are computed of groups leave the groups as they are.
    NodeId groups = gate.input;
    bool is_gathered = false;
    while (std::holds_alternative<DeriveTableNode>(plan_.nodes[groups]) || std::holds_alternative<GatherPartitionsNode>(plan_.nodes[groups])) {
      is_gathered = is_gathered || std::holds_alternative<GatherPartitionsNode>(plan_.nodes[groups]);
      groups = TablesRead(plan_.nodes[groups]).front();
    }
    const auto* group = std::get_if<GroupTableNode>(&plan_.nodes[groups]);
    const bool counts = !gate.person_counts.empty();
    // One margin closes no line of groups by several columns.
    if (counts && group != nullptr && group->group_by.size() > 1 && gate.dimensions.empty())
      return Invalid("groups of persons by several columns have no lines");
    bool fits = gate.dimensions.empty() || (group != nullptr && !is_gathered && group->method == TableGroupMethod::kDense &&
                                            group->domains.size() == gate.dimensions.size());
    for (std::size_t i = 0; fits && i < gate.dimensions.size(); ++i) fits = gate.dimensions[i] == group->domains[i].size();
    if (!fits)
      return Invalid("the gate's margins are not the groups'");
    return absl::OkStatus();
  }

  absl::Status Check(const OpenTableNode& open, State& state) {
    const State* input = Input(open.input);
    if (input == nullptr || !input->gated) return Invalid("something opens that passed no gate");
    if (open.dense && !HasPublicSlots(open.input)) return Invalid("slots open unshuffled whose order may tell something");
    state = State{};
    return CheckColumns({open.columns.begin(), open.columns.end()}, input->columns);
  }

  // Whether a slot is the place of a public combination of values.
  bool HasPublicSlots(NodeId id) const {
    const auto* gate = std::get_if<GateTableNode>(&plan_.nodes[id]);
    const auto* derive = std::get_if<DeriveTableNode>(&plan_.nodes[id]);
    if (gate != nullptr || derive != nullptr) return HasPublicSlots(gate != nullptr ? gate->input : derive->input);
    if (SlotsOf(plan_, id) == 1) return true;
    const auto* group = std::get_if<GroupTableNode>(&plan_.nodes[id]);
    return group != nullptr && (group->method == TableGroupMethod::kDense || group->method == TableGroupMethod::kOneGroup);
  }

  template <typename Node>
  absl::Status Check(const Node&, State&) {
    return Invalid("a star's node stands among tables");
  }

  const PhysicalPlan& plan_;
  const Catalog& catalog_;
  PartitionColumns partitions_;
  NodeId at_ = 0;
  std::vector<State> states_;
  std::vector<ColumnSet> columns_;  // of each state
};

}  // namespace

bool IsTablePlan(const PhysicalPlan& plan) {
  return std::any_of(plan.nodes.begin(), plan.nodes.end(),
                     [](const PhysicalNode& node) { return std::holds_alternative<OpenTableNode>(node); });
}

absl::Status ValidateTables(const PhysicalPlan& plan, const Catalog& catalog) {
  return TableValidator(plan, catalog).Validate();
}

}  // namespace care::planner
