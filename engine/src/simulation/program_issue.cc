// The operations that the program issues.
#include <algorithm>

#include "simulation/program_closure.h"

namespace djcache::simulation {

using Kind = Operation::Kind;
using Then = Operation::Then;
using std::chrono::milliseconds;

std::string key_text(std::uint8_t name) {
  const bool counter = Judge::is_counter(name);
  return (counter ? "n" : "k") +
         std::to_string(counter ? name - Judge::first_counter : static_cast<int>(name));
}

void Program::issue_some(std::uint32_t most) {
  const std::uint32_t count = world_.random.between(1, most);
  for (std::uint32_t i = 0; i < count && operations_.size() < plan_->operations_max; ++i) {
    issue(false);
  }
}

void Program::issue(bool plain) {
  prepare(plain);
  start(static_cast<std::uint32_t>(operations_.size() - 1));
}

Operation& Program::prepare(bool plain) {
  Random& random = world_.random;
  Operation& operation = operations_.emplace_back();
  operation.effects.fill(Truth::npos);
  operation.alias = static_cast<std::uint8_t>(random.below(2));
  // Half of all are plain gets and sets.
  constexpr auto count = static_cast<std::uint32_t>(Kind::count);
  operation.kind = plain || random.one_in(2) ? (random.one_in(2) ? Kind::get : Kind::set)
                                             : static_cast<Kind>(random.below(count));
  if (operation.kind == Kind::clear && !random.one_in(4)) operation.kind = Kind::get;
  // A raw client accepts a reply of any type, so one reply too many shifts all later ones.
  if (operation.kind == Kind::leased && plan_->allows(Fault::strange)) operation.kind = Kind::get;
  if (!plain && random.one_in(4)) operation.then = static_cast<Then>(random.below(6));
  if (operation.then == Then::destroy && (!plan_->destroys || !random.one_in(4))) {
    operation.then = Then::nothing;
  }
  if (operation.then == Then::disconnect && !plan_->disconnects) operation.then = Then::issue;
  if (operation.then == Then::cancel && !plan_->cancels) operation.then = Then::issue;
  choose_keys(operation);
  operation.limit_ms = plan_->command_limit_ms;
  if (plan_->may_time_out && random.one_in(4)) operation.limit_ms = random.between(1, 100);
  operation.producer_limit_ms = random.between(1, 200);
  return operation;
}

void Program::choose_keys(Operation& operation) {
  Random& random = world_.random;
  const Kind kind = operation.kind;
  const bool many = kind == Kind::get_many || kind == Kind::set_many || kind == Kind::delete_many;
  if (kind == Kind::clear) return;
  const std::uint32_t most = std::min<std::uint32_t>(plan_->keys, Operation::keys_max);
  operation.keys = static_cast<std::uint8_t>(many                   ? random.between(1, most)
                                             : kind == Kind::leased ? 2
                                                                    : 1);
  const std::uint32_t first = random.below(plan_->keys);
  for (std::uint32_t i = 0; i < operation.keys; ++i) {
    operation.names[i] = static_cast<std::uint8_t>((first + i) % plan_->keys);
  }
  const bool may_count = kind == Kind::get || kind == Kind::set || kind == Kind::erase;
  if (kind == Kind::incr || (may_count && random.one_in(3))) {
    operation.names[0] = static_cast<std::uint8_t>(Judge::first_counter + random.below(2));
  }
  operation.delta = kind == Kind::move ? 2 : random.between(1, 9);
  operation.erases = kind == Kind::set && random.one_in(16);
  operation.produces = kind == Kind::get_or_set && random.one_in(2);
  for (std::uint32_t i = 0; i < operation.keys; ++i) {
    Nonce nonce{operation.alias, operation.names[i], operation.produces, random.below(100)};
    if (random.one_in(plan_->large_one_in)) {
      nonce.size = random.below(plan_->large_max);
    }
    operation.nonces[i] = judge_.new_nonce(nonce);
  }
}

void Program::start(std::uint32_t place) {
  Operation& operation = operations_[place];
  Cache& cache = *caches_[operation.alias];
  const std::uint32_t db = plan_->second_database ? operation.alias : 0;
  for (std::uint32_t i = 0; i < operation.keys; ++i) {
    operation.made[i] = truth_.id(db, cache.make_key(key_text(operation.names[i])));
  }
  operation.engine = engines_;
  operation.issued = world_.now;
  operation.busy = world_.busy;
  operation.first = truth_.size();
  // A get_or_set looks, produces, stores.
  const Micros parts = operation.kind == Kind::get_or_set ? 3
                       : operation.kind == Kind::leased   ? 2
                                                          : 1;
  const Micros limit = std::max(operation.limit_ms, plan_->command_limit_ms);
  operation.deadline =
      world_.now + 3000 +
      1000 * (parts * (operation.kind == Kind::get_or_set ? std::max<Micros>(limit, 100)
                                                          : operation.limit_ms) +
              (parts == 3 ? operation.producer_limit_ms : 0));
  if (world_.traced()) {
    std::string line = "issue " + std::to_string(place) + ": " +
                       std::string(to_string(operation.kind)) + " within " +
                       std::to_string(operation.limit_ms) + " ms";
    for (std::uint32_t i = 0; i < operation.keys; ++i) {
      line += ", " + truth_.name(operation.made[i]) + " #" + std::to_string(operation.nonces[i]);
    }
    world_.tell(line);
  }
  // Handles of a destroyed engine do nothing: the callback is destroyed in the call.
  operation.orphaned = engine_ == nullptr;
  if (!operation.orphaned) {
    ++open_;
    soonest_ = std::min(soonest_, operation.deadline);
  }
  Ticket ticket;
  starting_ = place;
  const bool issued = enter([&] { ticket = call(cache, place); });
  starting_ = no_operation;
  operations_[place].ticket = ticket;
  if (!issued) refused(place);
  if (operations_[place].orphaned && !operations_[place].closure_gone) {
    complain(place, "has been kept by a cache without an engine");
  }
}

// Memory was missing to begin it, so no callback will run. Parts of it may be in flight.
void Program::refused(std::uint32_t place) {
  Operation& operation = operations_[place];
  if (!operation.closure_made) operation.closure_gone = true;  // the program's own memory
  if (operation.orphaned) return;
  --open_;
  operation.ended = operation.refused = true;
  operation.code = Errc::no_memory;
  if (!operation.closure_gone) complain(place, "is refused, and its callback kept");
  if (!recovery_ || operation.limit_ms != 500 || recovering_ == 0) return;
  world_.schedule(world_.now + 200'000, Event::Kind::step, 1u + operation.alias);
}

std::size_t Program::refusals() const {
  return static_cast<std::size_t>(std::count_if(operations_.begin(), operations_.end(),
                                                [](const auto& each) { return each.refused; }));
}

Ticket Program::call(Cache& cache, std::uint32_t place) {
  const Operation& operation = operations_[place];
  const std::string key = operation.keys > 0 ? key_text(operation.names[0]) : std::string();
  const milliseconds limit(operation.limit_ms);
  const ReadOptions read{.limit = limit};
  WriteOptions write{.ttl = forever, .limit = limit};
  const std::uint32_t life = world_.random.below(3);
  if (life == 1) write.ttl = std::chrono::seconds(300);
  if (life == 2) write.ttl = std::chrono::seconds(1);
  if (operation.erases) write.ttl = std::chrono::seconds(0);
  std::vector<std::string> keys;
  switch (operation.kind) {
    case Kind::get:
      return cache.get(key, read, callback<std::optional<Value>>(place));
    case Kind::set:
      return cache.set(key, judge_.make_value(operation.nonces[0]), write, callback<void>(place));
    case Kind::add:
      return cache.add(key, judge_.make_value(operation.nonces[0]), write, callback<bool>(place));
    case Kind::touch:
      return cache.touch(key, write, callback<bool>(place));
    case Kind::erase:
      return cache.delete_(key, read, callback<bool>(place));
    case Kind::has_key:
      return cache.has_key(key, read, callback<bool>(place));
    case Kind::incr:
      return cache.incr(key, {.delta = operation.delta, .limit = limit},
                        callback<std::int64_t>(place));
    case Kind::move:
      return cache.incr_version(key, {.delta = 1, .limit = limit}, callback<std::int64_t>(place));
    case Kind::clear:
      return cache.clear(read, callback<bool>(place));
    case Kind::get_or_set:
      return get_or_set(cache, place);
    case Kind::leased:
      return lease(cache, place);
    default:
      break;
  }
  Entries entries;
  for (std::uint32_t i = 0; i < operation.keys; ++i) {
    keys.push_back(key_text(operation.names[i]));
    entries.emplace_back(keys.back(), judge_.make_value(operation.nonces[i]));
  }
  if (operation.kind == Kind::get_many) return cache.get_many(keys, read, callback<Found>(place));
  if (operation.kind == Kind::delete_many) {
    return cache.delete_many(keys, read, callback<void>(place));
  }
  return cache.set_many(entries, write, callback<std::vector<std::string>>(place));
}

Ticket Program::get_or_set(Cache& cache, std::uint32_t place) {
  const Operation& operation = operations_[place];
  const std::string key = key_text(operation.names[0]);
  GetOrSetOptions options;
  options.limit = milliseconds(operation.limit_ms);
  options.producer_limit = milliseconds(operation.producer_limit_ms);
  options.early_refresh_beta = world_.random.one_in(4) ? 1 : 0;
  options.negative_ttl = milliseconds(world_.random.one_in(4) ? 10 : 0);
  if (!operation.produces) {
    return cache.get_or_set(key, judge_.make_value(operation.nonces[0]), options,
                            callback<Value>(place));
  }
  AsyncProducer producer = [this, place](Resolve resolve) {
    const Outside world;
    produce(place, std::move(resolve));
  };
  return cache.get_or_set(key, std::move(producer), options, callback<Value>(place));
}

// At once, later, too late, or never.
void Program::produce(std::uint32_t place, Resolve resolve) {
  if (inside_ > 0) return complain(place, "has its producer called inside a call of the API");
  if (world_.traced()) world_.tell("producer of " + std::to_string(place));
  makings_.push_back({std::move(resolve), operations_[place].nonces[0]});
  const std::size_t making = makings_.size() - 1;
  if (world_.random.one_in(3)) return this->resolve(making);
  const Micros time = world_.random.below(1500 * operations_[place].producer_limit_ms);
  world_.schedule(world_.now + time, Event::Kind::produce, static_cast<std::uint32_t>(making));
}

void Program::resolve(std::size_t making) {
  Resolve resolve = std::move(makings_[making].resolve);
  const std::uint32_t nonce = makings_[making].nonce;
  const std::uint32_t how = world_.random.below(8);
  Result<Value> product(Errc::no_value, "nothing");
  if (how > 1) product = judge_.make_value(nonce);
  const bool resolved = enter([&] {
    if (how == 1) {
      resolve = nullptr;
    } else {
      resolve(std::move(product));
    }
  });
  if (!resolved) world_.fail("a producer is told that no memory is left");
}

void Program::recover(std::uint8_t alias) {
  if (engine_ == nullptr) return;
  if (world_.now > recovery_deadline_) {
    return world_.fail("no operation succeeds any more in calm weather");
  }
  Operation& operation = prepare(true);
  operation.alias = alias;
  operation.then = Then::nothing;
  operation.limit_ms = 500;
  operation.names[0] = 0;
  operation.nonces[0] = judge_.new_nonce({alias, 0, false, 10});
  operation.erases = false;
  start(static_cast<std::uint32_t>(operations_.size() - 1));
}

}  // namespace djcache::simulation
