#include "net/dialer.h"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "net/system.h"

namespace djcache::net {

namespace {

// How long an attempt may take before the next address is tried: RFC 8305, 5.
constexpr std::uint64_t attempt_delay_ms = 250;
// How often connecting to a unix socket with a full queue is retried.
constexpr std::uint64_t room_delay_ms = 10;

using AddressList = std::unique_ptr<addrinfo, decltype(&uv_freeaddrinfo)>;

}  // namespace

std::uint64_t monotonic_ms() { return uv_hrtime() / 1'000'000; }
std::uint64_t monotonic_us() { return uv_hrtime() / 1'000; }

Dialer::Dialer(uv_loop_t& loop, LoopClock& clock, Owner& owner, Target target,
               std::uint64_t limit_ms)
    : loop_(loop),
      clock_(clock),
      owner_(owner),
      target_(std::move(target)),
      ends_(clock.now() + limit_ms) {}

// Without memory there is no connection.
template <class Work>
void Dialer::guarded(Work work) {
  try {
    work();
  } catch (const std::bad_alloc&) {
    if (std::exchange(locating_, false)) target_.locator->forget(*this);
    if (ended_) return;
    end();
    owner_.dial_failed("no memory left", Errc::connect_failed);
  }
}

// --- Names.

void Dialer::start(const Address& preferred) {
  preferred_ = preferred;
  if (target_.locator == nullptr) return begin();
  guarded([&] {
    locating_ = true;
    target_.locator->locate(*this);
  });
}

void Dialer::located(const std::string& host, std::uint16_t port) {
  locating_ = false;
  guarded([&] {
    target_.host = host;
    target_.port = port;
  });
  if (!ended_) begin();
}

void Dialer::not_located(std::string reason) {
  locating_ = false;
  end();
  owner_.dial_failed(std::move(reason), Errc::no_primary);
}

void Dialer::begin() {
  guarded([&] {
    const Address address = target_.unix_socket ? unix_address(target_.host)
                                                : numeric_address(target_.host, target_.port);
    if (address.size > 0) {
      addresses_.push_back(address);
      try_addresses();
    } else if (target_.unix_socket) {
      end();
      owner_.dial_failed("the path of the unix socket is longer than the system allows",
                         Errc::connect_failed);
    } else {
      resolve();
    }
  });
}

void Dialer::resolve() {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  resolve_request_.data = this;
  const auto done = [](uv_getaddrinfo_t* request, int status, addrinfo* list) {
    auto& dialer = *static_cast<Dialer*>(request->data);
    const AddressList addresses(list, &uv_freeaddrinfo);
    dialer.resolving_ = false;
    if (dialer.ended_) return dialer.owner_.dialer_gone();
    dialer.guarded([&] { dialer.resolved(status, list); });
  };
  const char* host = target_.host.c_str();
  const int error = uv_getaddrinfo(&loop_, &resolve_request_, done, host, nullptr, &hints);
  resolving_ = error == 0;
  if (resolving_) return;
  end();
  owner_.dial_failed(unresolved(uv_strerror(error)), Errc::connect_failed);
}

std::string Dialer::unresolved(const char* why) const {
  return "cannot resolve " + target_.host + ": " + why;
}

void Dialer::resolved(int status, const addrinfo* list) {
  if (status == 0) addresses_ = addresses_in(list, target_.port);
  if (addresses_.empty()) {
    std::string reason = unresolved(status != 0 ? uv_strerror(status) : "it has no address");
    end();
    return owner_.dial_failed(std::move(reason), Errc::connect_failed);
  }
  put_in_order(addresses_, preferred_);
  try_addresses();
}

// --- Addresses.

void Dialer::try_addresses() {
  attempts_.reserve(addresses_.size());
  try_next();
}

// REQUIRES: an address is left.
void Dialer::try_next() {
  const Address& address = addresses_[next_++];
  const std::uint64_t now = clock_.now();
  const std::size_t left = addresses_.size() - next_;
  // A short limit is divided among all addresses.
  const std::uint64_t share = (ends_ > now ? ends_ - now : 0) / (left + 1);
  next_at_ = left > 0 ? now + std::min(attempt_delay_ms, share) : UINT64_MAX;
  int error = 0;
  Channel* channel = Channel::open(loop_, *this, address.family(), error);
  if (channel == nullptr) {
    note(address, uv_strerror(error));
    return go_on();
  }
  attempts_.push_back({channel, &address, false});
  connect(attempts_.size() - 1);
  owner_.dialer_waits();
}

// An address has failed.
void Dialer::go_on() {
  if (next_ < addresses_.size()) return try_next();
  if (!attempts_.empty()) return;
  end();
  owner_.dial_failed(std::move(reasons_), Errc::connect_failed);
}

void Dialer::connect(std::size_t place) {
  Attempt& attempt = attempts_[place];
  const int error =
      system::connect(attempt.channel->descriptor(), attempt.address->get(), attempt.address->size);
  attempt.waits_for_room = error == UV_EAGAIN;
  if (attempt.waits_for_room) {
    again_at_ = clock_.now() + room_delay_ms;
  } else if (error == 0) {
    attempt.channel->watch(UV_WRITABLE);
  } else {
    failed(place, error);
  }
}

void Dialer::channel_ready(Channel& channel, int) {
  guarded([&] {
    const auto it = std::find_if(attempts_.begin(), attempts_.end(),
                                 [&](const Attempt& each) { return each.channel == &channel; });
    const auto place = static_cast<std::size_t>(it - attempts_.begin());
    const int error = system::connect_error(channel.descriptor());
    error == 0 ? connected(place) : failed(place, error);
  });
}

void Dialer::connected(std::size_t place) {
  const Attempt winner = attempts_[place];
  attempts_.erase(attempts_.begin() + static_cast<std::ptrdiff_t>(place));
  end();
  owner_.dialed(*winner.channel, *winner.address);
}

void Dialer::failed(std::size_t place, int error) {
  const Attempt attempt = attempts_[place];
  note(*attempt.address, uv_strerror(error));
  attempts_.erase(attempts_.begin() + static_cast<std::ptrdiff_t>(place));
  ++closing_;
  attempt.channel->close();
  go_on();
}

void Dialer::note(const Address& address, const std::string& reason) {
  if (!reasons_.empty()) reasons_ += "; ";
  if (addresses_.size() > 1) reasons_ += to_string(address) + ": ";
  reasons_ += reason;
}

std::string Dialer::reasons() const {
  if (locating_) return target_.locator->so_far();
  if (addresses_.size() < 2) return {};
  std::string all = reasons_;
  for (const Attempt& each : attempts_) {
    all += (all.empty() ? "" : "; ") + to_string(*each.address) + ": no answer";
  }
  return all;
}

// --- Time and the end.

std::uint64_t Dialer::due() const { return std::min(next_at_, again_at_); }

void Dialer::on_due(std::uint64_t now) {
  guarded([&] {
    if (again_at_ <= now) {
      again_at_ = UINT64_MAX;
      // From the end: a failed attempt is removed, and those after it must not be visited twice.
      for (std::size_t place = attempts_.size(); place-- > 0 && !ended_;) {
        if (attempts_[place].waits_for_room) connect(place);
      }
    }
    if (next_at_ <= now && !ended_) try_next();
  });
}

void Dialer::stop() {
  if (ended_) return;
  end();
  if (std::exchange(locating_, false)) target_.locator->forget(*this);
  // A resolution that a thread has started cannot be stopped, so its end is awaited.
  if (resolving_) uv_cancel(reinterpret_cast<uv_req_t*>(&resolve_request_));
}

void Dialer::end() {
  ended_ = true;
  next_at_ = again_at_ = UINT64_MAX;
  for (const Attempt& each : std::exchange(attempts_, {})) {
    ++closing_;
    each.channel->close();
  }
}

void Dialer::channel_gone() {
  --closing_;
  if (ended_ && gone()) owner_.dialer_gone();
}

}  // namespace djcache::net
