#include "planner/physical/person_joins.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/functional_dependencies.h"

namespace care::planner {
namespace {

const ColumnId* AsColumn(const ExpressionPtr& expression) {
  const auto* column = std::get_if<ColumnExpression>(&expression->node);
  return column != nullptr ? &column->column : nullptr;
}

std::vector<std::pair<ColumnId, ColumnId>> Equalities(const ExpressionPtr& condition) {
  std::vector<std::pair<ColumnId, ColumnId>> pairs;
  if (!condition) return pairs;
  for (const ExpressionPtr& conjunct : SplitConjuncts(condition)) {
    const auto* call = std::get_if<CallExpression>(&conjunct->node);
    if (call == nullptr || call->function != Function::kEqual) continue;
    const ColumnId* a = AsColumn(call->arguments[0]);
    const ColumnId* b = AsColumn(call->arguments[1]);
    if (a != nullptr && b != nullptr) pairs.emplace_back(*a, *b);
  }
  return pairs;
}

// Whether what the function yields in a row is another row's value, or one of several rows. Ranks are places in an order.
bool BringsValues(WindowFunction function) {
  return function != WindowFunction::kRowNumber && function != WindowFunction::kRank && function != WindowFunction::kDenseRank;
}

bool IsInner(const JoinNode& join) { return join.kind == JoinKind::kInner || join.kind == JoinKind::kCross; }

class PersonJoins {
 public:
  PersonJoins(const std::vector<ColumnInfo>& columns, const Catalog& catalog, std::string_view sql)
      : columns_(columns), catalog_(catalog), sql_(sql), dependencies_(columns, catalog) {}

  absl::Status Check(const LogicalNode& node) {
    CollectEqualities(node);
    return Visit(node).status();
  }

 private:
  // What a node's rows speak of.
  struct Rows {
    bool of_persons = false;     // some table of persons is below
    std::set<ColumnId> persons;  // columns that name the person; none if the rows do not say
    bool some_unnamed = false;   // those columns are NULL in rows of some persons
  };

  // Equalities that hold in every row that leaves the node: of filters and inner joins. ON of an outer join
  // does not hold where nothing matched.
  void CollectEqualities(const LogicalNode& node) {
    if (const auto* filter = std::get_if<FilterNode>(&node.node)) Unite(Equalities(filter->predicate));
    if (const auto* join = std::get_if<JoinNode>(&node.node); join != nullptr && IsInner(*join)) {
      Unite(Equalities(join->condition));
    }
    for (const LogicalPtr& child : ChildrenOf(node)) CollectEqualities(*child);
  }
  void Unite(const std::vector<std::pair<ColumnId, ColumnId>>& pairs) {
    for (const auto& [a, b] : pairs) parent_[Find(a)] = Find(b);
  }
  ColumnId Find(ColumnId column) const {
    for (auto at = parent_.find(column); at != parent_.end() && at->second != column;
         at = parent_.find(column)) {
      column = at->second;
    }
    return column;
  }
  bool Names(const std::set<ColumnId>& persons, ColumnId column) const {
    return std::any_of(persons.begin(), persons.end(),
                       [&](ColumnId person) { return Find(person) == Find(column); });
  }

  absl::StatusOr<Rows> Visit(const LogicalNode& node) {
    if (const auto* scan = std::get_if<ScanNode>(&node.node)) return OfScan(*scan);
    if (const auto* join = std::get_if<JoinNode>(&node.node)) return OfJoin(*join);
    const std::vector<LogicalPtr> children = ChildrenOf(node);
    if (children.empty()) return Rows{};
    if (const auto* operation = std::get_if<SetOperationNode>(&node.node)) return OfSets(*operation);
    if (const auto* window = std::get_if<WindowNode>(&node.node)) {
      const auto brings = std::find_if(window->calls.begin(), window->calls.end(),
                                       [](const NamedWindowCall& named) { return BringsValues(named.call.function); });
      // What is equated above the window comes too late for it.
      if (brings != window->calls.end()) return PersonJoins(columns_, catalog_, sql_).OfWindow(*window, brings->call.position);
    }
    CARE_ASSIGN_OR_RETURN(const Rows below, Visit(*children[0]));
    Rows rows{.of_persons = below.of_persons, .persons = {}, .some_unnamed = below.some_unnamed};
    if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
      for (const NamedExpression& item : project->columns) {
        const ColumnId* passed = AsColumn(item.expression);
        if (passed == nullptr || !Names(below.persons, *passed)) continue;
        rows.persons.insert(item.column);
      }
      return rows;
    }
    if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
      for (ColumnId column : aggregate->group_by) {
        if (Names(below.persons, column)) rows.persons.insert(column);
      }
      return rows;
    }
    return below;
  }

