// Seeds differ in everything that they are bound to, agree on both sides, and follow RFC 5869's construction.

#include "mpc/random/key_derivation.h"

#include <openssl/hmac.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace care::mpc {
namespace {

Seed Filled(std::uint8_t byte) {
  Seed seed;
  std::fill(seed.bytes().begin(), seed.bytes().end(), byte);
  return seed;
}

std::string Text(const Seed& seed) { return std::string(seed.bytes().begin(), seed.bytes().end()); }

std::string Hmac(const std::string& key, const std::string& text) {
  std::string out(32, '\0');
  unsigned length = 32;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(out.data()), &length);
  return out;
}

TEST(DeriveSeed, IsHkdfOverBothDraws) {
  const std::string pseudorandom_key = Hmac("session", Text(Filled(1)) + Text(Filled(2)));
  const std::string info = std::string("care/prg") + '\0' + '\2' + "digest";
  EXPECT_EQ(Text(DeriveSeed(Filled(1), Filled(2), "session", 0, 2, "digest")),
            Hmac(pseudorandom_key, info + '\1'));
}

TEST(DeriveSeed, IsBoundToEverything) {
  const std::set<std::string> seeds = {Text(DeriveSeed(Filled(1), Filled(2), "session", 0, 1, "digest")),
                                       Text(DeriveSeed(Filled(2), Filled(1), "session", 0, 1, "digest")),
                                       Text(DeriveSeed(Filled(1), Filled(2), "session 2", 0, 1, "digest")),
                                       Text(DeriveSeed(Filled(1), Filled(2), "session", 0, 2, "digest")),
                                       Text(DeriveSeed(Filled(1), Filled(2), "session", 1, 2, "digest")),
                                       Text(DeriveSeed(Filled(1), Filled(2), "session", 0, 1, "digest 2"))};
  EXPECT_EQ(seeds.size(), 6);
}

TEST(DeriveKey, SeparatesLabelsAndContexts) {
  const std::set<std::string> keys = {
      Text(DeriveKey(Filled(1), "okvs-q", "1")), Text(DeriveKey(Filled(1), "okvs-q", "2")),
      Text(DeriveKey(Filled(1), "okvs-t", "1")), Text(DeriveKey(Filled(2), "okvs-q", "1")),
      Text(DeriveKey(Filled(1), "okvs-q1", "")), Text(DeriveKey(Filled(1), "okvs-", "q1"))};
  EXPECT_EQ(keys.size(), 6);
}

TEST(RandomBytes, FillsAndVaries) {
  std::vector<std::uint8_t> a(64), b(64);
  ASSERT_TRUE(RandomBytes(a).ok());
  ASSERT_TRUE(RandomBytes(b).ok());
  EXPECT_NE(a, b);
  EXPECT_TRUE(RandomBytes({}).ok());
}

}  // namespace
}  // namespace care::mpc
