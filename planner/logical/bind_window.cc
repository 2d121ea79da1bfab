// Window functions: over rows in subqueries, over released groups in the outermost block. They run in the frame that
// PostgreSQL takes where none is written; some others are that frame of another window.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/fold_expression.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/row_facts.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

struct WindowName {
  std::string_view name;
  WindowFunction function;
  std::size_t least;  // arguments
  std::size_t most;
};
constexpr WindowName kWindows[] = {
    {"row_number", WindowFunction::kRowNumber, 0, 0},   {"rank", WindowFunction::kRank, 0, 0},
    {"dense_rank", WindowFunction::kDenseRank, 0, 0},   {"lag", WindowFunction::kLag, 1, 3},
    {"lead", WindowFunction::kLead, 1, 3},              {"first_value", WindowFunction::kFirstValue, 1, 1},
    {"last_value", WindowFunction::kLastValue, 1, 1},   {"count", WindowFunction::kCount, 1, 1},
    {"sum", WindowFunction::kSum, 1, 1},                {"avg", WindowFunction::kAverage, 1, 1},
    {"min", WindowFunction::kMin, 1, 1},                {"max", WindowFunction::kMax, 1, 1},
};

bool ReadsFrame(WindowFunction function) {
  switch (function) {
    case WindowFunction::kRowNumber:
    case WindowFunction::kRank:
    case WindowFunction::kDenseRank:
    case WindowFunction::kLag:
    case WindowFunction::kLead:
      return false;
    default:
      return true;
  }
}

bool IsDefaultFrame(const sql::WindowFrame& frame, bool ordered) {
  if (frame.start.kind != sql::FrameBoundKind::kUnboundedPreceding) return false;
  // Without an order all rows of the partition are peers.
  if (!ordered && frame.end.kind == sql::FrameBoundKind::kUnboundedFollowing) return true;
  return frame.end.kind == sql::FrameBoundKind::kCurrentRow && frame.unit != sql::FrameUnit::kRows;
}

// The frame that a window takes, its own or that of the window that it names.
const sql::WindowFrame* FrameOf(const sql::WindowSpecification& specification, const std::vector<sql::NamedWindow>* named) {
  if (specification.frame.has_value()) return &*specification.frame;
  if (named == nullptr) return nullptr;
  for (const sql::NamedWindow& candidate : *named) {
    if (candidate.name.text == specification.base_window && candidate.specification.frame.has_value())
      return &*candidate.specification.frame;
  }
  return nullptr;
}

void Reverse(std::vector<SortKey>& order) {
  for (SortKey& key : order) {
    key.descending = !key.descending;
    key.nulls_first = !key.nulls_first;
  }
}

std::optional<AggregateFunction> AsAggregate(WindowFunction function) {
  switch (function) {
    case WindowFunction::kCountStar:
    case WindowFunction::kCount:
      return AggregateFunction::kCount;
    case WindowFunction::kSum:
      return AggregateFunction::kSum;
    case WindowFunction::kAverage:
      return AggregateFunction::kAverage;
    case WindowFunction::kMin:
      return AggregateFunction::kMin;
    case WindowFunction::kMax:
      return AggregateFunction::kMax;
    default:
      return std::nullopt;
  }
}

// Writes a frame as the default frame of another window, where there is one: of the whole partition, as of no order; from here
// to the end, as of the reversed order. The first value of what begins at the start is the same whatever the end. Where no
// two rows are peers, ROWS is RANGE: AddWindows asks for that.
bool TakeFrame(const sql::WindowFrame* frame, BoundWindow& window, WindowCall& call) {
  using Kind = sql::FrameBoundKind;
  if (frame == nullptr) return false;
  const bool from_start = frame->start.kind == Kind::kUnboundedPreceding;
  const bool to_end = frame->end.kind == Kind::kUnboundedFollowing;
  const bool from_here = frame->start.kind == Kind::kCurrentRow;
  if (call.function == WindowFunction::kFirstValue) return from_start && (to_end || frame->end.kind == Kind::kCurrentRow);
  if (call.function == WindowFunction::kLastValue) {
    if (from_start && frame->end.kind == Kind::kCurrentRow) {
      window.by_rows = call.position;
      return true;
    }
    if (!to_end || !(from_start || from_here)) return false;
    Reverse(window.order_by);
    call.function = WindowFunction::kFirstValue;
    return true;
  }
  if (frame->unit == sql::FrameUnit::kRows && !(from_start && to_end)) window.by_rows = call.position;
  if (from_start && frame->end.kind == Kind::kCurrentRow) return true;
  if (!to_end) return false;
  if (from_start) {
    window.order_by.clear();
    return true;
  }
  if (!from_here) return false;
  Reverse(window.order_by);
  return true;
}

