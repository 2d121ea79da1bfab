#include "engine/frontend/shell/client.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/session/messages.h"
#include "engine/types/status_macros.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::engine {

using nlohmann::json;

absl::StatusOr<std::unique_ptr<Client>> Client::Connect(const ClientOptions& options) {
  CARE_ASSIGN_OR_RETURN(const planner::NodeConfig config, planner::LoadNodeConfig(options.node_path));
  CARE_ASSIGN_OR_RETURN(const planner::Catalog catalog, planner::LoadFederation(config.federation_path));
  const std::filesystem::path directory = std::filesystem::path(config.certificate_path).parent_path();
  const auto beside = [&](const std::string& given, const char* extension) {
    return given.empty() ? (directory / absl::StrCat("analyst.", config.party, extension)).string() : given;
  };
  CARE_ASSIGN_OR_RETURN(const auto identity,
                        mpc::TlsIdentity::Load({beside(options.certificate_path, ".pem"),
                                                beside(options.private_key_path, ".key"), config.authority_path,
                                                catalog.authority_sha256}));
  mpc::TlsPeer node{config.party, config.listen,
                    absl::StrCat("is it running? care serve ", options.node_path)};
  const PartyId party = catalog.FindParty(config.party);
  if (party != kNoParty && (config.listen.starts_with("0.0.0.0:") || config.listen.starts_with("[::]:"))) {
    const std::string port = config.listen.substr(config.listen.rfind(':'));
    const std::string& address = catalog.parties[party].address;
    node.address = address.empty() ? absl::StrCat("127.0.0.1", port) : address;
  }
  std::unique_ptr<Client> client(new Client());
  client->io_ = std::make_unique<mpc::IoThread>();
  CARE_ASSIGN_OR_RETURN(client->channel_, mpc::TlsChannel::Connect(*client->io_, identity, node));
  return client;
}

absl::StatusOr<json> Client::Ask(const Asked& asked, const char* expected, const ClientEvents& events) {
  // A node that refused the certificate is told from its answer at the first read: see tls_handshake_error.h.
  (void)SendJson(*channel_, {{"type", "query"},
                             {"sql", asked.sql},
                             {"purpose", asked.purpose},
                             {"explain", asked.explain},
                             {"analyze", asked.analyze},
                             {"as_json", asked.as_json},
                             {"record", asked.record},
                             {"legal_basis", asked.legal_basis}});
  while (true) {
    const absl::StatusOr<json> message = ReceiveJson(*channel_, {}, kMaxResultBytes);
    if (!message.ok()) {
      reached_ = false;
      return message.status();
    }
    CARE_ASSIGN_OR_RETURN(const std::string type, TextField(*message, "type"));
    if (type == expected) return *message;
    if (type == "error") {
      const auto status = message->find("status");
      const absl::Status error = status == message->end() ? absl::UnknownError("") : StatusFromJson(*status);
      return error.ok() ? absl::UnknownError("the node gave no reason") : error;
    }
    if (type == "notice" && events.notice) events.notice(TextField(*message, "text").value_or(""));
    if (type == "progress" && events.progress) {
      const double fraction = message->contains("fraction") && (*message)["fraction"].is_number()
                                  ? (*message)["fraction"].get<double>()
                                  : 0;
      events.progress(fraction, TextField(*message, "step").value_or(""));
    }
  }
}

absl::StatusOr<Answer> Client::Query(const Asked& asked, const ClientEvents& events) {
  CARE_ASSIGN_OR_RETURN(const json message, Ask(asked, "answer", events));
  return AnswerFromJson(message);
}

absl::StatusOr<std::string> Client::Explain(const Asked& asked, const ClientEvents& events) {
  CARE_ASSIGN_OR_RETURN(const json message, Ask(asked, "explained", events));
  return TextField(message, "text");
}

}  // namespace care::engine
