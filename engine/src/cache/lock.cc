#include <djcache/lock.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cache/get_or_set_steps.h"
#include "cache/production.h"
#include "cancelled.h"

namespace djcache {

using namespace cache;
using detail::Alias;
using detail::LockState;

namespace detail {

struct LockState {
  std::shared_ptr<Alias> alias;
  std::string name;
  std::string made;
  Expiry life;
  std::uint32_t limit_ms = 0;
  std::string token;  // empty: not held here
  bool acquiring = false;
  bool abandoned = false;  // its Lock was destroyed

  Key key() const { return {made, name}; }

  Request request(Verb verb, std::string_view with_token, std::int64_t number = 0) const {
    return {.verb = verb,
            .key = key(),
            .options = {.limit_ms = limit_ms, .primary = true},
            .expiry = life,
            .number = number,
            .text = with_token};
  }

  // The result is not used.
  void unlock(std::string_view held) {
    if (!usable(*alias) || alias->broken) return;
    Request last = request(Verb::unlock, held);
    last.options.continuation = true;
    alias->calls->issue(alias->calls->make<ResultCall<bool, ToFlag>>(Callback<bool>(), ToFlag{}),
                        [&](Call* call) { alias->backend->ask(last, call); });
  }
};

}  // namespace detail

namespace {

constexpr const char* not_held = "this lock is not held here: acquire it first";

Result<std::string> random_token() {
  unsigned char random[16];
  if (getentropy(random, sizeof random) != 0) {
    return {Errc::not_supported, "no token for a lock: the system gives no random numbers: " +
                                     std::string(std::strerror(errno))};
  }
  std::string token;
  for (const unsigned char byte : random) {
    token += "0123456789abcdef"[byte >> 4];
    token += "0123456789abcdef"[byte & 15];
  }
  return token;
}

// Tries until the lock is acquired or the limit has passed; parked in between.
class Acquire final : public Call {
 public:
  Acquire(std::shared_ptr<LockState> state, const AcquireOptions& options, std::string token,
          Callback<bool>&& done)
      : state_(std::move(state)),
        done_(std::move(done)),
        token_(std::move(token)),
        blocking_(options.blocking),
        retry_ms_(limit_of(*state_->alias, options.retry)),
        deadline_(state_->alias->stampede.clock() +
                  static_cast<std::uint64_t>(
                      std::clamp<std::int64_t>(options.blocking_limit.count(), 0, INT32_MAX))) {
    state_->acquiring = true;
  }
  ~Acquire() override { state_->acquiring = false; }

  void try_once() {
    take_step<bool>(
        *state_->alias, *this, ToFlag{},
        [](Acquire& self, Result<bool> taken) { self.tried(std::move(taken)); },
        [&](Call* step) {
          state_->alias->backend->ask(state_->request(Verb::lock, token_), step);
        });
  }

  // The pause between two attempts is over; or the operation was cancelled during it, or ended.
  void finish(const Outcome& outcome) override {
    if (given_up()) return release();
    if (std::exchange(pausing_, false) && outcome.error->code == Errc::timeout) return try_once();
    end(*outcome.error);
  }

 private:
  void give_up(const Error& error) override {
    Callback<bool> done = std::move(done_);
    count_end(&error);
    if (done) done(failed<bool>(error));
  }

  void tried(Result<bool> taken) {
    const bool wanted = !given_up() && !being_cancelled() && !state_->abandoned;
    // A caller that has stopped waiting must not own the lock. After an error it is unknown whether
    // the lock was taken.
    if (taken.ok() ? *taken && !wanted : may_be_taken(taken.error().code)) state_->unlock(token_);
    if (given_up()) return release();
    if (being_cancelled()) return end(cancelled_by_caller());
    if (state_->abandoned) {
      return end(Error{Errc::cancelled, "the Lock was destroyed while it was being acquired"});
    }
    if (!taken.ok() || *taken) {
      if (taken.ok()) state_->token = token_;
      return end(std::move(taken));
    }
    pause();
  }
  static bool may_be_taken(Errc code) {
    return code == Errc::timeout || code == Errc::connection_lost || code == Errc::protocol_error ||
           code == Errc::disconnected;
  }

  void pause() {
    Calls& calls = *state_->alias->calls;
    const std::uint64_t now = state_->alias->stampede.clock();
    if (!blocking_ || now >= deadline_) return end(false);
    if (calls.parked() >= parked_max) {
      return end(Error{Errc::overloaded, std::to_string(parked_max) +
                                             " operations wait for producers and locks already"});
    }
    pausing_ = true;
    calls.park(this, std::min<std::uint64_t>(retry_ms_, deadline_ - now));
  }

  void end(Result<bool> result) {
    Callback<bool> done = std::move(done_);
    count_end(result.ok() ? nullptr : &result.error());
    state_->acquiring = false;
    release();
    if (done) done(std::move(result));
  }

