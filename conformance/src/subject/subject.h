// Subject: the code under test: one engine, used through one flavour of its API. A new flavour on
// the loop is a function `Begin` (see loop_subject.h); one with threads of its own implements this
// interface. Both are listed in flavours.cc.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <djcache/events.h>
#include <djcache/result.h>
#include <djcache/settings.h>

#include <djcache/harness/loop_runner.h>

#include "src/cases/model.h"
#include "src/subject/pending.h"

namespace djcache::conformance {

struct Backend;

// Why a case cannot be judged any further: the subject broke a rule, or lacks something.
struct Trouble {
  std::string broken = {};
  std::string unsupported = {};
  explicit operator bool() const { return !broken.empty() || !unsupported.empty(); }
};

// The parts of a subject, which all outlive it.
struct SubjectSetup {
  const Case& c;
  const Backend& backend;
  const std::string& serializer;
  const Json& caches;  // Django's CACHES, with the addresses of servers
  harness::LoopRunner& runner;
  const Result<Settings>& settings;               // an error: every call reports it
  std::map<std::string, std::int64_t>& counters;  // of producers
  std::vector<std::function<void()>>& later;      // run by the replay after the loop's turn
  std::function<void(std::string text)> warn;     // a CacheKeyWarning of the current call
};

class Subject {
 public:
  virtual ~Subject() = default;

  // Creates the engine, which exists at the beginning.
  virtual void create() = 0;
  virtual void destroy() = 0;  // silently, with everything pending
  virtual bool exists() const = 0;

  // Begins a call; `pending` receives its end while the replay runs the loop.
  virtual void start(const Call& call, std::shared_ptr<Pending> pending) = 0;
  // The same for a call that others follow before its end is awaited, and what awaits it.
  virtual void begin(const Call& call, std::shared_ptr<Pending> pending) {
    start(call, std::move(pending));
  }
  virtual void finish(Pending&) {}
  virtual bool cancel(const Pending& pending) = 0;
  virtual void disconnect(const DisconnectStep& step, std::shared_ptr<Pending> pending) = 0;
  virtual std::vector<PoolInfo> pools() const = 0;
  virtual const Trouble& trouble() const {
    static const Trouble none;
    return none;
  }
};

}  // namespace djcache::conformance
