// Call: one operation of a user, from the call into the API until its callback.
//
// Pure. A backend ends it exactly once with finish(). The user may have stopped waiting by then
// (cancel): finish() then only gives its memory back.
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

// The found values of a get_many, in the order of its keys.
class ManyBytes {
 public:
  // The next key's bytes; false: missing. REQUIRES: called at most once per key.
  virtual bool next(std::string_view& bytes) = 0;

 protected:
  ~ManyBytes() = default;
};

// How a backend answers. Which fields count depends on the operation. Valid during finish() only.
struct Outcome {
  const Error* error = nullptr;
  bool flag = false;                   // found, stored, existed
  std::int64_t integer = 0;            // incr
  std::string_view bytes{};            // get, when flag
  std::string* body = nullptr;         // the same bytes, to be moved out if wanted; may be null
  ManyBytes* many = nullptr;           // get_many
  const resp::Reply* reply = nullptr;  // of a raw client's command
  // The command's keys as stored, for errors. May be null.
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
  // Keeps what finish() will report, which may then be told an empty outcome; an error given there
  // counts more. REQUIRES: a kind of call that backends are given.
  virtual void hold(const Outcome&) { std::abort(); }
  Ticket ticket() const { return ticket_; }
  // How it ends counts for the statistics of its alias, which must outlive it.
  void count_in(CacheStatistics& statistics) { statistics_ = &statistics; }

 protected:
  virtual ~Call() = default;
  // The callback has been taken out to be run, or nobody waits: destroys *this.
  void release();
  bool given_up() const { return given_up_; }
  // cancel() has promised that it ends so.
  bool being_cancelled() const { return cancelling_; }
  // Once per call, before its callback runs. Null: it worked.
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
  bool given_up_ = false;  // the callback has run (or is about to) without waiting for finish()
  bool ending_ = false;    // Calls::end_all() has yet to come to it
};

}  // namespace djcache