constexpr std::int64_t kMostRowsAway = 1000;

}  // namespace

absl::StatusOr<std::optional<RowsFrame>> QueryBinder::ReadRowsFrame(const sql::WindowFrame* frame, ExpressionContext& context) {
  using Kind = sql::FrameBoundKind;
  if (frame == nullptr || frame->unit != sql::FrameUnit::kRows) return std::optional<RowsFrame>();
  RowsFrame rows;
  for (const auto& [bound, place] : {std::pair(&frame->start, &rows.first), std::pair(&frame->end, &rows.last)}) {
    if (bound->kind == Kind::kUnboundedPreceding || bound->kind == Kind::kUnboundedFollowing) return std::optional<RowsFrame>();
    if (bound->kind == Kind::kCurrentRow) continue;
    CARE_ASSIGN_OR_RETURN(const ExpressionPtr distance, BindExpression(*bound->distance, context));
    const std::optional<Value> value = ConstantOf(distance);
    const auto* number = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    if (number != nullptr && *number < 0) {
      return Error(bound->distance->position, bound == &frame->start ? "frame starting offset must not be negative"
                                                                     : "frame ending offset must not be negative");
    }
    if (number == nullptr || *number > kMostRowsAway) {
      return NotYet(bound->distance->position, absl::StrCat("a frame of other than a constant number of at most ", kMostRowsAway, " rows"));
    }
    *place = bound->kind == Kind::kPreceding ? -*number : *number;
  }
  return std::optional<RowsFrame>(rows);
}

absl::Status QueryBinder::ReadWindow(const sql::WindowSpecification& specification, ExpressionContext& context,
                                     int depth, BoundWindow& window, bool& reads_default_frame) {
  if (!specification.base_window.empty()) {
    const sql::NamedWindow* named = nullptr;
    for (const sql::NamedWindow& candidate : *context.named_windows) {
      if (candidate.name.text == specification.base_window) named = &candidate;
    }
    // A window may name earlier ones only, so this ends.
    if (named == nullptr || depth > 50) {
      return Error(specification.position, absl::StrCat("window \"", specification.base_window, "\" does not exist"));
    }
    if (specification.parenthesized && !specification.partition_by.empty()) {
      return Error(specification.position,
                   absl::StrCat("cannot override PARTITION BY clause of window \"", specification.base_window, "\""));
    }
    if (specification.parenthesized && named->specification.frame.has_value()) {
      return Error(specification.position,
                   absl::StrCat("cannot copy window \"", specification.base_window, "\" because it has a frame clause"));
    }
    CARE_RETURN_IF_ERROR(ReadWindow(named->specification, context, depth + 1, window, reads_default_frame));
    if (!specification.order_by.empty() && !window.order_by.empty()) {
      return Error(specification.position,
                   absl::StrCat("cannot override ORDER BY clause of window \"", specification.base_window, "\""));
    }
  }
  ExpressionContext inner = context;
  inner.windows = nullptr;
  inner.clause = "window definitions";
  for (const sql::ExpressionPtr& expression : specification.partition_by) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr bound, BindExpression(*expression, inner));
    bound = AsTimestamp(bound);
    CARE_RETURN_IF_ERROR(CheckUses(bound, ColumnUse::kInner));
    if (const ExpressionPtr exact = FixedPointOf(bound)) bound = exact;
    if (OpenScale(bound)) return NotYet(expression->position, "PARTITION BY a quotient", "fix the digits with ROUND(x / y, 2)");
    window.partition_by.push_back(std::move(bound));
  }
  for (const sql::OrderItem& order : specification.order_by) {
    SortKey key;
    key.descending = order.descending;
    key.nulls_first = order.nulls_first.value_or(order.descending);
    CARE_ASSIGN_OR_RETURN(key.expression, BindExpression(*order.expression, inner));
    key.expression = AsTimestamp(key.expression);
    CARE_RETURN_IF_ERROR(CheckUses(key.expression, ColumnUse::kInner));
    if (const ExpressionPtr exact = WithoutCast(key.expression)) key.expression = exact;
    window.order_by.push_back(std::move(key));
  }
  if (specification.frame.has_value()) {
    reads_default_frame = reads_default_frame && IsDefaultFrame(*specification.frame, !window.order_by.empty());
  }
  return absl::OkStatus();
}

