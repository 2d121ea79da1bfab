// One SELECT: its rows, its groups, what it yields, and in which order.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/fold_expression.h"
#include "planner/logical/free_columns.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/row_facts.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

// The name that PostgreSQL gives to an unnamed output.
std::string DefaultName(const sql::Expression& expression) {
  if (const auto* column = std::get_if<sql::ColumnName>(&expression.node)) return column->parts.back();
  if (const auto* call = std::get_if<sql::FunctionCall>(&expression.node)) return call->name;
  if (std::holds_alternative<sql::Extract>(expression.node)) return "extract";
  if (std::holds_alternative<sql::Exists>(expression.node)) return "exists";
  if (const auto* scalar = std::get_if<sql::ScalarSubquery>(&expression.node)) {
    const auto* core = std::get_if<sql::SelectCore>(&scalar->subquery->body);
    if (core == nullptr || core->items.size() != 1) return "?column?";
    return core->items[0].alias.empty() ? DefaultName(*core->items[0].expression) : core->items[0].alias;
  }
  if (std::holds_alternative<sql::Case>(expression.node)) return "case";
  if (const auto* cast = std::get_if<sql::Cast>(&expression.node)) {
    const std::string inner = DefaultName(*cast->operand);
    if (inner != "?column?") return inner;
    switch (cast->type.kind) {
      case TypeKind::kBoolean:
        return "bool";
      case TypeKind::kSmallInt:
        return "int2";
      case TypeKind::kInteger:
        return "int4";
      case TypeKind::kBigInt:
        return "int8";
      case TypeKind::kText:
        return cast->type.max_length == 0 ? "text" : "varchar";
      default:
        return cast->type.kind == TypeKind::kDate          ? "date"
               : cast->type.kind == TypeKind::kTimestamp   ? "timestamp"
               : cast->type.kind == TypeKind::kTimestampTz ? "timestamptz"
               : cast->type.kind == TypeKind::kDouble      ? "float8"
               : cast->type.kind == TypeKind::kReal        ? "float4"
                                                           : "numeric";
    }
  }
  return "?column?";
}

std::string_view BareName(const sql::Expression& expression) {
  const auto* column = std::get_if<sql::ColumnName>(&expression.node);
  return column != nullptr && column->parts.size() == 1 ? std::string_view(column->parts[0])
                                                        : std::string_view();
}

bool IsColumn(const ExpressionPtr& expression) {
  return std::holds_alternative<ColumnExpression>(expression->node);
}

ColumnId ColumnOf(const ExpressionPtr& expression) {
  return std::get<ColumnExpression>(expression->node).column;
}

}  // namespace

absl::StatusOr<std::optional<ConstantRow>> QueryBinder::BindConstants(const sql::SelectStatement& statement) {
  const auto* core = std::get_if<sql::SelectCore>(&statement.body);
  const bool plain = core != nullptr && statement.with.empty() && core->from.empty() && core->group_by.empty() &&
                     core->having == nullptr;
  if (!plain) return std::nullopt;
  const Scope no_names;
  std::vector<NamedAggregate> calls;
  std::vector<BoundWindow> windows;
  ExpressionContext context{&no_names, "SELECT", &calls, nullptr, &windows, &core->windows};
  CARE_ASSIGN_OR_RETURN(const std::vector<Item> items, BindItems(*core, context));
  CARE_RETURN_IF_ERROR(BindOrder(statement, items, context).status());
  if (!calls.empty() || !windows.empty()) return std::nullopt;
  ConstantRow row;
  if (core->where != nullptr) {
    ExpressionContext condition{&no_names, "WHERE"};
    CARE_ASSIGN_OR_RETURN(row.condition, BindBoolean(*core->where, condition));
    if (HasSubquery(row.condition)) return std::nullopt;
  }
  for (const Item& item : items) {
    if (HasSubquery(item.expression)) return std::nullopt;
    row.items.push_back({item.name, item.expression});
  }
  CARE_ASSIGN_OR_RETURN(const std::optional<std::uint64_t> limit, LimitValue(statement.limit, "LIMIT"));
  CARE_ASSIGN_OR_RETURN(const std::optional<std::uint64_t> offset, LimitValue(statement.offset, "OFFSET"));
  row.is_listed = limit.value_or(1) > 0 && offset.value_or(0) == 0;
  return row;
}

