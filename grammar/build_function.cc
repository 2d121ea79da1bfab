// Function calls: their arguments, FILTER, WITHIN GROUP and OVER, and the calls with words inside.
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/ast_builder.h"

namespace care::sql {

absl::StatusOr<ExpressionPtr> AstBuilder::BuildFunction(P::FunctionCallContext* context) {
  FunctionCall call;
  CARE_ASSIGN_OR_RETURN(call.name, Name(context->functionName()));
  CARE_RETURN_IF_ERROR(AddArguments(context->functionArguments(), call));
  if (context->withinGroup() != nullptr) {
    CARE_ASSIGN_OR_RETURN(call.within_group_order_by, OrderBy(context->withinGroup()->orderByClause()));
  }
  if (context->filterClause() != nullptr) {
    CARE_ASSIGN_OR_RETURN(call.filter, Build(context->filterClause()->expression()));
  }
  if (P::OverClauseContext* over = context->overClause()) {
    WindowSpecification window;
    if (over->identifier() != nullptr) {
      window.position = At(over->identifier());
      window.parenthesized = false;
      CARE_ASSIGN_OR_RETURN(window.base_window, Name(over->identifier()));
    } else {
      CARE_ASSIGN_OR_RETURN(window, Window(over->windowSpecification()));
    }
    call.over = std::make_unique<WindowSpecification>(std::move(window));
  }
  return MakeExpression(At(context), std::move(call));
}

absl::Status AstBuilder::AddArguments(P::FunctionArgumentsContext* context, FunctionCall& call) {
  call.star = context->STAR() != nullptr;
  call.distinct = context->DISTINCT() != nullptr;
  for (P::FunctionArgumentContext* argument : context->functionArgument()) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr built, Build(argument->expression()));
    call.arguments.push_back(std::move(built));
  }
  CARE_ASSIGN_OR_RETURN(call.order_by, OrderBy(context->orderByClause()));
  return absl::OkStatus();
}

absl::StatusOr<ExpressionPtr> AstBuilder::BuildSubstring(P::SubstringCallContext* context) {
  FunctionCall call;
  call.name = "substring";
  P::SubstringRangeContext* range = context->substringRange();
  CARE_ASSIGN_OR_RETURN(ExpressionPtr text, Build(context->expression()));
  call.arguments.push_back(std::move(text));
  for (P::ExpressionContext* expression : range->expression()) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr built, Build(expression));
    call.arguments.push_back(std::move(built));
  }
  const bool for_first = range->FOR() != nullptr && range->getStart()->getType() == P::FOR;
  if (for_first && range->FROM() != nullptr) {
    std::swap(call.arguments[1], call.arguments[2]);
  } else if (for_first) {
    const SourcePosition position = call.arguments[1]->position;
    call.arguments.insert(call.arguments.begin() + 1,
                          MakeExpression(position, Literal{Value(std::int64_t{1})}));
  }
  return MakeExpression(At(context), std::move(call));
}

absl::StatusOr<ExpressionPtr> AstBuilder::BuildTrim(P::TrimCallContext* context) {
  FunctionCall call;
  call.name = context->LEADING() != nullptr ? "ltrim" : context->TRAILING() != nullptr ? "rtrim" : "btrim";
  for (P::ExpressionContext* expression : context->trimArguments()->expression()) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr built, Build(expression));
    call.arguments.push_back(std::move(built));
  }
  // TRIM(characters FROM text) is btrim(text, characters).
  if (context->trimArguments()->FROM() != nullptr && call.arguments.size() == 2) {
    std::swap(call.arguments[0], call.arguments[1]);
  }
  return MakeExpression(At(context), std::move(call));
}

absl::StatusOr<ExpressionPtr> AstBuilder::BuildPosition(P::PositionCallContext* context) {
  FunctionCall call;
  call.name = "strpos";
  for (const std::size_t index : {1, 0}) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr built, Build(context->operation(index)));
    call.arguments.push_back(std::move(built));
  }
  return MakeExpression(At(context), std::move(call));
}

absl::StatusOr<WindowSpecification> AstBuilder::Window(P::WindowSpecificationContext* context) {
  WindowSpecification window;
  window.position = At(context);
  if (context->windowBase() != nullptr) {
    CARE_ASSIGN_OR_RETURN(window.base_window, Name(context->windowBase()));
  }
  if (context->expressionList() != nullptr) {
    CARE_ASSIGN_OR_RETURN(window.partition_by, List(context->expressionList()));
  }
  CARE_ASSIGN_OR_RETURN(window.order_by, OrderBy(context->orderByClause()));
  if (context->windowFrame() != nullptr) {
    CARE_ASSIGN_OR_RETURN(window.frame, Frame(context->windowFrame()));
  }
  return window;
}

absl::StatusOr<WindowFrame> AstBuilder::Frame(P::WindowFrameContext* context) {
  WindowFrame frame;
  frame.unit = context->ROWS() != nullptr    ? FrameUnit::kRows
               : context->RANGE() != nullptr ? FrameUnit::kRange
                                             : FrameUnit::kGroups;
  CARE_ASSIGN_OR_RETURN(frame.start, Bound(context->frameBound(0)));
  frame.end.kind = FrameBoundKind::kCurrentRow;
  if (context->BETWEEN() != nullptr) {
    CARE_ASSIGN_OR_RETURN(frame.end, Bound(context->frameBound(1)));
  }
  if (frame.start.kind > frame.end.kind || frame.start.kind == FrameBoundKind::kUnboundedFollowing ||
      frame.end.kind == FrameBoundKind::kUnboundedPreceding) {
    return Refuse(At(context), "the frame of a window must not end before it starts");
  }
  return frame;
}

absl::StatusOr<FrameBound> AstBuilder::Bound(P::FrameBoundContext* context) {
  FrameBound bound;
  const bool preceding = context->PRECEDING() != nullptr;
  if (context->CURRENT() != nullptr) {
    bound.kind = FrameBoundKind::kCurrentRow;
  } else if (context->UNBOUNDED() != nullptr) {
    bound.kind = preceding ? FrameBoundKind::kUnboundedPreceding : FrameBoundKind::kUnboundedFollowing;
  } else {
    bound.kind = preceding ? FrameBoundKind::kPreceding : FrameBoundKind::kFollowing;
    CARE_ASSIGN_OR_RETURN(bound.distance, Build(context->expression()));
  }
  return bound;
}

}  // namespace care::sql
