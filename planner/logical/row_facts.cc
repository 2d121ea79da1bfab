#include "planner/logical/row_facts.h"

#include <algorithm>
#include <iterator>

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

std::uint64_t Product(std::uint64_t a, std::uint64_t b) {
  if (a != 0 && b > kMostBoundedRows / a) return kMostBoundedRows;
  return a * b;
}

const ColumnId* AsColumn(const ExpressionPtr& expression) {
  const auto* column = std::get_if<ColumnExpression>(&expression->node);
  return column != nullptr ? &column->column : nullptr;
}

bool KeepsLeftRows(JoinKind kind) { return kind == JoinKind::kSemi || kind == JoinKind::kAnti; }

// Columns of a projection's child that the outputs among `columns` merely pass on.
ColumnSet PassedBelow(const ProjectNode& project, const ColumnSet& columns) {
  ColumnSet below;
  for (const NamedExpression& item : project.columns) {
    const ColumnId* passed = AsColumn(item.expression);
    if (columns.count(item.column) != 0 && passed != nullptr) below.insert(*passed);
  }
  return below;
}

void CollectParties(const LogicalNode& node, const Catalog& catalog, std::set<PartyId>& parties) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) parties.insert(catalog.tables[scan->table].owner);
  for (const LogicalPtr& child : ChildrenOf(node)) CollectParties(*child, catalog, parties);
}

}  // namespace

std::vector<PartyId> ScannedParties(const LogicalNode& node, const Catalog& catalog) {
  std::set<PartyId> parties;
  CollectParties(node, catalog, parties);
  return {parties.begin(), parties.end()};
}

bool ReadsPersons(const LogicalNode& node, const Catalog& catalog) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) return catalog.tables[scan->table].subject_column >= 0;
  bool reads = false;
  for (const LogicalPtr& child : ChildrenOf(node)) reads = reads || ReadsPersons(*child, catalog);
  MapExpressions(MakeNode(node.node), [&](const ExpressionPtr& whole) {
    TransformExpression(whole, [&](const ExpressionPtr& part) {
      const auto* subquery = std::get_if<SubqueryExpression>(&part->node);
      reads = reads || (subquery != nullptr && ReadsPersons(*subquery->plan, catalog));
      return part;
    });
    return whole;
  });
  return reads;
}

ColumnSet OutputSet(const LogicalNode& node) {
  const std::vector<ColumnId> columns = OutputColumns(node);
  return {columns.begin(), columns.end()};
}

ColumnSet ColumnsOf(const ExpressionPtr& expression) {
  ColumnSet columns;
  CollectColumns(expression, columns);
  return columns;
}

ColumnSet Within(const ColumnSet& columns, const ColumnSet& allowed) {
  ColumnSet within;
  std::set_intersection(columns.begin(), columns.end(), allowed.begin(), allowed.end(), std::inserter(within, within.end()));
  return within;
}

bool IsSubset(const ColumnSet& columns, const ColumnSet& of) {
  return std::includes(of.begin(), of.end(), columns.begin(), columns.end());
}

std::vector<std::pair<ColumnId, ColumnId>> EquatedPairs(const ExpressionPtr& condition, const LogicalNode& first,
                                                        const LogicalNode& second) {
  std::vector<std::pair<ColumnId, ColumnId>> pairs;
  if (condition == nullptr) return pairs;
  const ColumnSet left = OutputSet(first);
  const ColumnSet right = OutputSet(second);
  for (const ExpressionPtr& conjunct : SplitConjuncts(condition)) {
    const auto* call = std::get_if<CallExpression>(&conjunct->node);
    if (call == nullptr || call->function != Function::kEqual) continue;
    const ColumnId* a = AsColumn(call->arguments[0]);
    const ColumnId* b = AsColumn(call->arguments[1]);
    if (a == nullptr || b == nullptr) continue;
    if (left.count(*a) != 0 && right.count(*b) != 0) pairs.emplace_back(*a, *b);
    if (left.count(*b) != 0 && right.count(*a) != 0) pairs.emplace_back(*b, *a);
  }
  return pairs;
}

