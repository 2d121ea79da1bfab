#include "engine/session/hello.h"

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/origin.h"

namespace care::engine {

using nlohmann::json;

std::int64_t MicrosecondsSince1970() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

json HelloToJson(const Hello& hello) {
  json message = {{"type", "hello"},
                  {"party", hello.party},
                  {"care", hello.program_version},
                  {"federation", hello.federation},
                  {"version", hello.federation_version},
                  {"digest", hello.federation_digest},
                  {"time_us", static_cast<std::uint64_t>(hello.time_us)}};
  if (hello.dialled_back) message["dial_back"] = StatusToJson(hello.dial_back);
  return message;
}

absl::StatusOr<Hello> HelloFromJson(const json& message) {
  Hello hello;
  CARE_ASSIGN_OR_RETURN(const std::string type, TextField(message, "type"));
  if (type != "hello") return absl::InvalidArgumentError("the answer is not understood");
  CARE_ASSIGN_OR_RETURN(hello.party, TextField(message, "party"));
  CARE_ASSIGN_OR_RETURN(hello.program_version, TextField(message, "care"));
  CARE_ASSIGN_OR_RETURN(hello.federation, TextField(message, "federation"));
  CARE_ASSIGN_OR_RETURN(hello.federation_version, NumberField(message, "version"));
  CARE_ASSIGN_OR_RETURN(hello.federation_digest, TextField(message, "digest"));
  CARE_ASSIGN_OR_RETURN(const std::uint64_t time_us, NumberField(message, "time_us"));
  hello.time_us = static_cast<std::int64_t>(time_us);
  if (const auto found = message.find("dial_back"); found != message.end()) {
    hello.dialled_back = true;
    hello.dial_back = StatusFromJson(*found);
  }
  return hello;
}

absl::StatusOr<Hello> AskHello(mpc::TlsChannel& channel, bool dial_back, std::chrono::milliseconds limit) {
  // A refusal of our certificate is told by the first read.
  (void)SendJson(channel, {{"type", "hello"}, {"dial_back", dial_back}});
  CARE_ASSIGN_OR_RETURN(const json message, ReceiveJson(channel, limit));
  return HelloFromJson(message);
}

namespace {

absl::Status DialBack(NodeResources& node, const std::string& peer) {
  const auto catalog = node.catalog();
  const PartyId party = catalog->FindParty(peer);
  if (party == kNoParty || peer == node.own_name()) {
    return absl::InvalidArgumentError("only another party's node is dialled back");
  }
  const mpc::TlsPeer target{
      peer, catalog->parties[party].address,
      absl::StrCat("does the firewall of ", peer, " let connections of ", node.own_name(), " in?"),
      node.proxy};
  CARE_RETURN_IF_ERROR(node.dial_backs.Begin(peer));
  const auto dial = [&]() -> absl::Status {
    CARE_ASSIGN_OR_RETURN(auto channel,
                          mpc::TlsChannel::Connect(node.io, node.identity.Get(), target, node.timeouts.link));
    return AskHello(*channel, false, node.timeouts.link.connect).status();
  };
  const absl::Status dialled = dial();
  node.dial_backs.End(peer);
  return dialled;
}

}  // namespace

void AnswerHello(NodeResources& node, mpc::TlsChannel& channel, const json& request) {
  const auto catalog = node.catalog();
  Hello hello;
  hello.party = node.own_name();
  hello.program_version = node.program_version;
  hello.federation = catalog->name;
  hello.federation_version = catalog->version;
  hello.federation_digest = catalog->digest;
  hello.dialled_back = FlagField(request, "dial_back");
  if (hello.dialled_back)
    hello.dial_back = mpc::WithOrigin(DialBack(node, channel.peer_name()), node.own_name());
  hello.time_us = MicrosecondsSince1970();
  if (!SendJson(channel, HelloToJson(hello)).ok())
    node.log->info("{} left before the answer", channel.peer_name());
}

}  // namespace care::engine
