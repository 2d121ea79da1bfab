// mpc/net/certificate_check.h
//
// Whether a certificate that lies in a file, and not in a TLS session, was issued by a federation's authority
// and is valid now: who signed a federation file is known by the certificate beside the signature.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace care::mpc {

struct CheckedCertificate {
  std::string name;        // common name
  std::string public_key;  // SubjectPublicKeyInfo, DER: what VerifySignature takes
  std::string not_after;   // "Nov 23 22:10:44 2026 GMT"
};

// `authorities_pem` may hold several certificates; the one with the fingerprint `authority_sha256` counts.
absl::StatusOr<CheckedCertificate> CheckCertificate(std::string_view certificate_pem,
                                                    std::string_view authorities_pem,
                                                    const std::string& authority_sha256);

}  // namespace care::mpc
