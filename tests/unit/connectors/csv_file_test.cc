// Bytes in, cells or an error with a line number out. What is accepted is what RFC 4180 and PostgreSQL's COPY agree on;
// what is not says why. Records are also read at every alignment to the reader's chunks.
#include "connectors/csv/csv_file.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "engine/types/owner_detail.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/connectors/temporary_folder.h"

namespace care::connectors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Csv : public testing::Test {
 protected:
  // Each record as "[a][b]", NULL as "-"; the last element is the error, if there is one.
  std::vector<std::string> Read(std::string_view bytes, planner::CsvFormat format = {}) {
    folder_.Write("t.csv", bytes);
    const auto file = CsvFile::Open(folder_.path(), "t.csv", format);
    if (!file.ok()) return {ErrorText(file.status())};
    std::vector<std::string> records;
    for (;;) {
      const absl::StatusOr<bool> more = (*file)->Next();
      if (!more.ok()) records.push_back(ErrorText(more.status()));
      if (!more.ok() || !*more) return records;
      std::string text;
      for (const RawCell& cell : (*file)->cells()) {
        text += cell.kind == RawCell::Kind::kNull ? "-" : "[" + std::string(cell.text) + "]";
      }
      records.push_back(std::move(text));
    }
  }
  // With the line, which the message itself does not say: it goes to other parties.
  static std::string ErrorText(const absl::Status& status) {
    const std::string message(status.message());
    EXPECT_THAT(message, Not(HasSubstr("line 1")));
    const std::string detail = OwnerDetailOf(status);
    const std::string file = "t.csv: ";
    if (detail.empty() || !message.starts_with(file)) return message;
    return absl::StrCat("t.csv, ", detail, ": ", message.substr(file.size()));
  }
  std::string Error(std::string_view bytes) {
    const auto records = Read(bytes);
    return records.empty() ? "none" : records.back();
  }

  TemporaryFolder folder_;
};

TEST_F(Csv, FieldsAndLines) {
  EXPECT_THAT(Read("a,b\n1,2\n,\n\"\",\"x\"\n"), ElementsAre("[1][2]", "--", "[][x]"));
  EXPECT_THAT(Read("a,b\r\n1,2\r\n3,4"), ElementsAre("[1][2]", "[3][4]"));
  EXPECT_THAT(Read("\xef\xbb\xbf\"a\",b\n1,2\n"), ElementsAre("[1][2]"));
  EXPECT_THAT(Read("a,b\n\"say \"\"no\"\"\",\"1,\n2\r\n3\"\n4,\"\"\"\"\n"),
              ElementsAre("[say \"no\"][1,\n2\r\n3]", "[4][\"]"));
  EXPECT_THAT(Read("a\n1\n\n2"), ElementsAre("[1]", "-", "[2]"));
  EXPECT_THAT(Read("a,b\n"), ElementsAre());
  EXPECT_THAT(Read("a,b"), ElementsAre());
  EXPECT_THAT(Read("a,b\n1,"), ElementsAre("[1]-"));
  EXPECT_THAT(Read("a,b\n1,\xff\n"), ElementsAre("[1][\xff]")) << "what is no UTF-8 is for the rules to judge";
  EXPECT_THAT(Read("a;b\n1,5;NULL\nNULL;\"NULL\"\n;x\n", {';', "NULL"}), ElementsAre("[1,5]-", "-[NULL]", "[][x]"));
}

