#include "engine/frontend/pgwire/node_services.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/frontend/pgwire/mock_secret.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/frontend/pgwire/users_file.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
namespace {

constexpr int kMostQuestions = 64;

// A verifier that another program made is seen in the exchange: its user is told from those who do not exist.
void WarnOfUnlike(const Users& users, spdlog::logger& log) {
  std::vector<std::string> names;
  for (const auto& [name, verifier] : users) {
    if (!LooksLikeOurs(verifier)) names.push_back(name);
  }
  if (names.empty()) return;
  log.warn("the verifiers of {} were not made by this version of `care user add`: whoever tries to log in sees that "
           "these users exist; add them again",
           absl::StrJoin(names, ", "));
}

}  // namespace

absl::StatusOr<std::unique_ptr<NodeServices>> NodeServices::Make(NodeResources& node,
                                                                 std::string endpoint_hash,
                                                                 Sessions sessions) {
  std::unique_ptr<NodeServices> services(new NodeServices(node));
  services->endpoint_hash_ = std::move(endpoint_hash);
  services->sessions_ = std::move(sessions);
  CARE_ASSIGN_OR_RETURN(services->secret_, MockSecret(node.config.data_directory));
  CARE_RETURN_IF_ERROR(services->CatalogueInForce().status());
  if (const auto users = LoadUsers(node.config.sql->users_path); !users.ok()) {
    if (users.status().code() != absl::StatusCode::kNotFound) return users.status();
    node.log->warn("nobody can log in by SQL yet: {}", std::string(users.status().message()));
  } else {
    WarnOfUnlike(*users, *node.log);
  }
  return services;
}

absl::StatusOr<Reply> NodeServices::Ask(const Question& question, Asker& asker) {
  if (++questions_ > kMostQuestions) {
    --questions_;
    return SqlStatus(sqlstate::kTooManyConnections,
                     absl::StrCat(kMostQuestions, " questions are being answered or wait already"),
                     "try again later");
  }
  absl::StatusOr<Reply> reply = engine::Ask(node_, question, asker);
  --questions_;
  return reply;
}

absl::StatusOr<std::vector<DescribedColumn>> NodeServices::Describe(const Question& question) {
  return engine::Describe(node_, question);
}

absl::StatusOr<std::shared_ptr<Catalogue>> NodeServices::CatalogueInForce() {
  std::shared_ptr<const planner::Catalog> in_force = node_.catalog();
  std::lock_guard lock(catalogue_mutex_);
  if (described_ != in_force) {
    CARE_ASSIGN_OR_RETURN(catalogue_, Catalogue::Make(*in_force));
    described_ = std::move(in_force);
  }
  return catalogue_;
}

bool NodeServices::IsCatalogueRelation(std::string_view name) const {
  std::lock_guard lock(catalogue_mutex_);
  return catalogue_->HasRelation(name);
}

absl::StatusOr<ResultSet> NodeServices::AskCatalogue(const CatalogueQuestion& question) {
  CARE_ASSIGN_OR_RETURN(const std::shared_ptr<Catalogue> catalogue, CatalogueInForce());
  absl::StatusOr<ResultSet> result = catalogue->Ask(question);
  if (!result.ok()) {
    // The shape of the statement, so that it can be supported one day; what the client wrote in quotes stays
    // out.
    node_.log->info("catalogue query not answered: {}: {}", absl::StatusCodeToString(result.status().code()),
                    WithoutLiterals(question.sql, question.tokens));
  }
  return result;
}

ScramVerifier NodeServices::VerifierOf(const std::string& user) {
  const absl::StatusOr<Users> users = LoadUsers(node_.config.sql->users_path);
  if (!users.ok()) {
    node_.log->warn("{}", std::string(users.status().message()));
  } else if (const auto found = users->find(user); found != users->end()) {
    return found->second;
  }
  return MockVerifier(user, secret_);
}

std::chrono::milliseconds NodeServices::LoggedIn(const std::string& user, const std::string& address,
                                                 bool accepted) {
  const LoginDelays::Clock::time_point now = LoginDelays::Clock::now();
  const std::chrono::milliseconds delay = delays_.DelayOf(user, address, now);
  if (accepted) {
    delays_.Succeeded(user);
    node_.log->info("{} logged in by SQL from {}", user, address);
    return delay;
  }
  delays_.Failed(user, address, now);
  if (const auto left_out = wrong_passwords_.Allow(now)) {
    const bool printable = CheckUserName(user).ok();
    node_.log->warn("a wrong password or an unknown user{}{} from {}{}", printable ? ", " : "", printable ? user : "",
                    address, LeftOut(*left_out));
  }
  return delay;
}

}  // namespace care::engine::pgwire
