// mpc/net/tls_pump.h
//
// TLS over one non-blocking socket: bytes in, records out, and back. No threads, no locks and no frames: TlsLink has
// those. It exists because what a byte costs is decided here (docs/decisions/0018-own-tls-pump.md):
//
//   Writing   records are gathered, and leave in one system call for up to 64 kB. What the socket does not take is
//             kept, encrypted, until Flush succeeds.
//   Reading   one system call brings up to 64 kB, which OpenSSL decrypts in place and copies once, to where the caller
//             wants it.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "mpc/net/openssl_handles.h"

namespace care::mpc {

class TlsPump {
 public:
  enum class Progress {
    kDone,
    kWait,  // until the socket can be read (and, with unsent() > 0, written)
    kLost,  // for good; error() and reason() say more
  };
  struct Taken {
    Progress progress;
    std::size_t bytes;  // more than none with kDone
  };

  explicit TlsPump(SSL_CTX* context);
  TlsPump(const TlsPump&) = delete;
  TlsPump& operator=(const TlsPump&) = delete;

  SSL* native() const { return ssl_.get(); }
  // Borrowed, and non-blocking.
  void Attach(int socket) { socket_ = socket; }

  Progress Handshake(bool as_client);
  Taken Read(std::span<std::uint8_t> room);
  // Encrypts everything; the last part stays here until Flush.
  void Write(std::span<const std::uint8_t> bytes);
  // Gives the socket what it takes. What is written after the connection broke goes nowhere: the reader finds out.
  void Flush();

  std::size_t unsent() const { return gathered_.size() + unsent_bytes_; }
  std::uint64_t sent() const { return sent_; }  // to the kernel
  bool broken() const { return broken_; }       // nothing more can be sent

  // From here on one system call may bring 64 kB. Buffers are given back while nothing is there, in any case.
  void ExpectMuch();

  unsigned long error() const { return error_; }       // OpenSSL's, 0 if the transport failed
  const std::string& reason() const { return reason_; }  // for people

 private:
  static const BIO_METHOD* Method();
  static int BioWrite(BIO* bio, const char* bytes, int count);
  static int BioRead(BIO* bio, char* room, int count);
  static long BioControl(BIO* bio, int command, long number, void* pointer);

  // What the socket takes of `bytes`; none if it is full or broken.
  std::size_t SendSome(std::span<const std::uint8_t> bytes);
  void KeepUnsent(std::span<const std::uint8_t> bytes);
  Progress ProgressOf(int result);

  SslPtr ssl_;
  int socket_ = -1;
  std::vector<std::uint8_t> gathered_;               // records that nobody tried to send yet
  std::deque<std::vector<std::uint8_t>> unsent_;     // before those: what the socket did not take
  std::size_t first_unsent_ = 0;                     // in the first block
  std::size_t unsent_bytes_ = 0;
  std::uint64_t sent_ = 0;
  bool broken_ = false;
  bool expects_much_ = false;
  int transport_error_ = 0;  // of the last read: errno, or -1 at the end of the stream
  unsigned long error_ = 0;
  std::string reason_;
};

}  // namespace care::mpc
