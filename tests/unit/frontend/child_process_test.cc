#include "engine/frontend/reference/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>

namespace care::engine {
namespace {

TEST(RunCommand, GivesOutputErrorAndExitCode) {
  const auto result = RunCommand({"sh", "-c", "cat; echo wrong >&2; exit 3"}, {.input = "text"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->output, "text");
  EXPECT_EQ(result->error, "wrong\n");
  EXPECT_EQ(result->exit_code, 3);
}

TEST(RunCommand, SaysWhichProgramIsMissing) {
  EXPECT_EQ(RunCommand({"no-such-program-of-that-name"}).status().code(), absl::StatusCode::kNotFound);
}

TEST(ChildProcess, EndsWithItsObject) {
  pid_t pid = -1;
  {
    auto child = ChildProcess::Start({.arguments = {"sleep", "1000"}});
    ASSERT_TRUE(child.ok()) << child.status();
    pid = child->pid();
    EXPECT_TRUE(child->IsRunning());
    EXPECT_EQ(child->WaitFor(std::chrono::milliseconds(0)), std::nullopt);
  }
  EXPECT_EQ(kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(ChildProcess, KillGivesTheSignalAsExitCode) {
  auto child = ChildProcess::Start({.arguments = {"sleep", "1000"}});
  ASSERT_TRUE(child.ok()) << child.status();
  child->Kill();
  EXPECT_FALSE(child->IsRunning());
  EXPECT_EQ(child->WaitFor(std::chrono::milliseconds(0)), 128 + SIGKILL);
}

TEST(ChildProcess, AStubbornChildIsKilled) {
  auto child = ChildProcess::Start({.arguments = {"sh", "-c", "trap '' TERM; while :; do sleep 1; done"}});
  ASSERT_TRUE(child.ok()) << child.status();
  child->Stop(std::chrono::milliseconds(50));
  EXPECT_FALSE(child->IsRunning());
}

}  // namespace
}  // namespace care::engine
