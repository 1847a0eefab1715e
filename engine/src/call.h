// Call: one operation of a user, from the call of the API until its callback.
//
// Pure. A backend ends it exactly once with finish(). It may have been cancelled by then: finish()
// then only frees its memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <djcache/cache.h>
#include <djcache/error.h>
#include <djcache/statistics.h>

namespace djcache {

namespace resp {
class Reply;
}
class Calls;

// The values found by a get_many, in the order of its keys.
class ManyBytes {
 public:
  // The next key's bytes; false: missing. REQUIRES: called at most once per key.
  virtual bool next(std::string_view& bytes) = 0;

 protected:
  ~ManyBytes() = default;
};

// The answer of a backend. Which fields count depends on the operation. Valid only during finish().
struct Outcome {
  const Error* error = nullptr;
  bool flag = false;         // found, stored, existed
  std::int64_t integer = 0;  // incr
  std::string_view bytes{};  // get, when flag
  // the same bytes in a string that may be moved from; may be null
  std::string* body = nullptr;
  ManyBytes* many = nullptr;           // get_many
  const resp::Reply* reply = nullptr;  // for a raw client's command
  // The stored keys of the command, for errors. May be null.
  std::string (*made_key)(const void* context, std::size_t index) = nullptr;
  const void* context = nullptr;
};

class Call {
 public:
  Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Runs the callback and destroys the call.
  virtual void finish(const Outcome& outcome) = 0;
  // Stores the result now; finish() later passes an empty Outcome, or an error that overrides it.
  // REQUIRES: a call that was made for a backend.
  virtual void hold(const Outcome&) { std::abort(); }
  Ticket ticket() const { return ticket_; }
  // Counts its end in the statistics of its alias, which must outlive it.
  void count_in(CacheStatistics& statistics) { statistics_ = &statistics; }

 protected:
  virtual ~Call() = default;
  // Destroys *this. Called once the callback has been moved out, or is not to run.
  void release();
  bool given_up() const { return given_up_; }
  // cancel() has returned true, so it ends as cancelled.
  bool being_cancelled() const { return cancelling_; }
  // Called once, before the callback runs. Null: success.
  void count_end(const Error* error);

 private:
  friend class Calls;
  virtual void give_up(const Error& error) = 0;  // runs the callback now; finish() comes later

  static constexpr std::uint32_t not_parked = UINT32_MAX;

  Calls* owner_ = nullptr;
  CacheStatistics* statistics_ = nullptr;
  Ticket ticket_;
  std::uint32_t parked_at_ = not_parked;
  std::uint32_t begun_us_ = 0;  // modulo 2^32, which is more than an hour
  bool cancelling_ = false;
  bool given_up_ = false;  // the callback has run (or is about to) before finish()
  bool ending_ = false;    // Calls::end_all() has yet to end it
};

}  // namespace djcache
