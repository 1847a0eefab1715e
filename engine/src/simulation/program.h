// Program: a user of djcache, with the public API alone: it issues operations, cancels some,
// disconnects, destroys its engine and makes another, also from within callbacks, and observes how
// everything ends.
#pragma once

#include <djcache/client.h>
#include <djcache/engine.h>

#include <memory>
#include <optional>
#include <vector>

#include "simulation/judge.h"
#include "simulation/loop.h"
#include "simulation/memory.h"

namespace djcache::simulation {

class Program {
 public:
  Program(World& world, Loop& loop, Truth& truth)
      : world_(world), loop_(loop), truth_(truth), judge_(world, truth) {}

  void reset(const Plan& plan);
  void happen(const Event& event);  // step, produce
  // Cancels an operation of the current engine; does nothing for places not issued yet.
  void cancel(std::uint32_t place);
  // After each turn: finds forgotten operations.
  void check();
  void check_pools();

  // --- The end.
  bool waits() const { return open_ > 0 || steps_left_ > 0; }
  bool has_engine() const { return engine_ != nullptr; }
  // No more surprises: one operation per alias, which must succeed after some attempts.
  void begin_recovery();
  bool recovered() const { return recovering_ == 0; }
  bool disconnect(bool whole_engine);  // false: no memory was left for it
  bool disconnecting() const { return reports_due_ > 0; }
  void destroy();
  void check_end();

  std::size_t open() const { return open_; }
  const std::vector<Operation>& operations() const { return operations_; }
  std::size_t refusals() const;

 private:
  friend struct Closure;
  static constexpr std::uint32_t no_operation = UINT32_MAX;
  struct Disconnect {
    std::uint32_t engine = 0;
    std::size_t operations = 0;  // those before
    Micros deadline = 0;
    Micros busy = 0;
    bool whole_engine = false;
    bool issued_since = false;  // by a lease that was waited for
    bool reported = false;
    bool orphaned = false;
  };
  struct Making {  // a producer at work
    Resolve resolve;
    std::uint32_t nonce = 0;
  };

  // A leased connection, and the pending commands over it.
  struct Leasing {
    std::uint32_t place = 0;
    Lease lease;
    unsigned awaited = 0;
    std::optional<Error> error{};
  };

  void make_engine();
  void step();
  void issue_some(std::uint32_t most);
  void issue(bool plain);
  Operation& prepare(bool plain);
  void choose_keys(Operation& operation);
  void start(std::uint32_t place);
  void refused(std::uint32_t place);
  Ticket call(Cache& cache, std::uint32_t place);
  Ticket get_or_set(Cache& cache, std::uint32_t place);
  void produce(std::uint32_t place, Resolve resolve);
  void resolve(std::size_t making);
  Ticket lease(Cache& cache, std::uint32_t place);
  void leased(std::uint32_t place, Lease lease);
  void command_over(Leasing& leasing, unsigned index);
  void answered_over(Leasing& leasing, unsigned index, Result<Reply>& result);
  void end_of(Leasing& leasing);
  void cancel_one();
  void disconnect_some();
  void react(Operation::Then then);
  void recover(std::uint8_t alias);

  template <class T>
  void ended(std::uint32_t place, Result<T>& result);
  void note_end(std::uint32_t place, const Error* error);
  void accept(std::uint32_t place, Result<void>& result);
  void accept(std::uint32_t place, Result<bool>& result);
  void accept(std::uint32_t place, Result<std::int64_t>& result);
  void accept(std::uint32_t place, Result<Value>& result);
  void accept(std::uint32_t place, Result<std::optional<Value>>& result);
  void accept(std::uint32_t place, Result<Found>& result);
  void accept(std::uint32_t place, Result<std::vector<std::string>>& result);
  void closure_destroyed(std::uint32_t place);
  void reported(std::size_t place);
  template <class T>
  Callback<T> callback(std::uint32_t place);
  // Calls the API. False: memory was missing, and nothing has happened.
  template <class F>
  bool enter(F call);
  void complain(std::uint32_t place, std::string_view what);

  World& world_;
  Loop& loop_;
  Truth& truth_;
  Judge judge_;
  const Plan* plan_ = nullptr;
  std::unique_ptr<Engine> engine_;
  std::optional<Cache> caches_[2];
  std::uint32_t engines_ = 0;  // that have been made
  std::vector<Operation> operations_;
  std::vector<Disconnect> disconnects_;
  std::vector<Making> makings_;
  std::vector<std::unique_ptr<Leasing>> leasings_;
  std::size_t open_ = 0;  // operations not ended, of living engines
  std::size_t closures_ = 0;
  std::size_t reports_due_ = 0;
  std::uint32_t steps_left_ = 0;
  std::uint32_t recovering_ = 0;  // aliases
  Micros recovery_deadline_ = never;
  bool recovery_ = false;
  int inside_ = 0;                         // calls of the API
  std::uint32_t starting_ = no_operation;  // operation that the API is being called for
  Micros soonest_ = never;                 // deadline of an open operation, or before it
};

template <class F>
bool Program::enter(F call) {
  ++inside_;
  bool entered = true;
  try {
    const Inside engine;
    call();
  } catch (const std::bad_alloc&) {
    entered = false;
  }
  --inside_;
  if (!entered && world_.traced()) world_.tell("no memory is left for a call of the API");
  if (!entered && !Memory::has_failed()) world_.fail("std::bad_alloc without a cause");
  return entered;
}

std::string key_text(std::uint8_t name);

}  // namespace djcache::simulation