class RowFacts::Call {
 public:
  explicit Call(const RowFacts& facts) : facts_(facts) { ++facts_.calls_; }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() {
    if (--facts_.calls_ == 0) facts_.found_ = {};
  }

 private:
  const RowFacts& facts_;
};

std::uint64_t RowFacts::Bound(const LogicalNode& node) const {
  if (const auto found = found_.bounds.find(&node); found != found_.bounds.end()) return found->second;
  const Call call(*this);
  return found_.bounds[&node] = FindBound(node);
}

bool RowFacts::IsKey(const LogicalNode& node, const ColumnSet& columns, bool null_is_a_value) const {
  auto asked = std::make_tuple(&node, columns, null_is_a_value);
  if (const auto found = found_.keys.find(asked); found != found_.keys.end()) return found->second;
  const Call call(*this);
  return found_.keys[std::move(asked)] = FindKey(node, columns, null_is_a_value);
}

std::optional<std::uint64_t> RowFacts::MostRowsPer(const LogicalNode& node, const ColumnSet& columns) const {
  auto asked = std::make_pair(&node, columns);
  if (const auto found = found_.rows_per.find(asked); found != found_.rows_per.end()) return found->second;
  const Call call(*this);
  return found_.rows_per[std::move(asked)] = FindMostRowsPer(node, columns);
}

// Inner joins in whatever order they were written: a row of the whole is one of some leaf with what it finds elsewhere, so from every
// leaf the others are reached by their keys where they have one. Nothing of two leaves, and of more than can be tried.
std::optional<std::uint64_t> RowFacts::BoundOfJoins(const LogicalNode& node) const {
  std::vector<const LogicalNode*> leaves;
  std::vector<ExpressionPtr> conjuncts;
  const auto flatten = [&](const auto& self, const LogicalNode& part) -> void {
    if (const auto* filter = std::get_if<FilterNode>(&part.node)) {
      for (const ExpressionPtr& conjunct : SplitConjuncts(filter->predicate)) conjuncts.push_back(conjunct);
      return self(self, *filter->child);
    }
    const auto* join = std::get_if<JoinNode>(&part.node);
    if (join != nullptr && (join->kind == JoinKind::kInner || join->kind == JoinKind::kCross)) {
      for (const ExpressionPtr& conjunct : SplitConjuncts(join->condition)) conjuncts.push_back(conjunct);
      self(self, *join->left);
      return self(self, *join->right);
    }
    leaves.push_back(&part);
  };
  flatten(flatten, node);
  if (leaves.size() < 3 || leaves.size() > 16) return std::nullopt;
  std::vector<std::uint64_t> bounds;
  std::map<ColumnId, std::size_t> leaf_of;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    bounds.push_back(Bound(*leaves[i]));
    for (ColumnId column : OutputColumns(*leaves[i])) leaf_of[column] = i;
  }
  // By leaf: its columns that are equated with one of another leaf, and that leaf.
  std::vector<std::vector<std::pair<ColumnId, std::size_t>>> equated(leaves.size());
  for (const ExpressionPtr& conjunct : conjuncts) {
    const auto* call = std::get_if<CallExpression>(&conjunct->node);
    if (call == nullptr || call->function != Function::kEqual) continue;
    const ColumnId* a = AsColumn(call->arguments[0]);
    const ColumnId* b = AsColumn(call->arguments[1]);
    if (a == nullptr || b == nullptr) continue;
    const auto leaf_a = leaf_of.find(*a), leaf_b = leaf_of.find(*b);
    if (leaf_a == leaf_of.end() || leaf_b == leaf_of.end()) continue;
    equated[leaf_a->second].emplace_back(*a, leaf_b->second);
    equated[leaf_b->second].emplace_back(*b, leaf_a->second);
  }
  std::uint64_t best = kMostBoundedRows;
  for (std::size_t start = 0; start < leaves.size(); ++start) {
    std::uint64_t rows = bounds[start];
    std::vector<std::size_t> reached{start};
    while (reached.size() < leaves.size() && rows < best) {
      std::size_t next = leaves.size();
      std::uint64_t fewest = 0;
      for (std::size_t i = 0; i < leaves.size(); ++i) {
        if (std::find(reached.begin(), reached.end(), i) != reached.end()) continue;
        ColumnSet keys;
        for (const auto& [column, other] : equated[i]) {
          if (std::find(reached.begin(), reached.end(), other) != reached.end()) keys.insert(column);
        }
        const std::uint64_t all = bounds[i];
        const std::uint64_t each = keys.empty() ? all : std::min(all, MostRowsPer(*leaves[i], keys).value_or(all));
        if (next == leaves.size() || each < fewest) {
          next = i;
          fewest = each;
        }
      }
      rows = Product(rows, fewest);
      reached.push_back(next);
    }
    if (reached.size() == leaves.size()) best = std::min(best, rows);
  }
  return best;
}

