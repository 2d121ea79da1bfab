#include "mpc/net/certificate_check.h"

#include <openssl/x509_vfy.h>

#include "absl/strings/str_cat.h"
#include "mpc/net/certificate_reading.h"

namespace care::mpc {

absl::StatusOr<CheckedCertificate> CheckCertificate(std::string_view certificate_pem,
                                                    std::string_view authorities_pem,
                                                    const std::string& authority_sha256) {
  const std::vector<CertificatePtr> own = CertificatesOf(certificate_pem);
  if (own.empty()) return absl::InvalidArgumentError("there is no PEM certificate");
  X509* certificate = own.front().get();

  std::unique_ptr<X509_STORE, OpenSslDelete<&X509_STORE_free>> store(X509_STORE_new());
  bool found = false;
  for (const CertificatePtr& authority : CertificatesOf(authorities_pem)) {
    if (FingerprintOf(authority.get()) != authority_sha256) continue;
    found = store != nullptr && X509_STORE_add_cert(store.get(), authority.get()) == 1;
  }
  if (!found) {
    return absl::FailedPreconditionError(absl::StrCat("the authority with fingerprint ", authority_sha256,
                                                      " is not in the authority file of the node; append it"));
  }
  std::unique_ptr<X509_STORE_CTX, OpenSslDelete<&X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  if (context == nullptr || X509_STORE_CTX_init(context.get(), store.get(), certificate, nullptr) != 1) {
    return absl::InternalError("cannot set up the check of a certificate");
  }
  CheckedCertificate checked{CommonNameOf(certificate), PublicKeyOf(certificate),
                             TimeText(X509_get0_notAfter(certificate))};
  if (X509_verify_cert(context.get()) != 1) {
    const int code = X509_STORE_CTX_get_error(context.get());
    ERR_clear_error();
    return absl::UnauthenticatedError(
        code == X509_V_ERR_CERT_HAS_EXPIRED
            ? absl::StrCat("the certificate of \"", checked.name, "\" expired on ", checked.not_after)
            : absl::StrCat("the certificate of \"", checked.name, "\" was not issued by the federation's authority (",
                           X509_verify_cert_error_string(code), ")"));
  }
  return checked;
}

}  // namespace care::mpc