TEST_F(Csv, EveryAlignmentToTheChunks) {
  // The same three records, with quotes and doubled quotes, pushed across the end of the first chunk byte by byte.
  const std::string tail = "\"a\"\"b\",\"c\nd\"\r\n\"\",x\r\n1,\"\"\"\"\r\n";
  for (std::size_t shift = 0; shift < tail.size() + 2; ++shift) {
    std::string bytes = "p,q\n";
    while (bytes.size() + 1'000 < (1u << 20) - tail.size()) bytes += std::string(498, 'x') + ",y\n";
    bytes += std::string((1u << 20) - tail.size() + shift - bytes.size() - 3, 'z') + ",y\n" + tail;
    const auto records = Read(bytes);
    ASSERT_GT(records.size(), 3u);
    EXPECT_THAT(std::vector<std::string>(records.end() - 3, records.end()),
                ElementsAre("[a\"b][c\nd]", "[][x]", "[1][\"]"))
        << shift;
  }
}

TEST_F(Csv, ErrorsNameTheLineAndNoValue) {
  EXPECT_EQ(Error(""), "t.csv, line 1: the file is empty; its first line must name the columns");
  EXPECT_EQ(Error("a,,b\n"), "t.csv, line 1: column 2 has no name");
  EXPECT_EQ(Error("a,b,a\n"), "t.csv, line 1: column 3 has the name of an earlier one");
  EXPECT_THAT(Error("a,b\n1,2\n\"x\ny\",3\n777\n"), HasSubstr("t.csv, line 5: there is 1 field, and the header names 2"));
  EXPECT_THAT(Error("a,b\n1,2\n\n3,4\n"), HasSubstr("t.csv, line 3: the line is blank"));
  EXPECT_THAT(Error("a,b\n1,2,777\n"), HasSubstr("line 2: there are 3 fields"));
  EXPECT_THAT(Error("a,b\n1,2\n\n"), HasSubstr("line 3: the line is blank"));
  EXPECT_EQ(Error("a,b\n1,2\n3,\"777\n\n\n"), "t.csv, line 3: a quote is opened here and not closed");
  EXPECT_THAT(Error("a,b\n1,\"2\"777\n"), HasSubstr("line 2: a field goes on after its closing quote"));
  EXPECT_THAT(Error("a,b\n1,777\"2\n"), HasSubstr("line 2: there is a quote within a field"));
  EXPECT_THAT(Error("a,b\r1,2\r"), HasSubstr("line 1: a line ends with a carriage return alone"));
  EXPECT_THAT(Error(std::string_view("a,b\n1,2\n7\0,3\n", 13)), HasSubstr("line 3: there is a NUL byte"));
  EXPECT_THAT(Error(std::string_view("a,b\n1,2\n7,\"\n\0\"\n", 16)), HasSubstr("line 4: there is a NUL byte"));
  EXPECT_THAT(Error(std::string_view("\xff\xfe" "a\0", 4)), HasSubstr("it is UTF-16"));
  for (const auto& [bytes, message] : {std::pair<std::string, std::string>{
           "a\n\"" + std::string(3'000'000, '\n'), "line 2: the record that begins here is longer than a mebibyte"},
       {"a\n" + std::string(3'000'000, '7'), "longer than a mebibyte"},
       {std::string(3'000'000, '7'), "longer than a mebibyte"},
       {"a\n" + std::string(100'000, ','), "line 2: there are more than 4096 fields"}}) {
    EXPECT_THAT(Error(bytes), HasSubstr(message));
  }
}

TEST_F(Csv, NamesDoNotLeaveTheFolder) {
  folder_.Write("t.csv", "a\n");
  std::filesystem::create_directory(folder_.path() + "/sub.csv");
  std::filesystem::create_symlink(folder_.path() + "/t.csv", folder_.path() + "/link.csv");
  ASSERT_EQ(mkfifo((folder_.path() + "/pipe.csv").c_str(), 0600), 0);
  const auto error = [&](const std::string& name) {
    const auto file = CsvFile::Open(folder_.path(), name, {});
    return file.ok() ? std::string("opened") : std::string(file.status().message());
  };
  EXPECT_EQ(error("t.csv"), "opened");
  for (const std::string name : {"../t.csv", "/etc/passwd", "sub/../t.csv", "", ".", "..", ".hidden", "a\\b",
                                 "./t.csv"}) {
    EXPECT_THAT(error(name), HasSubstr("not a path")) << name;
  }
  EXPECT_EQ(error("sub.csv"), "sub.csv: it is not a file");
  EXPECT_EQ(error("pipe.csv"), "pipe.csv: it is not a file");
  EXPECT_THAT(error("link.csv"), HasSubstr("it is a link"));
  EXPECT_EQ(error("other.csv"), "other.csv: there is no such file in the CSV folder");
}

TEST_F(Csv, AFileThatChangesIsNoSnapshot) {
  for (const char* how : {"append", "replace", "remove"}) {
    folder_.Write("t.csv", "a\n1\n2\n");
    const auto file = CsvFile::Open(folder_.path(), "t.csv", {});
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->Next().ok());
    if (how == std::string_view("append")) {
      std::ofstream(folder_.path() + "/t.csv", std::ios::app) << "3\n";
    } else {
      std::filesystem::remove(folder_.path() + "/t.csv");
      if (how == std::string_view("replace")) folder_.Write("t.csv", "a\n1\n2\n");
    }
    absl::StatusOr<bool> more = true;
    while (more.ok() && *more) more = (*file)->Next();
    EXPECT_EQ(more.status().code(), absl::StatusCode::kUnavailable) << how;
  }
}

}  // namespace
}  // namespace care::connectors
