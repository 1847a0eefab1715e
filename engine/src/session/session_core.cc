#include "session/session_core.h"

#include <djcache/cookie.h>

#include "session/session_access.h"

namespace djcache::detail {

using std::chrono::seconds;

SessionCore::SessionCore(Cache cache, std::string_view session_key, SessionOptions options,
                         KeySource key_source)
    : session(std::move(options), session_key),
      cache_(std::move(cache)),
      key_source_(std::move(key_source)) {}

// --- The queue.

void SessionCore::submit(Step start, Done done) {
  const auto self = shared_from_this();  // a callback destroyed here may own the store
  if (jobs_.size() >= jobs_max) return refuse(std::move(done));
  jobs_.push_back({std::move(start), std::move(done)});
  if (!busy_) run_next();
}

void SessionCore::refuse(Done done) {
  cache_.delete_many({}, [weak = weak_from_this(), done = std::move(done)](Result<void>) mutable {
    const auto core = weak.lock();
    if (core == nullptr || core->closed_ || !done) return;
    done(Answer(Errc::overloaded, "64 operations of one session store wait already"));
  });
}

void SessionCore::run_next() {
  busy_ = !jobs_.empty();
  if (!busy_) return;
  Step start = std::move(jobs_.front().start);
  start(*this);
}

void SessionCore::drop_jobs() {
  busy_ = false;
  // Destroying them may run code that calls this object again.
  const std::deque<Job> dropped = std::exchange(jobs_, {});
}

void SessionCore::close() {
  closed_ = true;
  drop_jobs();
}

void SessionCore::end(Answer answer) {
  if (!answer.ok()) answer = without_key(std::move(answer).error());
  Done done = std::move(jobs_.front().done);
  jobs_.pop_front();
  if (done) done(std::move(answer));
  done = nullptr;
  if (!closed_) run_next();
}

// A command without keys needs no round trip and ends on the next turn of the loop.
void SessionCore::end_later(Answer answer) {
  cache_.delete_many(
      {}, then<void>([answer = std::move(answer)](Self& self, Result<void> turn) mutable {
        if (!turn.ok()) return self.end(std::move(turn).error());
        self.end(std::move(answer));
      }));
}

// --- Shared by the steps.

std::string SessionCore::entry_of(const std::string& session_key) {
  key_in_use_ = session_key;
  const SessionOptions& options = session.options();
  if (!options.cache_key_prefix.empty()) return options.cache_key_prefix + session_key;
  const bool plain = options.backend == SessionBackend::cache;
  return (plain ? "django.contrib.sessions.cache" : "django.contrib.sessions.cached_db") +
         session_key;
}

// A session key in a log would give its reader the session.
Error SessionCore::without_key(Error error) const {
  if (key_in_use_.empty()) return error;
  for (std::size_t at = 0; (at = error.detail.find(key_in_use_, at)) != std::string::npos;) {
    error.detail.replace(at, key_in_use_.size(), "<session key>");
  }
  return error;
}

std::optional<WriteOptions> SessionCore::write_options() {
  const Result<std::int64_t> age = session.get_expiry_age();
  if (age.ok()) return WriteOptions{.ttl = seconds(*age), .limit = session.options().limit};
  end_later(age.error());
  return std::nullopt;
}

bool SessionCore::can_write() {
  if (session.options().backend == SessionBackend::cache) return true;
  end_later(Errc::not_supported,
            "cached_db sessions can only be read here: their database would not hear of it");
  return false;
}

// --- Reading.

SessionLoad SessionCore::take(Result<std::optional<Value>> found) {
  unreadable.reset();
  const bool there = found.ok() && found->has_value() && !(*found)->is_nil();
  if (there && (*found)->is(Kind::dict)) {
    SessionAccess::fill(session, **std::move(found));
    return SessionLoad::found;
  }
  if (!found.ok()) {
    unreadable = without_key(found.error());
  } else if (there) {
    unreadable = Error{
        Errc::decode_failed,
        "the entry is of type " + std::string(to_string((*found)->kind())) + ", and no session"};
  }
  SessionAccess::fill(session, Value::dict());
  if (session.options().backend == SessionBackend::cache) SessionAccess::forget_key(session);
  return unreadable ? SessionLoad::unreadable : SessionLoad::missing;
}

// REQUIRES: there is a key.
void SessionCore::fetch(AfterLoad next) {
  cache_.get(entry_of(*session.session_key()), read_options(),
             then<std::optional<Value>>(
                 [next = std::move(next)](Self& self, Result<std::optional<Value>> found) mutable {
                   const bool unreadable =
                       !found.ok() && (found.error().code == Errc::decode_failed ||
                                       found.error().code == Errc::wrong_type);
                   if (!found.ok() && !unreadable) return self.end(std::move(found).error());
                   next(self, self.take(std::move(found)));
                 }));
}

void SessionCore::load(Callback<SessionLoad> done) {
  submit(
      [](Self& self) {
        if (!self.session.session_key()) {
          self.unreadable.reset();
          return self.end_later(static_cast<int>(SessionLoad::no_key));
        }
        self.fetch([](Self& after, SessionLoad load) { after.end(static_cast<int>(load)); });
      },
      answer_to(std::move(done)));
}

void SessionCore::exists(std::string key, Callback<bool> done) {
  submit(
      [key = std::move(key)](Self& self) {
        if (!is_session_key(key, self.session.options().more_key_characters)) {
          return self.end_later(int{false});
        }
        self.cache_.has_key(self.entry_of(key), self.read_options(),
                            self.then<bool>([](Self& after, Result<bool> found) {
                              if (!found.ok()) return after.end(std::move(found).error());
                              after.end(int{*found});
                            }));
      },
      answer_to(std::move(done)));
}

}  // namespace djcache::detail
