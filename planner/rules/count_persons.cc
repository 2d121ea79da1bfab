#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/row_facts.h"
#include "planner/rules/person_counts.h"

namespace care::planner {
namespace {

// The same rows, with the column that names the person that each is about, if it is about one.
struct Exposed {
  LogicalPtr node;
  std::optional<ColumnId> subject;
};

class PersonCounter {
 public:
  PersonCounter(LogicalPlan& plan, const Catalog& catalog, std::string_view sql) : plan_(plan), catalog_(catalog), sql_(sql) {}

  absl::StatusOr<LogicalPtr> Visit(const LogicalPtr& node, std::vector<PersonGuard>& guards) {
    if (const auto* release = std::get_if<ReleaseNode>(&node->node)) return Guard(*release, guards);
    std::vector<LogicalPtr> children;
    for (const LogicalPtr& child : ChildrenOf(*node)) {
      CARE_ASSIGN_OR_RETURN(LogicalPtr visited, Visit(child, guards));
      children.push_back(std::move(visited));
    }
    return WithChildren(node, std::move(children));
  }

 private:
  absl::StatusOr<LogicalPtr> Guard(const ReleaseNode& release, std::vector<PersonGuard>& guards) {
    guards.emplace_back();
    const auto* aggregate = std::get_if<AggregateNode>(&release.child->node);
    if (aggregate == nullptr) {
      if (ReadsPersons(*release.child, catalog_)) {
        return sql::QueryError(sql_, {}, "rows that are listed one by one are chosen by rows of persons, so no threshold guards them",
                               "aggregate over the tables of persons instead");
      }
      return MakeNode(release);
    }
    CARE_ASSIGN_OR_RETURN(const Exposed input, Expose(aggregate->child));
    if (!input.subject) return MakeNode(release);
    AggregateNode counted = *aggregate;
    counted.child = input.node;
    const ExpressionPtr subject = MakeColumn(*input.subject, plan_.columns[*input.subject].type);
    const bool one_row = RowFacts(plan_.columns, catalog_).IsKey(*input.node, {*input.subject});
    PersonGuard& guard = guards.back();
    guard.person_in_one_cell = one_row;
    const auto count = [&](const ExpressionPtr& filter) {
      AggregateCall call;
      call.function = AggregateFunction::kCount;
      call.distinct = !one_row;
      call.argument = subject;
      call.filter = filter;
      call.type = kBigIntType;
      for (const NamedAggregate& other : counted.calls) {
        if (!SameCall(other.call, call)) continue;
        if (!Contains(guard.counts, other.column)) guard.counts.push_back(other.column);
        return;
      }
      ColumnInfo info;
      info.name = filter == nullptr ? "persons" : "contributors";
      info.type = kBigIntType;
      info.nullable = false;
      const ColumnId column = plan_.AddColumn(std::move(info));
      counted.calls.push_back({column, std::move(call)});
      guard.counts.push_back(column);
    };
    count(nullptr);
    // Fifty persons of whom one has costs pass the first test; whoever contributes to a value must be enough, too.
    for (const NamedAggregate& named : aggregate->calls) {
      std::vector<ExpressionPtr> conditions;
      if (named.call.filter != nullptr) conditions.push_back(named.call.filter);
      for (const ExpressionPtr& argument : {named.call.argument, named.call.second}) {
        // Who counts has a subject, and everybody contributes to what is NULL for nobody.
        const bool always = argument == nullptr || SameExpression(argument, subject) || !FactsOf(argument, plan_.columns).nullable;
        if (!always) conditions.push_back(NotNull(argument));
      }
      if (!conditions.empty()) count(MakeConjunction(std::move(conditions)));
    }
    return MakeNode(ReleaseNode{MakeNode(std::move(counted)), guard.counts});
  }

  absl::Status Hidden(std::string_view where, const Exposed& below) const {
    return sql::QueryError(
        sql_, {}, absl::StrCat("a ", std::string(where), " that does not keep the person hides how many persons a cell holds"),
        absl::StrCat("add ", plan_.columns[*below.subject].name, " to what it groups by or lists"));
  }

  absl::StatusOr<Exposed> Expose(const LogicalPtr& node) {
    if (const auto* scan = std::get_if<ScanNode>(&node->node)) return OfScan(node, *scan);
    if (std::holds_alternative<ValuesNode>(node->node)) return Exposed{node, std::nullopt};
    if (const auto* join = std::get_if<JoinNode>(&node->node)) return OfJoin(node, *join);
    if (const auto* operation = std::get_if<SetOperationNode>(&node->node)) return OfSets(*operation);
    CARE_ASSIGN_OR_RETURN(const Exposed below, Expose(ChildrenOf(*node)[0]));
    if (!below.subject) return Exposed{node, std::nullopt};
    if (const auto* project = std::get_if<ProjectNode>(&node->node)) {
      for (const NamedExpression& item : project->columns) {
        const auto* passed = std::get_if<ColumnExpression>(&item.expression->node);
        if (passed != nullptr && passed->column == *below.subject)
          return Exposed{MakeNode(ProjectNode{below.node, project->columns}), item.column};
      }
      ProjectNode wider{below.node, project->columns};
      wider.columns.push_back({*below.subject, MakeColumn(*below.subject, plan_.columns[*below.subject].type)});
      return Exposed{MakeNode(std::move(wider)), below.subject};
    }
    const bool groups = std::holds_alternative<AggregateNode>(node->node) || std::holds_alternative<DistinctNode>(node->node);
    if (groups && OutputSet(*node).count(*below.subject) == 0) return Hidden("subquery", below);
    return Exposed{WithChildren(node, {below.node}), below.subject};
  }

