#include "engine/frontend/pgwire/client_tls.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/ssl/context.hpp>

#include "absl/strings/str_cat.h"

namespace care::engine::pgwire {

absl::StatusOr<ClientTls> LoadClientTls(const std::string& certificate_path, const std::string& private_key_path) {
  ClientTls tls;
  tls.context = std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
  SSL_CTX* native = tls.context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(native, 0);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // idle sessions hold no buffers
  if (SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
    return absl::InternalError("the TLS library has no AEAD suites");
  }
  if (SSL_CTX_use_certificate_chain_file(native, certificate_path.c_str()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        absl::StrCat("the certificate for SQL clients, ", certificate_path, ", cannot be read as PEM"));
  }
  if (SSL_CTX_use_PrivateKey_file(native, private_key_path.c_str(), SSL_FILETYPE_PEM) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(absl::StrCat("the private key for SQL clients, ", private_key_path,
                                                   ", cannot be read or is not that of ", certificate_path));
  }
  X509* certificate = SSL_CTX_get0_certificate(native);
  int digest_id = NID_undef;
  if (OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest_id, nullptr) != 1) digest_id = NID_undef;
  // MD5 and SHA-1 count as SHA-256 here; a signature without a digest of its own (Ed25519) has no binding.
  if (digest_id == NID_md5 || digest_id == NID_sha1) digest_id = NID_sha256;
  const EVP_MD* digest = digest_id == NID_undef ? nullptr : EVP_get_digestbynid(digest_id);
  if (digest != nullptr) {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (X509_digest(certificate, digest, bytes, &size) == 1) {
      tls.endpoint_hash.assign(reinterpret_cast<const char*>(bytes), size);
    }
  }
  return tls;
}

}  // namespace care::engine::pgwire
