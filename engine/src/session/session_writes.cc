// The steps that write: save, create, delete, flush, cycle_key.
//
// Source: django/contrib/sessions/backends/cache.py and base.py.
#include <djcache/cookie.h>

#include "session/session_access.h"
#include "session/session_core.h"

namespace djcache::detail {

namespace {

constexpr const char* changed_too_early =
    "the session was changed before it was loaded: call load() first, or clear() to replace it";

}  // namespace

void SessionCore::create(Callback<void> done) {
  submit(
      [](Self& self) {
        if (self.can_write()) self.try_create(1, [](Self& after) { after.end(0); });
      },
      answer_to(std::move(done)));
}

void SessionCore::save(bool must_create, Callback<void> done) {
  submit([must_create](Self& self) { self.save_now(must_create); }, answer_to(std::move(done)));
}

void SessionCore::save_now(bool must_create) {
  if (!can_write()) return;
  if (!session.session_key()) return try_create(1, [](Self& after) { after.end(0); });
  if (must_create) return add_under_own_key();
  if (session.loaded()) return update();
  if (session.modified()) return end_later(Errc::invalid_argument, changed_too_early);
  update_unloaded();
}

// A save without a change: a new ttl for the stored data. Django loads it first, too.
void SessionCore::update_unloaded() {
  fetch([key = *session.session_key()](Self& self, SessionLoad load) {
    SessionAccess::set_key(self.session, key);
    if (load == SessionLoad::found) return self.update();
    if (load == SessionLoad::missing) {
      return self.end(Errc::session_gone, "the session's entry is no longer there");
    }
    self.end(Errc::decode_failed, std::string(self.unreadable->detail));
  });
}

// One step on the primary: with a look before the write, as in Django's cache.py, the write could
// undo a logout in between.
void SessionCore::update() {
  const auto options = write_options();
  if (!options) return;
  cache_.replace(entry_of(*session.session_key()), SessionAccess::peek(session), *options,
                 then<bool>([](Self& self, Result<bool> replaced) {
                   if (!replaced.ok()) return self.end(std::move(replaced).error());
                   if (!*replaced) {
                     return self.end(Errc::session_gone,
                                     "the session was deleted before it was saved; the user may "
                                     "have logged out elsewhere");
                   }
                   self.end(0);
                 }));
}

void SessionCore::add_under_own_key() {
  const auto options = write_options();
  if (!options) return;
  cache_.add(entry_of(*session.session_key()), SessionAccess::peek(session), *options,
             then<bool>([](Self& self, Result<bool> added) {
               if (!added.ok()) return self.end(std::move(added).error());
               if (!*added) {
                 return self.end(Errc::session_exists, "there is a session of this key already");
               }
               SessionAccess::mark_loaded(self.session);
               self.end(0);
             }));
}

// A cache can fail silently, so attempts are bounded.
void SessionCore::try_create(int tries, Step next) {
  if (tries > tries_max) {
    return end_later(Errc::session_exists,
                     "10,000 new session keys were all taken: the cache is probably unavailable");
  }
  const auto options = write_options();
  if (!options) return;
  Result<std::string> key = key_source_();
  if (!key.ok()) return end_later(std::move(key).error());
  const std::string entry = entry_of(*key);
  cache_.add(entry, SessionAccess::peek(session), *options,
             then<bool>([tries, key = *std::move(key), next = std::move(next)](
                            Self& self, Result<bool> added) mutable {
               if (!added.ok()) return self.end(std::move(added).error());
               if (!*added) return self.try_create(tries + 1, std::move(next));
               SessionAccess::set_key(self.session, std::move(key));
               SessionAccess::mark_loaded(self.session);
               self.session.set_modified(true);
               next(self);
             }));
}

void SessionCore::erase(const std::string& session_key, Step next) {
  cache_.delete_(entry_of(session_key), read_options(),
                 then<bool>([next = std::move(next)](Self& self, Result<bool> existed) mutable {
                   if (!existed.ok()) return self.end(std::move(existed).error());
                   next(self);
                 }));
}

void SessionCore::delete_own(Callback<void> done) {
  submit(
      [](Self& self) {
        if (!self.can_write()) return;
        if (!self.session.session_key()) return self.end_later(0);
        self.erase(*self.session.session_key(), [](Self& after) { after.end(0); });
      },
      answer_to(std::move(done)));
}

void SessionCore::delete_other(std::string key, Callback<void> done) {
  submit(
      [key = std::move(key)](Self& self) {
        if (!self.can_write()) return;
        if (!is_session_key(key, self.session.options().more_key_characters)) {
          return self.end_later(0);
        }
        self.erase(key, [](Self& after) { after.end(0); });
      },
      answer_to(std::move(done)));
}

void SessionCore::flush(Callback<void> done) {
  submit(
      [](Self& self) {
        if (!self.can_write()) return;
        self.session.clear();
        if (!self.session.session_key()) return self.end_later(0);
        self.erase(*self.session.session_key(), [](Self& after) {
          SessionAccess::forget_key(after.session);
          after.end(0);
        });
      },
      answer_to(std::move(done)));
}

void SessionCore::cycle_key(Callback<void> done) {
  submit(
      [](Self& self) {
        if (!self.can_write()) return;
        if (self.session.loaded()) return self.move_to_new_key();
        if (self.session.modified()) {
          return self.end_later(Errc::invalid_argument, changed_too_early);
        }
        self.fetch([](Self& after, SessionLoad) { after.move_to_new_key(); });
      },
      answer_to(std::move(done)));
}

void SessionCore::move_to_new_key() {
  try_create(1, [old = session.session_key()](Self& self) {
    if (!old) return self.end(0);
    self.erase(*old, [](Self& after) { after.end(0); });
  });
}

}  // namespace djcache::detail
