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

// Why a case cannot be judged any further: the subject broke a rule or lacks a feature.
struct Trouble {
  std::string broken = {};
  std::string unsupported = {};
  explicit operator bool() const { return !broken.empty() || !unsupported.empty(); }
};

// The environment of a subject; all of it outlives the subject.
struct SubjectSetup {
  const Case& c;
  const Backend& backend;
  const std::string& serializer;
  const Json& caches;  // Django's CACHES, with the addresses of servers
  harness::LoopRunner& runner;
  const Result<Settings>& settings;               // an error is reported by every call
  std::map<std::string, std::int64_t>& counters;  // of producers
  std::vector<std::function<void()>>& later;      // run by the replay after each turn of the loop
  std::function<void(std::string text)> warn;     // a CacheKeyWarning of the current call
};

class Subject {
 public:
  virtual ~Subject() = default;

  // Creates the engine, which exists from the start of a case.
  virtual void create() = 0;
  virtual void destroy() = 0;  // without reports; pending operations are dropped
  virtual bool exists() const = 0;

  // Begins a call; `pending` receives its end while the replay runs the loop.
  virtual void start(const Call& call, std::shared_ptr<Pending> pending) = 0;
  // begin() is for a call that is followed by others before its end is awaited; finish() awaits
  // that end.
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
