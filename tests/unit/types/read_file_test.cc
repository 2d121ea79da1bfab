// Files are read whole or not at all, and never more of one than the bound: also of a device that never ends.

#include "engine/types/read_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace care {
namespace {

using ::testing::HasSubstr;

TEST(ReadFileTest, ReadsUpToItsBound) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/read-file-", getpid());
  const std::string text(200'000, 'x');
  std::ofstream(path) << text;
  EXPECT_EQ(ReadFile(path, "the file", 200'000).value(), text);
  const absl::Status larger = ReadFile(path, "the file", 199'999).status();
  EXPECT_EQ(larger.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(larger.message()), HasSubstr("has more than 199999 bytes"));
  std::ofstream(path, std::ios::trunc).close();
  EXPECT_EQ(ReadFile(path, "the file").value(), "");
  std::remove(path.c_str());
}

TEST(ReadFileTest, RefusesWhatNeverEndsAndWhatIsNoFile) {
  EXPECT_EQ(ReadFile("/dev/zero", "the file").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadFile("/", "the file").status().code(), absl::StatusCode::kNotFound);
  const absl::Status missing = ReadFile("/no such file", "the file").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.message()), HasSubstr("cannot read the file /no such file: No such file"));
}

}  // namespace
}  // namespace care
