// SessionCore: the operations of a session store: a queue, each operation a few steps over Cache.
//
// Uses only the public API of Cache. Owned by its SessionStore, and by a callback while that runs.
// Cache never runs a callback inside a call, so neither does this.
#pragma once

#include <djcache/session.h>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace djcache::detail {

class SessionCore : public std::enable_shared_from_this<SessionCore> {
 public:
  // Makes session keys; tests replace it to produce collisions.
  using KeySource = std::function<Result<std::string>()>;

  SessionCore(Cache cache, std::string_view session_key, SessionOptions options,
              KeySource key_source);

  Session session;
  std::optional<Error> unreadable{};  // why the last load was unreadable

  void load(Callback<SessionLoad> done);
  void create(Callback<void> done);
  void save(bool must_create, Callback<void> done);
  void exists(std::string key, Callback<bool> done);
  void delete_own(Callback<void> done);
  void delete_other(std::string key, Callback<void> done);
  void flush(Callback<void> done);
  void cycle_key(Callback<void> done);

  // The store is gone: no callback runs any more, and no further step is made.
  void close();

 private:
  using Self = SessionCore;
  using Step = UniqueFunction<void(Self&)>;
  // The answers of all operations as one type: a SessionLoad, a bool, or 0 for void.
  using Answer = Result<int>;
  using Done = Callback<int>;
  using AfterLoad = UniqueFunction<void(Self&, SessionLoad)>;
  struct Job {
    Step start;
    Done done;
  };
  class Link;

  static constexpr std::size_t jobs_max = 64;
  static constexpr int tries_max = 10'000;

  // --- The queue.
  template <class T>
  static Done answer_to(Callback<T> done);
  void submit(Step start, Done done);
  void refuse(Done done);
  void run_next();
  void drop_jobs();
  // Ends the current operation. The last call of a step.
  void end(Answer answer);
  void end(Errc code, std::string detail) { end(Error{code, std::move(detail)}); }
  void end_later(Answer answer);
  void end_later(Errc code, std::string detail) { end_later(Error{code, std::move(detail)}); }
  // A callback for Cache: continues with `step` unless the store is gone.
  template <class T, class F>
  Callback<T> then(F step);

  // --- Steps.
  bool can_write();  // false: the operation has been ended
  void fetch(AfterLoad next);
  SessionLoad take(Result<std::optional<Value>> found);
  void save_now(bool must_create);
  void update();  // if the entry still exists
  void update_unloaded();
  void add_under_own_key();
  void try_create(int tries, Step next);
  void move_to_new_key();
  void erase(const std::string& session_key, Step next);

  // The name of a session's entry. Remembers the key, to keep it out of errors.
  std::string entry_of(const std::string& session_key);
  Error without_key(Error error) const;
  std::optional<WriteOptions> write_options();  // nullopt: the operation has been ended
  // A single object of an unknown class must neither hide the session nor be lost when it is saved.
  ReadOptions read_options() const {
    return {.limit = session.options().limit, .foreign = Foreign::opaque};
  }

  Cache cache_;
  KeySource key_source_;
  std::deque<Job> jobs_;  // the first one is in progress while busy_
  bool busy_ = false;
  bool closed_ = false;
  std::string key_in_use_;
};

// Passed with each call of Cache. If it is destroyed uncalled, the engine is gone, and so are all
// jobs.
class SessionCore::Link {
 public:
  explicit Link(std::weak_ptr<Self> core) : core_(std::move(core)) {}
  Link(Link&&) noexcept = default;
  Link& operator=(Link&&) = delete;
  ~Link() {
    if (const auto core = core_.lock()) core->drop_jobs();
  }
  // Null: the store is gone.
  std::shared_ptr<Self> arrive() {
    auto core = core_.lock();
    core_.reset();
    return core != nullptr && !core->closed_ ? core : nullptr;
  }

 private:
  std::weak_ptr<Self> core_;
};

template <class T, class F>
Callback<T> SessionCore::then(F step) {
  return [link = Link(weak_from_this()), step = std::move(step)](Result<T> result) mutable {
    // Held until the step, and any callback it runs, have returned.
    if (const auto core = link.arrive()) step(*core, std::move(result));
  };
}

template <class T>
SessionCore::Done SessionCore::answer_to(Callback<T> done) {
  if (!done) return {};
  return [done = std::move(done)](Answer answer) mutable {
    if (!answer.ok()) return done(std::move(answer).error());
    if constexpr (std::is_void_v<T>) {
      done(Result<void>());
    } else {
      done(static_cast<T>(*answer));
    }
  };
}

}  // namespace djcache::detail
