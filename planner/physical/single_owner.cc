#include "planner/physical/single_owner.h"

#include <algorithm>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "engine/types/decimal.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/row_facts.h"
#include "planner/physical/group_domains.h"
#include "planner/physical/join_block.h"
#include "planner/physical/joint_expressions.h"

namespace care::planner {
namespace {

struct Exposed {
  LogicalPtr node;
  ColumnId subject = 0;
};

// The same rows, with the column that names the person among the outputs.
absl::StatusOr<Exposed> ExposeSubject(const LogicalPtr& node, const Catalog& catalog,
                                      std::vector<ColumnInfo>& columns, std::string_view sql) {
  if (const auto* scan = std::get_if<ScanNode>(&node->node)) {
    const CatalogTable& table = catalog.tables[scan->table];
    if (table.subject_column < 0) {
      return sql::QueryError(sql, {},
                             absl::StrCat("table ", std::string(table.FullName()),
                                          " names no persons, so its cells cannot be released"));
    }
    for (const ScanNode::Output& output : scan->columns) {
      if (output.table_column == table.subject_column) return Exposed{node, output.column};
    }
    const CatalogColumn& subject = table.columns[table.subject_column];
    columns.push_back({.name = subject.name,
                       .type = subject.type,
                       .nullable = subject.nullable,
                       .table = scan->table,
                       .table_column = table.subject_column});
    ScanNode wider = *scan;
    wider.columns.push_back({static_cast<ColumnId>(columns.size() - 1), table.subject_column});
    const ColumnId id = wider.columns.back().column;
    return Exposed{MakeNode(std::move(wider)), id};
  }
  if (const auto* project = std::get_if<ProjectNode>(&node->node)) {
    CARE_ASSIGN_OR_RETURN(const Exposed below, ExposeSubject(project->child, catalog, columns, sql));
    for (const NamedExpression& item : project->columns) {
      const auto* passed = std::get_if<ColumnExpression>(&item.expression->node);
      if (passed != nullptr && passed->column == below.subject) {
        return Exposed{MakeNode(ProjectNode{below.node, project->columns}), item.column};
      }
    }
    ProjectNode wider{below.node, project->columns};
    wider.columns.push_back({below.subject, MakeColumn(below.subject, columns[below.subject].type)});
    return Exposed{MakeNode(std::move(wider)), below.subject};
  }
  if (const auto* join = std::get_if<JoinNode>(&node->node)) {
    if (join->kind == JoinKind::kFull) return sql::QueryError(sql, {}, "FULL JOIN is not supported yet");
    CARE_ASSIGN_OR_RETURN(const Exposed left, ExposeSubject(join->left, catalog, columns, sql));
    JoinNode copy = *join;
    copy.left = left.node;
    return Exposed{MakeNode(std::move(copy)), left.subject};
  }
  if (const auto* aggregate = std::get_if<AggregateNode>(&node->node)) {
    CARE_ASSIGN_OR_RETURN(const Exposed below, ExposeSubject(aggregate->child, catalog, columns, sql));
    if (std::find(aggregate->group_by.begin(), aggregate->group_by.end(), below.subject) ==
        aggregate->group_by.end()) {
      return sql::QueryError(
          sql, {}, "a subquery that does not group by the person hides how many persons a cell holds",
          absl::StrCat("add ", std::string(columns[below.subject].name), " to the subquery's GROUP BY"));
    }
    AggregateNode copy = *aggregate;
    copy.child = below.node;
    return Exposed{MakeNode(std::move(copy)), below.subject};
  }
  const std::vector<LogicalPtr> children = ChildrenOf(*node);
  if (children.size() != 1) {
    return sql::QueryError(sql, {}, "UNION, INTERSECT, EXCEPT and VALUES inside an aggregated query are not supported yet");
  }
  CARE_ASSIGN_OR_RETURN(const Exposed below, ExposeSubject(children[0], catalog, columns, sql));
  return Exposed{WithChildren(node, {below.node}), below.subject};
}

absl::Status CheckSum(const AggregateCall& call, std::uint64_t rows, const std::vector<ColumnInfo>& columns,
                      std::string_view sql) {
  const ColumnInfo facts = DerivedColumn(call.argument, columns);
  const auto fits = [&](const std::optional<std::int64_t>& end) {
    if (!end) return false;
    const Int128 total = Int128{*end} * rows;
    return total < (Int128{1} << 62) && total > -(Int128{1} << 62);
  };
  if (fits(facts.min) && fits(facts.max)) return absl::OkStatus();
  return sql::QueryError(sql, call.position, "the declared ranges do not prove that this sum fits 63 bits",
                         "declare min and max of the summed column in the federation file");
}

}  // namespace

absl::StatusOr<PhysicalPlan> PlaceAtOneOwner(const AggregateNode& top, const LogicalPlan& logical,
                                             const Catalog& catalog, std::string_view sql, PartyId owner) {
  PhysicalPlan plan;
  plan.columns = logical.columns;
  CARE_ASSIGN_OR_RETURN(const Exposed input, ExposeSubject(top.child, catalog, plan.columns, sql));
  AggregateNode cells_at_owner{input.node, top.group_by, {}};
  CellsNode cells{.method = GroupMethod::kLocal};
  GateNode gate;
  for (ColumnId column : top.group_by) {
    const std::optional<GroupDomain> domain = DomainOf(column, plan.columns[column]);
    if (!domain) {
      return sql::QueryError(
          sql, {},
          absl::StrCat("GROUP BY ", std::string(plan.columns[column].name), " needs a public domain"),
          "declare `domain` (text) or `min` and `max` (integer) of the column, or group by a CASE of "
          "constants");
    }
    cells.groups.push_back(*domain);
  }
  if (cells.cells() > kMaxCells) {
    return sql::QueryError(sql, {},
                           absl::StrCat("the groups span ", cells.cells(), " cells, more than ", kMaxCells));
  }
  const auto measure = [&](std::string name, AggregateCall call) {
    for (std::size_t i = 0; i < cells_at_owner.calls.size(); ++i) {
      if (SameCall(cells_at_owner.calls[i].call, call)) return static_cast<std::uint32_t>(i);
    }
    plan.columns.push_back(
        {.name = name, .type = call.type, .nullable = call.function == AggregateFunction::kSum});
    const auto id = static_cast<ColumnId>(plan.columns.size() - 1);
    cells_at_owner.calls.push_back({id, std::move(call)});
    cells.measures.push_back(Measure{.name = std::move(name)});
    cells.measure_columns.push_back(id);
    return static_cast<std::uint32_t>(cells.measures.size() - 1);
  };
  const ExpressionPtr subject = MakeColumn(input.subject, plan.columns[input.subject].type);
  const auto persons = [&](std::string name, ExpressionPtr filter) {
    return measure(std::move(name), {.function = AggregateFunction::kCount,
                                     .distinct = true,
                                     .argument = subject,
                                     .filter = std::move(filter),
                                     .type = kBigIntType});
  };
  gate.person_measures.push_back(persons("persons", nullptr));
  for (const NamedAggregate& named : top.calls) {
    const AggregateCall& call = named.call;
    const std::string name = plan.columns[named.column].name;
    const bool sums =
        call.function == AggregateFunction::kSum || call.function == AggregateFunction::kAverage;
    if (!sums && call.function != AggregateFunction::kCount &&
        call.function != AggregateFunction::kCountStar) {
      return sql::QueryError(sql, call.position, "MIN, MAX, BOOL_AND and BOOL_OR are not released yet");
    }
    if (sums && call.distinct)
      return sql::QueryError(sql, call.position, "SUM(DISTINCT) and AVG(DISTINCT) are not supported yet");
    FinishCall finish{.column = named.column, .function = call.function, .type = call.type};
    std::vector<ExpressionPtr> conditions;
    if (call.filter) conditions.push_back(call.filter);
    if (call.argument && DerivedColumn(call.argument, plan.columns).nullable) {
      conditions.push_back(MakeCall(Function::kIsNotNull, {call.argument}, kBooleanType));
    }
    const std::uint32_t contributors = persons(absl::StrCat("persons in ", name),
                                               conditions.empty() ? nullptr : MakeConjunction(conditions));
    if (std::find(gate.person_measures.begin(), gate.person_measures.end(), contributors) ==
        gate.person_measures.end()) {
      gate.person_measures.push_back(contributors);
    }
    AggregateCall count = call;
    count.function = call.argument ? AggregateFunction::kCount : AggregateFunction::kCountStar;
    count.type = kBigIntType;
    finish.count_measure = measure(absl::StrCat("count of ", name), count);
    if (sums) {
      CARE_RETURN_IF_ERROR(CheckSum(call, RowFacts(plan.columns, catalog).Bound(*input.node), plan.columns, sql));
      finish.scale = RingScale(call.argument, plan.columns);
      AggregateCall sum = call;
      sum.function = AggregateFunction::kSum;
      sum.type =
          call.argument->type.IsInteger() ? kBigIntType : DataType{TypeKind::kNumeric, 18, finish.scale};
      finish.sum_measure = measure(absl::StrCat("sum of ", name), sum);
    }
    plan.calls.push_back(finish);
  }
  const std::uint64_t cell_count = cells.cells();
  plan.nodes.push_back(
      LocalNode{.party = owner, .fragment = MakeNode(std::move(cells_at_owner)), .row_bound = cell_count});
  cells.source = 0;
  plan.nodes.push_back(std::move(cells));
  gate.cells = 1;
  plan.nodes.push_back(gate);
  return plan;
}

}  // namespace care::planner