absl::StatusOr<BoundRows> QueryBinder::BindStatement(const sql::SelectStatement& statement,
                                                     const CommonTableFrame* frames, const Scope* enclosing) {
  std::deque<CommonTableFrame> own;
  for (const sql::CommonTable& table : statement.with) {
    for (const CommonTableFrame& earlier : own) {
      if (earlier.table->name.text == table.name.text) {
        return Error(table.name.position,
                     absl::StrCat("WITH query name \"", table.name.text, "\" specified more than once"));
      }
    }
    own.push_back({&table, own.empty() ? frames : &own.back()});
  }
  if (!own.empty()) frames = &own.back();
  const auto bind_body = [&]() -> absl::StatusOr<BoundRows> {
    const auto* operation = std::get_if<sql::SetOperation>(&statement.body);
    if (operation == nullptr) return BindCore(std::get<sql::SelectCore>(statement.body), statement, frames, enclosing);
    CARE_ASSIGN_OR_RETURN(BoundRows combined, BindSetOperation(*operation, frames, enclosing));
    FlattenUnion(combined.plan);
    return OrderCombined(statement, std::move(combined));
  };
  CARE_ASSIGN_OR_RETURN(BoundRows rows, bind_body());
  // A common table that nobody reads must still make sense.
  for (const CommonTableFrame& frame : own) {
    if (referenced_.insert(frame.table).second) {
      CARE_RETURN_IF_ERROR(BindStatement(*frame.table->statement, frame.next, nullptr).status());
    }
  }
  return rows;
}

