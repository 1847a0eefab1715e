// Runtime: performs the actions of one engine's pools on libuv.
//
// The only place where connections meet sockets and the clock. Calls of the API only mark
// connections as awake; everything else happens in callbacks of the loop, so no user callback ever
// runs inside a call.
#pragma once

#include <uv.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "deadlines.h"
#include "link/pool.h"
#include "net/loop_clock.h"
#include "net/loop_host.h"
#include "net/mailbox.h"
#include "net/socket.h"
#include "net/thread_watch.h"
#include "tls/context.h"

namespace djcache::net {

class PoolDriver;

// How often this thread looked at a pool or connection that was not the subject of the event, but
// due or about to leave. Tests assert that this does not grow with their number.
inline thread_local std::uint64_t visits = 0;

class Runtime final : private LoopHost::Owner, private Mailbox::Owner {
 public:
  // The engine. Every call may destroy it: see stop().
  class Client {
   public:
    virtual void on_completion(PoolDriver& driver, link::Connection& connection,
                               link::Completion& completion) = 0;
    virtual void on_turn(link::Millis now) = 0;  // before connections are looked at
    virtual void on_tick(link::Millis now) = 0;
    // There is work for a turn that the loop, or its driver, may not know of yet. Called inside a
    // call of the API.
    virtual void on_work() = 0;
    virtual link::Millis next_tick() const = 0;
    // Memory ran out: ends every operation without allocating.
    virtual void on_out_of_memory() = 0;
    // The same inside a call of the API: takes effect on the next event.
    virtual void spoil() = 0;
    virtual bool spoiled() const = 0;
    // All completions of an event have been handed over: time for events and reports.
    virtual void after_event() = 0;
    virtual bool waits() const = 0;  // operations or reports are due: the loop must go on
    // Keeps the engine's memory alive while a frame of the runtime is on the stack.
    virtual std::shared_ptr<void> hold() = 0;

   protected:
    ~Client() = default;
  };

  Runtime(uv_loop_t& loop, Client& client);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // `tls` null: plain connections. `locator` null: the server is at the configured address.
  PoolDriver& add(link::PoolConfig config, std::uint64_t seed,
                  std::shared_ptr<tls::Context> tls = nullptr, Locator* locator = nullptr);
  const std::vector<std::unique_ptr<PoolDriver>>& drivers() const { return drivers_; }

  // Requests Client::on_turn() on the next turn of the loop.
  void request_turn();
  // A deadline of the client changed.
  void rearm();
  LoopClock& clock() { return clock_; }
  link::Millis now() { return clock_.now(); }
  static std::uint64_t now_us() { return monotonic_us(); }
  // The same clock, as of the kernel's last tick some milliseconds ago, at a fraction of the cost.
  static link::Millis coarse_now();

  // No handle is needed any more: closes the host; an event follows. False: there is no host.
  bool release_host();
  bool has_host() const { return host_ != nullptr; }
  // Released handles have yet to close.
  bool host_closing() const { return !closing_hosts_.empty() || closing_mailboxes_ > 0; }
  std::size_t sockets() const { return sockets_; }
  // Whether a pool has operations, apart from those issued since its connections had their turn.
  bool operations_left() const { return pools_at_work_ > 0; }
  // The next pool that has events to tell, or null.
  PoolDriver* next_with_news();
  // Whether connections or the client wait for their turn.
  bool busy() const { return turn_requested_ || !awake_.empty() || tick_in_turns_ > 0; }
  // Between two events of the loop's thread another thread asked for a turn.
  bool used_by_other_thread() const { return threads_.misused(); }

  // Created once: threads may ask for it at any time.
  const std::shared_ptr<Mailbox>& mailbox() { return mailbox_; }
  bool open_mailbox();  // false: libuv refuses
  Mailbox::Letters close_mailbox();

  // The end: releases every handle and makes no further call to the client. Returns the remaining
  // letters.
  Mailbox::Letters stop();
  bool stopped() const { return stopped_; }

 private:
  friend class PoolDriver;

  void host_turn() override;
  void host_timer() override;
  void host_closed(LoopHost& host) override;
  void mail_came() override;
  void mailbox_closed() override;

  // Every entry from the loop runs in here: recovers if memory runs out in it.
  template <class Work>
  void guarded(Work work) noexcept;
  void start_over() noexcept;
  void wake(PoolDriver& driver, link::Connection& connection);
  void look_after(PoolDriver& driver, link::Connection& connection);
  void may_have_finished(PoolDriver& driver);
  void reap_finished();
  void turn();
  void read(Mailbox::Letters letters);
  void event_done();
  void tick(link::Millis now);
  link::Millis next_tick() const;
  void arm(link::Millis delay, bool nap);
  void look_after_loop();
  std::span<char> space();
  static bool filled(std::size_t size);  // whether a read of this size may leave bytes unread

