// ROLLUP, CUBE and GROUPING SETS by aggregates and releases. In a subquery they are the UNION ALL of one aggregate a set, over several
// owners' rows of totals of the finest set's groups. Where
// they are released, a set's totals are added up from the released cells of a finer set, so that nothing opens but those cells:
// a total beside its parts would tell what the gate hid. Several releases stand beside each other where nothing can be subtracted:
// of tables about nobody; and of sets of one column each, with the grand total or without: all they have in common is that
// total, which the gate takes as known along a line, and the cells of one column are one line.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/free_columns.h"
#include "planner/logical/functional_dependencies.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/row_facts.h"
#include "planner/rules/decompose_calls.h"
#include "planner/rules/rule_list.h"

namespace care::planner {
namespace {

using Set = std::vector<std::uint32_t>;

bool AddsUp(const AggregateCall& call) {
  switch (call.function) {
    case AggregateFunction::kCountStar:
    case AggregateFunction::kCount:
    case AggregateFunction::kSum:
      return !call.distinct;
    case AggregateFunction::kMin:
    case AggregateFunction::kMax:
    case AggregateFunction::kBoolAnd:
    case AggregateFunction::kBoolOr:
      return true;
    default:
      return false;
  }
}

// Rules run more than once: over released cells the sets are what they shall be.
bool HoldsRelease(const LogicalNode& node) {
  if (std::holds_alternative<ReleaseNode>(node.node)) return true;
  const std::vector<LogicalPtr> children = ChildrenOf(node);
  return std::any_of(children.begin(), children.end(), [](const LogicalPtr& child) { return HoldsRelease(*child); });
}

bool IsCount(AggregateFunction function) {
  return function == AggregateFunction::kCountStar || function == AggregateFunction::kCount;
}

class SetExpander {
 public:
  SetExpander(LogicalPlan& plan, const Catalog& catalog, std::string_view sql) : plan_(plan), catalog_(catalog), sql_(sql) {}

  absl::StatusOr<LogicalPtr> Rewrite(const LogicalPtr& node) {
    if (const auto* release = std::get_if<ReleaseNode>(&node->node)) {
      if (const auto* sets = std::get_if<GroupingSetsNode>(&release->child->node)) {
        CARE_ASSIGN_OR_RETURN(const GroupingSetsNode inner, WithRewrittenInput(*sets));
        return Released(inner);
      }
    }
    const auto* sets = std::get_if<GroupingSetsNode>(&node->node);
    if (sets != nullptr && !HoldsRelease(*sets->child)) {
      CARE_ASSIGN_OR_RETURN(const GroupingSetsNode inner, WithRewrittenInput(*sets));
      return UnionOf(inner, BranchesOf(inner));
    }
    std::vector<LogicalPtr> children;
    for (const LogicalPtr& child : ChildrenOf(*node)) {
      CARE_ASSIGN_OR_RETURN(LogicalPtr rewritten, Rewrite(child));
      children.push_back(std::move(rewritten));
    }
    return InSubqueries(WithChildren(node, std::move(children)));
  }

 private:
  // One of the answers that a UNION ALL makes one, and its columns in the order of the node's.
  struct Branch {
    LogicalPtr node;
    std::vector<ColumnId> columns;
  };

  // What the calls add up to, from released cells, and which call does not.
  struct Parts {
    Decomposed decomposed;
    const AggregateCall* not_added = nullptr;
  };

  absl::StatusOr<LogicalPtr> InSubqueries(const LogicalPtr& node) {
    absl::Status refused;
    LogicalPtr mapped = MapExpressions(node, [&](const ExpressionPtr& whole) {
      if (!HasSubquery(whole)) return whole;
      return TransformExpression(whole, [&](const ExpressionPtr& part) -> ExpressionPtr {
        const auto* subquery = std::get_if<SubqueryExpression>(&part->node);
        if (subquery == nullptr || !refused.ok()) return part;
        absl::StatusOr<LogicalPtr> rewritten = Rewrite(subquery->plan);
        if (!rewritten.ok()) {
          refused = rewritten.status();
          return part;
        }
        if (*rewritten == subquery->plan) return part;
        SubqueryExpression copy = *subquery;
        copy.plan = *std::move(rewritten);
        return std::make_shared<const Expression>(Expression{std::move(copy), part->type, part->position});
      });
    });
    CARE_RETURN_IF_ERROR(refused);
    return mapped;
  }