std::uint64_t RowFacts::FindBound(const LogicalNode& node) const {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) return catalog_.tables[scan->table].row_bound;
  if (const auto* values = std::get_if<ValuesNode>(&node.node)) return values->rows.size();
  if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    if (join->kind == JoinKind::kInner || join->kind == JoinKind::kCross) {
      if (const std::optional<std::uint64_t> rows = BoundOfJoins(node)) return *rows;
    }
    const std::uint64_t left = Bound(*join->left);
    if (KeepsLeftRows(join->kind)) return left;
    const std::uint64_t right = Bound(*join->right);
    ColumnSet left_keys, right_keys;
    for (const auto& [a, b] : EquatedPairs(join->condition, *join->left, *join->right)) {
      left_keys.insert(a);
      right_keys.insert(b);
    }
    const std::uint64_t per_left = std::min(right, MostRowsPer(*join->right, right_keys).value_or(right));
    std::uint64_t rows = Product(left, std::max<std::uint64_t>(per_left, join->kind == JoinKind::kInner ? 0 : 1));
    if (join->kind == JoinKind::kInner) {
      const std::uint64_t per_right = std::min(left, MostRowsPer(*join->left, left_keys).value_or(left));
      rows = std::min(rows, Product(right, per_right));
    }
    if (join->kind == JoinKind::kFull) rows = std::min(kMostBoundedRows, rows + right);
    return rows;
  }
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    if (aggregate->group_by.empty()) return 1;
    return MostDistinct(*aggregate->child, {aggregate->group_by.begin(), aggregate->group_by.end()});
  }
  if (const auto* distinct = std::get_if<DistinctNode>(&node.node))
    return MostDistinct(*distinct->child, OutputSet(*distinct->child));
  if (const auto* limit = std::get_if<LimitNode>(&node.node)) {
    const std::uint64_t below = Bound(*limit->child);
    return limit->limit ? std::min(below, *limit->limit) : below;
  }
  if (const auto* operation = std::get_if<SetOperationNode>(&node.node)) {
    if (operation->kind != sql::SetOperationKind::kUnion) return Bound(*operation->inputs[0]);
    std::uint64_t rows = 0;
    for (const LogicalPtr& input : operation->inputs) rows = std::min(kMostBoundedRows, rows + Bound(*input));
    return rows;
  }
  if (const auto* sets = std::get_if<GroupingSetsNode>(&node.node))
    return Product(Bound(*sets->child), std::max<std::uint64_t>(1, sets->sets.size()));
  return Bound(*ChildrenOf(node)[0]);
}

