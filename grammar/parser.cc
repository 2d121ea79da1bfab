#include "grammar/parser.h"

#include <exception>
#include <optional>

#include "CareSqlLexer.h"
#include "CareSqlParser.h"
#include "antlr4-runtime.h"
#include "engine/types/status_macros.h"
#include "grammar/ast_builder.h"
#include "grammar/source_text.h"
#include "grammar/syntax_error.h"
#include "grammar/token_limits.h"
#include "grammar/upper_case_stream.h"

namespace care::sql {
namespace {

// Stops at the first error and remembers the token: what follows it would only be guesses.
class StopAtFirstError : public antlr4::BailErrorStrategy {
 public:
  void recover(antlr4::Parser* parser, std::exception_ptr error) override {
    Remember(*parser->getCurrentToken());
    try {
      std::rethrow_exception(error);
    } catch (const antlr4::RecognitionException& recognition) {
      if (recognition.getOffendingToken() != nullptr) Remember(*recognition.getOffendingToken());
    } catch (...) {
      // The parser's current token stands.
    }
    throw antlr4::ParseCancellationException();
  }

  antlr4::Token* recoverInline(antlr4::Parser* parser) override {
    Remember(*parser->getCurrentToken());
    throw antlr4::ParseCancellationException();
  }

  std::size_t offending_index() const { return offending_index_; }

 private:
  void Remember(const antlr4::Token& token) { offending_index_ = token.getTokenIndex(); }

  std::size_t offending_index_ = 0;
};

class StatementParser {
 public:
  explicit StatementParser(const SourceText& source)
      : source_(source),
        input_(source.without_comments()),
        lexer_(&input_),
        tokens_(&lexer_),
        parser_(&tokens_) {
    lexer_.removeErrorListeners();
    parser_.removeErrorListeners();
  }

  absl::StatusOr<Statement> Run() {
    tokens_.fill();
    CARE_RETURN_IF_ERROR(CheckTokenLimits(source_, tokens_));
    // SLL prediction decides nearly every statement, at a fraction of the cost; where it fails, the full
    // algorithm says whether the statement is wrong.
    std::size_t offending = 0;
    for (const auto mode : {antlr4::atn::PredictionMode::SLL, antlr4::atn::PredictionMode::LL}) {
      const auto strategy = std::make_shared<StopAtFirstError>();
      tokens_.seek(0);
      parser_.reset();
      parser_.setErrorHandler(strategy);
      parser_.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(mode);
      try {
        return AstBuilder(source_).Build(parser_.statement());
      } catch (const antlr4::ParseCancellationException&) {
        offending = strategy->offending_index();
      }
    }
    return SyntaxError(source_, tokens_, offending);
  }

 private:
  const SourceText& source_;
  UpperCaseStream input_;
  caresql::CareSqlLexer lexer_;
  antlr4::CommonTokenStream tokens_;
  caresql::CareSqlParser parser_;
};

}  // namespace

absl::StatusOr<Statement> Parse(std::string_view sql) {
  CARE_ASSIGN_OR_RETURN(const SourceText source, SourceText::Read(sql));
  return StatementParser(source).Run();
}

}  // namespace care::sql
