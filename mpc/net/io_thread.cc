#include "mpc/net/io_thread.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <future>
#include <thread>

namespace care::mpc {

struct IoThread::State {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work =
      boost::asio::make_work_guard(context);
  std::promise<void> finished;
  std::thread thread;
};

IoThread::IoThread() : state_(std::make_unique<State>()) {
  state_->thread = std::thread([state = state_.get()] {
    state->context.run();
    state->finished.set_value();
  });
}

IoThread::~IoThread() {
  state_->work.reset();
  if (state_->finished.get_future().wait_for(std::chrono::seconds(3)) != std::future_status::ready) {
    state_->context.stop();
  }
  state_->thread.join();
}

boost::asio::io_context& IoThread::context() { return state_->context; }

}  // namespace care::mpc