bool RowFacts::FindKey(const LogicalNode& node, const ColumnSet& wanted, bool null_is_a_value) const {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    const CatalogTable& table = catalog_.tables[scan->table];
    std::set<int> held;
    for (const ScanNode::Output& output : scan->columns) {
      const bool counts = !null_is_a_value || !table.columns[output.table_column].nullable;
      if (wanted.count(output.column) != 0 && counts) held.insert(output.table_column);
    }
    return std::any_of(table.unique_keys.begin(), table.unique_keys.end(), [&](const std::vector<int>& key) {
      return std::all_of(key.begin(), key.end(), [&](int part) { return held.count(part) != 0; });
    });
  }
  if (const auto* values = std::get_if<ValuesNode>(&node.node)) {
    // A public table of a few rows: look.
    std::set<std::vector<std::string>> seen;
    for (const std::vector<Value>& row : values->rows) {
      std::vector<std::string> key;
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (wanted.count(values->columns[i]) != 0) key.push_back((IsNull(row[i]) ? "n" : "v") + FormatValue(row[i]));
      }
      if (!seen.insert(std::move(key)).second) return false;
    }
    return true;
  }
  if (const auto* project = std::get_if<ProjectNode>(&node.node))
    return IsKey(*project->child, PassedBelow(*project, wanted), null_is_a_value);
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    const ColumnSet groups(aggregate->group_by.begin(), aggregate->group_by.end());
    const ColumnSet held = Within(wanted, groups);
    return held == groups || IsKey(*aggregate->child, held, null_is_a_value);
  }
  if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    const ColumnSet left = OutputSet(*join->left);
    const ColumnSet right = OutputSet(*join->right);
    if (KeepsLeftRows(join->kind)) return IsKey(*join->left, Within(wanted, left), null_is_a_value);
    if (join->kind == JoinKind::kFull) return false;
    ColumnSet columns = wanted, left_equated, right_equated;
    for (const auto& [a, b] : EquatedPairs(join->condition, *join->left, *join->right)) {
      left_equated.insert(a);
      right_equated.insert(b);
      if (join->kind != JoinKind::kInner) continue;
      if (columns.count(a) != 0) columns.insert(b);
      if (columns.count(b) != 0) columns.insert(a);
    }
    // Each row of one side, told apart by the columns, meets at most one of the other; a joined key is not NULL.
    const bool inner = join->kind == JoinKind::kInner;
    if (IsKey(*join->left, Within(columns, left), null_is_a_value)) {
      if (IsKey(*join->right, right_equated) || Bound(*join->right) <= 1) return true;
      if (inner && IsKey(*join->right, Within(columns, right), null_is_a_value)) return true;
    }
    return inner && (IsKey(*join->left, left_equated) || Bound(*join->left) <= 1) &&
           IsKey(*join->right, Within(columns, right), null_is_a_value);
  }
  if (const auto* window = std::get_if<WindowNode>(&node.node)) {
    // Numbers tell the rows of a partition apart.
    const ColumnSet partition(window->partition_by.begin(), window->partition_by.end());
    if (IsSubset(partition, wanted) && std::any_of(window->calls.begin(), window->calls.end(), [&](const NamedWindowCall& named) {
          return named.call.function == WindowFunction::kRowNumber && wanted.count(named.column) != 0;
        }))
      return true;
  }
  if (const auto* operation = std::get_if<SetOperationNode>(&node.node)) {
    if (!operation->all) return IsSubset({operation->columns.begin(), operation->columns.end()}, wanted);
    return false;
  }
  if (std::holds_alternative<DistinctNode>(node.node) && IsSubset(OutputSet(node), wanted)) return true;
  if (const auto* limit = std::get_if<LimitNode>(&node.node); limit != nullptr && limit->limit && *limit->limit <= 1)
    return true;
  if (std::holds_alternative<GroupingSetsNode>(node.node)) return false;
  const std::vector<LogicalPtr> children = ChildrenOf(node);
  return children.size() == 1 && IsKey(*children[0], Within(wanted, OutputSet(*children[0])), null_is_a_value);
}