absl::Status QueryBinder::CheckWindowNames(const sql::SelectCore& core) {
  for (std::size_t i = 0; i < core.windows.size(); ++i) {
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      if (core.windows[earlier].name.text == core.windows[i].name.text) {
        return Error(core.windows[i].name.position, absl::StrCat("window \"", core.windows[i].name.text, "\" is already defined"));
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<QueryBinder::Item>> QueryBinder::BindItems(const sql::SelectCore& core,
                                                                      ExpressionContext& context) {
  std::vector<Item> items;
  for (const sql::SelectItem& item : core.items) {
    if (const auto* star = std::get_if<sql::Star>(&item.expression->node)) {
      const std::size_t before = items.size();
      for (const ScopeTable& table : context.scope->tables) {
        if (!star->qualifier.empty() && star->qualifier.back() != table.name) continue;
        for (const NamedColumn& column : table.columns) {
          if (star->qualifier.empty() && table.merged.count(column.name) != 0) continue;
          items.push_back({Reference(column, item.position), column.name, item.position});
        }
      }
      if (items.size() == before) {
        if (core.from.empty() && star->qualifier.empty())
          return Error(item.position, "SELECT * with no tables specified is not valid");
        return Error(item.position,
                     absl::StrCat("missing FROM-clause entry for table \"",
                                  star->qualifier.empty() ? "" : star->qualifier.back(), "\""));
      }
      continue;
    }
    CARE_ASSIGN_OR_RETURN(ExpressionPtr expression, BindExpression(*item.expression, context));
    expression = AsTimestamp(expression);
    const bool untyped = expression->type.kind == TypeKind::kUnknown;
    if (untyped) {
      CARE_ASSIGN_OR_RETURN(expression, CoerceTo(expression, kTextType));
    }
    if (expression->type.kind == TypeKind::kInterval)
      return NotYet(item.expression->position, "an interval as a result");
    items.push_back({std::move(expression), item.alias.empty() ? DefaultName(*item.expression) : item.alias,
                     item.expression->position, untyped});
  }
  return items;
}

absl::StatusOr<QueryBinder::BoundKeys> QueryBinder::BindOrder(const sql::SelectStatement& statement,
                                                              const std::vector<Item>& items,
                                                              ExpressionContext& context) {
  BoundKeys bound;
  for (const sql::OrderItem& order : statement.order_by) {
    SortKey key;
    key.descending = order.descending;
    key.nulls_first = order.nulls_first.value_or(order.descending);
    const auto* literal = std::get_if<sql::Literal>(&order.expression->node);
    const auto* number = literal == nullptr ? nullptr : std::get_if<std::int64_t>(&literal->value);
    if (number != nullptr) {
      if (*number < 1 || *number > static_cast<std::int64_t>(items.size())) {
        return Error(order.expression->position,
                     absl::StrCat("ORDER BY position ", *number, " is not in select list"));
      }
      key.expression = items[static_cast<std::size_t>(*number - 1)].expression;
    } else if (literal != nullptr) {
      return Error(order.expression->position, "non-integer constant in ORDER BY");
    }
    const std::string_view name = BareName(*order.expression);
    if (!name.empty()) {
      for (const Item& item : items) {
        if (item.name != name) continue;
        if (key.expression != nullptr && !SameExpression(key.expression, item.expression)) {
          return Error(order.expression->position,
                       absl::StrCat("ORDER BY \"", std::string(name), "\" is ambiguous"));
        }
        key.expression = item.expression;
      }
    }
    if (key.expression == nullptr) {
      CARE_ASSIGN_OR_RETURN(key.expression, BindExpression(*order.expression, context));
      key.expression = AsTimestamp(key.expression);
    }
    bound.keys.push_back(std::move(key));
    bound.positions.push_back(order.expression->position);
  }
  return bound;
}

absl::StatusOr<std::optional<std::uint64_t>> QueryBinder::LimitValue(const sql::ExpressionPtr& expression,
                                                                     std::string_view clause) {
  if (expression == nullptr) return std::optional<std::uint64_t>();
  const Scope no_names;
  ExpressionContext context{&no_names, clause};
  CARE_ASSIGN_OR_RETURN(ExpressionPtr bound, BindExpression(*expression, context));
  if (bound->type.kind == TypeKind::kUnknown) {
    CARE_ASSIGN_OR_RETURN(bound, CoerceTo(bound, kBigIntType));
  }
  if (!bound->type.IsExactNumber()) {
    return Error(expression->position, absl::StrCat("argument of ", std::string(clause), " must be type bigint, not type ",
                                                    bound->type.ToString()));
  }
  const std::optional<Value> value = ConstantOf(bound);
  if (value && IsNull(*value)) return std::optional<std::uint64_t>();
  const absl::StatusOr<std::optional<Value>> whole = value ? CastLiteral(*value, kBigIntType) : std::optional<Value>();
  const auto* count = whole.ok() && whole->has_value() ? std::get_if<std::int64_t>(&**whole) : nullptr;
  if (count == nullptr)
    return Error(expression->position, absl::StrCat(std::string(clause), " must be a constant whole number"),
                 "write the number itself, or a parameter");
  if (*count < 0)
    return Error(expression->position, absl::StrCat(std::string(clause), " must not be negative"));
  return std::optional<std::uint64_t>(static_cast<std::uint64_t>(*count));
}

absl::StatusOr<LogicalPtr> QueryBinder::AddLimit(const sql::SelectStatement& statement, LogicalPtr plan) {
  if (statement.limit == nullptr && statement.offset == nullptr) return plan;
  LimitNode node;
  CARE_ASSIGN_OR_RETURN(node.limit, LimitValue(statement.limit, "LIMIT"));
  CARE_ASSIGN_OR_RETURN(const std::optional<std::uint64_t> offset, LimitValue(statement.offset, "OFFSET"));
  node.offset = offset.value_or(0);
  if (!node.limit.has_value() && node.offset == 0) return plan;
  node.child = std::move(plan);
  return MakeNode(std::move(node));
}

// Which rows a LIMIT leaves is only said where an order is.
void QueryBinder::NoteLimit(const sql::SelectStatement& statement, BoundRows& rows) const {
  if ((statement.limit == nullptr && statement.offset == nullptr) || !statement.order_by.empty()) return;
  const sql::ExpressionPtr& clause = statement.limit != nullptr ? statement.limit : statement.offset;
  Note(rows.if_aggregated, NotYet(clause->position, "LIMIT without ORDER BY inside an aggregated subquery",
                                  "say which rows with ORDER BY"));
}

absl::Status QueryBinder::RowLevelError(const sql::SelectCore& core, const std::vector<Item>& items) {
  std::string rewrite = "SELECT COUNT(*) FROM ...";
  if (items.size() == 1 && KeyOf(items[0].expression) != nullptr) {
    rewrite = absl::StrCat("SELECT COUNT(DISTINCT ", items[0].name, ") FROM ...");
  } else {
    for (const Item& item : items) {
      if (KeyOf(item.expression) != nullptr || !IsColumn(item.expression) ||
          !CheckUses(item.expression, ColumnUse::kGroupKey).ok()) {
        continue;
      }
      rewrite = absl::StrCat("SELECT ", item.name, ", COUNT(*) FROM ... GROUP BY ", item.name);
      break;
    }
  }
  return Error(core.items[0].position,
               "a row of a base table never leaves its owner: the outermost SELECT yields aggregates and "
               "GROUP BY expressions only",
               absl::StrCat("write ", rewrite));
}

absl::Status QueryBinder::CheckGroupedUses(const std::vector<Item>& items, const BoundKeys& order,
                                           const ExpressionPtr& having,
                                           const std::vector<NamedAggregate>& calls) const {
  // What is aggregated was checked as an argument; here it stands for a value of its own.
  std::vector<std::pair<ColumnId, ExpressionPtr>> results;
  for (const NamedAggregate& named : calls) {
    results.push_back({named.column, MakeLiteral(Null{}, named.call.type)});
  }
  const auto check = [&](const ExpressionPtr& expression) {
    return CheckUses(SubstituteColumns(expression, results), ColumnUse::kInner);
  };
  for (const Item& item : items) CARE_RETURN_IF_ERROR(check(item.expression));
  for (const SortKey& key : order.keys) CARE_RETURN_IF_ERROR(check(key.expression));
  if (having == nullptr) return absl::OkStatus();
  return CheckUses(SubstituteColumns(having, results), ColumnUse::kFilter);
}

absl::StatusOr<BoundRows> QueryBinder::BindCore(const sql::SelectCore& core,
                                                const sql::SelectStatement& statement,
                                                const CommonTableFrame* frames, const Scope* enclosing) {
  CARE_RETURN_IF_ERROR(CheckWindowNames(core));
  CARE_ASSIGN_OR_RETURN(BoundFrom from, BindFromList(core.from, frames, enclosing, core.position));
  KeepGroupsApart(core, from);
  const Scope scope{from.tables, enclosing};
  LogicalPtr plan = from.plan;
  if (core.where != nullptr) {
    ExpressionContext context{&scope, "WHERE", nullptr, frames};
    CARE_ASSIGN_OR_RETURN(ExpressionPtr predicate, BindBoolean(*core.where, context));
    CARE_RETURN_IF_ERROR(CheckUses(predicate, ColumnUse::kFilter));
    Note(from.if_aggregated, WhyRaising(predicate));
    plan = MakeNode(FilterNode{std::move(plan), std::move(predicate)});
  }
  std::vector<NamedAggregate> calls;
  std::vector<BoundWindow> windows;
  std::vector<BoundGrouping> groupings;
  ExpressionContext context{&scope, "SELECT", &calls, frames, &windows, &core.windows, &groupings};
  context.of_released = IsOfForgetfulGroups(*plan);
  CARE_ASSIGN_OR_RETURN(std::vector<Item> items, BindItems(core, context));
  CARE_ASSIGN_OR_RETURN(const BoundGroups groups,
                        BindGroupBy(core, items, calls, {&scope, "GROUP BY", nullptr, frames}));
  ExpressionPtr having;
  if (core.having != nullptr) {
    context.clause = "HAVING";
    context.windows = nullptr;
    CARE_ASSIGN_OR_RETURN(having, BindBoolean(*core.having, context));
  }
  context.clause = "ORDER BY";
  context.windows = &windows;
  CARE_ASSIGN_OR_RETURN(BoundKeys order, BindOrder(statement, items, context));

  const bool aggregated = !core.group_by.empty() || having != nullptr || !calls.empty() || !groupings.empty();
  if (aggregated) {
    const bool of_released = context.of_released && groups.IsPlain();
    if (!of_released) CARE_RETURN_IF_ERROR(from.if_aggregated);
    CARE_RETURN_IF_ERROR(CheckGroupedUses(items, order, having, calls));
    std::vector<ExpressionPtr*> outputs;
    for (Item& item : items) outputs.push_back(&item.expression);
    for (SortKey& key : order.keys) outputs.push_back(&key.expression);
    if (having != nullptr) outputs.push_back(&having);
    for (BoundWindow& window : windows) {
      for (ExpressionPtr& expression : window.partition_by) outputs.push_back(&expression);
      for (SortKey& key : window.order_by) outputs.push_back(&key.expression);
      for (NamedWindowCall& named : window.calls) {
        if (named.call.argument != nullptr) outputs.push_back(&named.call.argument);
        if (named.call.fallback != nullptr) outputs.push_back(&named.call.fallback);
      }
    }
    CARE_ASSIGN_OR_RETURN(plan, Aggregate(std::move(plan), groups, calls, groupings, std::move(outputs)));
    // A computed group bears the name of the output that shows it.
    for (const Item& item : items) {
      if (!IsColumn(item.expression)) continue;
      ColumnInfo& info = plan_.columns[ColumnOf(item.expression)];
      if (info.table < 0 && info.name == kUnnamedGroup) info.name = item.name;
    }
    from.if_row_level = absl::OkStatus();
    if (!of_released) {
      const auto* sets = std::get_if<GroupingSetsNode>(&plan->node);
      from.if_released = WhyNotReleased(sets != nullptr ? sets->keys : std::get<AggregateNode>(plan->node).group_by, calls,
                                        groups.expressions);
      from.if_aggregated = absl::OkStatus();
    }
    if (having != nullptr) {
      Note(from.if_aggregated, WhyRaising(having));
      plan = MakeNode(FilterNode{std::move(plan), std::move(having)});
    }
  } else {
    for (const Item& item : items) CARE_RETURN_IF_ERROR(CheckUses(item.expression, ColumnUse::kInner));
    for (const SortKey& key : order.keys) CARE_RETURN_IF_ERROR(CheckUses(key.expression, ColumnUse::kInner));
    if (!from.if_row_level.ok() && !core.from.empty()) from.if_row_level = RowLevelError(core, items);
  }
  for (const BoundWindow& window : windows) {
    for (const NamedWindowCall& named : window.calls) {
      if (named.call.argument != nullptr) Note(from.if_aggregated, WhyRaising(named.call.argument));
      // In every row of a partition, and so in what is made of them: released like an extreme of the groups, unless it is one a person.
      const bool extreme = named.call.function == WindowFunction::kMin || named.call.function == WindowFunction::kMax;
      const bool of_person = std::any_of(window.partition_by.begin(), window.partition_by.end(),
                                         [&](const ExpressionPtr& partition) { return KeyOf(partition) != nullptr; });
      if (extreme && !of_person) Note(from.if_aggregated, CheckUses(named.call.argument, ColumnUse::kExtreme));
    }
  }
  CARE_ASSIGN_OR_RETURN(plan, AddWindows(std::move(plan), std::move(windows)));
  return Finish(core, statement, std::move(plan), std::move(items), std::move(order), aggregated,
                std::move(from));
}

absl::StatusOr<BoundRows> QueryBinder::Finish(const sql::SelectCore& core,
                                              const sql::SelectStatement& statement, LogicalPtr plan,
                                              std::vector<Item> items, BoundKeys order, bool aggregated,
                                              BoundFrom from) {
  BoundRows rows;
  rows.if_aggregated = std::move(from.if_aggregated);
  rows.if_released = std::move(from.if_released);
  rows.if_row_level = std::move(from.if_row_level);
  // Floating point is passed on as the exact number that it is a cast of; above aggregates arithmetic stays as it is written.
  const auto exact_of = [&](const ExpressionPtr& expression) {
    return aggregated ? ExactChoiceOf(expression) : FixedPointOf(expression);
  };
  for (Item& item : items) {
    const ExpressionPtr exact = exact_of(item.expression);
    if (exact == nullptr) continue;
    item.shown_as = item.expression->type;
    item.expression = exact;
  }
  for (SortKey& key : order.keys) {
    if (const ExpressionPtr exact = exact_of(key.expression)) key.expression = exact;
  }
  for (const Item& item : items) {
    Note(rows.if_aggregated, WhyRaising(item.expression));
    if (core.distinct && OpenScale(item.expression)) {
      return NotYet(item.position, "SELECT DISTINCT of a quotient", "fix the digits with ROUND(x / y, 2)");
    }
  }
  NoteLimit(statement, rows);
  if (statement.limit != nullptr && !aggregated && !rows.if_row_level.ok()) {
    for (const SortKey& key : order.keys) CARE_RETURN_IF_ERROR(MayChooseRows(key.expression));
  }
  const bool sorts_below = !core.distinct && !order.keys.empty();
  if (sorts_below) plan = MakeNode(SortNode{std::move(plan), order.keys});
  if (!core.distinct) {
    CARE_ASSIGN_OR_RETURN(plan, AddLimit(statement, std::move(plan)));
  }

  ProjectNode project;
  bool computes = false;
  std::set<ColumnId> listed;
  std::vector<ColumnId> outputs;
  for (const Item& item : items) {
    ColumnId column;
    if (IsColumn(item.expression)) {
      column = ColumnOf(item.expression);
    } else {
      // The same expression twice is one column.
      const auto same = std::find_if(
          project.columns.begin(), project.columns.end(),
          [&](const NamedExpression& other) { return SameExpression(other.expression, item.expression); });
      column = same != project.columns.end() ? same->column : AddComputed(item.expression, item.name);
      computes = true;
    }
    if (item.untyped) untyped_[column] = item.expression;
    rows.columns.push_back({item.name, column, item.shown_as});
    if (listed.insert(column).second) {
      project.columns.push_back({column, item.expression});
      outputs.push_back(column);
    }
  }
  const std::vector<NamedExpression> defined = project.columns;
  if (computes || core.distinct) {
    project.child = std::move(plan);
    plan = MakeNode(std::move(project));
  }
  if (core.distinct) {
    if (aggregated || rows.if_row_level.ok()) {
      plan = MakeNode(DistinctNode{std::move(plan)});
    } else {
      std::vector<ExpressionPtr> groups;
      for (const NamedExpression& item : defined) groups.push_back(item.expression);
      rows.if_released = WhyNotReleased(outputs, {}, groups);
      plan = MakeNode(AggregateNode{std::move(plan), outputs, {}});
      // Of persons the distinct values are groups like any others.
      if (ReadsPersons(*plan, catalog_)) rows.if_row_level = absl::OkStatus();
    }
    for (std::size_t i = 0; i < order.keys.size(); ++i) {
      SortKey& key = order.keys[i];
      const auto found = std::find_if(defined.begin(), defined.end(), [&](const NamedExpression& item) {
        return SameExpression(item.expression, key.expression);
      });
      if (found == defined.end()) {
        return Error(order.positions[i],
                     "for SELECT DISTINCT, ORDER BY expressions must appear in select list");
      }
      key.expression = MakeColumn(found->column, key.expression->type, key.expression->position);
    }
    if (!order.keys.empty()) plan = MakeNode(SortNode{std::move(plan), std::move(order.keys)});
    CARE_ASSIGN_OR_RETURN(plan, AddLimit(statement, std::move(plan)));
  }
  rows.plan = std::move(plan);
  return rows;
}

}  // namespace care::planner
