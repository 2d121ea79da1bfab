#include "planner/physical/readable_names.h"

#include <cctype>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace care::planner {
namespace {

// PrintExpression writes name#id; readers do without the id. Texts keep theirs. date + '-12 months' is a
// subtraction to people.
std::string Plain(const std::string& text) {
  std::string plain;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'') quoted = !quoted;
    const bool id = !quoted && text[i] == '#' && i + 1 < text.size() &&
                    std::isdigit(static_cast<unsigned char>(text[i + 1]));
    if (!id) {
      plain.push_back(text[i]);
      continue;
    }
    while (i + 1 < text.size() && std::isdigit(static_cast<unsigned char>(text[i + 1]))) ++i;
  }
  return absl::StrReplaceAll(plain, {{" + INTERVAL '-", " - INTERVAL '"}});
}

std::string NameOf(JoinKind kind) {
  switch (kind) {
    case JoinKind::kInner:
      return "JOIN";
    case JoinKind::kLeft:
      return "LEFT JOIN";
    case JoinKind::kFull:
      return "FULL JOIN";
    case JoinKind::kCross:
      return "CROSS JOIN";
    case JoinKind::kSemi:
      return "SEMI JOIN";
    case JoinKind::kAnti:
      return "ANTI JOIN";
  }
  return "?";
}

}  // namespace

std::string ReadableCall(const AggregateCall& call, const std::vector<ColumnInfo>& columns) {
  const auto print = [&](const ExpressionPtr& expression) {
    return Plain(PrintExpression(expression, columns));
  };
  std::string text = absl::StrCat(std::string(NameOf(call.function)), "(", call.distinct ? "DISTINCT " : "",
                                  call.argument ? print(call.argument) : "*", ")");
  if (call.filter) absl::StrAppend(&text, " FILTER (WHERE ", print(call.filter), ")");
  return text;
}

// The clauses of one SELECT; a clause that is taken makes the whole a subquery.
struct ReadableNames::Select {
  std::vector<std::string> items;
  std::string from;
  std::vector<std::string> where;
  std::vector<std::string> group_by;
  std::vector<std::string> tail;  // ORDER BY, LIMIT
  bool grouped = false;
  bool distinct = false;

  bool Finished() const { return !items.empty() || grouped || distinct || !tail.empty(); }
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    lines.push_back(absl::StrCat("SELECT ", distinct ? "DISTINCT " : "",
                                 items.empty() ? "*" : absl::StrJoin(items, ", ")));
    lines.push_back(absl::StrCat("FROM ", from));
    if (!where.empty()) lines.push_back(absl::StrCat("WHERE ", absl::StrJoin(where, " AND ")));
    if (!group_by.empty()) lines.push_back(absl::StrCat("GROUP BY ", absl::StrJoin(group_by, ", ")));
    lines.insert(lines.end(), tail.begin(), tail.end());
    return lines;
  }
};

ReadableNames::ReadableNames(const PhysicalPlan& plan, const Catalog& catalog)
    : catalog_(catalog), columns_(plan.columns) {
  for (ColumnInfo& info : columns_) {
    if (info.table < 0) continue;
    const CatalogTable& table = catalog.tables[info.table];
    info.name = absl::StrCat(table.name, ".", table.columns[info.table_column].name);
  }
  int sums = 0;
  for (const PhysicalNode& node : plan.nodes) {
    if (const auto* local = std::get_if<LocalNode>(&node)) Define(*local->fragment);
    const auto* row_sums = std::get_if<RowSumsNode>(&node);
    if (row_sums == nullptr) continue;
    for (const RowSum& sum : row_sums->sums) columns_[sum.output].name = absl::StrCat("sum_", ++sums);
  }
}

// What a fragment derives goes by its formula.
void ReadableNames::Define(const LogicalNode& node) {
  for (const LogicalPtr& child : ChildrenOf(node)) Define(*child);
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    for (const NamedExpression& item : project->columns) {
      const auto* passed = std::get_if<ColumnExpression>(&item.expression->node);
      if (passed != nullptr && passed->column == item.column) continue;
      const bool simple =
          passed != nullptr || std::holds_alternative<LiteralExpression>(item.expression->node);
      const std::string text = Expression(item.expression);
      columns_[item.column].name = simple ? text : absl::StrCat("(", text, ")");
    }
  }
  const auto* aggregate = std::get_if<AggregateNode>(&node.node);
  if (aggregate == nullptr) return;
  for (const NamedAggregate& named : aggregate->calls)
    columns_[named.column].name = ReadableCall(named.call, columns_);
}

