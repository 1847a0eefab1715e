#include "text/hints.h"

#include <algorithm>
#include <array>

#include "text/foreign.h"

namespace djcache::text {

namespace {

constexpr std::string_view words[] = {
    "ASK",       "BUSY",       "BUSYGROUP",  "BUSYKEY",    "CLUSTERDOWN", "CROSSSLOT", "DENIED",
    "ERR",       "EXECABORT",  "LOADING",    "MASTERDOWN", "MISCONF",     "MOVED",     "NOAUTH",
    "NOPERM",    "NOPROTO",    "NOREPLICAS", "NOSCRIPT",   "OOM",         "READONLY",  "TRYAGAIN",
    "UNBLOCKED", "UNKILLABLE", "WRONGPASS",  "WRONGTYPE",
};

constexpr std::string_view cluster =
    "a node of a cluster, which djcache does not follow: name a server in LOCATION that is in "
    "none, "
    "or a proxy in front of the cluster";

struct Meaning {
  std::string_view begins;
  std::string_view means;
};
// The first word may not be enough to tell. The first match counts.
constexpr Meaning meanings[] = {
    {"WRONGPASS", "wrong user or password, or the user is off"},
    {"NOAUTH", "the server wants a password; put it into LOCATION or OPTIONS"},
    {"NOPERM", "the ACL does not let this user do it"},
    {"NOPROTO", "the server does not speak this version of the protocol"},
    {"DENIED", "protected mode: without a password it serves its own host alone"},
    {"LOADING", "the server is loading its data"},
    {"MASTERDOWN", "a replica that has lost its primary and may not serve old data"},
    {"MISCONF", "the server cannot save its data to disk"},
    {"NOREPLICAS", "fewer replicas follow than it needs to accept writes"},
    {"BUSY ", "the server is busy with a script"},
    {"OOM", "the server has no memory left"},
    {"READONLY", "a read-only replica"},
    {"MOVED", cluster},
    {"ASK ", cluster},
    {"CROSSSLOT", cluster},
    {"CLUSTERDOWN", cluster},
    {"TRYAGAIN", cluster},
    {"ERR SELECT is not allowed in cluster mode", cluster},
    {"ERR max number of clients", "max number of clients reached"},
    {"ERR DB index is out of range", "DB index is out of range"},
    {"ERR invalid password", "wrong password"},
    {"ERR Client sent AUTH, but no password is set", "no password is set on the server"},
    {"ERR AUTH <password> called without any password", "no password is set on the server"},
    {"ERR wrong number of arguments for 'auth' command",
     "the server knows no users: give a password alone"},
    {"ERR unknown command",
     "it knows no such command: renamed in its configuration, or the port of a Sentinel, where "
     "LOCATION must name the server that it watches"},
};

}  // namespace

std::string_view first_word(std::string_view error) {
  const std::string_view word = error.substr(0, error.find(' '));
  const bool known = std::find(std::begin(words), std::end(words), word) != std::end(words);
  return known ? word : "an error";
}

std::string_view meaning(std::string_view error) {
  for (const Meaning& each : meanings) {
    if (error.starts_with(each.begins)) return each.means;
  }
  return {};
}

bool says_unavailable(std::string_view error) {
  const std::string_view word = error.substr(0, error.find(' '));
  for (const std::string_view each :
       {"LOADING", "MISCONF", "NOREPLICAS", "MASTERDOWN", "BUSY", "CLUSTERDOWN", "TRYAGAIN"}) {
    if (word == each) return true;
  }
  return false;
}

std::string_view hint(std::string_view error) {
  const std::string_view means = meaning(error);
  return means == cluster || error.starts_with("ERR unknown command") ? means : std::string_view();
}

}  // namespace djcache::text
