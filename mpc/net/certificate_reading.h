// mpc/net/certificate_reading.h
//
// Parts of certificates as text, and certificates from PEM text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mpc/net/openssl_handles.h"

namespace care::mpc {

// Every certificate of the text, in order; empty if there is none.
std::vector<CertificatePtr> CertificatesOf(std::string_view pem);

std::string CommonNameOf(const X509* certificate);  // empty: it has none, or there is no certificate
std::string PublicKeyOf(const X509* certificate);   // SubjectPublicKeyInfo, DER; empty: unreadable
std::string FingerprintOf(const X509* certificate);  // SHA-256 of its DER form, lower-case hex
std::string TimeText(const ASN1_TIME* time);

}  // namespace care::mpc