std::optional<RowFacts::BaseColumn> RowFacts::Trace(const LogicalNode& node, ColumnId column) const {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    for (const ScanNode::Output& output : scan->columns) {
      if (output.column == column) return BaseColumn{scan->table, output.table_column, scan};
    }
    return std::nullopt;
  }
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    for (const NamedExpression& item : project->columns) {
      const ColumnId* passed = AsColumn(item.expression);
      if (item.column == column && passed != nullptr) return Trace(*project->child, *passed);
    }
    return std::nullopt;
  }
  if (std::holds_alternative<SetOperationNode>(node.node) || std::holds_alternative<GroupingSetsNode>(node.node))
    return std::nullopt;
  for (const LogicalPtr& child : ChildrenOf(node)) {
    if (OutputSet(*child).count(column) != 0) return Trace(*child, column);
  }
  return std::nullopt;
}

std::uint64_t RowFacts::MostDistinctOf(const LogicalNode& node, ColumnId column) const {
  std::uint64_t most = kMostBoundedRows;
  const ColumnInfo& info = columns_[column];
  if (info.type.kind == TypeKind::kBoolean) most = 2;
  if (!info.domain.empty()) most = std::min<std::uint64_t>(most, info.domain.size());
  if (info.min && info.max && info.type.kind != TypeKind::kText) {
    const std::uint64_t span = static_cast<std::uint64_t>(*info.max) - static_cast<std::uint64_t>(*info.min);
    if (span < kMostBoundedRows) most = std::min(most, span + 1);
  }
  if (const auto base = Trace(node, column)) {
    const CatalogTable& table = catalog_.tables[base->table];
    most = std::min(most, table.row_bound);
    if (base->table_column == table.subject_column && table.subject_bound) most = std::min(most, *table.subject_bound);
    for (const CatalogReference& reference : table.references) {
      if (reference.columns == std::vector<int>{base->table_column})
        most = std::min(most, catalog_.tables[reference.table].row_bound);
    }
  }
  return info.nullable && most < kMostBoundedRows ? most + 1 : most;
}

std::uint64_t RowFacts::MostDistinct(const LogicalNode& node, const ColumnSet& columns) const {
  const Call call(*this);
  std::uint64_t most = 1;
  ColumnSet rest = columns;
  // Columns that refer together to a table's key have as many combinations as it has rows.
  std::vector<std::pair<ColumnId, BaseColumn>> traced;
  for (ColumnId column : columns) {
    if (columns_[column].nullable) continue;
    if (const auto base = Trace(node, column)) traced.emplace_back(column, *base);
  }
  for (const auto& [column, base] : traced) {
    for (const CatalogReference& reference : catalog_.tables[base.table].references) {
      if (reference.columns.size() < 2) continue;
      ColumnSet covered;
      for (int part : reference.columns) {
        for (const auto& [other, other_base] : traced) {
          if (other_base == BaseColumn{base.table, part, base.scan} && rest.count(other) != 0) covered.insert(other);
        }
      }
      if (covered.size() != reference.columns.size()) continue;
      most = Product(most, catalog_.tables[reference.table].row_bound);
      for (ColumnId done : covered) rest.erase(done);
    }
  }
  for (ColumnId column : rest) most = Product(most, MostDistinctOf(node, column));
  return std::min({most, Bound(node), MostDistinctOfParts(node, columns)});
}

// A row of a join is one of each side: what its left rows hold it repeats, however many partners they have.
std::uint64_t RowFacts::MostDistinctOfParts(const LogicalNode& node, const ColumnSet& columns) const {
  if (std::holds_alternative<FilterNode>(node.node) || std::holds_alternative<SortNode>(node.node))
    return MostDistinct(*ChildrenOf(node)[0], columns);
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    const ColumnSet below = PassedBelow(*project, columns);
    return below.size() == columns.size() ? MostDistinct(*project->child, below) : kMostBoundedRows;
  }
  const auto* join = std::get_if<JoinNode>(&node.node);
  if (join == nullptr) return kMostBoundedRows;
  const auto of = [&](const LogicalNode& side, bool may_be_missing) {
    const ColumnSet held = Within(columns, OutputSet(side));
    return held.empty() ? std::uint64_t{1} : MostDistinct(side, held) + (may_be_missing ? 1 : 0);
  };
  if (KeepsLeftRows(join->kind)) return of(*join->left, false);
  return Product(of(*join->left, join->kind == JoinKind::kFull),
                 of(*join->right, join->kind == JoinKind::kFull || join->kind == JoinKind::kLeft));
}