  absl::StatusOr<GroupingSetsNode> WithRewrittenInput(const GroupingSetsNode& sets) {
    CARE_ASSIGN_OR_RETURN(LogicalPtr child, Rewrite(sets.child));
    CARE_ASSIGN_OR_RETURN(const LogicalPtr whole, InSubqueries(WithChildren(MakeNode(sets), {std::move(child)})));
    return WithComputedSubqueries(std::get<GroupingSetsNode>(whole->node));
  }

  // What a call is made of may stand in several, but a subquery once.
  GroupingSetsNode WithComputedSubqueries(GroupingSetsNode sets) {
    ProjectNode project{sets.child, {}};
    for (ColumnId column : OutputColumns(*sets.child)) project.columns.push_back({column, Column(column)});
    const std::size_t passed = project.columns.size();
    for (NamedAggregate& named : sets.calls) {
      for (ExpressionPtr* part : {&named.call.argument, &named.call.second, &named.call.filter}) {
        if (!HasSubquery(*part)) continue;
        ColumnInfo info;
        info.name = "argument";
        info.type = (*part)->type;
        const ColumnId column = plan_.AddColumn(std::move(info));
        project.columns.push_back({column, *part});
        *part = MakeColumn(column, (*part)->type, (*part)->position);
      }
    }
    if (project.columns.size() != passed) sets.child = MakeNode(std::move(project));
    return sets;
  }

  ColumnId LikeColumn(ColumnId column) {
    ColumnInfo info = plan_.columns[column];
    return plan_.AddColumn(std::move(info));
  }
  ExpressionPtr Column(ColumnId column) const { return MakeColumn(column, plan_.columns[column].type); }

  static std::int64_t BitsOf(const GroupingSetsNode::Grouping& grouping, const Set& set) {
    std::int64_t bits = 0;
    for (const std::uint32_t key : grouping.keys)
      bits = bits * 2 + (std::binary_search(set.begin(), set.end(), key) ? 0 : 1);
    return bits;
  }

  // A plan names each column once, so each set reads a copy of the input.
  Branch OfOneSet(const GroupingSetsNode& sets, const Set& set, bool released) {
    AggregateNode aggregate{sets.child, {}, sets.calls};
    for (const std::uint32_t key : set) aggregate.group_by.push_back(sets.keys[key]);
    const RenamedCopy copy = CopyRenamed(MakeNode(std::move(aggregate)), plan_);
    ProjectNode project{released ? MakeNode(ReleaseNode{copy.node, {}}) : copy.node, {}};
    Branch branch;
    const auto add = [&](ColumnId like, ExpressionPtr value) {
      branch.columns.push_back(LikeColumn(like));
      project.columns.push_back({branch.columns.back(), std::move(value)});
    };
    for (std::uint32_t key = 0; key < sets.keys.size(); ++key) {
      const ColumnId output = sets.key_outputs[key];
      const bool grouped = std::binary_search(set.begin(), set.end(), key);
      add(output, grouped ? Column(copy.Of(sets.keys[key])) : MakeLiteral(Null{}, plan_.columns[output].type));
    }
    for (const NamedAggregate& named : sets.calls) add(named.column, Column(copy.Of(named.column)));
    for (const GroupingSetsNode::Grouping& grouping : sets.grouping)
      add(grouping.column, MakeLiteral(BitsOf(grouping, set), kIntegerType));
    branch.node = MakeNode(std::move(project));
    return branch;
  }

  // Rows of several owners are grouped by the finest set once: each branch names those groups, which placement takes as the same
  // (same_rows.h), and adds them up.
  std::vector<Branch> BranchesOf(const GroupingSetsNode& sets) {
    std::vector<Branch> branches;
    const std::optional<Set> finest = FinestOf(sets.sets);
    const Parts parts = PartsOf(sets);
    if (sets.sets.size() > 1 && finest && !finest->empty() && parts.not_added == nullptr && ScannedParties(*sets.child, catalog_).size() > 1) {
      // The finest first, so that the others find its columns computed.
      std::vector<Set> ordered = sets.sets;
      std::stable_partition(ordered.begin(), ordered.end(), [&](const Set& set) { return set == *finest; });
      for (const Set& set : ordered) branches.push_back(OfFinest(sets, *finest, set, parts));
      return branches;
    }
    for (const Set& set : sets.sets) branches.push_back(OfOneSet(sets, set, /*released=*/false));
    return branches;
  }