  std::shared_ptr<LockState> state_;
  Callback<bool> done_;
  std::string token_;
  bool blocking_;
  bool pausing_ = false;
  std::uint64_t retry_ms_;
  std::uint64_t deadline_;
};

// False if the server says so: the lock is held by another owner, or free.
struct ToStillHeld {
  std::shared_ptr<LockState> state;
  std::string token;
  bool ends;   // also after true
  bool tells;  // whether false means that the lock is not held here
  Result<bool> operator()(const Outcome& outcome) const {
    if ((ends || (tells && !outcome.flag)) && state->token == token) state->token.clear();
    return outcome.flag;
  }
};

// An operation on a lock that is held here; otherwise it is refused with `why_not`.
template <class Issue>
Ticket on_held(const std::shared_ptr<LockState>& state, Callback<bool>&& done, bool ends,
               bool tells, const char* why_not, Issue issue) {
  if (!usable(*state->alias)) return {};
  if (state->token.empty()) why_not = not_held;
  return begin<bool>(*state->alias, std::move(done), ToStillHeld{state, state->token, ends, tells},
                     [&](Alias& alias, Call* call) {
                       if (why_not != nullptr) {
                         return alias.calls->defer(call, {Errc::invalid_argument, why_not});
                       }
                       issue(*alias.backend, call);
                     });
}

}  // namespace

Lock Cache::lock(std::string_view name, const LockOptions& options) const {
  auto state = std::make_shared<LockState>();
  state->alias = alias_;
  state->name = name;
  state->made = make_key(name, options.version);
  state->life = options.ttl.omitted() ? Expiry{true, 0} : expiry_of(*alias_, options.ttl);
  state->limit_ms = limit_of(*alias_, options.limit);
  return Lock(std::move(state));
}

Lock& Lock::operator=(Lock&& other) noexcept {
  if (this != &other) {
    let_go();
    state_ = std::move(other.state_);
  }
  return *this;
}

Lock::~Lock() { let_go(); }

void Lock::let_go() noexcept {
  if (state_ == nullptr) return;
  state_->abandoned = true;
  if (state_->token.empty()) return;
  try {
    state_->unlock(std::exchange(state_->token, {}));
  } catch (const std::bad_alloc&) {
    // The lock stays taken until its ttl ends it, as if this process had ended.
  }
}

Ticket Lock::acquire(const AcquireOptions& options, Callback<bool> done) {
  if (state_ == nullptr) return {};
  Alias& alias = *state_->alias;
  if (!usable(alias)) return {};
  const auto refuse = [&](Error error) {
    return begin<bool>(alias, std::move(done), ToFlag{}, [&](Alias& usable_alias, Call* call) {
      usable_alias.calls->defer(call, std::move(error));
    });
  };
  if (alias.broken) return refuse(*alias.broken);
  if (held() || state_->acquiring) {
    return refuse({Errc::invalid_argument, "this lock is held already, or being acquired"});
  }
  if (!state_->life.forever && state_->life.milliseconds <= 0) {
    return refuse({Errc::invalid_argument, "a lock needs a ttl of a millisecond or more"});
  }
  Result<std::string> token = random_token();
  if (!token.ok()) return refuse(std::move(token).error());
  auto* call = alias.calls->make<Acquire>(state_, options, *std::move(token), std::move(done));
  const Ticket ticket = call->ticket();
  alias.calls->issue(call, [&](Call*) {
    alias.calls->enroll(call);
    call->count_in(alias.statistics);
    call->try_once();
  });
  return ticket;
}

Ticket Lock::release(Callback<bool> done) {
  if (state_ == nullptr) return {};
  return on_held(state_, std::move(done), true, true, nullptr, [&](Backend& backend, Call* call) {
    backend.ask(state_->request(Verb::unlock, state_->token), call);
  });
}

Ticket Lock::extend(std::chrono::milliseconds more, Callback<bool> done) {
  if (state_ == nullptr) return {};
  const char* why_not = more.count() > 0 ? nullptr : "a lock is extended by a millisecond or more";
  return on_held(state_, std::move(done), false, !state_->life.forever, why_not,
                 [&](Backend& backend, Call* call) {
                   backend.ask(state_->request(Verb::extend, state_->token, more.count()), call);
                 });
}

Ticket Lock::reacquire(Callback<bool> done) {
  if (state_ == nullptr) return {};
  const char* why_not = state_->life.forever ? "a lock without a ttl has none to renew" : nullptr;
  return on_held(state_, std::move(done), false, true, why_not, [&](Backend& backend, Call* call) {
    backend.ask(state_->request(Verb::renew, state_->token, state_->life.milliseconds), call);
  });
}

Ticket Lock::owned(Callback<bool> done) {
  if (state_ == nullptr) return {};
  return begin<bool>(*state_->alias, std::move(done), ToFlag{}, [&](Alias& alias, Call* call) {
    if (!held()) return alias.calls->settle(call, Outcome{});
    alias.backend->ask(state_->request(Verb::holds, state_->token), call);
  });
}

Ticket Lock::locked(Callback<bool> done) {
  if (state_ == nullptr) return {};
  return begin<bool>(*state_->alias, std::move(done), ToFlag{}, [&](Alias& alias, Call* call) {
    alias.backend->ask(state_->request(Verb::has_key, {}), call);
  });
}

bool Lock::held() const { return state_ != nullptr && !state_->token.empty(); }

const std::string& Lock::key() const {
  static const std::string none;
  return state_ != nullptr ? state_->made : none;
}

}  // namespace djcache
