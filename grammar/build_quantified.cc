// Comparisons with ANY, SOME and ALL. = ANY and <> ALL are IN and NOT IN, of a subquery as of constants: what programs
// write is x = ANY ('{1,2,3}').
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "grammar/ast_builder.h"
#include "engine/types/status_macros.h"

namespace care::sql {
namespace {

std::string_view Stripped(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r\f\v";
  const std::size_t begin = text.find_first_not_of(kSpace);
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// One element of an array's text, and where the next begins.
struct Element {
  std::string text;
  bool quoted = false;
};

// {1,2,"a b",NULL}, without nested arrays; nothing where it is no such text.
std::optional<std::vector<Element>> ReadArray(std::string_view text) {
  text = Stripped(text);
  if (!text.starts_with('{') || !text.ends_with('}') || text.size() < 2) return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::vector<Element> elements;
  if (Stripped(text).empty()) return elements;
  std::size_t at = 0;
  const auto skip_space = [&] {
    while (at < text.size() && absl::ascii_isspace(static_cast<unsigned char>(text[at]))) ++at;
  };
  for (;;) {
    Element element;
    skip_space();
    if (at < text.size() && text[at] == '"') {
      element.quoted = true;
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\' && ++at >= text.size()) return std::nullopt;
        element.text += text[at];
      }
      if (at++ >= text.size()) return std::nullopt;
      skip_space();
    } else {
      const std::size_t end = std::min(text.find(',', at), text.size());
      element.text = std::string(Stripped(text.substr(at, end - at)));
      if (element.text.empty() || element.text.find_first_of("{}\"\\") != std::string::npos) return std::nullopt;
      at = end;
    }
    elements.push_back(std::move(element));
    if (at >= text.size()) return elements;
    if (text[at++] != ',') return std::nullopt;
  }
}

}  // namespace

absl::StatusOr<std::vector<ExpressionPtr>> AstBuilder::ItemsOfArray(P::QuantifiedContext* context) {
  if (P::ArrayConstructorContext* constructor = context->arrayConstructor(); constructor != nullptr) {
    if (constructor->expressionList() == nullptr) {
      return Refuse(At(constructor), "cannot determine type of empty array", "write '{}'");
    }
    return List(constructor->expressionList());
  }
  P::ArrayTextContext* const typed = context->arrayText();
  const SourcePosition position = typed != nullptr ? At(typed) : At(context->expression());
  std::string text;
  std::optional<DataType> type;
  if (typed != nullptr) {
    text = StringOf(typed->STRING());
    CARE_ASSIGN_OR_RETURN(type, Type(At(typed->typeName())));
  } else {
    CARE_ASSIGN_OR_RETURN(const ExpressionPtr written, Build(context->expression()));
    const auto* literal = std::get_if<Literal>(&written->node);
    const auto* read = literal == nullptr ? nullptr : std::get_if<std::string>(&literal->value);
    if (read == nullptr) {
      return Refuse(position, "ANY and ALL of other than a subquery or a constant array are not supported",
                    "write ARRAY[1, 2, 3] or '{1,2,3}'");
    }
    text = *read;
  }
  std::optional<std::vector<Element>> elements = ReadArray(text);
  if (!elements) {
    return Refuse(position, "this text is not read as an array of one dimension", "write it as '{1,2,3}' or ARRAY[1, 2, 3]");
  }
  std::vector<ExpressionPtr> items;
  for (Element& element : *elements) {
    const bool null = !element.quoted && absl::EqualsIgnoreCase(element.text, "null");
    ExpressionPtr item = MakeExpression(position, Literal{null ? Value(Null{}) : Value(std::move(element.text))});
    items.push_back(type ? MakeExpression(position, Cast{std::move(item), *type}) : std::move(item));
  }
  return items;
}

absl::StatusOr<ExpressionPtr> AstBuilder::BuildQuantified(ExpressionPtr operand, BinaryOperator op,
                                                          P::QuantifiedContext* context) {
  const SourcePosition position = Span(operand->position, At(context));
  const bool all = context->ALL() != nullptr;
  const bool is_in = op == BinaryOperator::kEqual && !all;
  const bool is_not_in = op == BinaryOperator::kNotEqual && all;
  if (context->selectStatement() != nullptr) {
    CARE_ASSIGN_OR_RETURN(SelectStatementPtr subquery, SelectPtr(context->selectStatement()));
    if (is_in || is_not_in) {
      return MakeExpression(position, InSubquery{std::move(operand), std::move(subquery), is_not_in});
    }
    return MakeExpression(position, QuantifiedSubquery{op, all, std::move(operand), std::move(subquery)});
  }
  if (!is_in && !is_not_in) {
    return Refuse(At(context), "of an array, comparisons other than = ANY and <> ALL are not supported",
                  "compare with each value, joined by OR or AND");
  }
  CARE_ASSIGN_OR_RETURN(std::vector<ExpressionPtr> items, ItemsOfArray(context));
  if (items.empty()) return MakeExpression(position, Literal{Value(is_not_in)});  // of no values
  return MakeExpression(position, InList{std::move(operand), std::move(items), is_not_in});
}

}  // namespace care::sql
