// The flavour that uses the coroutine API: each call is awaited in a coroutine of its own.
#include <djcache/coro.h>

#include <coroutine>
#include <exception>

#include "src/subject/loop_subject.h"
#include "src/subject/verbs.h"

namespace djcache::conformance {
namespace {

// A coroutine that starts at once and destroys itself at its end.
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

// Awaits an operation and stores its ticket once it has been issued.
template <class Operation, class Awaiter>
struct Noting {
  Operation& operation;
  Ticket& ticket;  // a variable in the frame of the caller
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

// `begin(on, call)` creates the awaitable; both are kept in the frame.
template <class On, class Begin>
Detached await(Begin begin, On on, Call call, Ticket& ticket, Settle settle) {
  auto operation = begin(on, call);
  auto result = co_await Noting{operation, ticket, std::move(operation).operator co_await()};
  // A coroutine receives `closed` where a callback would be dropped.
  settle_with(settle, ending_of(call, std::move(result)));
}

struct ByCoroutine {
  LoopSubject& subject;
  coro::Cache cache;
  const Call& call;
  Settle& settle;

  template <class On, class Verb>
  Ticket begin(Verb verb, On on) {
    Ticket ticket;
    await<On>(std::move(verb), on, call, ticket, std::move(settle));
    return ticket;
  }
  template <class Verb>
  Ticket run(Verb verb) {
    return begin<coro::Cache>(std::move(verb), cache);
  }
  template <class Verb>
  Ticket run_on_lock(Verb verb) {
    return begin<coro::Lock&>(std::move(verb), subject.locks().of(call, cache));
  }
  AsyncProducer producer(const ProducerSpec& spec) { return subject.producer(spec); }
};

}  // namespace

Ticket begin_with_coroutine(LoopSubject& subject, Cache& cache, const Call& call, Settle settle) {
  return make_call(call, ByCoroutine{subject, coro::Cache(cache), call, settle});
}

}  // namespace djcache::conformance
