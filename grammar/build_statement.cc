// The statements around a query, and what every part of the builder asks: positions, texts, names.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/types/status_macros.h"
#include "grammar/ast_builder.h"
#include "grammar/query_error.h"

namespace care::sql {
namespace {

constexpr std::size_t kMaximumNameBytes = 63;  // as in PostgreSQL, which cuts where we refuse

std::string LowerCase(std::string text) {
  absl::AsciiStrToLower(&text);
  return text;
}

}  // namespace

SourcePosition AstBuilder::At(antlr4::Token* first, antlr4::Token* last) const {
  return source_.OfCharacters(first->getStartIndex(), last->getStopIndex() + 1);
}

SourcePosition AstBuilder::At(antlr4::ParserRuleContext* context) const {
  return At(context->getStart(), context->getStop());
}

SourcePosition AstBuilder::At(antlr4::tree::TerminalNode* node) const {
  return At(node->getSymbol(), node->getSymbol());
}

std::string AstBuilder::TextOf(antlr4::ParserRuleContext* context) const {
  return std::string(source_.Slice(At(context)));
}

std::string AstBuilder::TextOf(antlr4::tree::TerminalNode* node) const {
  return std::string(source_.Slice(At(node)));
}

absl::Status AstBuilder::Refuse(SourcePosition position, std::string_view message,
                                std::string_view hint) const {
  return QueryError(source_.sql(), position, message, hint);
}

absl::StatusOr<std::string> AstBuilder::Name(antlr4::ParserRuleContext* context) const {
  std::string text = TextOf(context);
  if (text.front() == '"') {
    text = absl::StrReplaceAll(text.substr(1, text.size() - 2), {{"\"\"", "\""}});
  } else {
    text = LowerCase(std::move(text));
  }
  if (text.empty()) return Refuse(At(context), "a quoted name must not be empty");
  if (text.size() > kMaximumNameBytes) {
    return Refuse(At(context), absl::StrCat("a name has at most ", kMaximumNameBytes, " bytes"));
  }
  return text;
}

absl::StatusOr<Identifier> AstBuilder::MakeIdentifier(antlr4::ParserRuleContext* context) const {
  CARE_ASSIGN_OR_RETURN(std::string name, Name(context));
  return Identifier{At(context), std::move(name)};
}

absl::StatusOr<std::vector<Identifier>> AstBuilder::Columns(P::ColumnAliasesContext* context) const {
  std::vector<Identifier> columns;
  if (context == nullptr) return columns;
  for (P::IdentifierContext* identifier : context->identifier()) {
    CARE_ASSIGN_OR_RETURN(Identifier column, MakeIdentifier(identifier));
    columns.push_back(std::move(column));
  }
  return columns;
}

absl::StatusOr<Statement> AstBuilder::Build(P::StatementContext* context) {
  if (context->explainStatement() != nullptr) return BuildExplain(context->explainStatement());
  if (context->showStatement() != nullptr) return BuildShow(context->showStatement());
  if (context->setStatement() != nullptr) return BuildSet(context->setStatement());
  CARE_ASSIGN_OR_RETURN(SelectStatement statement, Select(context->selectStatement()));
  return Statement(std::move(statement));
}

absl::StatusOr<Statement> AstBuilder::BuildExplain(P::ExplainStatementContext* context) {
  Explain explain;
  explain.position = At(context);
  explain.analyze = context->ANALYZE() != nullptr;
  for (P::ExplainOptionContext* option : context->explainOption()) {
    const std::string text = LowerCase(TextOf(option));
    const std::size_t space = text.find_first_of(" \t\r\n");
    const std::string name = text.substr(0, space);
    const std::size_t begin = space == std::string::npos ? space : text.find_first_not_of(" \t\r\n", space);
    const std::string value = begin == std::string::npos ? "" : text.substr(begin);
    const bool on = value.empty() || value == "true" || value == "on" || value == "1";
    const bool off = value == "false" || value == "off" || value == "0";
    if (name == "format" && (value == "json" || value == "text")) {
      explain.json = value == "json";
    } else if ((name == "analyze" || name == "analyse") && (on || off)) {
      explain.analyze = on;
    } else if (name != "verbose" || !(on || off)) {  // a plan is always shown whole
      return Refuse(At(option), "EXPLAIN does not know this option",
                    "options are ANALYZE, VERBOSE, FORMAT JSON and FORMAT TEXT");
    }
  }
  CARE_ASSIGN_OR_RETURN(explain.statement, Select(context->selectStatement()));
  return Statement(std::move(explain));
}

absl::StatusOr<Statement> AstBuilder::BuildShow(P::ShowStatementContext* context) {
  Show show;
  show.position = At(context);
  for (P::ShowWordContext* word : context->showWord()) {
    if (!show.what.empty()) show.what.push_back(' ');
    show.what.append(LowerCase(TextOf(word)));
  }
  if (P::TableNameContext* table = context->tableName()) {
    CARE_ASSIGN_OR_RETURN(show.table, Name(table->identifier()));
    if (table->columnLabel() != nullptr) {
      CARE_ASSIGN_OR_RETURN(const std::string name, Name(table->columnLabel()));
      absl::StrAppend(&show.table, ".", name);
    }
  }
  return Statement(std::move(show));
}

absl::StatusOr<Statement> AstBuilder::BuildSet(P::SetStatementContext* context) {
  SetVariable set;
  set.position = At(context);
  CARE_ASSIGN_OR_RETURN(set.name, Name(context->identifier(0)));
  if (context->identifier().size() == 2) {
    if (set.name != "session" && set.name != "local") {
      return Refuse(At(context->identifier(0)), "expected SET name = value", "SET purpose = '...'");
    }
    CARE_ASSIGN_OR_RETURN(set.name, Name(context->identifier(1)));
  }
  for (P::ColumnLabelContext* label : context->columnLabel()) {
    CARE_ASSIGN_OR_RETURN(const std::string name, Name(label));
    absl::StrAppend(&set.name, ".", name);
  }
  P::SetValueContext* value = context->setValue();
  if (value->STRING() != nullptr) {
    set.value = StringOf(value->STRING());
  } else if (value->identifier() != nullptr) {
    CARE_ASSIGN_OR_RETURN(set.value, Name(value->identifier()));
  } else {
    set.value = LowerCase(TextOf(value));
  }
  return Statement(std::move(set));
}

}  // namespace care::sql