  uv_loop_t& loop_;
  Client& client_;
  LoopHost* host_ = nullptr;
  std::vector<LoopHost*> closing_hosts_;  // released, but not closed yet
  std::vector<std::unique_ptr<PoolDriver>> drivers_;
  std::vector<std::pair<PoolDriver*, link::Connection*>> awake_;
  std::vector<std::pair<PoolDriver*, link::Connection*>> looking_at_;
  const std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  std::size_t closing_mailboxes_ = 0;
  std::unique_ptr<char[]> space_;
  Ring<PoolDriver*> with_news_;
  std::vector<PoolDriver*> with_finished_;  // drivers that may have finished connections
  std::size_t pools_at_work_ = 0;           // how many have operations
  Deadlines<PoolDriver> deadlines_;
  std::vector<PoolDriver*> due_;  // scratch memory of tick()
  LoopClock clock_{&monotonic_ms};
  ThreadWatch threads_;
  link::Millis armed_ = link::never;
  bool napping_ = false;  // the timer only checks that the loop runs
  std::size_t sockets_ = 0;
  int tick_in_turns_ = 0;
  // callbacks of the loop on the stack; its driver looks at the timeout after them
  int events_under_way_ = 0;
  bool turn_requested_ = false;
  bool kept_alive_ = false;
  bool stopped_ = false;
};

// Any other exception of a callback ends the program here: the frames of libuv below cannot be
// unwound.
template <class Work>
void Runtime::guarded(Work work) noexcept {
  const auto alive = client_.hold();
  struct UnderWay {
    explicit UnderWay(int& of) : events(++of) {}
    ~UnderWay() { --events; }
    int& events;
  } under_way(events_under_way_);
  threads_.event();
  if (!client_.spoiled()) [[likely]] {
    try {
      return work();
    } catch (const std::bad_alloc&) {
      // Where it ran out is unknown, so nothing half done may be used again.
    } catch (...) {
      std::terminate();  // which names the exception
    }
  }
  start_over();
}

// A pool and the sockets of its connections.
class PoolDriver final : private link::Waker, private Socket::Owner {
 public:
  PoolDriver(Runtime& runtime, link::PoolConfig config, std::uint64_t seed,
             std::shared_ptr<tls::Context> tls, Locator* locator);
  ~PoolDriver();

  link::Pool& pool() { return pool_; }
  const link::Pool& pool() const { return pool_; }
  bool has_sockets() const { return !sockets_.empty(); }
  // Of an open, encrypted connection.
  std::optional<TlsPeer> tls_peer() const;
  // Closes all existing connections as if their server had; those that wait connect at once.
  void cut(std::string_view reason);

 private:
  friend class Runtime;
  void wake(link::Connection& connection) override;
  void urge(link::Connection& connection) override;
  void spoil() override { runtime_.client_.spoil(); }
  void socket_waits(Socket& socket) override;
  void socket_connected(Socket& socket) override;
  void socket_failed(Socket& socket, std::string_view reason, Errc code) override;
  void socket_bytes(Socket& socket, std::string_view bytes) override;
  void socket_lost(Socket& socket, std::string_view reason, Errc code) override;
  void socket_writable(Socket& socket) override;
  void socket_gone(Socket& socket) override;
  std::span<char> socket_space() override;

  template <class Work>
  void on_event(Socket& socket, Work work);
  void service(link::Connection& connection);
  void service_all();
  bool hand_over(link::Connection& connection);
  void perform(link::Connection& connection, link::Connection::Action action);
  void flush(link::Connection& connection);
  void wake_for_service(link::Connection& connection);
  static void tell_addresses(link::Connection& connection, link::Millis now);
  void reap_finished();
  static Socket* socket_of(link::Connection& connection) {
    return static_cast<Socket*>(connection.driver);
  }
  // Makes the connection known to expect().
  void enter(link::Connection& connection);
  // Ensures that the connection is looked at no later than `due`.
  void expect(link::Connection& connection, link::Millis due);
  static link::Millis due(link::Connection& connection);
  void tick(link::Millis now);
  void stop();

  template <class>
  friend class djcache::Deadlines;

  Runtime& runtime_;
  std::shared_ptr<tls::Context> tls_;
  link::Pool pool_;
  Target target_;
  Address last_good_;             // the latest one that connected
  std::vector<Socket*> sockets_;  // including closing ones
  std::size_t orphans_ = 0;       // of these: abandoned attempts of a connection
  Deadlines<link::Connection> deadlines_;
  Deadline deadline;                         // a lower bound of the connections' deadlines
  bool at_work_ = false;                     // in Runtime::pools_at_work_
  bool has_news_ = false;                    // in Runtime::with_news_
  bool some_may_have_finished_ = false;      // in Runtime::with_finished_
  std::vector<link::Connection*> finished_;  // candidates, with room for all connections
  std::vector<link::Connection*> due_;       // scratch memory
};

}  // namespace djcache::net
