#include "mpc/random/prg.h"

#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "engine/types/check.h"

namespace care::mpc {

// Words and bytes are one stream: parties agree on it only if they agree on the order of bytes in a word.
static_assert(std::endian::native == std::endian::little,
              "shares are little-endian in memory and on the wire");

void Prg::FreeContext::operator()(evp_cipher_ctx_st* context) const { EVP_CIPHER_CTX_free(context); }

Prg::Prg(std::span<const std::uint8_t, kKeyBytes> key, bool detect_reuse)
    : context_(EVP_CIPHER_CTX_new()), detect_reuse_(detect_reuse) {
  CARE_CHECK(context_ != nullptr);
  CARE_CHECK(EVP_EncryptInit_ex(context_.get(), EVP_aes_128_ctr(), nullptr, key.data(), nullptr) == 1);
}

Prg::Prg(Prg&&) noexcept = default;
Prg& Prg::operator=(Prg&&) noexcept = default;
Prg::~Prg() = default;  // EVP_CIPHER_CTX_free erases the key schedule

void Prg::Fill(std::uint32_t operation, std::uint8_t stream, std::uint32_t chunk,
               std::span<std::uint8_t> out) {
  if (detect_reuse_) CARE_CHECK(used_.insert({operation, stream, chunk}).second);
  if (out.empty()) return;
  std::uint8_t counter[16] = {};
  for (int i = 0; i < 4; ++i) counter[i] = static_cast<std::uint8_t>(operation >> (24 - 8 * i));
  counter[4] = stream;
  for (int i = 0; i < 4; ++i) counter[5 + i] = static_cast<std::uint8_t>(chunk >> (24 - 8 * i));
  CARE_CHECK(EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, counter) == 1);
  // The key stream is the encryption of zeroes; OpenSSL counts in int, so long spans go in pieces.
  constexpr std::size_t kPiece = std::size_t{1} << 30;
  for (std::size_t done = 0; done < out.size(); done += kPiece) {
    const int count = static_cast<int>(std::min(kPiece, out.size() - done));
    std::uint8_t* piece = out.data() + done;
    std::memset(piece, 0, count);
    int written = 0;
    CARE_CHECK(EVP_EncryptUpdate(context_.get(), piece, &written, piece, count) == 1 && written == count);
  }
}

void Prg::FillWords(std::uint32_t operation, std::uint8_t stream, std::size_t first,
                    std::span<std::uint64_t> out) {
  CARE_CHECK(first % kChunkWords == 0);
  for (std::size_t done = 0; done < out.size(); done += kChunkWords) {
    const std::size_t chunk = (first + done) / kChunkWords;
    CARE_CHECK(chunk <= UINT32_MAX);
    const std::span<std::uint64_t> piece = out.subspan(done, std::min(kChunkWords, out.size() - done));
    Fill(operation, stream, static_cast<std::uint32_t>(chunk),
         {reinterpret_cast<std::uint8_t*>(piece.data()), piece.size_bytes()});
  }
}

}  // namespace care::mpc
