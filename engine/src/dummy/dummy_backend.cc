#include "dummy/dummy_backend.h"

namespace djcache::dummy {

namespace {

struct NothingFound final : ManyBytes {
  bool next(std::string_view&) override { return false; }
};

}  // namespace

void DummyBackend::answer(Call* call, bool flag) { calls_.settle(call, Outcome{.flag = flag}); }

void DummyBackend::get(const Key&, const CallOptions&, Call* call) { answer(call, false); }
void DummyBackend::set(const Key&, const codec::Encoded&, const Expiry&, const CallOptions&,
                       Call* call) {
  answer(call, true);
}
void DummyBackend::add(const Key&, const codec::Encoded&, const Expiry&, const CallOptions&,
                       Call* call) {
  answer(call, true);
}
void DummyBackend::touch(const Key&, const Expiry&, const CallOptions&, Call* call) {
  answer(call, false);
}
void DummyBackend::erase(const Key&, const CallOptions&, Call* call) { answer(call, false); }
void DummyBackend::has_key(const Key&, const CallOptions&, Call* call) { answer(call, false); }

void DummyBackend::get_many(std::span<const Key>, const CallOptions&, Call* call) {
  NothingFound nothing;
  calls_.settle(call, Outcome{.many = &nothing});
}
void DummyBackend::set_many(std::span<const StoredEntry>, const Expiry&, const CallOptions&,
                            Call* call) {
  answer(call, true);
}
void DummyBackend::erase_many(std::span<const Key>, const CallOptions&, Call* call) {
  answer(call, true);
}

void DummyBackend::incr(const Key& key, std::int64_t, const CallOptions&, Call* call) {
  const Error error = key_not_found(key.made);
  calls_.settle(call, Outcome{.error = &error});
}
void DummyBackend::move(const Key&, const Key&, const Expiry&, const CallOptions&, Call* call) {
  answer(call, false);
}
void DummyBackend::remaining(const Key&, const CallOptions&, Call* call) {
  calls_.settle(call, Outcome{.integer = no_entry});
}
void DummyBackend::clear(const CallOptions&, Call* call) { answer(call, true); }

Backend::Peeked DummyBackend::peek(const Key&, std::string_view&) { return Peeked::missing; }

// --- What django-redis adds: there is never an entry.

void DummyBackend::replace(const Key&, const codec::Encoded&, const Expiry&, const CallOptions&,
                           Call* call) {
  answer(call, false);
}
void DummyBackend::expire_in(const Key&, std::int64_t, const CallOptions&, Call* call) {
  answer(call, false);
}
void DummyBackend::expire_at(const Key&, std::int64_t, const CallOptions&, Call* call) {
  answer(call, false);
}
void DummyBackend::persist(const Key&, const CallOptions&, Call* call) { answer(call, false); }
void DummyBackend::scan(std::string_view, std::string_view, std::size_t, const CallOptions&,
                        Call* call) {
  NothingFound nothing;
  calls_.settle(call, Outcome{.bytes = "0", .many = &nothing});
}

// A lock that excludes nobody would be worse than none.
void DummyBackend::refuse_lock(Call* call) {
  const Error error{Errc::not_supported, "lock: a dummy cache stores nothing, so it cannot lock"};
  calls_.settle(call, Outcome{.error = &error});
}
void DummyBackend::lock(const Key&, std::string_view, const Expiry&, const CallOptions&,
                        Call* call) {
  refuse_lock(call);
}
void DummyBackend::unlock(const Key&, std::string_view, const CallOptions&, Call* call) {
  refuse_lock(call);
}
void DummyBackend::prolong(const Key&, std::string_view, std::int64_t, bool, const CallOptions&,
                           Call* call) {
  refuse_lock(call);
}
void DummyBackend::holds(const Key&, std::string_view, const CallOptions&, Call* call) {
  refuse_lock(call);
}

}  // namespace djcache::dummy
