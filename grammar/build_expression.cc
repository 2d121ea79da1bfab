// Operators, from the loosest (OR) to the tightest (::). Chains associate to the left, as in PostgreSQL.
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/ast_builder.h"

namespace care::sql {

SourcePosition AstBuilder::Span(SourcePosition first, SourcePosition last) const {
  first.length = last.offset + last.length - first.offset;
  return first;
}

ExpressionPtr AstBuilder::MakeBinary(BinaryOperator op, ExpressionPtr left, ExpressionPtr right) const {
  const SourcePosition position = Span(left->position, right->position);
  return MakeExpression(position, Binary{op, std::move(left), std::move(right)});
}

absl::StatusOr<std::vector<ExpressionPtr>> AstBuilder::List(P::ExpressionListContext* context) {
  std::vector<ExpressionPtr> list;
  for (P::ExpressionContext* expression : context->expression()) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr built, Build(expression));
    list.push_back(std::move(built));
  }
  return list;
}

absl::StatusOr<ExpressionPtr> AstBuilder::Build(P::ExpressionContext* context) {
  ExpressionPtr left;
  for (P::AndExpressionContext* operand : context->andExpression()) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr built, Build(operand));
    left = left == nullptr ? std::move(built)
                           : MakeBinary(BinaryOperator::kOr, std::move(left), std::move(built));
  }
  return left;
}

absl::StatusOr<ExpressionPtr> AstBuilder::Build(P::AndExpressionContext* context) {
  ExpressionPtr left;
  for (P::NotExpressionContext* operand : context->notExpression()) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr built, Build(operand));
    left = left == nullptr ? std::move(built)
                           : MakeBinary(BinaryOperator::kAnd, std::move(left), std::move(built));
  }
  return left;
}

absl::StatusOr<ExpressionPtr> AstBuilder::Build(P::NotExpressionContext* context) {
  if (context->isExpression() != nullptr) return Build(context->isExpression());
  CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, Build(context->notExpression()));
  return MakeExpression(At(context), Unary{UnaryOperator::kNot, std::move(operand)});
}

absl::StatusOr<ExpressionPtr> AstBuilder::Build(P::IsExpressionContext* context) {
  CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, Build(context->comparison()));
  for (P::IsSuffixContext* suffix : context->isSuffix()) {
    CARE_ASSIGN_OR_RETURN(operand, AddIs(std::move(operand), suffix));
  }
  return operand;
}

absl::StatusOr<ExpressionPtr> AstBuilder::AddIs(ExpressionPtr operand, P::IsSuffixContext* context) {
  const SourcePosition position = Span(operand->position, At(context));
  const bool negated = context->NOT() != nullptr;
  if (context->DISTINCT() != nullptr) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr right, Build(context->comparison()));
    return MakeExpression(position, IsDistinct{std::move(operand), std::move(right), negated});
  }
  if (context->ISNULL() != nullptr) return MakeExpression(position, IsNull{std::move(operand), false});
  if (context->NOTNULL() != nullptr) return MakeExpression(position, IsNull{std::move(operand), true});
  if (context->NULL_() != nullptr) return MakeExpression(position, IsNull{std::move(operand), negated});
  const TruthValue truth = context->TRUE_() != nullptr    ? TruthValue::kTrue
                           : context->FALSE_() != nullptr ? TruthValue::kFalse
                                                          : TruthValue::kUnknown;
  return MakeExpression(position, IsBoolean{std::move(operand), truth, negated});
}

absl::StatusOr<ExpressionPtr> AstBuilder::Build(P::ComparisonContext* context) {
  CARE_ASSIGN_OR_RETURN(ExpressionPtr left, Build(context->predicate(0)));
  P::ComparisonOperatorContext* word = context->comparisonOperator();
  if (word == nullptr) return left;
  const BinaryOperator op = word->EQUAL() != nullptr           ? BinaryOperator::kEqual
                            : word->NOT_EQUAL() != nullptr     ? BinaryOperator::kNotEqual
                            : word->LESS() != nullptr          ? BinaryOperator::kLess
                            : word->LESS_OR_EQUAL() != nullptr ? BinaryOperator::kLessOrEqual
                            : word->GREATER() != nullptr       ? BinaryOperator::kGreater
                                                               : BinaryOperator::kGreaterOrEqual;
  if (context->quantified() != nullptr) return BuildQuantified(std::move(left), op, context->quantified());
  CARE_ASSIGN_OR_RETURN(ExpressionPtr right, Build(context->predicate(1)));
  return MakeBinary(op, std::move(left), std::move(right));
}

absl::StatusOr<ExpressionPtr> AstBuilder::Build(P::PredicateContext* context) {
  CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, Build(context->operation()));
  if (context->predicateSuffix() == nullptr) return operand;
  return AddPredicate(std::move(operand), context->predicateSuffix());
}

