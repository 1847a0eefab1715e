#include "net/runtime.h"

#include <algorithm>
#include <new>

namespace djcache::net {

namespace {
// Large enough for several large values: one that arrives whole is read in place, which saves a
// copy.
constexpr std::size_t read_bytes = 256 * 1024;
}  // namespace

Runtime::Runtime(uv_loop_t& loop, Client& client) : loop_(loop), client_(client) {}

Runtime::~Runtime() { stop(); }

PoolDriver& Runtime::add(link::PoolConfig config, std::uint64_t seed,
                         std::shared_ptr<tls::Context> tls, Locator* locator) {
  // Reserved for all drivers, so that listing one never allocates.
  with_news_.reserve(drivers_.size() + 1);
  const auto make_room = [this](std::vector<PoolDriver*>& in) {
    if (in.capacity() <= drivers_.size()) in.reserve(2 * drivers_.size() + 1);
  };
  make_room(with_finished_);
  make_room(due_);
  drivers_.push_back(
      std::make_unique<PoolDriver>(*this, std::move(config), seed, std::move(tls), locator));
  try {
    deadlines_.enter(*drivers_.back());
  } catch (const std::bad_alloc&) {
    drivers_.pop_back();
    throw;
  }
  return *drivers_.back();
}

Mailbox::Letters Runtime::stop() {
  if (std::exchange(stopped_, true)) return {};
  if (host_ != nullptr) {
    host_->detach();
    host_->close();
    host_ = nullptr;
  }
  for (LoopHost* closing : closing_hosts_) closing->detach();
  closing_hosts_.clear();
  mailbox_->forget_owner();
  for (auto& driver : drivers_) driver->stop();
  return mailbox_->close();
}

// --- Turns.

void Runtime::request_turn() {
  if (stopped_) return;
  threads_.call();
  if (host_ == nullptr) {
    host_ = LoopHost::open(loop_, *this);
    armed_ = link::never;
    kept_alive_ = false;
  }
  turn_requested_ = true;
  if (host_->turn_wanted()) return;
  host_->want_turn(true);
  if (events_under_way_ == 0) client_.on_work();
}

void Runtime::wake(PoolDriver& driver, link::Connection& connection) {
  request_turn();
  awake_.emplace_back(&driver, &connection);
}

// Operations fail with no_memory, and connections close. That alone needs no memory; the rest may.
// If memory is missing, the next event starts again; there is at least one, from the closing
// sockets.
void Runtime::start_over() noexcept {
  constexpr int attempts = 3;
  for (int attempt = 0; attempt < attempts && !stopped_; ++attempt) {
    awake_.clear();
    looking_at_.clear();
    for (auto& driver : drivers_) driver->pool().start_over(now());
    client_.on_out_of_memory();
    try {
      // By index: callbacks may add pools.
      for (std::size_t i = 0; i < drivers_.size() && !stopped_; ++i) drivers_[i]->service_all();
      return event_done();
    } catch (const std::bad_alloc&) {
      continue;
    }
  }
  if (!stopped_) client_.spoil();
}

void Runtime::host_turn() {
  guarded([this] { turn(); });
}

void Runtime::turn() {
  const link::Millis time = now();
  turn_requested_ = false;
  client_.on_turn(time);
  if (stopped_) return;
  if (tick_in_turns_ > 0 && --tick_in_turns_ == 0) {
    tick(time);
    if (stopped_) return;
  }
  looking_at_.swap(awake_);
  // From here on operations are pending: time in which callbacks block the loop is not counted.
  if (!napping_ && !looking_at_.empty()) arm(LoopClock::shortest, true);
  for (auto& [driver, connection] : looking_at_) {
    connection->awake = false;
    connection->on_turn(now());  // callbacks until here may have taken a while
    driver->service(*connection);
    if (stopped_) return;
  }
  looking_at_.clear();
  event_done();
}

// Timers fire before the loop polls. A reply that is already in the socket must win over its own
// deadline, however long the program blocked the loop: so due operations expire one poll later.
void Runtime::host_timer() {
  const link::Millis time = now();
  armed_ = link::never;
  napping_ = false;
  if (tick_in_turns_ > 0) return;
  if (next_tick() > time) return rearm();
  tick_in_turns_ = 2;
  host_->want_turn(true);
}

void Runtime::tick(link::Millis time) {
  client_.on_tick(time);
  due_.clear();
  deadlines_.due_by(time, due_);
  for (std::size_t i = 0; i < due_.size() && !stopped_; ++i) {
    ++visits;
    due_[i]->tick(time);
    deadlines_.set(*due_[i], due_[i]->deadlines_.earliest());
  }
}

// --- Work left by events is listed where it arises, so that no event searches for it.

void Runtime::look_after(PoolDriver& driver, link::Connection& connection) {
  const link::Millis due = connection.next_tick();
  if (due < connection.deadline.bound()) driver.expect(connection, due);
  if (const bool at_work = driver.pool().totals().operations > 0; at_work != driver.at_work_) {
    driver.at_work_ = at_work;
    at_work ? ++pools_at_work_ : --pools_at_work_;
  }
  if (!driver.has_news_ && !driver.pool().totals().events.empty()) {
    driver.has_news_ = true;
    with_news_.push_back(&driver);
  }
  if (!connection.finished() || connection.driver != nullptr) return;
  if (!connection.leaving) driver.finished_.push_back(&connection);
  connection.leaving = true;
  may_have_finished(driver);
}

void Runtime::may_have_finished(PoolDriver& driver) {
  if (std::exchange(driver.some_may_have_finished_, true)) return;
  with_finished_.push_back(&driver);
}

PoolDriver* Runtime::next_with_news() {
  if (with_news_.empty()) return nullptr;
  PoolDriver* const driver = with_news_.take_front();
  driver->has_news_ = false;
  return driver;
}

void Runtime::reap_finished() {
  while (!with_finished_.empty()) {
    PoolDriver& driver = *with_finished_.back();
    with_finished_.pop_back();
    driver.reap_finished();
  }
}

void Runtime::event_done() {
  if (stopped_) return;
  // Set by an action of a callback: no report may come before its operations have ended.
  if (client_.spoiled()) throw std::bad_alloc();
  reap_finished();
  client_.after_event();
  if (!stopped_) look_after_loop();
}

// Sleeps as long as possible, and keeps the loop running only while something is awaited.
void Runtime::look_after_loop() {
  if (host_ == nullptr) return;
  if (awake_.empty() && !turn_requested_ && tick_in_turns_ == 0) host_->want_turn(false);
  rearm();
}

void Runtime::rearm() {
  if (host_ == nullptr) return;
  if (const bool waits = client_.waits(); waits != kept_alive_) {
    kept_alive_ = waits;
    host_->keep_loop_alive(waits);
  }
  // A timer that is due now would fire before each poll, and postpone the tick forever.
  if (tick_in_turns_ > 0) return;
  const link::Millis next = next_tick();
  const bool nap = kept_alive_;  // an idle engine keeps sleeping
  // Until a timer is armed again, nothing says when the loop should have continued.
  if (next == link::never && armed_ == link::never) clock_.rest();
  if (next == link::never || (next >= armed_ && napping_ >= nap)) return;
  const link::Millis time = now();
  arm(nap ? LoopClock::nap(time, next) : next - std::min(time, next), nap);
}

link::Millis Runtime::next_tick() const {
  return std::min(client_.next_tick(), deadlines_.earliest());
}

void Runtime::arm(link::Millis delay, bool nap) {
  armed_ = now() + delay;
  napping_ = nap;
  clock_.sleep(delay);
  // The loop's own clock may be a few milliseconds behind.
  const link::Millis time = monotonic_ms();
  host_->start_timer(delay + (time - std::min(time, uv_now(&loop_))));
}

bool Runtime::release_host() {
  if (host_ == nullptr) return false;
  closing_hosts_.reserve(closing_hosts_.size() + 1);
  host_->close();
  closing_hosts_.push_back(std::exchange(host_, nullptr));
  armed_ = link::never;
  napping_ = false;
  clock_.rest();
  tick_in_turns_ = 0;
  turn_requested_ = false;
  return true;
}

void Runtime::host_closed(LoopHost& host) {
  std::erase(closing_hosts_, &host);
  guarded([this] { event_done(); });
}

// --- Other threads.

bool Runtime::open_mailbox() { return mailbox_->is_open() || mailbox_->open(loop_, *this); }

Mailbox::Letters Runtime::close_mailbox() {
  if (!mailbox_->is_open()) return {};
  ++closing_mailboxes_;
  return mailbox_->close();
}

void Runtime::mail_came() {
  const auto alive = client_.hold();
  read(mailbox_->take());
  // The last writer is gone. Its last letters may have come after take().
  if (!stopped_ && mailbox_->is_open() && !mailbox_->has_writers()) read(close_mailbox());
  if (!stopped_) guarded([this] { event_done(); });
}

// Each is guarded on its own: lack of memory for one does not affect the next.
void Runtime::read(Mailbox::Letters letters) {
  for (auto& letter : letters) {
    if (client_.spoiled()) start_over();
    if (stopped_) return;  // the others are destroyed uncalled
    guarded([&letter] { letter(); });
  }
}

void Runtime::mailbox_closed() {
  --closing_mailboxes_;
  guarded([this] { event_done(); });
}

bool Runtime::filled(std::size_t size) { return size == read_bytes; }

std::span<char> Runtime::space() {
  if (space_ == nullptr) space_ = std::make_unique_for_overwrite<char[]>(read_bytes);
  return {space_.get(), read_bytes};
}

}  // namespace djcache::net