std::optional<std::uint64_t> RowFacts::FindMostRowsPer(const LogicalNode& node, const ColumnSet& columns) const {
  if (!columns.empty() && IsKey(node, columns)) return 1;
  if (Bound(node) <= 1) return 1;
  if (columns.empty()) return std::nullopt;
  std::optional<std::uint64_t> most;
  const auto consider = [&](std::uint64_t rows) { most = most ? std::min(*most, rows) : rows; };
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    const CatalogTable& table = catalog_.tables[scan->table];
    std::set<int> held;
    for (const ScanNode::Output& output : scan->columns) {
      if (columns.count(output.column) != 0) held.insert(output.table_column);
    }
    if (table.max_rows_per_subject && held.count(table.subject_column) != 0) consider(*table.max_rows_per_subject);
    for (const MostRows& declared : table.max_rows_per) {
      if (std::all_of(declared.columns.begin(), declared.columns.end(), [&](int part) { return held.count(part) != 0; }))
        consider(declared.rows);
    }
    return most;
  }
  if (const auto* project = std::get_if<ProjectNode>(&node.node))
    return MostRowsPer(*project->child, PassedBelow(*project, columns));
  if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    const ColumnSet left = OutputSet(*join->left);
    const std::optional<std::uint64_t> of_left = MostRowsPer(*join->left, Within(columns, left));
    if (KeepsLeftRows(join->kind)) return of_left;
    if (join->kind == JoinKind::kFull) return std::nullopt;
    ColumnSet left_keys, right_keys;
    for (const auto& [a, b] : EquatedPairs(join->condition, *join->left, *join->right)) {
      left_keys.insert(a);
      right_keys.insert(b);
    }
    const auto per_left = MostRowsPer(*join->right, right_keys);
    if (of_left && per_left) consider(Product(*of_left, std::max<std::uint64_t>(1, *per_left)));
    if (join->kind == JoinKind::kInner) {
      const auto of_right = MostRowsPer(*join->right, Within(columns, OutputSet(*join->right)));
      const auto per_right = MostRowsPer(*join->left, left_keys);
      if (of_right && per_right) consider(Product(*of_right, *per_right));
    }
    return most;
  }
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    ColumnSet others;
    for (ColumnId group : aggregate->group_by) {
      if (columns.count(group) == 0) others.insert(group);
    }
    if (others.size() == aggregate->group_by.size()) return std::nullopt;
    const std::uint64_t combinations = MostDistinct(*aggregate->child, others);
    consider(combinations);
    if (const auto below = MostRowsPer(*aggregate->child, Within(columns, OutputSet(*aggregate->child)))) consider(*below);
    return most < kMostBoundedRows ? most : std::nullopt;
  }
  if (const auto* operation = std::get_if<SetOperationNode>(&node.node)) {
    if (operation->kind != sql::SetOperationKind::kUnion) return std::nullopt;
    std::uint64_t rows = 0;
    for (std::size_t input = 0; input < operation->inputs.size(); ++input) {
      ColumnSet below;
      for (std::size_t i = 0; i < operation->columns.size(); ++i) {
        if (columns.count(operation->columns[i]) != 0) below.insert(operation->input_columns[input][i]);
      }
      const auto part = MostRowsPer(*operation->inputs[input], below);
      if (!part) return std::nullopt;
      rows = std::min(kMostBoundedRows, rows + *part);
    }
    return rows;
  }
  if (std::holds_alternative<GroupingSetsNode>(node.node) || std::holds_alternative<ValuesNode>(node.node))
    return std::nullopt;
  const std::vector<LogicalPtr> children = ChildrenOf(node);
  if (children.size() != 1) return std::nullopt;
  return MostRowsPer(*children[0], Within(columns, OutputSet(*children[0])));
}

}  // namespace care::planner
