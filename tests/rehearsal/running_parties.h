// tests/rehearsal/running_parties.h
//
// The three parties of the coaching example in a temporary directory, with small data, as `care serve` processes
// on ports that the system chose. They are asked through the client of `care query`, as analysts would. Every
// process ends with this object, by its process id.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/frontend/generate/coaching_data.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/frontend/shell/client.h"
#include "engine/frontend/shell/make_keys.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::engine {

inline constexpr std::array<const char*, 3> kParties = {"hospital", "insurer", "bureau"};

class RunningParties {
 public:
  RunningParties() {
    const std::string fingerprint =
        MakeKeys({.directory = directory_.File(""), .parties = {kParties.begin(), kParties.end()}}).value();
    CoachingDataOptions data{.directory = directory_.File(""), .patients = 60, .insured = 300, .claims = 500,
                             .persons = 400};
    data.authority_sha256 = fingerprint;
    // Held open together, so that the system gives different ones.
    std::array<int, 4> probes{};
    for (std::size_t i = 0; i < probes.size(); ++i) {
      probes[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t size = sizeof address;
      EXPECT_EQ(bind(probes[i], reinterpret_cast<sockaddr*>(&address), size), 0);
      EXPECT_EQ(getsockname(probes[i], reinterpret_cast<sockaddr*>(&address), &size), 0);
      ports_[i] = ntohs(address.sin_port);
      if (i < 3) data.addresses[i] = absl::StrCat("127.0.0.1:", ports_[i]);
    }
    for (const int probe : probes) close(probe);
    EXPECT_TRUE(GenerateCoachingData(data, {}).ok());
    for (const char* party : kParties) {
      WriteNodeFile(party, "federation.toml", party);
      Start(party);
    }
  }

  // `data_of`: whose database it has.
  void WriteNodeFile(const std::string& party, const std::string& federation, const std::string& data_of) {
    directory_.Write(party + ".toml",
                     absl::StrCat("party = \"", party, "\"\nfederation = \"", federation, "\"\nlisten = \"127.0.0.1:",
                                  PortOf(party), "\"\ncertificate = \"", party, ".pem\"\nprivate_key = \"", party,
                                  ".key\"\nauthority = \"authority.pem\"\ndata_directory = \"", party,
                                  ".state\"\n\n[queries]\ndrain_seconds = 20\n\n", CoachingNodeTables(data_of)));
  }

  std::string File(const std::string& name) const { return directory_.File(name); }
  const mpc::TemporaryDirectory& directory() const { return directory_; }
  std::string NodeFile(const std::string& party) const { return File(party + ".toml"); }
  std::string Log(const std::string& party) const { return ReadTextFile(File(party + ".log")); }
  // The last port is for whoever is not one of the three.
  int PortOf(const std::string& party) const {
    std::size_t index = 0;
    while (index < kParties.size() && party != kParties[index]) ++index;
    return ports_[index];
  }

  void Start(const std::string& party) {
    auto child = ChildProcess::Start(
        {.arguments = {CARE_PROGRAM, "serve", NodeFile(party)}, .output_path = File(party + ".log"), .user = {}});
    ASSERT_TRUE(child.ok()) << child.status();
    nodes_.insert_or_assign(party, *std::move(child));
    AwaitPort(party);
  }
  ChildProcess& Node(const std::string& party) { return nodes_.at(party); }
  void Signal(const std::string& party, int number) { kill(nodes_.at(party).pid(), number); }

  // Until the node accepts connections.
  void AwaitPort(const std::string& party) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
      if (Accepts(party)) return;
      ASSERT_TRUE(nodes_.at(party).IsRunning()) << Log(party);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    FAIL() << party << " does not listen\n" << Log(party);
  }

  bool Accepts(const std::string& party) const {
    const int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(PortOf(party)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool accepts = connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(handle);
    return accepts;
  }

  // Waits until the log of a node has a text.
  void AwaitLog(const std::string& party, const std::string& text) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (Log(party).find(text) == std::string::npos) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "\"" << text << "\" is not in\n" << Log(party);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  CommandResult Care(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), CARE_PROGRAM);
    auto result = RunCommand(arguments);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : CommandResult{.exit_code = -1};
  }

  absl::StatusOr<Answer> Ask(const std::string& party, const std::string& sql, const std::string& purpose,
                             const ClientEvents& events = {}) const {
    auto client = Client::Connect({.node_path = NodeFile(party)});
    if (!client.ok()) return client.status();
    return (*client)->Query({.sql = sql, .purpose = purpose}, events);
  }

 private:
  const mpc::TemporaryDirectory directory_;
  std::array<int, 4> ports_{};
  std::map<std::string, ChildProcess> nodes_;
};

}  // namespace care::engine
