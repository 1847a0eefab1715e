// The public handle: see session.h.
#include <djcache/session.h>

#include "session/session_core.h"
#include "session/session_key.h"

namespace djcache {

using detail::SessionCore;

SessionStore::SessionStore(Cache cache, std::string_view session_key, SessionOptions options)
    : core_(std::make_shared<SessionCore>(std::move(cache), session_key, std::move(options),
                                          &session::random_session_key)) {}

SessionStore::~SessionStore() {
  if (core_) core_->close();
}

SessionStore::SessionStore(SessionStore&&) noexcept = default;

SessionStore& SessionStore::operator=(SessionStore&& other) noexcept {
  if (this == &other) return *this;
  const auto old = std::exchange(core_, std::move(other.core_));
  if (old) old->close();
  return *this;
}

Session& SessionStore::session() { return core_->session; }
const Session& SessionStore::session() const { return core_->session; }
const std::optional<Error>& SessionStore::unreadable() const { return core_->unreadable; }

void SessionStore::load(Callback<SessionLoad> done) { core_->load(std::move(done)); }
void SessionStore::create(Callback<void> done) { core_->create(std::move(done)); }
void SessionStore::save(bool must_create, Callback<void> done) {
  core_->save(must_create, std::move(done));
}
void SessionStore::exists(std::string_view session_key, Callback<bool> done) {
  core_->exists(std::string(session_key), std::move(done));
}
void SessionStore::delete_(Callback<void> done) { core_->delete_own(std::move(done)); }
void SessionStore::delete_(std::string_view session_key, Callback<void> done) {
  core_->delete_other(std::string(session_key), std::move(done));
}
void SessionStore::flush(Callback<void> done) { core_->flush(std::move(done)); }
void SessionStore::cycle_key(Callback<void> done) { core_->cycle_key(std::move(done)); }

}  // namespace djcache
