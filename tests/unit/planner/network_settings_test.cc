// How parties reach each other: `reach` in the federation file, [network] in the node file. What valid ones yield, and
// for each way to get one wrong, the message that tells its author what to write.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"
#include "tests/unit/planner/test_federation.h"

namespace care::planner {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// The federation with another line instead of the hospital's or the bureau's address.
std::string Federation(const std::string& hospital, const std::string& bureau = "address = \"127.0.0.1:7403\"") {
  std::string text = TestFederation();
  for (const auto& [from, to] : {std::pair<std::string, std::string>("address = \"127.0.0.1:7401\"", hospital),
                                 std::pair<std::string, std::string>("address = \"127.0.0.1:7403\"", bureau)}) {
    text.replace(text.find(from), from.size(), to);
  }
  return text;
}

std::string Error(const std::string& text) {
  const auto catalog = ParseFederation(text);
  return catalog.ok() ? "accepted" : std::string(catalog.status().message());
}

TEST(ReachTest, AnOutboundPartyNeedsNoAddress) {
  const auto catalog = ParseFederation(Federation("reach = \"outbound\""));
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_TRUE(catalog->parties[0].outbound);
  EXPECT_EQ(catalog->parties[0].address, "");
  EXPECT_FALSE(catalog->parties[1].outbound);
  const auto both = ParseFederation(Federation("reach = \"outbound\"\naddress = \"127.0.0.1:7401\""));
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_EQ(both->parties[0].address, "127.0.0.1:7401");
}

TEST(ReachTest, OfAnyTwoOneCanBeDialled) {
  EXPECT_THAT(Error(Federation("reach = \"outbound\"", "reach = \"outbound\"")),
              AllOf(HasSubstr("hospital and bureau are both reach = \"outbound\""),
                    HasSubstr("one of the two must be reachable: give it an address")));
  EXPECT_THAT(Error(Federation("")), HasSubstr("\"address\" is missing"));
  EXPECT_THAT(Error(Federation("reach = \"inbound\"")), HasSubstr("unknown reach \"inbound\"; write \"outbound\""));
  EXPECT_THAT(Error(Federation("reach = \"outbound\"\naddress = \"hospital\"")), HasSubstr("host:port"));
}

class NetworkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("care_network_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  absl::StatusOr<NodeConfig> Load(const std::string& network) {
    const std::string path = (folder_ / "hospital.toml").string();
    std::ofstream(path) << R"toml(party = "hospital"
federation = "federation.toml"
listen = "127.0.0.1:7401"
certificate = "hospital.pem"
private_key = "hospital.key"
authority = "authority.pem"
data_directory = "hospital.state"
[database]
kind = "sqlite"
path = "hospital.db"
)toml" << network;
    return LoadNodeConfig(path);
  }
  std::string Error(const std::string& network) { return std::string(Load(network).status().message()); }

  std::filesystem::path folder_;
};

TEST_F(NetworkTest, Proxy) {
  EXPECT_EQ(Load("").value().proxy, "");
  const auto config =
      Load("[network]\nproxy = \"proxy.example:3128\"\nproxy_credentials = \"proxy.secret\"\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->proxy, "proxy.example:3128");
  EXPECT_EQ(config->proxy_credentials_path, (folder_ / "proxy.secret").string());
}

TEST_F(NetworkTest, RefusesWithTheRemedy) {
  EXPECT_THAT(Error("[network]\nproxy = \"proxy.example\"\n"), HasSubstr("host:port of an HTTP proxy"));
  EXPECT_THAT(Error("[network]\nproxy = \"http://proxy.example:3128\"\n"), HasSubstr("host:port of an HTTP proxy"));
  EXPECT_THAT(Error("[network]\nproxy_credentials = \"x\"\n"), HasSubstr("there is no proxy to show them to"));
  EXPECT_THAT(Error("[network]\nprxy = \"x\"\n"), HasSubstr("did you mean \"proxy\"?"));
}

}  // namespace
}  // namespace care::planner
