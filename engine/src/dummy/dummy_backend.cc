#include "dummy/dummy_backend.h"

namespace djcache::dummy {

namespace {

struct NothingFound final : ManyBytes {
  bool next(std::string_view&) override { return false; }
};

}  // namespace

void DummyBackend::ask(const Request& request, Call* call) {
  NothingFound nothing;
  std::optional<Error> error;
  Outcome outcome;
  switch (request.verb) {
    case Verb::set:
    case Verb::add:
    case Verb::clear:
      outcome.flag = true;
      break;
    case Verb::incr:
      error = key_not_found(request.key.made);
      break;
    case Verb::remaining:
      outcome.integer = no_entry;
      break;
    case Verb::scan:
      outcome.bytes = "0";
      outcome.many = &nothing;
      break;
    case Verb::lock:
    case Verb::unlock:
    case Verb::extend:
    case Verb::renew:
    case Verb::holds:  // a lock that excludes nothing would be worse than none
      error = {Errc::not_supported, "lock: a dummy cache stores nothing, so it cannot lock"};
      break;
    case Verb::get:
    case Verb::touch:
    case Verb::erase:
    case Verb::has_key:
    case Verb::move:
    case Verb::replace:
    case Verb::expire_in:
    case Verb::expire_at:
    case Verb::persist:
      break;
  }
  if (error) outcome.error = &*error;
  calls_.settle(call, outcome);
}

void DummyBackend::ask_many(const ManyRequest&, Call* call) {
  NothingFound nothing;
  calls_.settle(call, Outcome{.flag = true, .many = &nothing});
}

}  // namespace djcache::dummy