  Branch OfFinest(const GroupingSetsNode& sets, const Set& finest, const Set& set, const Parts& parts) {
    AggregateNode cells = parts.decomposed.sums;
    cells.group_by.clear();
    for (const std::uint32_t key : finest) cells.group_by.push_back(sets.keys[key]);
    LogicalPtr node = MakeNode(std::move(cells));
    std::vector<std::pair<ColumnId, ExpressionPtr>> totals;
    if (set != finest) {
      AggregateNode added{std::move(node), {}, {}};
      for (const std::uint32_t key : set) added.group_by.push_back(sets.keys[key]);
      for (const NamedAggregate& part : parts.decomposed.sums.calls) {
        const ColumnId total = LikeColumn(part.column);
        plan_.columns[total].nullable = true;
        added.calls.push_back({total, TotalOf(part.call, Column(part.column))});
        totals.emplace_back(part.column, ValueOfTotal(part.call, total));
      }
      node = MakeNode(std::move(added));
    }
    ProjectNode project{std::move(node), {}};
    std::vector<ColumnId> outputs;
    const auto add = [&](ColumnId like, ExpressionPtr value) {
      outputs.push_back(LikeColumn(like));
      project.columns.push_back({outputs.back(), std::move(value)});
    };
    for (std::uint32_t key = 0; key < sets.keys.size(); ++key) {
      const ColumnId output = sets.key_outputs[key];
      const bool grouped = std::binary_search(set.begin(), set.end(), key);
      add(output, grouped ? Column(sets.keys[key]) : MakeLiteral(Null{}, plan_.columns[output].type));
    }
    for (const NamedAggregate& named : sets.calls) {
      for (const NamedExpression& item : parts.decomposed.above) {
        if (item.column == named.column) add(named.column, SubstituteColumns(item.expression, totals));
      }
    }
    for (const GroupingSetsNode::Grouping& grouping : sets.grouping)
      add(grouping.column, MakeLiteral(BitsOf(grouping, set), kIntegerType));
    const RenamedCopy copy = CopyRenamed(MakeNode(std::move(project)), plan_);
    Branch branch{copy.node, {}};
    for (ColumnId column : outputs) branch.columns.push_back(copy.Of(column));
    return branch;
  }

  // What a part of a call adds up to over groups, and its value where there are none.
  static AggregateCall TotalOf(const AggregateCall& part, ExpressionPtr argument) {
    AggregateCall call;
    call.function = IsCount(part.function) ? AggregateFunction::kSum : part.function;
    call.argument = std::move(argument);
    call.type = part.type;
    call.position = part.position;
    return call;
  }
  static ExpressionPtr ValueOfTotal(const AggregateCall& part, ColumnId total) {
    ExpressionPtr value = MakeColumn(total, part.type);
    if (!IsCount(part.function)) return value;
    return MakeCall(Function::kCoalesce, {value, MakeLiteral(std::int64_t{0}, kBigIntType)}, kBigIntType);
  }

  static std::vector<ColumnId> OutputsOf(const GroupingSetsNode& sets) {
    std::vector<ColumnId> columns = sets.key_outputs;
    for (const NamedAggregate& named : sets.calls) columns.push_back(named.column);
    for (const GroupingSetsNode::Grouping& grouping : sets.grouping) columns.push_back(grouping.column);
    return columns;
  }

  LogicalPtr UnionOf(const GroupingSetsNode& sets, std::vector<Branch> branches) const {
    const std::vector<ColumnId> columns = OutputsOf(sets);
    if (branches.size() == 1) {
      ProjectNode project{std::move(branches[0].node), {}};
      for (std::size_t i = 0; i < columns.size(); ++i) project.columns.push_back({columns[i], Column(branches[0].columns[i])});
      return MakeNode(std::move(project));
    }
    SetOperationNode all{.kind = sql::SetOperationKind::kUnion, .all = true, .inputs = {}, .columns = columns, .input_columns = {}};
    for (Branch& branch : branches) {
      all.inputs.push_back(std::move(branch.node));
      all.input_columns.push_back(std::move(branch.columns));
    }
    return MakeNode(std::move(all));
  }

  // --- Released.

  Parts PartsOf(const GroupingSetsNode& sets) {
    AggregateNode whole{sets.child, sets.keys, sets.calls};
    Parts parts{DecomposeCalls(whole, plan_, /*interpolates=*/false)};
    const RowFacts facts(plan_.columns, catalog_);
    for (NamedAggregate& named : parts.decomposed.sums.calls) {
      const auto* column =
          named.call.argument == nullptr ? nullptr : std::get_if<ColumnExpression>(&named.call.argument->node);
      // Distinct already.
      if (named.call.distinct && column != nullptr && facts.IsKey(*sets.child, {column->column})) named.call.distinct = false;
      if (!AddsUp(named.call) && parts.not_added == nullptr) parts.not_added = &named.call;
    }
    return parts;
  }

