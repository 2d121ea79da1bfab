// NTILE, PERCENT_RANK and CUME_DIST: expressions over a row's number or rank and the number of rows of its partition.
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/fold_expression.h"
#include "planner/logical/query_binder.h"

namespace care::planner {

QueryBinder::Result QueryBinder::BindShareWindow(const sql::FunctionCall& call, sql::SourcePosition position, ExpressionContext& context) {
  const bool tiles = call.name == "ntile";
  if (call.star || call.arguments.size() != (tiles ? 1 : 0)) {
    return Error(position, absl::StrCat("function ", call.name, " takes ", tiles ? "1 argument" : "0 arguments"));
  }
  const auto over = [&](WindowFunction function, bool whole_partition) -> Result {
    WindowCall bound;
    bound.function = function;
    bound.type = kBigIntType;
    bound.position = position;
    BoundWindow window;
    bool default_frame = true;  // none of them reads the frame
    CARE_RETURN_IF_ERROR(ReadWindow(*call.over, context, 0, window, default_frame));
    if (whole_partition) window.order_by.clear();
    return PlaceWindowCall(call.name, std::move(bound), std::move(window), DataType(), context);
  };
  const auto compute = [&](Function function, const ExpressionPtr& a, const ExpressionPtr& b) { return Arithmetic(function, a, b, position); };
  const auto number = [&](std::int64_t value) { return MakeLiteral(value, kBigIntType, position); };
  const auto or_null = [&](const ExpressionPtr& divisor) {
    return MakeCall(Function::kNullIf, {divisor, number(0)}, kBigIntType, position);
  };
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr rows, over(WindowFunction::kCountStar, true));
  if (!tiles) {
    const bool ranks = call.name == "percent_rank";
    CARE_ASSIGN_OR_RETURN(ExpressionPtr part, over(ranks ? WindowFunction::kRank : WindowFunction::kCountStar, false));
    ExpressionPtr whole = rows;
    if (ranks) {
      CARE_ASSIGN_OR_RETURN(part, compute(Function::kSubtract, part, number(1)));
      CARE_ASSIGN_OR_RETURN(whole, compute(Function::kSubtract, rows, number(1)));
    }
    CARE_ASSIGN_OR_RETURN(part, CoerceTo(part, kDoubleType));
    CARE_ASSIGN_OR_RETURN(whole, CoerceTo(or_null(whole), kDoubleType));
    CARE_ASSIGN_OR_RETURN(ExpressionPtr share, compute(Function::kDivide, part, whole));
    // A single row is at 0 of its partition.
    CARE_ASSIGN_OR_RETURN(ExpressionPtr none, CoerceTo(number(0), kDoubleType));
    return ranks ? MakeCall(Function::kCoalesce, {std::move(share), std::move(none)}, kDoubleType, position) : share;
  }
  ExpressionContext inner = context;
  inner.windows = nullptr;
  inner.clause = "window functions";
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr argument, BindExpression(*call.arguments[0], inner));
  const std::optional<Value> value = ConstantOf(argument);
  const auto* count = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  if (count == nullptr) return NotYet(argument->position, "NTILE of other than a constant number");
  if (*count <= 0) return Error(argument->position, "argument of ntile must be greater than zero");
  // Of n rows in k parts the first n % k have a row more than the others, which have n / k; of fewer rows than parts each row
  // is a part.
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr row, over(WindowFunction::kRowNumber, false));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr before, compute(Function::kSubtract, row, number(1)));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr each, compute(Function::kDivide, rows, number(*count)));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr longer, compute(Function::kModulo, rows, number(*count)));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr one_more, compute(Function::kAdd, each, number(1)));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr in_longer, compute(Function::kMultiply, longer, one_more));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr first, compute(Function::kDivide, before, or_null(one_more)));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr rest, compute(Function::kSubtract, before, in_longer));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr then, compute(Function::kDivide, rest, or_null(each)));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr after, compute(Function::kAdd, then, longer));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr is_longer, Compare(Function::kLess, before, in_longer, position));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr tile, compute(Function::kAdd, When(std::move(is_longer), first, after), number(1)));
  return CastTo(std::move(tile), kIntegerType, position);
}

}  // namespace care::planner
