// mpc/net/redialled_link.h
//
// A link to one peer that is there whenever the peer is: dialled, and dialled again when it is lost, after a pause
// that doubles and varies by chance, so that many nodes do not return to a restarted one in step. It takes no thread:
// it lives on the I/O thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "mpc/net/io_thread.h"
#include "mpc/net/tls_channel.h"

namespace care::mpc {

struct RedialPauses {
  std::chrono::milliseconds first{500};
  std::chrono::milliseconds longest{30'000};
  // A link that held so long starts again with the first pause; one that is lost at once does not.
  std::chrono::milliseconds steady{10'000};
};

class RedialledLink {
 public:
  // All run on the I/O thread and must not block.
  struct Callbacks {
    // For each attempt: identities are renewed and addresses change while the link lives.
    std::function<std::pair<std::shared_ptr<const TlsIdentity>, TlsPeer>()> whom;
    std::function<void(TlsChannel&)> connected;  // may send
    std::function<void(TlsChannel&)> message;    // one can be received without waiting
    std::function<void(const absl::Status&)> lost;  // and after each attempt that failed
  };

  RedialledLink(IoThread& io, const TlsTimeouts& timeouts, const RedialPauses& pauses, Callbacks callbacks);
  ~RedialledLink();  // returns when no callback runs or will run
  RedialledLink(const RedialledLink&) = delete;
  RedialledLink& operator=(const RedialledLink&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace care::mpc
