// Settings of a node file that concern its operator: the log, the metrics, and paths that systemd gives.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "planner/catalog/node_config.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::planner {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class NodeSettingsTest : public ::testing::Test {
 protected:
  ~NodeSettingsTest() override {
    unsetenv("CREDENTIALS_DIRECTORY");
    unsetenv("STATE_DIRECTORY");
  }
  absl::StatusOr<NodeConfig> Load(const std::string& more, const std::string& key = "a.key") {
    return LoadNodeConfig(directory_.Write(
        "a.toml",
        "party = \"a\"\nfederation = \"f.toml\"\nlisten = \"127.0.0.1:1\"\ncertificate = \"a.pem\"\n"
        "private_key = \"" +
            key + "\"\nauthority = \"authority.pem\"\ndata_directory = \"${STATE_DIRECTORY}\"\n" + more +
            "[database]\nkind = \"sqlite\"\npath = \"a.db\"\n"));
  }
  mpc::TemporaryDirectory directory_;
};

TEST_F(NodeSettingsTest, LogAndMetrics) {
  auto config = Load("");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->log_level, "info");
  EXPECT_EQ(config->log_format, "text");
  EXPECT_EQ(config->metrics_listen, "");
  config = Load("[log]\nlevel = \"debug\"\nformat = \"json\"\n[metrics]\nlisten = \"127.0.0.1:9464\"\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->log_level, "debug");
  EXPECT_EQ(config->log_format, "json");
  EXPECT_EQ(config->metrics_listen, "127.0.0.1:9464");
  EXPECT_THAT(std::string(Load("[log]\nlevel = \"loud\"\n").status().message()),
              AllOf(HasSubstr("a.toml:9: log"), HasSubstr("unknown level \"loud\"; write trace, debug")));
  EXPECT_THAT(std::string(Load("[metrics]\nlisten = \"9464\"\n").status().message()),
              HasSubstr("is host:port"));
  EXPECT_THAT(std::string(Load("[metrics]\nlisten = \"a:1\"\nport = 3\n").status().message()),
              HasSubstr("unknown key \"port\""));
}

TEST_F(NodeSettingsTest, PathsThatSystemdGives) {
  auto config = Load("", "${CREDENTIALS_DIRECTORY}/node.key");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->private_key_path, "${CREDENTIALS_DIRECTORY}/node.key");
  EXPECT_EQ(config->certificate_path, directory_.File("a.pem"));
  EXPECT_THAT(std::string(CheckPathsAreKnown(*config).message()),
              AllOf(HasSubstr("\"private_key\""), HasSubstr("${CREDENTIALS_DIRECTORY} is not set")));
  setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
  setenv("STATE_DIRECTORY", "/var/lib/care/a", 1);
  config = Load("", "${CREDENTIALS_DIRECTORY}/node.key");
  EXPECT_EQ(config->private_key_path, "/run/credentials/x/node.key");
  EXPECT_EQ(config->data_directory, "/var/lib/care/a");
  EXPECT_TRUE(CheckPathsAreKnown(*config).ok());
  // No other variable is read.
  EXPECT_EQ(Load("", "${HOME}/node.key")->private_key_path, directory_.File("${HOME}/node.key"));
}

}  // namespace
}  // namespace care::planner
