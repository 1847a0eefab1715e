// A connection of the program's own, on which an AUTH must not disturb other replies.
#include <algorithm>

#include "simulation/program_closure.h"

namespace djcache::simulation {

namespace {
constexpr unsigned auth = 1;  // the second of three commands
}

Ticket Program::lease(Cache& cache, std::uint32_t place) {
  operations_[place].closure_gone = true;  // it has none that lasts until its end
  const std::chrono::milliseconds limit(operations_[place].limit_ms);
  return cache.client({.write = true}).lease({.limit = limit}, [this, place](Result<Lease> result) {
    const Outside world;
    if (result.ok()) return leased(place, *std::move(result));
    Result<bool> end = result.error();
    ended(place, end);
  });
}

void Program::leased(std::uint32_t place, Lease lease) {
  for (Disconnect& each : disconnects_) each.issued_since = true;
  Leasing& leasing =
      *leasings_.emplace_back(new Leasing{.place = place, .lease = std::move(lease), .awaited = 3});
  for (unsigned i = 0; i < 3; ++i) command_over(leasing, i);
  if (leasing.awaited == 0) end_of(leasing);  // there was no memory for any of them
}

void Program::command_over(Leasing& leasing, unsigned index) {
  const Operation& operation = operations_[leasing.place];
  Cache& cache = *caches_[operation.alias];
  const std::chrono::milliseconds limit(operation.limit_ms);
  const auto done = [this, &leasing, index](Result<Reply> result) {
    const Outside world;
    answered_over(leasing, index, result);
  };
  const bool sent = enter([&] {
    if (index == auth) {
      leasing.lease.command({"AUTH", "wrong"}, {.limit = limit}, done);
    } else {
      const std::string key = cache.make_key(key_text(operation.names[index / 2]));
      leasing.lease.command({"GET", key}, {.limit = limit}, done);
    }
  });
  if (sent) return;
  --leasing.awaited;
  leasing.error = Error{Errc::no_memory, "refused"};
}

void Program::answered_over(Leasing& leasing, unsigned index, Result<Reply>& result) {
  Operation& operation = operations_[leasing.place];
  if (!result.ok()) {
    const bool refused =
        result.error().code == Errc::auth_failed || result.error().code == Errc::server_error;
    if (index != auth || !refused) leasing.error = result.error();
  } else if (index == auth) {
    complain(leasing.place, "has its AUTH answered with what is another command's");
  } else if (result->is_nil()) {
    judge_.found(operations_, leasing.place, index / 2, nullptr);
  } else {
    const Result<Value> value = caches_[operation.alias]->client({}).decode(result->text);
    if (!value.ok()) complain(leasing.place, "is given what cannot be decoded");
    if (value.ok()) judge_.found(operations_, leasing.place, index / 2, &*value);
  }
  if (--leasing.awaited == 0) end_of(leasing);
}

void Program::end_of(Leasing& leasing) {
  Result<bool> end(false);
  if (leasing.error) end = *leasing.error;
  const std::uint32_t place = leasing.place;
  std::unique_ptr<Leasing> gone;
  const auto it = std::find_if(leasings_.begin(), leasings_.end(),
                               [&](const auto& each) { return each.get() == &leasing; });
  gone = std::move(*it);
  leasings_.erase(it);
  enter([&] { gone.reset(); });
  ended(place, end);
}

}  // namespace djcache::simulation
