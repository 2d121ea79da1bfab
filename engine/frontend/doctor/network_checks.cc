#include "engine/frontend/doctor/network_checks.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/session/hello.h"
#include "mpc/net/http_proxy.h"
#include "mpc/net/tls_channel.h"
#include "mpc/net/tls_identity.h"

namespace care::engine {
namespace {

constexpr std::chrono::milliseconds kAnswer{12'000};  // a dial back included
constexpr std::size_t kMostGreetings = 64;
constexpr double kSkewWarned = 2;  // seconds
// Agreement on the current date tolerates a day; certificates and time limits do not tolerate much.
constexpr double kSkewFailed = 60;

// Answers hello on the node's address while the node itself does not run.
class Stand {
 public:
  absl::Status Open(mpc::IoThread& io, std::shared_ptr<const mpc::TlsIdentity> identity,
                    const std::string& address, Hello hello) {
    auto listener = mpc::TlsListener::Listen(
        io, std::move(identity), address, {},
        {[this, hello](std::unique_ptr<mpc::TlsChannel> channel) { Greet(std::move(channel), hello); },
         nullptr});
    if (!listener.ok()) return listener.status();
    listener_ = *std::move(listener);
    return absl::OkStatus();
  }
  ~Stand() {
    listener_.reset();
    std::lock_guard lock(mutex_);
    for (std::thread& greeting : greetings_) greeting.join();
  }

 private:
  void Greet(std::unique_ptr<mpc::TlsChannel> channel, Hello hello) {
    std::lock_guard lock(mutex_);
    if (greetings_.size() >= kMostGreetings) return;
    greetings_.emplace_back([channel = std::move(channel), hello = std::move(hello)]() mutable {
      if (!ReceiveJson(*channel, kAnswer).ok()) return;
      hello.time_us = MicrosecondsSince1970();
      (void)SendJson(*channel, HelloToJson(hello));
    });
  }

  std::mutex mutex_;
  std::vector<std::thread> greetings_;
  std::unique_ptr<mpc::TlsListener> listener_;
};

std::string SecondsText(double seconds) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f s", std::abs(seconds));
  return text;
}

class NetworkCheck {
 public:
  NetworkCheck(const planner::NodeConfig& config, const planner::Catalog& catalog, const std::string& version,
               DoctorReport& report)
      : config_(config), catalog_(catalog), version_(version), report_(report) {}

  void Run() {
    auto identity = mpc::TlsIdentity::Load({config_.certificate_path, config_.private_key_path,
                                            config_.authority_path, catalog_.authority_sha256});
    if (!identity.ok()) {
      report_.Fail("network", "not tried: the node's certificate and key cannot be used",
                   "see the failures above");
      return;
    }
    identity_ = *std::move(identity);
    if (!config_.proxy.empty()) {
      auto proxy = mpc::LoadHttpProxy(config_.proxy, config_.proxy_credentials_path);
      if (!proxy.ok()) return report_.Fail("network", proxy.status(), "correct [network] in the node file");
      proxy_ = std::make_shared<const mpc::HttpProxy>(*std::move(proxy));
      report_.Ok("network", absl::StrCat("other parties are dialled through the proxy ", config_.proxy));
    }
    CheckReach();
    CheckOwnPort();
    for (PartyId party = 0; party < catalog_.parties.size(); ++party) {
      if (catalog_.parties[party].name != config_.party) CheckPeer(party);
    }
  }

 private:
  // What Node::Start would refuse.
  void CheckReach() {
    if (config_.preview) return;
    const auto check = [&](const std::string& what, const std::string& address) {
      const auto split = mpc::SplitAddress(address);
      if (!split.ok() || mpc::IsLoopback(split->first)) return;
      report_.Fail(
          "network",
          absl::StrCat(what, " ", address, " is not on this machine, and the node does not start so"),
          "to try it out on data that may be seen, write preview = true in the node file");
    };
    check("the address to listen on,", config_.listen);
    if (!config_.proxy.empty()) check("the proxy", config_.proxy);
    for (const planner::PartyEntry& party : catalog_.parties) {
      if (!party.address.empty()) check(absl::StrCat("the address of ", party.name, ","), party.address);
    }
  }

  absl::StatusOr<Hello> Ask(const mpc::TlsPeer& peer, bool dial_back) {
    auto channel = mpc::TlsChannel::Connect(io_, identity_, peer);
    if (!channel.ok()) return channel.status();
    return AskHello(**channel, dial_back, kAnswer);
  }

