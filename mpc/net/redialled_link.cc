#include "mpc/net/redialled_link.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <random>
#include <utility>

namespace care::mpc {

namespace asio = boost::asio;

// Only the I/O thread touches it.
struct RedialledLink::State : std::enable_shared_from_this<RedialledLink::State> {
  using Clock = std::chrono::steady_clock;

  State(IoThread& thread, const TlsTimeouts& times, const RedialPauses& how_long, Callbacks hooks)
      : io(thread), timeouts(times), pauses(how_long), callbacks(std::move(hooks)), timer(thread.context()),
        random(std::random_device{}()), pause(how_long.first) {}

  void Attempt() {
    if (stopped) return;
    auto [identity, peer] = callbacks.whom();
    TlsChannel::Dial(io, std::move(identity), peer, timeouts,
                     [self = shared_from_this()](absl::StatusOr<std::unique_ptr<TlsChannel>> dialled) {
                       if (self->stopped) return;
                       self->since = Clock::now();
                       if (!dialled.ok()) return self->Lost(dialled.status());
                       self->channel = *std::move(dialled);
                       self->callbacks.connected(*self->channel);
                       self->Await();
                     });
  }

  void Await() {
    channel->AwaitMessage({}, [self = shared_from_this()](const absl::Status& status) {
      if (self->stopped) return;
      if (!status.ok()) return self->Lost(status);
      self->callbacks.message(*self->channel);
      self->Await();
    });
  }

  void Lost(const absl::Status& why) {
    if (channel != nullptr && Clock::now() - since >= pauses.steady) pause = pauses.first;
    channel.reset();
    callbacks.lost(why);
    std::uniform_real_distribution<double> share(0.5, 1.0);
    timer.expires_after(std::chrono::duration_cast<Clock::duration>(pause * share(random)));
    pause = std::min(2 * pause, pauses.longest);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (!cancelled) self->Attempt();
    });
  }

  void Stop() {
    stopped = true;
    timer.cancel();
    channel.reset();
  }

  IoThread& io;
  const TlsTimeouts timeouts;
  const RedialPauses pauses;
  const Callbacks callbacks;
  asio::steady_timer timer;
  std::mt19937_64 random;  // of the pauses only
  std::chrono::milliseconds pause;
  std::unique_ptr<TlsChannel> channel;
  Clock::time_point since;
  bool stopped = false;
};

RedialledLink::RedialledLink(IoThread& io, const TlsTimeouts& timeouts, const RedialPauses& pauses, Callbacks callbacks)
    : state_(std::make_shared<State>(io, timeouts, pauses, std::move(callbacks))) {
  asio::post(io.context(), [state = state_] { state->Attempt(); });
}

RedialledLink::~RedialledLink() {
  std::promise<void> stopped;
  asio::post(state_->io.context(), [this, &stopped] {
    state_->Stop();
    stopped.set_value();
  });
  stopped.get_future().wait();
}

}  // namespace care::mpc