  // A window over rows of many persons puts one person's value into the rows of all of them: thousands would vouch for it.
  absl::StatusOr<Rows> OfWindow(const WindowNode& window, sql::SourcePosition position) {
    CollectEqualities(*window.child);
    CARE_ASSIGN_OR_RETURN(const Rows below, Visit(*window.child));
    if (!below.of_persons || IsOfOnePerson(window, below)) return below;
    const bool named = !below.persons.empty() && !below.some_unnamed;
    return sql::QueryError(sql_, position, "a window over rows of several persons brings values of some into rows of others",
                           named ? absl::StrCat("add ", columns_[*below.persons.begin()].name, " to its PARTITION BY")
                                 : "compute it in a subquery over one table of persons, with the person in its PARTITION BY");
  }
  // Whether no partition holds rows of two persons.
  bool IsOfOnePerson(const WindowNode& window, const Rows& below) const {
    if (below.some_unnamed) return false;
    for (ColumnId column : dependencies_.DeterminedBy(*window.child, {window.partition_by.begin(), window.partition_by.end()})) {
      if (Names(below.persons, column)) return true;
    }
    return false;
  }

  Rows OfScan(const ScanNode& scan) {
    const CatalogTable& table = catalog_.tables[static_cast<std::size_t>(scan.table)];
    const int subject = table.subject_column;
    if (subject >= 0) {
      for (const ScanNode::Output& output : scan.columns)
        names_[output.column] = absl::StrCat(table.name, ".", table.columns[static_cast<std::size_t>(output.table_column)].name);
    }
    Rows rows{.of_persons = subject >= 0};
    for (const ScanNode::Output& output : scan.columns) {
      if (subject >= 0 && output.table_column == subject) rows.persons.insert(output.column);
    }
    return rows;
  }

  // A column names the person if it does so in every input.
  absl::StatusOr<Rows> OfSets(const SetOperationNode& operation) {
    Rows rows;
    std::set<ColumnId> persons(operation.columns.begin(), operation.columns.end());
    for (std::size_t input = 0; input < operation.inputs.size(); ++input) {
      CARE_ASSIGN_OR_RETURN(const Rows below, Visit(*operation.inputs[input]));
      rows.of_persons = rows.of_persons || below.of_persons;
      rows.some_unnamed = rows.some_unnamed || below.some_unnamed;
      if (!below.of_persons) continue;
      for (std::size_t i = 0; i < operation.columns.size(); ++i) {
        if (!Names(below.persons, operation.input_columns[input][i])) persons.erase(operation.columns[i]);
      }
    }
    if (rows.of_persons) rows.persons = std::move(persons);
    return rows;
  }

  absl::StatusOr<Rows> OfJoin(const JoinNode& join) {
    CARE_ASSIGN_OR_RETURN(Rows left, Visit(*join.left));
    CARE_ASSIGN_OR_RETURN(const Rows right, Visit(*join.right));
    if (!right.of_persons) return left;
    if (!left.of_persons) return Rows{true, IsInner(join) ? right.persons : std::set<ColumnId>(), right.some_unnamed};
    if (!SamePerson(join, left, right)) {
      const sql::SourcePosition position = join.condition ? join.condition->position : sql::SourcePosition{};
      // No column names whose rows an aggregate was made of: a scalar subquery, the counts that NOT IN over NULLs takes.
      if (left.persons.empty() || right.persons.empty()) {
        return sql::QueryError(sql_, position, "a value over several persons beside the row of one puts several persons into one row",
                               "write NOT EXISTS (SELECT ... WHERE b.bsn = a.bsn) instead of NOT IN; ask for a value of all persons "
                               "by a query of its own, and write it as a constant");
      }
      return sql::QueryError(
          sql_, position,
          "a join that does not equate the persons of its two sides puts several persons into one row",
          absl::StrCat("join by the columns that name the person too, such as ", NameOf(left, "a.bsn"), " = ",
                       NameOf(right, "b.bsn")));
    }
    if (IsInner(join)) left.persons.insert(right.persons.begin(), right.persons.end());
    // Rows of the right side alone have no left person.
    if (join.kind == JoinKind::kFull) left.some_unnamed = true;
    return left;
  }

  bool SamePerson(const JoinNode& join, const Rows& left, const Rows& right) const {
    if (IsInner(join)) {
      return std::any_of(right.persons.begin(), right.persons.end(),
                         [&](ColumnId person) { return Names(left.persons, person); });
    }
    const auto equalities = Equalities(join.condition);
    return std::any_of(equalities.begin(), equalities.end(), [&](const auto& pair) {
      return (Names(left.persons, pair.first) && Names(right.persons, pair.second)) ||
             (Names(left.persons, pair.second) && Names(right.persons, pair.first));
    });
  }

  std::string NameOf(const Rows& rows, const char* otherwise) const {
    for (ColumnId person : rows.persons) {
      if (const auto named = names_.find(person); named != names_.end()) return named->second;
    }
    return otherwise;
  }

  const std::vector<ColumnInfo>& columns_;
  const Catalog& catalog_;
  std::string_view sql_;
  FunctionalDependencies dependencies_;
  std::map<ColumnId, ColumnId> parent_;
  std::map<ColumnId, std::string> names_;  // of tables of persons: "patients.bsn"
};

}  // namespace

absl::Status CheckPersonJoins(const LogicalNode& node, const std::vector<ColumnInfo>& columns, const Catalog& catalog,
                              std::string_view sql) {
  return PersonJoins(columns, catalog, sql).Check(node);
}

}  // namespace care::planner
