#include "mpc/random/key_derivation.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>

#include "engine/types/check.h"

namespace care::mpc {
namespace {

void Hkdf(std::span<const std::uint8_t> secret, std::string_view salt, std::string_view info,
          std::span<std::uint8_t> out) {
  std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr),
                                                        &EVP_KDF_free);
  CARE_CHECK(kdf != nullptr);
  std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kdf.get()),
                                                                    &EVP_KDF_CTX_free);
  CARE_CHECK(context != nullptr);
  char digest[] = "SHA256";
  // OpenSSL's parameters are not const-correct; it reads them only.
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::uint8_t*>(secret.data()),
                                        secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, const_cast<char*>(salt.data()), salt.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(info.data()), info.size()),
      OSSL_PARAM_construct_end()};
  CARE_CHECK(EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) == 1);
}

void AppendLengthAndText(std::string& out, std::string_view text) {
  const std::uint64_t length = text.size();
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(length >> (8 * i)));
  out.append(text);
}

}  // namespace

Seed::~Seed() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

absl::Status RandomBytes(std::span<std::uint8_t> out) {
  constexpr std::size_t kPiece = std::numeric_limits<int>::max();
  for (std::size_t done = 0; done < out.size(); done += kPiece) {
    if (RAND_priv_bytes(out.data() + done, static_cast<int>(std::min(kPiece, out.size() - done))) != 1) {
      return absl::InternalError("the operating system gave no random bytes");
    }
  }
  return absl::OkStatus();
}

Seed DeriveSeed(const Seed& drawn_by_i, const Seed& drawn_by_j, std::string_view session_id, std::uint8_t i,
                std::uint8_t j, std::string_view plan_digest) {
  CARE_CHECK(i < j);
  CARE_CHECK(!session_id.empty());
  std::array<std::uint8_t, 2 * Seed::kBytes> secret;
  std::copy(drawn_by_i.bytes().begin(), drawn_by_i.bytes().end(), secret.begin());
  std::copy(drawn_by_j.bytes().begin(), drawn_by_j.bytes().end(), secret.begin() + Seed::kBytes);
  std::string info = "care/prg";
  info.push_back(static_cast<char>(i));
  info.push_back(static_cast<char>(j));
  info.append(plan_digest);
  Seed seed;
  Hkdf(secret, session_id, info, seed.bytes());
  OPENSSL_cleanse(secret.data(), secret.size());
  return seed;
}

Seed DeriveKey(const Seed& seed, std::string_view label, std::string_view context) {
  std::string info = "care/key";
  AppendLengthAndText(info, label);
  AppendLengthAndText(info, context);
  Seed key;
  Hkdf(seed.bytes(), "care/key", info, key.bytes());
  return key;
}

}  // namespace care::mpc