absl::StatusOr<ExpressionPtr> AstBuilder::AddPredicate(ExpressionPtr operand,
                                                       P::PredicateSuffixContext* context) {
  const SourcePosition position = Span(operand->position, At(context));
  const bool negated = context->NOT() != nullptr;
  if (context->BETWEEN() != nullptr) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr low, Build(context->operation(0)));
    CARE_ASSIGN_OR_RETURN(ExpressionPtr high, Build(context->operation(1)));
    return MakeExpression(position, Between{std::move(operand), std::move(low), std::move(high), negated, context->SYMMETRIC() != nullptr});
  }
  if (context->IN() != nullptr && context->selectStatement() != nullptr) {
    CARE_ASSIGN_OR_RETURN(SelectStatementPtr subquery, SelectPtr(context->selectStatement()));
    return MakeExpression(position, InSubquery{std::move(operand), std::move(subquery), negated});
  }
  if (context->IN() != nullptr) {
    CARE_ASSIGN_OR_RETURN(std::vector<ExpressionPtr> items, List(context->expressionList()));
    return MakeExpression(position, InList{std::move(operand), std::move(items), negated});
  }
  Like like;
  like.kind = context->LIKE() != nullptr    ? LikeKind::kLike
              : context->ILIKE() != nullptr ? LikeKind::kILike
                                            : LikeKind::kSimilar;
  like.negated = negated;
  like.operand = std::move(operand);
  CARE_ASSIGN_OR_RETURN(like.pattern, Build(context->operation(0)));
  if (context->ESCAPE() != nullptr) {
    CARE_ASSIGN_OR_RETURN(like.escape, Build(context->operation(1)));
  }
  return MakeExpression(position, std::move(like));
}

absl::StatusOr<ExpressionPtr> AstBuilder::Build(P::OperationContext* context) {
  CARE_ASSIGN_OR_RETURN(ExpressionPtr left, Build(context->sum(0)));
  for (std::size_t index = 0; index < context->otherOperator().size(); ++index) {
    P::OtherOperatorContext* word = context->otherOperator(index);
    CARE_ASSIGN_OR_RETURN(ExpressionPtr right, Build(context->sum(index + 1)));
    if (word->CONCATENATE() != nullptr) {
      left = MakeBinary(BinaryOperator::kConcatenate, std::move(left), std::move(right));
      continue;
    }
    const SourcePosition position = Span(left->position, right->position);
    const bool folds = word->REGEX_IGNORING_CASE() != nullptr || word->NOT_REGEX_IGNORING_CASE() != nullptr;
    Like like;
    like.kind = folds ? LikeKind::kRegexIgnoringCase : LikeKind::kRegex;
    like.negated = word->NOT_REGEX() != nullptr || word->NOT_REGEX_IGNORING_CASE() != nullptr;
    like.operand = std::move(left);
    like.pattern = std::move(right);
    left = MakeExpression(position, std::move(like));
  }
  return left;
}

absl::StatusOr<ExpressionPtr> AstBuilder::Build(P::SumContext* context) {
  // Children alternate: operand, operator, operand, ...
  CARE_ASSIGN_OR_RETURN(ExpressionPtr left, Build(context->product(0)));
  const std::vector<P::ProductContext*> operands = context->product();
  for (std::size_t index = 1; index < operands.size(); ++index) {
    auto* word = static_cast<antlr4::tree::TerminalNode*>(context->children[2 * index - 1]);
    CARE_ASSIGN_OR_RETURN(ExpressionPtr right, Build(operands[index]));
    const bool adds = word->getSymbol()->getType() == P::PLUS;
    left = MakeBinary(adds ? BinaryOperator::kAdd : BinaryOperator::kSubtract, std::move(left),
                      std::move(right));
  }
  return left;
}

absl::StatusOr<ExpressionPtr> AstBuilder::Build(P::ProductContext* context) {
  CARE_ASSIGN_OR_RETURN(ExpressionPtr left, Build(context->signedOperand(0)));
  const std::vector<P::SignedOperandContext*> operands = context->signedOperand();
  for (std::size_t index = 1; index < operands.size(); ++index) {
    auto* word = static_cast<antlr4::tree::TerminalNode*>(context->children[2 * index - 1]);
    CARE_ASSIGN_OR_RETURN(ExpressionPtr right, Build(operands[index]));
    const std::size_t type = word->getSymbol()->getType();
    const BinaryOperator op = type == P::STAR    ? BinaryOperator::kMultiply
                              : type == P::SLASH ? BinaryOperator::kDivide
                                                 : BinaryOperator::kModulo;
    left = MakeBinary(op, std::move(left), std::move(right));
  }
  return left;
}

absl::StatusOr<ExpressionPtr> AstBuilder::Build(P::SignedOperandContext* context) {
  if (context->castSequence() != nullptr) return Build(context->castSequence());
  CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, Build(context->signedOperand()));
  const UnaryOperator op = context->MINUS() != nullptr ? UnaryOperator::kNegate : UnaryOperator::kPlus;
  return MakeExpression(At(context), Unary{op, std::move(operand)});
}

absl::StatusOr<ExpressionPtr> AstBuilder::Build(P::CastSequenceContext* context) {
  CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, Build(context->primary()));
  for (P::TypeNameContext* name : context->typeName()) {
    CARE_ASSIGN_OR_RETURN(const DataType type, Type(At(name)));
    const SourcePosition position = Span(operand->position, At(name));
    operand = MakeExpression(position, Cast{std::move(operand), type});
  }
  return operand;
}

}  // namespace care::sql
