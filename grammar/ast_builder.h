// grammar/ast_builder.h
//
// Builds the syntax tree from the parser's. Forms that the grammar knows but the dialect refuses
// (WITH RECURSIVE, DISTINCT ON, ...) end here, each by name and position.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "CareSqlParser.h"
#include "absl/status/statusor.h"
#include "grammar/ast.h"
#include "grammar/source_text.h"

namespace care::sql {

class AstBuilder {
 public:
  explicit AstBuilder(const SourceText& source) : source_(source) {}

  absl::StatusOr<Statement> Build(caresql::CareSqlParser::StatementContext* context);

 private:
  using P = caresql::CareSqlParser;
  template <typename T>
  using Result = absl::StatusOr<T>;

  // build_statement.cc
  Result<Statement> BuildExplain(P::ExplainStatementContext* context);
  Result<Statement> BuildShow(P::ShowStatementContext* context);
  Result<Statement> BuildSet(P::SetStatementContext* context);
  SourcePosition At(antlr4::ParserRuleContext* context) const;
  SourcePosition At(antlr4::Token* first, antlr4::Token* last) const;
  SourcePosition At(antlr4::tree::TerminalNode* node) const;
  std::string TextOf(antlr4::ParserRuleContext* context) const;
  std::string TextOf(antlr4::tree::TerminalNode* node) const;
  absl::Status Refuse(SourcePosition position, std::string_view message, std::string_view hint = {}) const;
  // A word as SQL folds it: lower case, or what stands between double quotes.
  Result<std::string> Name(antlr4::ParserRuleContext* context) const;
  Result<Identifier> MakeIdentifier(antlr4::ParserRuleContext* context) const;
  Result<std::vector<Identifier>> Columns(P::ColumnAliasesContext* context) const;

  // build_select.cc
  Result<SelectStatement> Select(P::SelectStatementContext* context);
  Result<SelectStatementPtr> SelectPtr(P::SelectStatementContext* context);
  absl::Status AddWith(P::WithClauseContext* context, SelectStatement& statement);
  absl::Status AddLimit(P::LimitPartContext* context, SelectStatement& statement);
  Result<SelectStatement> Query(P::QueryExpressionContext* context);
  Result<SelectStatement> Term(P::QueryTermContext* context);
  Result<SelectStatement> Primary(P::QueryPrimaryContext* context);
  Result<SelectCore> Core(P::SelectCoreContext* context);
  Result<SelectItem> Item(P::SelectItemContext* context);
  Result<GroupingElement> Grouping(P::GroupingElementContext* context);
  Result<std::vector<OrderItem>> OrderBy(P::OrderByClauseContext* context);  // null: none

  // build_table.cc
  Result<TableReference> Table(P::TableReferenceContext* context);
  Result<TableReference> PrimaryTable(P::TablePrimaryContext* context);
  Result<TableReference> AddJoin(TableReference left, P::JoinSuffixContext* context);
  Result<ValuesTable> Values(P::ValuesClauseContext* context);
  absl::Status AddAlias(P::TableAliasContext* context, std::string& alias, std::vector<Identifier>& columns);

  // build_expression.cc
  Result<std::vector<ExpressionPtr>> List(P::ExpressionListContext* context);
  Result<ExpressionPtr> Build(P::ExpressionContext* context);
  Result<ExpressionPtr> Build(P::AndExpressionContext* context);
  Result<ExpressionPtr> Build(P::NotExpressionContext* context);
  Result<ExpressionPtr> Build(P::IsExpressionContext* context);
  Result<ExpressionPtr> AddIs(ExpressionPtr operand, P::IsSuffixContext* context);
  Result<ExpressionPtr> Build(P::ComparisonContext* context);
  Result<ExpressionPtr> Build(P::PredicateContext* context);
  Result<ExpressionPtr> AddPredicate(ExpressionPtr operand, P::PredicateSuffixContext* context);
  Result<ExpressionPtr> Build(P::OperationContext* context);
  Result<ExpressionPtr> Build(P::SumContext* context);
  Result<ExpressionPtr> Build(P::ProductContext* context);
  Result<ExpressionPtr> Build(P::SignedOperandContext* context);
  Result<ExpressionPtr> Build(P::CastSequenceContext* context);
  ExpressionPtr MakeBinary(BinaryOperator op, ExpressionPtr left, ExpressionPtr right) const;
  // build_quantified.cc
  Result<ExpressionPtr> BuildQuantified(ExpressionPtr operand, BinaryOperator op, P::QuantifiedContext* context);
  Result<std::vector<ExpressionPtr>> ItemsOfArray(P::QuantifiedContext* context);
  // From the start of one to the end of the other.
  SourcePosition Span(SourcePosition first, SourcePosition last) const;

  // build_primary.cc
  Result<ExpressionPtr> Build(P::PrimaryContext* context);
  Result<ExpressionPtr> BuildCase(P::CaseExpressionContext* context);
  Result<ExpressionPtr> BuildExtract(P::ExtractCallContext* context);
  Result<ExpressionPtr> BuildColumn(P::ColumnReferenceContext* context);
  Result<ExpressionPtr> BuildParameter(P::ParameterMarkerContext* context);

  // build_function.cc
  Result<ExpressionPtr> BuildFunction(P::FunctionCallContext* context);
  absl::Status AddArguments(P::FunctionArgumentsContext* context, FunctionCall& call);
  Result<ExpressionPtr> BuildSubstring(P::SubstringCallContext* context);
  Result<ExpressionPtr> BuildTrim(P::TrimCallContext* context);
  Result<ExpressionPtr> BuildPosition(P::PositionCallContext* context);
  Result<WindowSpecification> Window(P::WindowSpecificationContext* context);
  Result<WindowFrame> Frame(P::WindowFrameContext* context);
  Result<FrameBound> Bound(P::FrameBoundContext* context);

  // build_literal.cc
  Result<ExpressionPtr> BuildInteger(P::IntegerLiteralContext* context);
  Result<ExpressionPtr> BuildDecimal(P::DecimalLiteralContext* context);
  Result<ExpressionPtr> BuildInterval(P::IntervalLiteralContext* context);
  Result<ExpressionPtr> BuildTyped(P::TypedLiteralContext* context);
  Result<DataType> Type(SourcePosition position) const;
  std::string StringOf(antlr4::tree::TerminalNode* node) const;

  const SourceText& source_;
};

}  // namespace care::sql
