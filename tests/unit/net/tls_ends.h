// tests/unit/net/tls_ends.h
//
// Two ends of a TLS link in one process, over loopback, with certificates made for the test.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "mpc/net/tls_channel.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::mpc {

using Bytes = std::vector<std::uint8_t>;

class Server {
 public:
  Server(IoThread& io, std::shared_ptr<const TlsIdentity> identity, TlsTimeouts timeouts = {}, ListenLimits limits = {}) {
    listener_ = TlsListener::Listen(io, std::move(identity), "127.0.0.1:0", timeouts,
                                    {[this](std::unique_ptr<TlsChannel> channel) {
                                       std::lock_guard lock(mutex_);
                                       channels_.push_back(std::move(channel));
                                       changed_.notify_all();
                                     },
                                     [this](const std::string&, const absl::Status& status) {
                                       std::lock_guard lock(mutex_);
                                       refusals_.push_back(status);
                                       changed_.notify_all();
                                     }},
                                    limits)
                    .value();
  }
  std::string address() const { return absl::StrCat("127.0.0.1:", listener_->port()); }
  std::unique_ptr<TlsChannel> Next() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !channels_.empty(); }));
    if (channels_.empty()) return nullptr;
    auto channel = std::move(channels_.front());
    channels_.pop_front();
    return channel;
  }
  absl::Status NextRefusal() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !refusals_.empty(); }));
    if (refusals_.empty()) return absl::OkStatus();
    absl::Status status = refusals_.front();
    refusals_.pop_front();
    return status;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<TlsChannel>> channels_;
  std::deque<absl::Status> refusals_;
  std::unique_ptr<TlsListener> listener_;
};

inline Bytes Noise(std::size_t size, unsigned seed) {
  std::mt19937_64 random(seed);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

class TlsEnds : public ::testing::Test {
 protected:
  void ConnectBoth(TlsTimeouts timeouts = {}) {
    server_ = std::make_unique<Server>(server_io_, certificates_.Identity("insurer"), timeouts);
    client_end_ = TlsChannel::Connect(client_io_, certificates_.Identity("hospital"),
                                      {"insurer", server_->address(), "is its node running?"}, timeouts)
                      .value();
    server_end_ = server_->Next();
  }

  TemporaryCertificates certificates_;
  IoThread client_io_;
  IoThread server_io_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<TlsChannel> client_end_;
  std::unique_ptr<TlsChannel> server_end_;
};

}  // namespace care::mpc