std::string ReadableNames::Column(ColumnId column) const { return Plain(columns_[column].name); }

std::string ReadableNames::Columns(const std::vector<ColumnId>& columns) const {
  std::vector<std::string> names;
  for (ColumnId column : columns) names.push_back(Column(column));
  return absl::StrJoin(names, ", ");
}

std::string ReadableNames::Expression(const ExpressionPtr& expression) const {
  return Plain(PrintExpression(expression, columns_));
}

std::vector<std::string> ReadableNames::Fragment(const LogicalNode& node) const {
  return Render(node).Lines();
}

// What stands behind FROM: a table or joins by themselves, else a subquery.
std::string ReadableNames::Source(const LogicalNode& node) const {
  const Select select = Render(node);
  if (!select.Finished() && select.where.empty()) return select.from;
  return absl::StrCat("(", absl::StrJoin(select.Lines(), " "), ")");
}

ReadableNames::Select ReadableNames::Render(const LogicalNode& node) const {
  if (const auto* scan = std::get_if<ScanNode>(&node.node))
    return {.from = catalog_.tables[scan->table].FullName()};
  if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    std::string from = absl::StrCat(Source(*join->left), " ", NameOf(join->kind), " ", Source(*join->right));
    if (join->condition && join->kind != JoinKind::kCross)
      absl::StrAppend(&from, " ON ", Expression(join->condition));
    return {.from = from};
  }
  const std::vector<LogicalPtr> children = ChildrenOf(node);
  if (std::holds_alternative<ValuesNode>(node.node)) return {.from = "(VALUES ...)"};
  if (const auto* operation = std::get_if<SetOperationNode>(&node.node)) {
    const char* word = operation->kind == sql::SetOperationKind::kUnion       ? " UNION "
                       : operation->kind == sql::SetOperationKind::kIntersect ? " INTERSECT "
                                                                              : " EXCEPT ";
    std::string from;
    for (const LogicalPtr& input : children)
      absl::StrAppend(&from, from.empty() ? "" : absl::StrCat(word, operation->all ? "ALL " : ""), Source(*input));
    return {.from = absl::StrCat("(", from, ")")};
  }
  const LogicalNode& child = *children[0];
  Select select = Render(child);
  const auto wrap_if = [&](bool taken) {
    if (taken) select = {.from = absl::StrCat("(", absl::StrJoin(select.Lines(), " "), ")")};
  };
  if (const auto* filter = std::get_if<FilterNode>(&node.node)) {
    wrap_if(select.Finished());
    for (const ExpressionPtr& conjunct : SplitConjuncts(filter->predicate))
      select.where.push_back(Expression(conjunct));
  } else if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    // Names stand for formulas, so a projection over an aggregate or projection only chooses among its
    // columns.
    wrap_if(select.distinct || !select.tail.empty());
    select.items.clear();
    for (const NamedExpression& item : project->columns) select.items.push_back(Column(item.column));
  } else if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    wrap_if(select.grouped || select.distinct || !select.tail.empty());
    select.items.clear();
    select.grouped = true;
    for (ColumnId column : aggregate->group_by) {
      select.items.push_back(Column(column));
      select.group_by.push_back(Column(column));
    }
    for (const NamedAggregate& named : aggregate->calls) select.items.push_back(Column(named.column));
  } else if (std::holds_alternative<DistinctNode>(node.node)) {
    wrap_if(!select.tail.empty());
    select.distinct = true;
  } else if (const auto* sort = std::get_if<SortNode>(&node.node)) {
    std::vector<std::string> keys;
    for (const SortKey& key : sort->keys)
      keys.push_back(absl::StrCat(Expression(key.expression), key.descending ? " DESC" : ""));
    select.tail.push_back(absl::StrCat("ORDER BY ", absl::StrJoin(keys, ", ")));
  } else if (const auto* limit = std::get_if<LimitNode>(&node.node)) {
    if (limit->limit) select.tail.push_back(absl::StrCat("LIMIT ", *limit->limit));
    if (limit->offset != 0) select.tail.push_back(absl::StrCat("OFFSET ", limit->offset));
  }
  return select;
}

}  // namespace care::planner
