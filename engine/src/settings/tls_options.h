// TLS options, from JSON and from the query of a URL. Pure.
#pragma once

#include <string>
#include <string_view>

#include <djcache/tls.h>

#include "settings/json_tree.h"
#include "settings/where.h"

namespace djcache::settings {

// "none", "optional", "required", or the JSON form of Python's ssl.CERT_NONE and so on: null, 0, 1,
// 2. For a client "optional" means the same as "required".
Problem read_cert_reqs(const Json& json, bool& verify);
// 771 or 772, the values of ssl.TLSVersion.
Problem read_tls_version(const Json& json, int& version);

// Like redis-py's to_bool: every text but its words for "no" is true.
bool is_true(std::string_view text);

// "?ssl_ca_certs=/etc/ca.pem": whether the name is a TLS option at all, and the problem of its
// value.
bool is_tls_parameter(std::string_view name);
Problem read_tls_parameter(std::string_view name, const std::string& text, TlsOptions& options);

// The same for JSON.
Problem read_tls_option(std::string_view name, const Json& json, TlsOptions& options);

// Options that contradict each other.
Problem check_tls(const TlsOptions& options);

}  // namespace djcache::settings
