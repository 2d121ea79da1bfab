// engine/session/current_identity.h
//
// The certificate and key that this node shows on new connections. They may be renewed while the node runs; a
// connection keeps the identity that it was made with, and what is signed for a connection is signed with that.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "mpc/net/tls_identity.h"

namespace care::engine {

class CurrentIdentity {
 public:
  std::shared_ptr<const mpc::TlsIdentity> Get() const {
    std::lock_guard lock(mutex_);
    return identity_;
  }
  void Set(std::shared_ptr<const mpc::TlsIdentity> identity) {
    std::lock_guard lock(mutex_);
    std::swap(identity_, identity);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const mpc::TlsIdentity> identity_;
};

}  // namespace care::engine