QueryBinder::Result QueryBinder::BindWindowCall(const sql::FunctionCall& call, sql::SourcePosition position,
                                                ExpressionContext& context) {
  if (context.windows == nullptr) {
    return Error(position, absl::StrCat("window functions are not allowed in ", std::string(context.clause)),
                 "compute it in a subquery in FROM");
  }
  const auto* known = std::find_if(std::begin(kWindows), std::end(kWindows),
                                   [&](const WindowName& entry) { return entry.name == call.name; });
  const bool shares = call.name == "ntile" || call.name == "percent_rank" || call.name == "cume_dist";
  if (known == std::end(kWindows) && !shares) return NotYet(position, absl::StrCat(absl::AsciiStrToUpper(call.name), " as a window function"));
  if (call.distinct) return Error(position, "DISTINCT is not implemented for window functions");
  if (call.filter != nullptr) return NotYet(call.filter->position, "FILTER of a window function");
  if (!call.order_by.empty()) return NotYet(call.order_by[0].position, "ORDER BY inside a window function");
  if (!call.within_group_order_by.empty()) return NotYet(position, "WITHIN GROUP of a window function");
  if (shares) return BindShareWindow(call, position, context);
  WindowCall bound;
  bound.function = known->function;
  bound.position = position;
  if (call.star) {
    if (bound.function != WindowFunction::kCount) return Error(position, absl::StrCat(call.name, "(*) does not exist"));
    bound.function = WindowFunction::kCountStar;
  } else if (call.arguments.size() < known->least || call.arguments.size() > known->most) {
    return Error(position, absl::StrCat("function ", call.name, " takes ", known->least, known->most > known->least ? " to 3" : "",
                                        known->most == 1 ? " argument" : " arguments"));
  }
  ExpressionContext inner = context;
  inner.windows = nullptr;
  inner.clause = "window functions";
  DataType shown_as;
  if (!call.arguments.empty()) {
    CARE_ASSIGN_OR_RETURN(bound.argument, BindExpression(*call.arguments[0], inner));
    bound.argument = AsTimestamp(bound.argument);
    if (bound.argument->type.kind == TypeKind::kUnknown) {
      CARE_ASSIGN_OR_RETURN(bound.argument, CoerceTo(bound.argument, kTextType));
    }
    if (const ExpressionPtr exact = FixedPointOf(bound.argument)) {
      const std::optional<AggregateFunction> aggregate = AsAggregate(bound.function);
      shown_as = aggregate ? FloatResult(*aggregate, bound.argument->type) : bound.argument->type;
      bound.argument = exact;
    }
    if (KeyOf(bound.argument) != nullptr && bound.function != WindowFunction::kCount) return KeyError(bound.argument, false);
    CARE_RETURN_IF_ERROR(CheckUses(bound.argument, ColumnUse::kInner));
    if (OpenScale(bound.argument) && AsAggregate(bound.function).has_value() && bound.function != WindowFunction::kCount) {
      return NotYet(bound.argument->position, "a window function over a quotient", "fix the digits with ROUND(x / y, 2)");
    }
    if (bound.function == WindowFunction::kCount && OpenScale(bound.argument)) {
      bound.argument = When(NotNull(bound.argument), MakeLiteral(true, kBooleanType, bound.argument->position), nullptr);
    }
    bound.type = bound.argument->type;
    if (bound.type.kind == TypeKind::kNumeric) bound.type.precision = 0;
  }
  if (call.arguments.size() > 1) {
    CARE_ASSIGN_OR_RETURN(const ExpressionPtr distance, BindExpression(*call.arguments[1], inner));
    const std::optional<Value> value = ConstantOf(distance);
    const auto* rows = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    if (rows == nullptr || *rows < 0) {
      return NotYet(call.arguments[1]->position, absl::StrCat(call.name, " by other than a constant number of rows"));
    }
    bound.distance = static_cast<std::uint64_t>(*rows);
  }
  if (call.arguments.size() > 2) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr fallback, BindExpression(*call.arguments[2], inner));
    fallback = AsTimestamp(fallback);
    if (shown_as.IsFloat()) {
      CARE_ASSIGN_OR_RETURN(fallback, CoerceTo(fallback, shown_as));
      std::optional<ExpressionPtr> exact = ExactOf(fallback);
      // As many decimals as the values have, where it has fewer.
      if (exact && exact->get()->type.scale < bound.type.scale) exact = AtScale(*exact, bound.type.scale);
      if (!exact) return NotYet(call.arguments[2]->position, "this default of double precision");
      fallback = *exact;
    }
    const std::optional<DataType> type = CommonType(bound.type, fallback->type);
    if (!type.has_value() || type->kind != bound.type.kind) {
      return NotYet(call.arguments[2]->position,
                    absl::StrCat("a default of type ", fallback->type.ToString(), " beside ", bound.type.ToString()),
                    "CAST it");
    }
    CARE_ASSIGN_OR_RETURN(bound.fallback, CoerceTo(fallback, bound.type));
    CARE_RETURN_IF_ERROR(CheckUses(bound.fallback, ColumnUse::kInner));
    if (bound.type.kind == TypeKind::kNumeric && bound.fallback->type.scale != bound.type.scale) {
      // Each keeps its own digits; what is stored has those of the one that has most.
      bound.type.scale = std::max(bound.type.scale, bound.fallback->type.scale);
      for (ExpressionPtr* part : {&bound.argument, &bound.fallback}) {
        if ((*part)->type.scale != bound.type.scale)
          *part = std::make_shared<const Expression>(Expression{CastExpression{*part}, bound.type, (*part)->position});
      }
    }
  }
  if (const std::optional<AggregateFunction> aggregate = AsAggregate(bound.function)) {
    const DataType argument = bound.argument == nullptr ? kBigIntType : bound.argument->type;
    const std::optional<DataType> type = AggregateType(*aggregate, argument);
    if (!type.has_value()) {
      return Error(position, absl::StrCat("function ", call.name, "(", argument.ToString(), ") does not exist"));
    }
    bound.type = *type;
  } else if (bound.argument == nullptr) {
    bound.type = kBigIntType;
  }
  BoundWindow window;
  bool default_frame = true;
  CARE_RETURN_IF_ERROR(ReadWindow(*call.over, context, 0, window, default_frame));
  const sql::WindowFrame* frame = FrameOf(*call.over, context.named_windows);
  if (!default_frame && ReadsFrame(bound.function) && !TakeFrame(frame, window, bound)) {
    CARE_ASSIGN_OR_RETURN(bound.rows, ReadRowsFrame(frame, inner));
    if (!bound.rows) {
      return NotYet(call.over->position, "this window frame",
                    "from the start of the partition to the current row, and from there to the end, are, the whole partition, and ROWS a constant number away");
    }
    window.by_rows = position;
  }
  return PlaceWindowCall(call.name, std::move(bound), std::move(window), shown_as, context);
}

