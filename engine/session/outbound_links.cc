#include "engine/session/outbound_links.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/session/messages.h"
#include "engine/session/session_id.h"

namespace care::engine {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxDialling = 32;
constexpr std::size_t kMaxStandingBytes = 4096;

// What the operator was told of a link. I/O thread only.
struct Told {
  bool up = false;
  bool down = false;
};

}  // namespace

// Only the I/O thread touches what changes.
struct OutboundLinks::Calls : std::enable_shared_from_this<OutboundLinks::Calls> {
  Calls(mpc::IoThread& thread, Surroundings around) : io(thread), surroundings(std::move(around)) {}

  void Heard(const std::string& party, mpc::TlsChannel& link, Told& told) {
    const absl::StatusOr<json> message = ReceiveJson(link, surroundings.timeouts.connect, kMaxStandingBytes);
    const std::string type = message.ok() ? TextField(*message, "type").value_or("") : "";
    const std::string session = message.ok() ? TextField(*message, "session").value_or("") : "";
    if (type == "kept") {
      told = {true, false};
      surroundings.log->info("the standing link with {} is up", party);
    } else if (type == "call" && IsSessionId(session)) {
      Call(party, session);
    } else {
      link.Abort(absl::InvalidArgumentError("what came over the standing link is not understood; install the same "
                                            "version of care at both"));
    }
  }

  void Lost(const std::string& party, const absl::Status& why, Told& told) {
    if (told.up) {
      surroundings.log->info("the standing link with {} is down: {}; dialling again", party,
                             std::string(why.message()));
    } else if (!told.down) {
      surroundings.log->warn("no standing link with {}: {}; dialling again until it is there", party,
                             std::string(why.message()));
    }
    told = {false, true};
  }

  void Call(const std::string& party, const std::string& session) {
    const std::string short_id = session.substr(0, 8);
    if (dialling >= kMaxDialling) {
      surroundings.log->warn("query {}: {} asks for more connections at a time than {}", short_id, party, kMaxDialling);
      return;
    }
    ++dialling;
    auto [identity, peer] = surroundings.whom(party);
    mpc::TlsChannel::Dial(
        io, std::move(identity), peer, surroundings.timeouts,
        [self = shared_from_this(), party, session, short_id](absl::StatusOr<std::unique_ptr<mpc::TlsChannel>> dialled) {
          --self->dialling;
          if (self->stopped) return;
          absl::Status status = dialled.status();
          if (status.ok()) status = SendJson(**dialled, {{"type", "link"}, {"session", session}});
          if (status.ok()) return self->surroundings.called(*std::move(dialled), session);
          self->surroundings.log->warn("query {}: {} asked for a connection: {}", short_id, party,
                                       std::string(status.message()));
        });
  }

  mpc::IoThread& io;
  const Surroundings surroundings;
  std::size_t dialling = 0;
  bool stopped = false;
};

OutboundLinks::OutboundLinks(mpc::IoThread& io, Surroundings surroundings)
    : io_(io), calls_(std::make_shared<Calls>(io, std::move(surroundings))) {}

OutboundLinks::~OutboundLinks() {
  Keep({});
  std::promise<void> stopped;
  boost::asio::post(io_.context(), [this, &stopped] {
    calls_->stopped = true;
    stopped.set_value();
  });
  stopped.get_future().wait();
}

std::unique_ptr<mpc::RedialledLink> OutboundLinks::MakeLink(const std::string& party) {
  auto told = std::make_shared<Told>();
  return std::make_unique<mpc::RedialledLink>(
      io_, calls_->surroundings.timeouts, calls_->surroundings.pauses,
      mpc::RedialledLink::Callbacks{
          .whom = [calls = calls_, party] { return calls->surroundings.whom(party); },
          .connected =
              [](mpc::TlsChannel& link) {
                link.LimitUnread(kMaxControlBytes);
                (void)SendJson(link, {{"type", "standing"}});  // a failure is told as the link's end
              },
          .message = [calls = calls_, party, told](mpc::TlsChannel& link) { calls->Heard(party, link, *told); },
          .lost = [calls = calls_, party, told](const absl::Status& why) { calls->Lost(party, why, *told); }});
}

void OutboundLinks::Keep(const std::vector<std::string>& parties) {
  std::lock_guard lock(mutex_);
  std::erase_if(links_, [&parties](const auto& link) {
    return std::find(parties.begin(), parties.end(), link.first) == parties.end();
  });
  for (const std::string& party : parties) {
    auto& link = links_[party];
    if (link == nullptr) link = MakeLink(party);
  }
}

}  // namespace care::engine
