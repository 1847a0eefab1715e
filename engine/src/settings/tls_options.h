// The options of TLS, from JSON and from the query of a URL. Pure.
#pragma once

#include <string>
#include <string_view>

#include <djcache/tls.h>

#include "settings/json_tree.h"
#include "settings/where.h"

namespace djcache::settings {

// "none", "optional", "required", or what Python's ssl.CERT_NONE and the others are in JSON: null, 0, 1, 2.
// For a client "optional" is as good as "required".
Problem read_cert_reqs(const Json& json, bool& verify);
// 771 or 772, as ssl.TLSVersion.
Problem read_tls_version(const Json& json, int& version);

// As redis-py's to_bool: what is none of its words for no is yes.
bool is_true(std::string_view text);

// "?ssl_ca_certs=/etc/ca.pem": whether the name is one of TLS' at all, and the value's problem.
bool is_tls_parameter(std::string_view name);
Problem read_tls_parameter(std::string_view name, const std::string& text, TlsOptions& options);

// The same from JSON.
Problem read_tls_option(std::string_view name, const Json& json, TlsOptions& options);

// What contradicts itself.
Problem check_tls(const TlsOptions& options);

}  // namespace djcache::settings
