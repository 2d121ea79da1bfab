// engine/frontend/pgwire/node_services.h
//
// What sessions of the real server get: the node's own questions, the catalogue of its federation, the users file.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "engine/frontend/pgwire/catalogue.h"
#include "engine/frontend/pgwire/login_delays.h"
#include "engine/frontend/pgwire/services.h"
#include "engine/session/log_limit.h"
#include "engine/session/node_resources.h"

namespace care::engine::pgwire {

class NodeServices final : public SessionServices {
 public:
  // What the server knows of its sessions.
  struct Sessions {
    std::function<void(std::uint32_t process, std::uint32_t secret)> cancel;
    std::function<bool(std::uint32_t process)> admit;
  };
  // `endpoint_hash` of the certificate shown to clients.
  static absl::StatusOr<std::unique_ptr<NodeServices>> Make(NodeResources& node, std::string endpoint_hash,
                                                            Sessions sessions);

  absl::StatusOr<Reply> Ask(const Question& question, Asker& asker) override;
  absl::StatusOr<std::vector<DescribedColumn>> Describe(const Question& question) override;
  absl::StatusOr<ResultSet> AskCatalogue(const CatalogueQuestion& question) override;
  bool IsCatalogueRelation(std::string_view name) const override;
  CommonBudget& memory() override { return memory_; }
  ScramVerifier VerifierOf(const std::string& user) override;
  const std::string& endpoint_hash() const override { return endpoint_hash_; }
  bool tls_optional() const override { return node_.config.sql->tls_optional; }
  const std::string& default_purpose() const override { return node_.config.sql->purpose; }
  const std::string& database() const override { return database_; }
  void Cancel(std::uint32_t process, std::uint32_t secret) override { sessions_.cancel(process, secret); }
  bool Admit(std::uint32_t process) override { return sessions_.admit(process); }
  std::chrono::milliseconds LoggedIn(const std::string& user, const std::string& address, bool accepted) override;

 private:
  explicit NodeServices(NodeResources& node) : node_(node), database_(node.catalog()->name) {}
  // Made anew when another version of the federation file comes into force; statements that run keep theirs.
  absl::StatusOr<std::shared_ptr<Catalogue>> CatalogueInForce();

  NodeResources& node_;
  const std::string database_;
  std::string endpoint_hash_;
  std::string secret_;  // mock verifiers follow from it
  Sessions sessions_;
  LoginDelays delays_;
  LogLimit wrong_passwords_;
  mutable std::mutex catalogue_mutex_;
  std::shared_ptr<Catalogue> catalogue_;
  std::shared_ptr<const planner::Catalog> described_;  // by catalogue_
  std::atomic<int> questions_{0};
  CommonBudget memory_{kListenerBytes};
};

}  // namespace care::engine::pgwire