  Branch Combined(const GroupingSetsNode& sets, const Set& finest, const std::vector<Set>& of, const Parts& parts) {
    AggregateNode cells = parts.decomposed.sums;
    cells.group_by.clear();
    for (const std::uint32_t key : finest) cells.group_by.push_back(sets.keys[key]);
    const RenamedCopy copy = CopyRenamed(MakeNode(std::move(cells)), plan_);
    GroupingSetsNode node;
    node.child = MakeNode(ReleaseNode{copy.node, {}});
    node.position = sets.position;
    std::vector<std::uint32_t> number(sets.keys.size());
    for (std::size_t i = 0; i < finest.size(); ++i) {
      number[finest[i]] = static_cast<std::uint32_t>(i);
      node.keys.push_back(copy.Of(sets.keys[finest[i]]));
      node.key_outputs.push_back(LikeColumn(sets.key_outputs[finest[i]]));
    }
    for (const Set& set : of) {
      node.sets.emplace_back();
      for (const std::uint32_t key : set) node.sets.back().push_back(number[key]);
    }
    std::vector<std::pair<ColumnId, ExpressionPtr>> totals;
    for (const NamedAggregate& part : parts.decomposed.sums.calls) {
      const ColumnId total = LikeColumn(part.column);
      plan_.columns[total].nullable = true;
      node.calls.push_back({total, TotalOf(part.call, Column(copy.Of(part.column)))});
      totals.emplace_back(part.column, ValueOfTotal(part.call, total));
    }
    ProjectNode project;
    Branch branch;
    const auto add = [&](ColumnId like, ExpressionPtr value) {
      branch.columns.push_back(LikeColumn(like));
      project.columns.push_back({branch.columns.back(), std::move(value)});
    };
    for (std::uint32_t key = 0; key < sets.keys.size(); ++key) {
      const ColumnId output = sets.key_outputs[key];
      const bool grouped = std::binary_search(finest.begin(), finest.end(), key);
      add(output, grouped ? Column(node.key_outputs[number[key]]) : MakeLiteral(Null{}, plan_.columns[output].type));
    }
    for (const NamedAggregate& named : sets.calls) {
      for (const NamedExpression& item : parts.decomposed.above) {
        if (item.column == named.column) add(named.column, SubstituteColumns(item.expression, totals));
      }
    }
    for (const GroupingSetsNode::Grouping& grouping : sets.grouping) {
      GroupingSetsNode::Grouping asked{LikeColumn(grouping.column), {}};
      for (const std::uint32_t key : grouping.keys) {
        const bool grouped = std::binary_search(finest.begin(), finest.end(), key);
        asked.keys.push_back(grouped ? number[key] : static_cast<std::uint32_t>(finest.size()));
      }
      add(grouping.column, MakeColumn(asked.column, kIntegerType));
      node.grouping.push_back(std::move(asked));
    }
    project.child = MakeNode(std::move(node));
    branch.node = MakeNode(std::move(project));
    return branch;
  }

  // The sets that share groups, directly or through others; the empty set is left out.
  static std::vector<std::vector<Set>> Families(const std::vector<Set>& sets) {
    std::vector<std::vector<Set>> families;
    for (const Set& set : sets) {
      if (set.empty()) continue;
      std::vector<Set> family;
      std::erase_if(families, [&](std::vector<Set>& other) {
        const bool meets = std::any_of(other.begin(), other.end(), [&](const Set& member) {
          return std::any_of(member.begin(), member.end(),
                             [&](std::uint32_t key) { return std::binary_search(set.begin(), set.end(), key); });
        });
        if (meets) family.insert(family.end(), other.begin(), other.end());
        return meets;
      });
      family.push_back(set);
      families.push_back(std::move(family));
    }
    return families;
  }

  // The set of the family that has all of its groups.
  static std::optional<Set> FinestOf(const std::vector<Set>& family) {
    const Set& longest = *std::max_element(family.begin(), family.end(),
                                           [](const Set& a, const Set& b) { return a.size() < b.size(); });
    const bool holds_all = std::all_of(family.begin(), family.end(), [&](const Set& set) {
      return std::includes(longest.begin(), longest.end(), set.begin(), set.end());
    });
    if (!holds_all) return std::nullopt;
    return longest;
  }

