// The coroutine API: each method of Django, awaited in a coroutine of its own.
#include <djcache/coro.h>

#include <coroutine>
#include <exception>

#include "src/subject/call_options.h"
#include "src/subject/loop_subject.h"

namespace djcache::conformance {
namespace {

// Begun at once, ends by itself.
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

// Awaits an operation and notes its ticket when it has begun.
template <class Operation, class Awaiter>
struct Noting {
  Operation& operation;
  Ticket& ticket;  // of the frame that begins it
  Awaiter awaiter;

  bool await_ready() { return awaiter.await_ready(); }
  bool await_suspend(std::coroutine_handle<> coroutine) {
    const bool waits = awaiter.await_suspend(coroutine);
    if (waits) ticket = operation.ticket();
    return waits;
  }
  auto await_resume() { return awaiter.await_resume(); }
};
template <class Operation, class Awaiter>
Noting(Operation&, Ticket&, Awaiter) -> Noting<Operation, Awaiter>;

Value value_of(const Result<void>&) { return nullptr; }
Value value_of(const Result<std::vector<std::string>>& keys) {
  return Value::list({keys->begin(), keys->end()});
}
Value value_of(Result<Found> found) {
  Value::Items items;
  for (auto& [key, value] : *found) items.emplace_back(key, std::move(value));
  return Value::dict(std::move(items));
}
template <class T>
Value value_of(Result<T> result) {
  return Value(*std::move(result));
}

template <class T>
void settle_with(Settle& settle, const Call&, Result<T> result) {
  settle.value(value_of(std::move(result)));
}
void settle_with(Settle& settle, const Call&, Result<Found> found) {
  if (!found->errors().empty()) return settle.error(found->errors()[0].second);
  settle.value(value_of(std::move(found)));
}
void settle_with(Settle& settle, const Call& call, Result<std::optional<Value>> found) {
  if (found->has_value()) return settle.value(**std::move(found));
  if (call.fallback) return settle.value(*call.fallback);
  settle.miss();
}

// `begin(cache, call)` makes what is awaited; both live in the frame.
template <class Begin>
Detached await(Begin begin, coro::Cache cache, Call call, Ticket& ticket, Settle settle) {
  auto operation = begin(cache, call);
  auto result = co_await Noting{operation, ticket, std::move(operation).operator co_await()};
  // What the callback flavour sees as a callback that is dropped, a coroutine is told as `closed`.
  if (!result.ok() && result.error().code == Errc::closed) co_return;
  if (!result.ok()) {
    settle.error(result.error());
  } else {
    settle_with(settle, call, std::move(result));
  }
}

GetOrSetOptions get_or_set_options(const Call& call) {
  return {.ttl = call.ttl, .version = call.version, .limit = call.limit};
}

using C = const coro::Cache&;

}  // namespace

Ticket begin_with_coroutine(LoopSubject& subject, Cache& cache, const Call& call, Settle settle) {
  Ticket ticket;
  const auto run = [&](auto begin) {
    await(std::move(begin), coro::Cache(cache), call, ticket, std::move(settle));
    return ticket;
  };
  switch (call.method) {
    case Method::get:
      return run([](C c, const Call& a) { return c.get(a.key, read_options(a)); });
    case Method::set:
      return run([](C c, const Call& a) { return c.set(a.key, a.value, write_options(a)); });
    case Method::add:
      return run([](C c, const Call& a) { return c.add(a.key, a.value, write_options(a)); });
    case Method::touch:
      return run([](C c, const Call& a) { return c.touch(a.key, write_options(a)); });
    case Method::delete_:
      return run([](C c, const Call& a) { return c.delete_(a.key, read_options(a)); });
    case Method::has_key:
    case Method::contains:
      return run([](C c, const Call& a) { return c.has_key(a.key, read_options(a)); });
    case Method::get_many:
      return run([](C c, const Call& a) { return c.get_many(a.keys, read_options(a)); });
    case Method::set_many:
      return run([](C c, const Call& a) { return c.set_many(a.entries, write_options(a)); });
    case Method::delete_many:
      return run([](C c, const Call& a) { return c.delete_many(a.keys, read_options(a)); });
    case Method::incr:
      return run([](C c, const Call& a) { return c.incr(a.key, delta_options(a)); });
    case Method::decr:
      return run([](C c, const Call& a) { return c.decr(a.key, delta_options(a)); });
    case Method::incr_version:
      return run([](C c, const Call& a) { return c.incr_version(a.key, delta_options(a)); });
    case Method::decr_version:
      return run([](C c, const Call& a) { return c.decr_version(a.key, delta_options(a)); });
    case Method::clear:
      return run([](C c, const Call& a) { return c.clear(read_options(a)); });
    case Method::get_or_set:
      if (!call.producer) {
        return run(
            [](C c, const Call& a) { return c.get_or_set(a.key, a.value, get_or_set_options(a)); });
      }
      return run([&subject](C c, const Call& a) {
        AsyncProducer producer = [&subject, spec = *a.producer](Resolve resolve) {
          subject.produce(spec, std::move(resolve));
        };
        return c.get_or_set(a.key, std::move(producer), get_or_set_options(a));
      });
    case Method::close:
    case Method::make_key:
      break;
  }
  return {};
}

}  // namespace djcache::conformance
