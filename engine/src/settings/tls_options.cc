#include "settings/tls_options.h"

#include <algorithm>
#include <iterator>

#include "settings/read_value.h"

namespace djcache::settings {

namespace {

struct TextOption {
  std::string_view name;
  std::string TlsOptions::*field;
};
constexpr TextOption texts[] = {
    {"ssl_ca_certs", &TlsOptions::ca_file},        {"ssl_ca_path", &TlsOptions::ca_path},
    {"ssl_ca_data", &TlsOptions::ca_data},         {"ssl_certfile", &TlsOptions::cert_file},
    {"ssl_keyfile", &TlsOptions::key_file},        {"ssl_password", &TlsOptions::key_password},
    {"ssl_ciphers", &TlsOptions::ciphers},         {"tls_crl_file", &TlsOptions::crl_file},
    {"tls_server_name", &TlsOptions::server_name},
};

const TextOption* find_text(std::string_view name) {
  const auto at = std::find_if(std::begin(texts), std::end(texts),
                               [&](const TextOption& each) { return each.name == name; });
  return at == std::end(texts) ? nullptr : at;
}

Json text_of(const std::string& text) {
  Json json;
  json.kind = Json::Kind::string;
  json.string = text;
  return json;
}

}  // namespace

Problem read_cert_reqs(const Json& json, bool& verify) {
  const bool null = json.is(Json::Kind::null);
  if (null || (json.is(Json::Kind::integer) && json.integer == 0)) return verify = false, Problem{};
  if (json.is(Json::Kind::integer) && (json.integer == 1 || json.integer == 2)) {
    return verify = true, Problem{};
  }
  if (json.is(Json::Kind::string)) {
    if (json.string == "none") return verify = false, Problem{};
    if (json.string == "optional" || json.string == "required") return verify = true, Problem{};
  }
  return expected("\"required\", \"optional\" or \"none\"", json);
}

Problem read_tls_version(const Json& json, int& version) {
  std::int64_t number = 0;
  if (Problem problem = read_integer(json, number); !problem.empty()) return problem;
  if (number != 0x0303 && number != 0x0304) {
    return "must be 771 (TLS 1.2) or 772 (TLS 1.3)";
  }
  version = static_cast<int>(number);
  return {};
}

bool is_tls_parameter(std::string_view name) {
  return find_text(name) != nullptr || name == "ssl_cert_reqs" || name == "ssl_check_hostname" ||
         name == "ssl_min_version";
}

Problem read_tls_parameter(std::string_view name, const std::string& text, TlsOptions& options) {
  if (const TextOption* known = find_text(name)) return options.*known->field = text, Problem{};
  if (name == "ssl_cert_reqs") return read_cert_reqs(text_of(text), options.verify);
  if (name == "ssl_min_version") {
    return text == "771" || text == "772" ? (options.min_version = std::stoi(text), Problem{})
                                          : "must be 771 (TLS 1.2) or 772 (TLS 1.3)";
  }
  options.check_hostname = is_true(text);
  return {};
}

bool is_true(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
  constexpr std::string_view no[] = {"0", "f", "false", "n", "no"};
  return std::find(std::begin(no), std::end(no), lower) == std::end(no);
}

Problem read_tls_option(std::string_view name, const Json& json, TlsOptions& options) {
  if (name == "ssl_cert_reqs") return read_cert_reqs(json, options.verify);
  if (json.is(Json::Kind::null)) return {};
  if (name == "ssl_check_hostname") return read_flag(json, options.check_hostname);
  if (name == "ssl_min_version") return read_tls_version(json, options.min_version);
  return read_string(json, options.*find_text(name)->field);
}

Problem check_tls(const TlsOptions& options) {
  if (!options.key_file.empty() && options.cert_file.empty()) {
    return "ssl_keyfile needs ssl_certfile";
  }
  const auto has_nul = [](const std::string& text) { return text.find('\0') != text.npos; };
  for (const TextOption& each : texts) {
    if (has_nul(options.*each.field)) return std::string(each.name) + " holds a NUL byte";
  }
  return {};
}

}  // namespace djcache::settings