  absl::StatusOr<LogicalPtr> Released(const GroupingSetsNode& sets) {
    const Parts parts = PartsOf(sets);
    const bool adds_up = parts.not_added == nullptr;
    const bool persons = ReadsPersons(*sets.child, catalog_);
    std::vector<std::vector<Set>> families = Families(sets.sets);
    std::vector<Set> totals;
    for (const Set& set : sets.sets) {
      if (set.empty()) totals.push_back(set);
    }
    if (adds_up && !families.empty() && FinestOf(families[0])) {
      families[0].insert(families[0].end(), totals.begin(), totals.end());
      totals.clear();
    }
    if (persons) CARE_RETURN_IF_ERROR(CheckPersons(sets, parts, families, !totals.empty()));
    std::vector<Branch> branches;
    for (const std::vector<Set>& family : families) {
      const std::optional<Set> finest = FinestOf(family);
      if (family.size() > 1 && finest && adds_up) {
        branches.push_back(Combined(sets, *finest, family, parts));
        continue;
      }
      for (const Set& set : family) branches.push_back(OfOneSet(sets, set, /*released=*/true));
    }
    for (const Set& total : totals) branches.push_back(OfOneSet(sets, total, /*released=*/true));
    return UnionOf(sets, std::move(branches));
  }

  absl::Status CheckPersons(const GroupingSetsNode& sets, const Parts& parts, const std::vector<std::vector<Set>>& families,
                            bool beside_total) const {
    for (const std::vector<Set>& family : families) {
      const std::optional<Set> finest = FinestOf(family);
      if (!finest) {
        return sql::QueryError(sql_, sets.position,
                               "grouping sets over persons that overlap are not supported yet: their totals could be subtracted",
                               WithAllGroups(sets, {family}));
      }
      const bool beside_others = families.size() > 1 || beside_total;
      if (family.size() > 1 && parts.not_added != nullptr) return NotAdded(*parts.not_added);
      if (!beside_others || finest->size() == 1) continue;
      if (parts.not_added != nullptr && families.size() == 1) return NotAdded(*parts.not_added);
      return sql::QueryError(sql_, sets.position,
                             "grouping sets over persons beside one of several columns are not supported yet: their totals could be "
                             "subtracted",
                             WithAllGroups(sets, families));
    }
    return CheckApart(sets, families);
  }

  // Sets of one column each open beside each other. Where one column follows from another, its groups are totals of the other's.
  absl::Status CheckApart(const GroupingSetsNode& sets, const std::vector<std::vector<Set>>& families) const {
    const FunctionalDependencies dependencies(plan_.columns, catalog_);
    for (const std::vector<Set>& family : families) {
      for (const std::vector<Set>& other : families) {
        if (&family == &other) continue;
        const ColumnId column = sets.keys[FinestOf(family)->front()], follows = sets.keys[FinestOf(other)->front()];
        if (dependencies.DeterminedBy(*sets.child, {column}).count(follows) == 0) continue;
        return sql::QueryError(sql_, sets.position,
                               absl::StrCat("grouping sets over persons by \"", plan_.columns[column].name, "\" and by \"",
                                            plan_.columns[follows].name, "\", which follows from it, are not supported yet: their totals could "
                                            "be subtracted"),
                               "list the set of both, so that the others are totals of it");
      }
    }
    return absl::OkStatus();
  }

  std::string WithAllGroups(const GroupingSetsNode& sets, const std::vector<std::vector<Set>>& families) const {
    std::set<std::uint32_t> keys;
    for (const std::vector<Set>& family : families) {
      for (const Set& set : family) keys.insert(set.begin(), set.end());
    }
    std::vector<std::string> names;
    for (const std::uint32_t key : keys) {
      const std::string& name = plan_.columns[sets.keys[key]].name;
      names.push_back(name == kUnnamedGroup ? std::string("...") : name);
    }
    return absl::StrCat("list the set (", absl::StrJoin(names, ", "), ") as well, so that the others are totals of it");
  }

  absl::Status NotAdded(const AggregateCall& call) const {
    return sql::QueryError(sql_, call.position,
                           absl::StrCat("totals of ", std::string(NameOf(call.function)), call.distinct ? "(DISTINCT ...)" : "",
                                        " are not supported yet here: over persons they are added up from the cells that are released, and ",
                                        "these do not add up"),
                           "ask for each set in a query of its own; ROLLUP of one column has its total too");
  }

  LogicalPlan& plan_;
  const Catalog& catalog_;
  std::string_view sql_;
};

}  // namespace

absl::StatusOr<LogicalPtr> ExpandGroupingSets(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog,
                                              std::string_view sql) {
  return SetExpander(plan, catalog, sql).Rewrite(node);
}

}  // namespace care::planner
