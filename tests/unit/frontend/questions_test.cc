#include "engine/frontend/demo/questions.h"

#include <gtest/gtest.h>

namespace care::engine {
namespace {

TEST(Questions, EachSaysWhatItAsks) {
  const std::vector<DemoQuestion> questions = Questions();
  EXPECT_GE(questions.size(), 6u);
  for (const DemoQuestion& question : questions) {
    EXPECT_TRUE(question.plain.ends_with('?') || question.plain.ends_with('.')) << question.name;
    EXPECT_FALSE(question.sql.empty()) << question.name;
    EXPECT_FALSE(question.sql.ends_with(';')) << question.name;
  }
}

TEST(Questions, TheCommentIsNotPartOfTheSql) {
  const DemoQuestion question = ParseQuestion({"01_name", "-- How many?\nSELECT COUNT(*)\nFROM t;\n"});
  EXPECT_EQ(question.plain, "How many?");
  EXPECT_EQ(question.sql, "SELECT COUNT(*)\nFROM t");
}

}  // namespace
}  // namespace care::engine