QueryBinder::Result QueryBinder::PlaceWindowCall(const std::string& name, WindowCall bound, BoundWindow window, const DataType& shown_as,
                                                 ExpressionContext& context) {
  const sql::SourcePosition position = bound.position;
  ColumnInfo info;
  info.name = name;
  info.type = bound.type;
  const ColumnId column = AddColumn(std::move(info), bound.argument == nullptr || AsAggregate(bound.function) == AggregateFunction::kCount
                                                         ? std::set<ColumnId>() : OriginsOf(bound.argument), -1);
  std::set<ColumnId> orders;
  for (const SortKey& key : window.order_by) {
    orders.merge(OriginsOf(key.expression));
    orders.merge(OrdersOf(key.expression));
  }
  if (!orders.empty()) ordered_by_[column] = std::move(orders);
  if (bound.function == WindowFunction::kAverage || (bound.argument != nullptr && OpenScale(bound.argument))) {
    open_scale_.insert(column);
  }
  if (shown_as.IsFloat()) fixed_points_.insert(column);
  const std::optional<sql::SourcePosition> by_rows = window.by_rows;
  const auto same_window = [&](const BoundWindow& other) {
    return std::equal(other.partition_by.begin(), other.partition_by.end(), window.partition_by.begin(),
                      window.partition_by.end(), SameExpression) &&
           std::equal(other.order_by.begin(), other.order_by.end(), window.order_by.begin(), window.order_by.end(),
                      [](const SortKey& a, const SortKey& b) {
                        return SameExpression(a.expression, b.expression) && a.descending == b.descending &&
                               a.nulls_first == b.nulls_first;
                      });
  };
  auto place = std::find_if(context.windows->begin(), context.windows->end(), same_window);
  if (place == context.windows->end()) place = context.windows->insert(place, std::move(window));
  if (by_rows && !place->by_rows) place->by_rows = by_rows;
  place->calls.push_back({column, std::move(bound)});
  return Reference({name, column, shown_as}, position);
}

