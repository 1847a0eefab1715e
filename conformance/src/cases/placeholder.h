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

// Parses the text between the braces. Returns nullopt if it is not a placeholder.
std::optional<Placeholder> parse_placeholder(std::string_view text);

// Replaces each placeholder in the text by the result of `replace`. For braces that are not a
// placeholder `problem` is set, and the text is returned unchanged.
std::string replace_placeholders(std::string_view text,
                                 const std::function<std::string(const Placeholder&)>& replace,
                                 std::string& problem);

}  // namespace djcache::conformance
