// mpc/net/io_thread.h
//
// The thread that sees to a node's sockets while no session's own thread does, so that protocol code can compute and
// block without holding up its peers. It sleeps in the kernel while there is nothing to do.
#pragma once

#include <memory>

namespace boost::asio {
class io_context;
}

namespace care::mpc {

class IoThread {
 public:
  IoThread();
  // Waits up to three seconds for closed channels to hand over their last messages. No channel that is still
  // open and no listener may outlive it.
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  boost::asio::io_context& context();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace care::mpc
