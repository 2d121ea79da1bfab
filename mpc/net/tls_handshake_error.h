// mpc/net/tls_handshake_error.h
//
// What an administrator reads when two certificates do not get along: who refused whom, why, and what to do.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace care::mpc {

// Why this side refused the peer's certificate.
struct CertificateRefusal {
  int code = 0;           // X509_V_ERR_...; 0: it did not
  std::string name;       // common name that it claims
  std::string not_after;  // "Nov 23 22:10:44 2026 GMT"
};

// `peer` is how to call the other side; `own_name` the common name that this side showed.
absl::Status RefusedPeer(const CertificateRefusal& refusal, const std::string& peer);

// For an error of OpenSSL, the packed code of ERR_get_error: the peer's alert, if it is one.
absl::Status HandshakeFailed(unsigned long openssl_error, const std::string& text, const std::string& peer,
                             const std::string& own_name);
// True if the code is an alert by which the peer refused this side's certificate. Under TLS 1.3 a client reads
// that only after its own handshake has succeeded.
bool IsCertificateAlert(unsigned long openssl_error);

}  // namespace care::mpc
