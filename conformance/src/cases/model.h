// The content of a case file, checked and ready to be replayed: repeats are unrolled, and values
// are djcache::Value. Plain data; FORMAT.md explains each field.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <djcache/disconnect.h>
#include <djcache/error.h>
#include <djcache/harness/peer_script.h>
#include <djcache/harness/redis_server.h>

#include "src/cases/call.h"
#include "src/cases/node.h"

namespace djcache::conformance {

// --- Expectations.
struct Raises {
  std::optional<Errc> errc{};  // empty: applies to Django only
  std::vector<std::string> detail = {};
  std::string django = {};  // the class of Django's exception
};
struct Miss {};
struct AnyValue {};
struct Dropped {};
using OneOf = std::vector<Value>;
// monostate: any result that is not an error.
using Expectation = std::variant<std::monostate, Value, Miss, AnyValue, OneOf, Raises, Dropped>;

struct Bounds {
  std::int64_t min = 0, max = INT64_MAX;
  bool holds(std::int64_t seen) const { return seen >= min && seen <= max; }
};
using CountBounds = std::optional<Bounds>;

struct Place {
  std::string at = "server";
  int db = 0;
};

struct ReportBounds {
  CountBounds connections{}, completed{}, aborted{};
  std::optional<bool> limit_reached{};
};

// --- Steps.
// Django's result where djcache deliberately differs.
struct DjangoInstead {
  std::optional<Expectation> expected{};
  std::optional<std::vector<std::string>> warns{};
};
struct CallStep {
  Call call;
  std::string start = {};  // "": wait for the call to end
  Expectation expected{};
  std::vector<std::string> warns = {};
  DjangoInstead django{};
};
struct AwaitStep {
  std::string name;
  Expectation expected{};
  DjangoInstead django{};
  std::optional<ReportBounds> report{};  // of a started disconnect
};
struct CancelStep {
  std::string name;
  std::optional<bool> returns{};
};
struct PttlExpectation {
  enum class Kind : std::uint8_t { within, none, missing } kind = Kind::within;
  Bounds bounds{};
};
struct ServerStep {
  Place place{};
  std::optional<std::string> key{};
  std::optional<std::string> type{};
  std::optional<PttlExpectation> pttl{};
  std::optional<std::string> text{};               // the stored bytes, for all serializers
  std::map<std::string, std::string> raw = {};     // the stored bytes per serializer
  std::optional<std::vector<std::string>> keys{};  // sorted
  std::optional<std::int64_t> dbsize{};
  std::shared_ptr<ServerStep> django{};  // the whole step as it is for Django; null: the same
};
struct ErrorReply {
  std::string begins;
};
struct RawStep {
  Place place{};
  std::vector<std::string> words;
  std::variant<std::monostate, Value, ErrorReply> reply{};
};
struct RecordStep {
  std::string at;
};
struct RecordedStep {
  std::string at = "server";
  std::optional<std::int64_t> count{};
  std::optional<std::vector<std::string>> names{};
  std::optional<std::vector<std::vector<std::string>>> commands{};
  std::shared_ptr<RecordedStep> django{};
};
struct ClientsStep {
  std::map<std::string, Bounds> counts;
  std::string named = {};
  std::shared_ptr<ClientsStep> django{};
};
struct ControlStep {
  std::vector<std::pair<std::string, std::string>> actions;  // server, verb
};
struct LoopStep {
  CountBounds handles{};
  int turns = 0;
};
struct DisconnectStep {
  DisconnectOptions options{};
  std::string alias = {};             // scope
  std::optional<std::size_t> pool{};  // scope; neither: the engine
  std::optional<ReportBounds> report{};
  std::string start = {};
};
struct PoolsStep {
  CountBounds count{}, connections{}, in_flight{}, queued{};
};
struct EventsStep {
  std::vector<std::string> kinds;
};
struct EngineStep {
  bool create = false;  // otherwise destroy
};
struct PeerStep {
  std::optional<std::size_t> resume{};
  CountBounds accepted{}, open{};
  std::optional<bool> finished{};
};
struct WaitStep {
  std::string replicated = {};
  std::optional<std::string> expired{};
  Place place{};
  std::chrono::milliseconds limit{5000};
  std::chrono::milliseconds time{0};
};
struct CountedStep {
  std::map<std::string, std::int64_t> counts;
};
using Action = std::variant<CallStep, AwaitStep, CancelStep, ServerStep, RawStep, RecordStep,
                            RecordedStep, ClientsStep, ControlStep, LoopStep, DisconnectStep,
                            PoolsStep, EventsStep, EngineStep, PeerStep, WaitStep, CountedStep>;
struct Step {
  std::string text;  // readable
  std::string path;  // "cases[0].steps[2]"
  Action action;
};

// --- Cases and files.
struct VersionNeed {
  bool at_least = true;  // otherwise: below
  int major = 0, minor = 0;
  std::string text;
};
struct ServerSpec {
  std::string password = {};
  std::vector<harness::AclUser> users = {};
  std::vector<std::string> config = {};
  std::string replica_of = {};
};
struct Divergence {
  std::string django, why;
};

struct Case {
  std::string file;  // as given on the command line, or as found
  std::string group, id, claim;
  std::vector<std::string> sources;
  std::vector<std::string> labels;  // sorted; including the group
  std::vector<std::string> needs;   // sorted; excluding versions
  std::vector<VersionNeed> versions;
  std::map<std::string, std::string> not_for_backend;  // backend -> reason
  std::map<std::string, std::string> not_for_flavour;
  std::vector<std::string> serializers = {"msgpack", "pickle"};
  std::string not_for_django;  // the reason, or ""
  std::optional<Divergence> divergence{};
  std::string skip;
  Json caches = {{"default", Json::object()}};  // with placeholders
  std::map<std::string, ServerSpec> servers;
  std::vector<harness::PeerScript> peer;
  std::vector<Step> steps;

  bool needs_one(std::string_view need) const;
  bool has_label(std::string_view label) const;
};

}  // namespace djcache::conformance
