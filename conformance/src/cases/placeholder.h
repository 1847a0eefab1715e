// The placeholders of LOCATION: "{server}", "{server:2/3}", "{replica:1}", "{server.unix}".
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace djcache::conformance {

struct Placeholder {
  std::string name;  // "server", "server:2", "replica:1", "peer", "nowhere", "locked"
  int db = 0;
  std::string part = {};  // "" for the URL, "unix" for the unix URL, "host" or "port"
};

// Of the text between the braces. Empty: it is none.
std::optional<Placeholder> parse_placeholder(std::string_view text);

// Calls `replace` for each placeholder of the text and gives the text with its answers. `problem`
// is set for braces that hold no placeholder; then the text is returned as it is.
std::string replace_placeholders(std::string_view text,
                                 const std::function<std::string(const Placeholder&)>& replace,
                                 std::string& problem);

}  // namespace djcache::conformance