  absl::StatusOr<Exposed> OfScan(const LogicalPtr& node, const ScanNode& scan) {
    const CatalogTable& table = catalog_.tables[scan.table];
    if (table.subject_column < 0) return Exposed{node, std::nullopt};
    for (const ScanNode::Output& output : scan.columns) {
      if (output.table_column == table.subject_column) return Exposed{node, output.column};
    }
    const CatalogColumn& subject = table.columns[table.subject_column];
    ColumnInfo info;
    info.name = subject.name;
    info.type = subject.type;
    info.nullable = subject.nullable;
    info.table = scan.table;
    info.table_column = table.subject_column;
    ScanNode wider = scan;
    const ColumnId column = plan_.AddColumn(std::move(info));
    wider.columns.push_back({column, table.subject_column});
    return Exposed{MakeNode(std::move(wider)), column};
  }

  absl::StatusOr<Exposed> OfJoin(const LogicalPtr& node, const JoinNode& join) {
    CARE_ASSIGN_OR_RETURN(const Exposed left, Expose(join.left));
    CARE_ASSIGN_OR_RETURN(const Exposed right, Expose(join.right));
    if (join.kind == JoinKind::kSemi || join.kind == JoinKind::kAnti) {
      if (!left.subject && right.subject) {
        return sql::QueryError(sql_, {}, "rows that are about nobody are chosen by rows of persons, so no threshold guards them",
                               "join the tables of persons instead");
      }
      return Exposed{WithChildren(node, {left.node, join.right}), left.subject};
    }
    const LogicalPtr joined = WithChildren(node, {left.node, right.node});
    if (join.kind != JoinKind::kFull || !left.subject || !right.subject)
      return Exposed{joined, left.subject ? left.subject : right.subject};
    // Of a full join's row either side may be the one that is there.
    ColumnInfo info = plan_.columns[*left.subject];
    info.table = info.table_column = -1;
    const DataType type = info.type;
    const ColumnId column = plan_.AddColumn(std::move(info));
    ProjectNode project{joined, {}};
    for (ColumnId output : OutputColumns(*joined)) project.columns.push_back({output, MakeColumn(output, plan_.columns[output].type)});
    project.columns.push_back(
        {column, MakeCall(Function::kCoalesce, {MakeColumn(*left.subject, type), MakeColumn(*right.subject, type)}, type)});
    return Exposed{MakeNode(std::move(project)), column};
  }

  absl::StatusOr<Exposed> OfSets(const SetOperationNode& operation) {
    SetOperationNode wider = operation;
    std::vector<std::optional<ColumnId>> subjects;
    bool any = false;
    for (LogicalPtr& input : wider.inputs) {
      CARE_ASSIGN_OR_RETURN(const Exposed part, Expose(input));
      input = part.node;
      subjects.push_back(part.subject);
      any = any || part.subject.has_value();
    }
    if (!any) return Exposed{MakeNode(operation), std::nullopt};
    for (std::size_t i = 0; i < operation.columns.size(); ++i) {
      bool all = true;
      for (std::size_t input = 0; input < subjects.size(); ++input)
        all = all && subjects[input] && operation.input_columns[input][i] == *subjects[input];
      if (all) return Exposed{MakeNode(std::move(wider)), operation.columns[i]};
    }
    if (operation.kind != sql::SetOperationKind::kUnion || !operation.all) {
      for (const auto& subject : subjects) {
        if (subject) return Hidden("set operation", Exposed{nullptr, subject});
      }
    }
    ColumnInfo info;
    for (std::size_t input = 0; input < subjects.size(); ++input) {
      if (subjects[input]) info = plan_.columns[*subjects[input]];
    }
    info.table = info.table_column = -1;
    info.nullable = true;
    for (std::size_t input = 0; input < subjects.size(); ++input) {
      if (!subjects[input]) {
        // Its rows are about nobody.
        ColumnInfo nobody = info;
        const ColumnId column = plan_.AddColumn(std::move(nobody));
        ProjectNode project{wider.inputs[input], {}};
        for (ColumnId output : OutputColumns(*wider.inputs[input]))
          project.columns.push_back({output, MakeColumn(output, plan_.columns[output].type)});
        project.columns.push_back({column, MakeLiteral(Null{}, info.type)});
        wider.inputs[input] = MakeNode(std::move(project));
        subjects[input] = column;
      }
      wider.input_columns[input].push_back(*subjects[input]);
    }
    const ColumnId column = plan_.AddColumn(std::move(info));
    wider.columns.push_back(column);
    return Exposed{MakeNode(std::move(wider)), column};
  }

  LogicalPlan& plan_;
  const Catalog& catalog_;
  std::string_view sql_;
};

}  // namespace

absl::StatusOr<std::vector<PersonGuard>> CountPersons(LogicalPlan& plan, const Catalog& catalog, std::string_view sql) {
  std::vector<PersonGuard> guards;
  CARE_ASSIGN_OR_RETURN(plan.root, PersonCounter(plan, catalog, sql).Visit(plan.root, guards));
  return guards;
}

}  // namespace care::planner
