// What an analyst and a script read: alignment, NULL, quoting, and that a suppressed cell is always said to be one.

#include "engine/frontend/shell/print_answer.h"

#include <gtest/gtest.h>

namespace care::engine {
namespace {

Answer Example() {
  Answer answer;
  answer.columns = {{"education", "text", false, false}, {"patients", "bigint", true, false}};
  answer.rows = {{"low", "1200"}, {"h\u00f6gh", std::nullopt}, {std::nullopt, "7"}};
  answer.suppressed = {{false, false}, {false, true}, {false, false}};
  answer.notes = {"suppressed: fewer than 10 persons"};
  answer.seconds = 0.5;
  answer.bytes = 12'300'000;
  answer.rounds = 40;
  return answer;
}

TEST(PrintAnswerTest, Table) {
  EXPECT_EQ(FormatTable(Example()),
            " education | patients\n"
            "-----------+----------\n"
            " low       |     1200\n"
            " h\u00f6gh      |    (<10)\n"
            "           |        7\n"
            "(3 rows)\n"
            "(<10) suppressed: fewer than 10 persons\n");
}

TEST(PrintAnswerTest, TableWithoutSuppressionHasNoFootnote) {
  Answer answer = Example();
  answer.suppressed[1][1] = false;
  answer.rows.resize(1);
  answer.suppressed.resize(1);
  EXPECT_EQ(FormatTable(answer),
            " education | patients\n"
            "-----------+----------\n"
            " low       |     1200\n"
            "(1 row)\n");
}

TEST(PrintAnswerTest, Csv) {
  Answer answer = Example();
  answer.rows[0][0] = "a,\"b\"";
  answer.rows[2][0] = "";
  EXPECT_EQ(FormatCsv(answer),
            "education,patients,patients_note\n"
            "\"a,\"\"b\"\"\",1200,\n"
            "h\u00f6gh,,suppressed: fewer than 10 persons\n"
            "\"\",7,\n");
}

TEST(PrintAnswerTest, Json) {
  const nlohmann::json read = ParseJson(FormatJson(Example())).value();
  EXPECT_EQ(read["columns"][1]["name"], "patients");
  EXPECT_EQ(read["columns"][1]["type"], "bigint");
  EXPECT_EQ(read["rows"][0], nlohmann::json::parse(R"(["low", 1200])"));
  EXPECT_TRUE(read["rows"][1][1].is_null());
  EXPECT_EQ(read["suppressed"][1], nlohmann::json::parse("[false, true]"));
  EXPECT_EQ(read["rounds"], 40);
}

TEST(AnswerTest, ReadsBackWhatItWrote) {
  const Answer answer = Example();
  const Answer read = AnswerFromJson(AnswerToJson(answer)).value();
  EXPECT_EQ(read.rows, answer.rows);
  EXPECT_EQ(read.suppressed, answer.suppressed);
  EXPECT_EQ(read.notes, answer.notes);
  EXPECT_TRUE(read.columns[1].is_number);
}

TEST(PrintAnswerTest, Figures) {
  EXPECT_EQ(FormatFigures(Example()), "0.50 s, 12.3 MB sent between the parties, 40 rounds");
}

TEST(AnswerTest, WrongMessagesAreErrors) {
  for (const char* text :
       {"{}", R"({"columns":[],"rows":[[1]],"suppressed":[""],"notes":[],"bytes":1,"rounds":1})",
        R"({"columns":[7],"rows":[],"suppressed":[],"notes":[],"bytes":1,"rounds":1})",
        R"({"columns":[],"rows":[[]],"suppressed":[],"notes":[],"bytes":1,"rounds":1})",
        R"({"columns":[],"rows":{},"suppressed":[],"notes":[],"bytes":1,"rounds":1})"}) {
    EXPECT_FALSE(AnswerFromJson(ParseJson(text).value()).ok()) << text;
  }
}

}  // namespace
}  // namespace care::engine
