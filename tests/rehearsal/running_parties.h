// tests/rehearsal/running_parties.h
//
// Parties of a federation in a temporary directory, as `care serve` processes on ports that the system chose: the three of
// the coaching example with small data, or five hospitals of which three compute. They are asked through the client of `care
// query`, as analysts would. Every process ends with this object, by its process id.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/frontend/generate/coaching_data.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/frontend/shell/client.h"
#include "engine/frontend/shell/make_keys.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::engine {

inline constexpr std::array<const char*, 3> kParties = {"hospital", "insurer", "bureau"};

class RunningNodes {
 public:
  std::string File(const std::string& name) const { return directory_.File(name); }
  const mpc::TemporaryDirectory& directory() const { return directory_; }
  std::string NodeFile(const std::string& party) const { return File(party + ".toml"); }
  std::string Log(const std::string& party) const { return ReadTextFile(File(party + ".log")); }
  // The last port is for whoever is not among them.
  int PortOf(const std::string& party) const {
    return ports_[static_cast<std::size_t>(std::ranges::find(names_, party) - names_.begin())];
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

 protected:
  explicit RunningNodes(std::vector<std::string> names)
      : names_(std::move(names)),
        authority_(MakeKeys({.directory = directory_.File(""), .parties = names_}).value()) {
    // Held open together, so that the system gives different ones.
    std::vector<int> probes;
    for (std::size_t i = 0; i <= names_.size(); ++i) {
      probes.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t size = sizeof address;
      EXPECT_EQ(bind(probes[i], reinterpret_cast<sockaddr*>(&address), size), 0);
      EXPECT_EQ(getsockname(probes[i], reinterpret_cast<sockaddr*>(&address), &size), 0);
      ports_.push_back(ntohs(address.sin_port));
    }
    for (const int probe : probes) close(probe);
  }

  const std::string& authority() const { return authority_; }  // its fingerprint

  // `sections`: of its database and tables.
  void WriteNode(const std::string& party, const std::string& federation, const std::string& sections) {
    directory_.Write(party + ".toml",
                     absl::StrCat("party = \"", party, "\"\nfederation = \"", federation, "\"\nlisten = \"127.0.0.1:",
                                  PortOf(party), "\"\ncertificate = \"", party, ".pem\"\nprivate_key = \"", party,
                                  ".key\"\nauthority = \"authority.pem\"\ndata_directory = \"", party,
                                  ".state\"\n\n[queries]\ndrain_seconds = 20\n\n", sections));
  }

 private:
  const mpc::TemporaryDirectory directory_;
  const std::vector<std::string> names_;
  const std::string authority_;
  std::vector<int> ports_;
  std::map<std::string, ChildProcess> nodes_;
};

class RunningParties : public RunningNodes {
 public:
  RunningParties() : RunningNodes({kParties.begin(), kParties.end()}) {
    CoachingDataOptions data{.directory = File(""), .patients = 60, .insured = 300, .claims = 500, .persons = 400};
    data.authority_sha256 = authority();
    for (std::size_t i = 0; i < 3; ++i) data.addresses[i] = absl::StrCat("127.0.0.1:", PortOf(kParties[i]));
    EXPECT_TRUE(GenerateCoachingData(data, {}).ok());
    for (const char* party : kParties) {
      WriteNodeFile(party, "federation.toml", party);
      Start(party);
    }
  }

  // `data_of`: whose database it has.
  void WriteNodeFile(const std::string& party, const std::string& federation, const std::string& data_of) {
    WriteNode(party, federation, CoachingNodeTables(data_of));
  }
};

// North, south and east compute; west and centre do not. Tables and rows are those of tests/sql/five_hospitals.
inline constexpr std::array<const char*, 5> kHospitals = {"north", "south", "east", "west", "centre"};

class RunningHospitals : public RunningNodes {
 public:
  RunningHospitals() : RunningNodes({kHospitals.begin(), kHospitals.end()}) {
    const std::string folder = CARE_SOURCE_DIRECTORY "/tests/sql/five_hospitals";
    std::string federation = ReadTextFile(folder + "/federation.toml");
    absl::StrReplaceAll({{std::string(64, '0'), authority()}}, &federation);
    for (std::size_t i = 0; i < kHospitals.size(); ++i) {
      absl::StrReplaceAll({{absl::StrCat("127.0.0.1:", 7401 + i, "\""), absl::StrCat("127.0.0.1:", PortOf(kHospitals[i]), "\"")}},
                          &federation);
    }
    directory().Write("federation.toml", federation);
    for (const std::string party : kHospitals) {
      WriteNode(party, "federation.toml",
                absl::StrCat("[database]\nkind = \"csv\"\nfolder = \"", folder, "/data/", party, "\"\n"));
      Start(party);
    }
  }
};

}  // namespace care::engine
