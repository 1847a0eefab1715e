// The blocking API: each method of Django as the call of SyncCache that stands for it.
#include "src/subject/call_options.h"
#include "src/subject/sync_subject.h"

namespace djcache::conformance {
namespace {

using End = std::function<void()>;

// What the other flavours call "dropped", a blocked thread is told as `closed`.
End end_with(std::shared_ptr<Pending> pending, Error error) {
  return [pending = std::move(pending), error = std::move(error)] {
    if (error.code == Errc::closed) return pending->end(Pending::State::dropped);
    Settle(pending).error(error);
  };
}

End end_with(std::shared_ptr<Pending> pending, Value value) {
  return [pending = std::move(pending), value = std::move(value)] { Settle(pending).value(value); };
}

End end(std::shared_ptr<Pending> pending, const Result<void>& result) {
  return result.ok() ? end_with(std::move(pending), Value(nullptr))
                     : end_with(std::move(pending), result.error());
}

template <class T>
End end(std::shared_ptr<Pending> pending, Result<T> result) {
  return result.ok() ? end_with(std::move(pending), Value(*std::move(result)))
                     : end_with(std::move(pending), result.error());
}

End get(const SyncCache& cache, const Call& call, std::shared_ptr<Pending> pending) {
  auto found = cache.get(call.key, read_options(call));
  if (!found.ok()) return end_with(std::move(pending), found.error());
  if (found->has_value()) return end_with(std::move(pending), **std::move(found));
  if (call.fallback) return end_with(std::move(pending), *call.fallback);
  return [pending = std::move(pending)] { Settle(pending).miss(); };
}

End get_many(const SyncCache& cache, const Call& call, std::shared_ptr<Pending> pending) {
  auto found = cache.get_many(call.keys, read_options(call));
  if (!found.ok()) return end_with(std::move(pending), found.error());
  if (!found->errors().empty()) return end_with(std::move(pending), found->errors()[0].second);
  Value::Items items;
  for (auto& [key, value] : *found) items.emplace_back(key, std::move(value));
  return end_with(std::move(pending), Value::dict(std::move(items)));
}

End set_many(const SyncCache& cache, const Call& call, std::shared_ptr<Pending> pending) {
  const auto failed = cache.set_many(call.entries, write_options(call));
  if (!failed.ok()) return end_with(std::move(pending), failed.error());
  return end_with(std::move(pending), Value::list({failed->begin(), failed->end()}));
}

}  // namespace

End call_sync(const SyncCache& cache, const Call& call,
              std::map<std::string, std::int64_t>& counters, std::mutex& mutex,
              std::shared_ptr<Pending> pending) {
  switch (call.method) {
    case Method::get:
      return get(cache, call, std::move(pending));
    case Method::set:
      return end(pending, cache.set(call.key, call.value, write_options(call)));
    case Method::add:
      return end(pending, cache.add(call.key, call.value, write_options(call)));
    case Method::touch:
      return end(pending, cache.touch(call.key, write_options(call)));
    case Method::delete_:
      return end(pending, cache.delete_(call.key, read_options(call)));
    case Method::has_key:
    case Method::contains:
      return end(pending, cache.has_key(call.key, read_options(call)));
    case Method::get_many:
      return get_many(cache, call, std::move(pending));
    case Method::set_many:
      return set_many(cache, call, std::move(pending));
    case Method::delete_many:
      return end(pending, cache.delete_many(call.keys, read_options(call)));
    case Method::incr:
      return end(pending, cache.incr(call.key, delta_options(call)));
    case Method::decr:
      return end(pending, cache.decr(call.key, delta_options(call)));
    case Method::incr_version:
      return end(pending, cache.incr_version(call.key, delta_options(call)));
    case Method::decr_version:
      return end(pending, cache.decr_version(call.key, delta_options(call)));
    case Method::clear:
      return end(pending, cache.clear(read_options(call)));
    case Method::make_key:
      return end(pending, cache.make_key(call.key, call.version));
    case Method::close:
      cache.close();
      return end_with(std::move(pending), Value(nullptr));
    case Method::get_or_set:
      break;
  }
  const GetOrSetOptions options{.ttl = call.ttl, .version = call.version, .limit = call.limit};
  if (!call.producer) return end(pending, cache.get_or_set(call.key, call.value, options));
  // `later` is no different here: it produces on a thread of its own anyway.
  return end(pending, cache.get_or_set(
                          call.key,
                          [&, spec = *call.producer]() -> Result<Value> {
                            if (!spec.counter.empty()) {
                              const std::lock_guard lock(mutex);
                              ++counters[spec.counter];
                            }
                            if (spec.fails) return {Errc::cancelled, "the producer gave up"};
                            if (spec.does) {
                              (void)call_sync(cache, *spec.does, counters, mutex,
                                              std::make_shared<Pending>());
                            }
                            return spec.returns;
                          },
                          options));
}

}  // namespace djcache::conformance