absl::StatusOr<LogicalPtr> QueryBinder::AddWindows(LogicalPtr plan, std::vector<BoundWindow> windows) {
  for (BoundWindow& window : windows) {
    WindowNode node;
    ProjectNode computed;
    for (const ExpressionPtr& expression : window.partition_by) {
      const auto* column = std::get_if<ColumnExpression>(&expression->node);
      ColumnId id = column == nullptr ? 0 : column->column;
      if (column == nullptr) {
        id = AddComputed(expression, "partition");
        computed.columns.push_back({id, expression});
      }
      if (std::find(node.partition_by.begin(), node.partition_by.end(), id) == node.partition_by.end()) {
        node.partition_by.push_back(id);
      }
    }
    plan = WithoutOrder(plan);
    if (!computed.columns.empty()) {
      std::vector<NamedExpression> columns;
      for (ColumnId column : OutputColumns(*plan)) columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
      columns.insert(columns.end(), computed.columns.begin(), computed.columns.end());
      plan = MakeNode(ProjectNode{std::move(plan), std::move(columns)});
    }
    if (window.by_rows) {
      std::set<ColumnId> telling(node.partition_by.begin(), node.partition_by.end());
      for (const SortKey& key : window.order_by) {
        if (const auto* column = std::get_if<ColumnExpression>(&key.expression->node)) telling.insert(column->column);
      }
      if (!RowFacts(plan_.columns, catalog_).IsKey(*plan, telling, /*null_is_a_value=*/true)) {
        return NotYet(*window.by_rows, "a frame of ROWS in an order that does not tell all rows apart",
                      "order by a unique key as well; of equal rows the answer depends on which comes first");
      }
    }
    node.child = std::move(plan);
    node.order_by = std::move(window.order_by);
    node.calls = std::move(window.calls);
    plan = MakeNode(std::move(node));
    RefreshNodeFacts(*plan, plan_, catalog_);
  }
  return plan;
}

}  // namespace care::planner
