#include "engine/frontend/demo/questions.h"

namespace care::engine {

DemoQuestion ParseQuestion(const QuestionText& text) {
  DemoQuestion question{.name = text.name, .plain = {}, .sql = text.text};
  if (text.text.starts_with("-- ")) {
    const std::size_t end = text.text.find('\n');
    question.plain = text.text.substr(3, end - 3);
    question.sql = end == std::string::npos ? "" : text.text.substr(end + 1);
  }
  while (!question.sql.empty() && (question.sql.back() == '\n' || question.sql.back() == ';')) {
    question.sql.pop_back();
  }
  return question;
}

std::vector<DemoQuestion> Questions() {
  std::vector<DemoQuestion> questions;
  for (const QuestionText& text : QuestionTexts()) questions.push_back(ParseQuestion(text));
  return questions;
}

}  // namespace care::engine
