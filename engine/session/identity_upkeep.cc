#include "engine/session/identity_upkeep.h"

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr int kWarnWithinDays = 30;
constexpr UnixSeconds kDay = 86'400;

}  // namespace

IdentityUpkeep::Stamps IdentityUpkeep::Look() const {
  return {StampOf(node_.config.certificate_path), StampOf(node_.config.private_key_path),
          StampOf(node_.config.authority_path)};
}

absl::StatusOr<std::shared_ptr<const mpc::TlsIdentity>> IdentityUpkeep::Load(
    const std::vector<std::string>& authorities) const {
  mpc::TlsFiles files{node_.config.certificate_path, node_.config.private_key_path, node_.config.authority_path,
                      authorities.front(), {authorities.begin() + 1, authorities.end()}};
  CARE_ASSIGN_OR_RETURN(auto identity, mpc::TlsIdentity::Load(files));
  if (identity->name() != node_.config.party) {
    return absl::FailedPreconditionError(absl::StrCat("the certificate ", files.certificate_path, " is of \"",
                                                      identity->name(), "\", not of \"", node_.config.party, "\""));
  }
  if (identity->days_left() < 0) {
    return absl::FailedPreconditionError(absl::StrCat("the certificate ", files.certificate_path, " has expired, on ",
                                                      identity->not_after(),
                                                      "; renew it with the federation's authority"));
  }
  CARE_RETURN_IF_ERROR(identity->CheckIssuer());
  return identity;
}

absl::Status IdentityUpkeep::Begin(const std::vector<std::string>& authorities) {
  loaded_ = Look();
  authorities_ = authorities;
  CARE_ASSIGN_OR_RETURN(auto identity, Load(authorities));
  node_.identity.Set(std::move(identity));
  loaded_at_ = node_.clock();
  WarnOfTheEnd();
  return absl::OkStatus();
}

void IdentityUpkeep::Check(const std::vector<std::string>& authorities, bool again) {
  const Stamps stamps = Look();
  if (stamps != loaded_ || authorities != authorities_ || again) {
    absl::StatusOr<std::shared_ptr<const mpc::TlsIdentity>> identity = Load(authorities);
    if (identity.ok()) {
      const bool is_new = (*identity)->fingerprint() != node_.identity.Get()->fingerprint();
      loaded_ = stamps;
      authorities_ = authorities;
      failed_.clear();
      loaded_at_ = node_.clock();
      if (is_new) {
        warned_at_ = 0;
        node_.log->info("the certificate was renewed: valid until {}; new connections show it",
                        (*identity)->not_after());
      }
      node_.identity.Set(*identity);
      renewed_(*std::move(identity));
    } else if (stamps == failed_ || again) {
      node_.log->warn("the node keeps the certificate that it has: {}", std::string(identity.status().message()));
      loaded_ = stamps;
      authorities_ = authorities;
      failed_.clear();
    } else {
      failed_ = stamps;
    }
  }
  WarnOfTheEnd();
}

void IdentityUpkeep::WarnOfTheEnd() {
  const UnixSeconds now = node_.clock();
  const std::shared_ptr<const mpc::TlsIdentity> identity = node_.identity.Get();
  const std::int64_t days = identity->days_left() - (now - loaded_at_) / kDay;
  if (days >= kWarnWithinDays || now - warned_at_ < kDay) return;
  warned_at_ = now;
  node_.log->warn("the certificate {} {} on {}; renew it with the federation's authority", node_.config.certificate_path,
                  days < 0 ? "has expired," : "expires", identity->not_after());
}

}  // namespace care::engine
