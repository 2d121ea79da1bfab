// engine/session/unheard_connections.h
//
// Connections that have not said yet what they want. Anybody with a certificate of the federation's authority can open
// them, so they take no thread, keep one control message at most, are limited in number, in sum and for each
// certificate, and must speak up within a limit.
#pragma once

#include <spdlog/logger.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "engine/session/log_limit.h"
#include "mpc/net/tls_channel.h"

namespace care::engine {

class UnheardConnections {
 public:
  // On the I/O thread; must not block. Its first message can be received without waiting.
  using Heard = std::function<void(std::unique_ptr<mpc::TlsChannel>)>;

  // `log_limit` bounds the lines that connections can cause.
  UnheardConnections(std::chrono::milliseconds limit, std::shared_ptr<spdlog::logger> log, LogLimit& log_limit)
      : limit_(limit), log_(std::move(log)), log_limit_(log_limit) {}

  void Add(std::unique_ptr<mpc::TlsChannel> channel, Heard heard);
  // Tells all of them why, and refuses those that come later. No callback runs after it.
  void Stop(const absl::Status& why);

 private:
  struct Entry {
    std::string peer;
    Heard heard;
    std::unique_ptr<mpc::TlsChannel> channel;  // null until it waits
    std::optional<absl::Status> spoke;
  };

  absl::Status Admit(const std::string& peer) const;
  void Spoke(mpc::TlsChannel* which, const absl::Status& status);
  void Tell(Entry entry, const absl::Status& status);

  const std::chrono::milliseconds limit_;
  const std::shared_ptr<spdlog::logger> log_;
  LogLimit& log_limit_;
  mutable std::mutex mutex_;
  absl::Status stopped_;
  std::map<mpc::TlsChannel*, Entry> waiting_;
};

}  // namespace care::engine