  void CheckOwnPort() {
    std::string address = config_.listen;
    for (const char* any : {"0.0.0.0:", "[::]:"}) {
      if (address.starts_with(any))
        address = absl::StrCat("127.0.0.1:", address.substr(std::string(any).size()));
    }
    const absl::StatusOr<Hello> own = Ask({config_.party, address, ""}, false);
    if (own.ok()) {
      report_.Ok("network",
                 absl::StrCat("the node runs on ", config_.listen, ", version ", own->program_version));
      if (own->federation_digest != catalog_.digest) {
        report_.Warn(
            "network",
            absl::StrCat("the running node has federation file ", own->federation_digest.substr(0, 12),
                         ", on disk is ", catalog_.digest.substr(0, 12)),
            "restart the node, or put its federation file back");
      }
      return;
    }
    Hello hello{config_.party, version_, catalog_.name, catalog_.version, catalog_.digest};
    const absl::Status opened = stand_.Open(io_, identity_, config_.listen, hello);
    if (opened.ok()) {
      report_.Ok("network", absl::StrCat("no node runs on ", config_.listen,
                                         "; the address is free, and is listened on "
                                         "during this check"));
    } else {
      report_.Fail("network", opened, "stop what listens there, or change \"listen\" in the node file");
    }
  }

  void CheckPeer(PartyId party) {
    const planner::PartyEntry& entry = catalog_.parties[party];
    if (entry.outbound) {
      report_.Ok("network", absl::StrCat(entry.name,
                                         " dials out only, so it is not dialled from here; have it run `care "
                                         "doctor`"));
      return;
    }
    const std::int64_t before = MicrosecondsSince1970();
    const absl::StatusOr<Hello> hello = Ask(PeerOf(entry), false);
    const std::int64_t after = MicrosecondsSince1970();
    if (!hello.ok()) {
      report_.Fail("network", hello.status(), absl::StrCat("ask ", entry.name, " to run `care doctor` too"));
      return;
    }
    report_.Ok("network",
               absl::StrCat(entry.name, " answers at ", entry.address, ", version ", hello->program_version));
    CompareFederation(entry.name, *hello);
    const double skew = static_cast<double>(hello->time_us - (before + (after - before) / 2)) / 1e6;
    CompareClock(entry.name, skew, static_cast<double>(after - before) / 2e6);
    // A party that lets nobody in calls by itself, over a link that its own node keeps.
    const PartyId self = catalog_.FindParty(config_.party);
    if (self == kNoParty || !catalog_.parties[self].outbound) CheckDialBack(entry);
  }

  mpc::TlsPeer PeerOf(const planner::PartyEntry& entry) const {
    return {entry.name, entry.address,
            absl::StrCat("is its node running, and does a firewall let ", config_.party, " out and in?"),
            proxy_};
  }

  void CompareFederation(const std::string& peer, const Hello& hello) {
    if (hello.federation_digest == catalog_.digest) {
      report_.Ok("federation", absl::StrCat(peer, " has the same federation file"));
      return;
    }
    report_.Fail(
        "federation",
        absl::StrCat(peer, " has federation ", hello.federation, " version ", hello.federation_version, " (",
                     hello.federation_digest.substr(0, 12), "), this node ", catalog_.name, " version ",
                     catalog_.version, " (", catalog_.digest.substr(0, 12), ")"),
        "all parties need the same file, byte for byte");
  }

  void CompareClock(const std::string& peer, double skew, double uncertainty) {
    const std::string text =
        absl::StrCat("the clock of ", peer, " is ", SecondsText(skew), skew < 0 ? " behind" : " ahead of",
                     " this one, give or take ", SecondsText(uncertainty));
    if (std::abs(skew) - uncertainty > kSkewFailed) {
      report_.Fail("clock", text, "have both machines keep time by NTP");
    } else if (std::abs(skew) - uncertainty > kSkewWarned) {
      report_.Warn("clock", text, "have both machines keep time by NTP");
    } else {
      report_.Ok("clock", text);
    }
  }

  void CheckDialBack(const planner::PartyEntry& entry) {
    const absl::StatusOr<Hello> hello = Ask(PeerOf(entry), true);
    if (!hello.ok() || !hello->dialled_back) {
      report_.Fail("network",
                   absl::StrCat(entry.name, " did not say whether it reaches this node",
                                hello.ok() ? "" : ": ", std::string(hello.status().message())),
                   "install the same version of care at both");
    } else if (absl::IsResourceExhausted(hello->dial_back)) {
      report_.Warn("network", std::string(hello->dial_back.message()), "run this again after that");
    } else if (!hello->dial_back.ok()) {
      const PartyId self = catalog_.FindParty(config_.party);
      report_.Fail("network",
                   absl::StrCat("the node of ", entry.name,
                                " does not reach this one: ", std::string(hello->dial_back.message())),
                   absl::StrCat("let connections to ",
                                self == kNoParty ? config_.listen : catalog_.parties[self].address, " in"));
    } else {
      report_.Ok("network", absl::StrCat(entry.name, " reaches this node"));
    }
  }

  const planner::NodeConfig& config_;
  const planner::Catalog& catalog_;
  const std::string& version_;
  DoctorReport& report_;
  std::shared_ptr<const mpc::TlsIdentity> identity_;
  std::shared_ptr<const mpc::HttpProxy> proxy_;
  mpc::IoThread io_;
  Stand stand_;
};

}  // namespace

void CheckNetwork(const planner::NodeConfig& config, const planner::Catalog& catalog,
                  const std::string& program_version, DoctorReport& report) {
  NetworkCheck(config, catalog, program_version, report).Run();
}

}  // namespace care::engine
