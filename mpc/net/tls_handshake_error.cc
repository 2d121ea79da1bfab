#include "mpc/net/tls_handshake_error.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "absl/strings/str_cat.h"

namespace care::mpc {
namespace {

constexpr char kRenew[] = "renew it with the federation's authority (care keygen --renew); its node takes it up without a restart";

}  // namespace

absl::Status RefusedPeer(const CertificateRefusal& refusal, const std::string& peer) {
  const std::string subject = refusal.name.empty() ? "the certificate"
                                                   : absl::StrCat("the certificate of \"", refusal.name, "\"");
  switch (refusal.code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return absl::UnauthenticatedError(
          absl::StrCat(peer, ": ", subject, " expired on ", refusal.not_after, "; ", kRenew));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return absl::UnauthenticatedError(
          absl::StrCat(peer, ": ", subject, " is not valid yet; compare the clocks of both machines"));
    default:
      return absl::UnauthenticatedError(
          absl::StrCat(peer, ": ", subject, " was not issued by this federation's authority (",
                       X509_verify_cert_error_string(refusal.code),
                       "); use a certificate of the authority that the federation file pins"));
  }
}

bool IsCertificateAlert(unsigned long openssl_error) {
  switch (ERR_GET_REASON(openssl_error)) {
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return ERR_GET_LIB(openssl_error) == ERR_LIB_SSL;
    default:
      return false;
  }
}

absl::Status HandshakeFailed(unsigned long openssl_error, const std::string& text, const std::string& peer,
                             const std::string& own_name) {
  if (!IsCertificateAlert(openssl_error)) {
    return absl::UnavailableError(absl::StrCat(peer, ": the TLS handshake failed (", text, ")"));
  }
  std::string why;
  switch (ERR_GET_REASON(openssl_error)) {
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      why = absl::StrCat("it has expired; ", kRenew);
      break;
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      why = "none was shown";
      break;
    default:
      why = "it was not issued by the authority that the peer trusts; both must use the one that the federation "
            "file pins";
  }
  return absl::UnauthenticatedError(
      absl::StrCat(peer, " refused the certificate of \"", own_name, "\": ", why));
}

}  // namespace care::mpc
