// engine/frontend/demo/questions.h
//
// The question set of the coaching example. Each file of tests/sql/questions holds one question: a comment
// that says it in plain English, then the SQL. The texts are compiled in.
#pragma once

#include <string>
#include <vector>

namespace care::engine {

struct QuestionText {
  std::string name;  // "02_cost_of_care"
  std::string text;  // the whole file
};

// In the order of their names.
const std::vector<QuestionText>& QuestionTexts();

struct DemoQuestion {
  std::string name;
  std::string plain;  // what the first line says, without "-- "
  std::string sql;    // the rest, without the final semicolon
};

// Reads one question file's text.
DemoQuestion ParseQuestion(const QuestionText& text);
std::vector<DemoQuestion> Questions();

}  // namespace care::engine
