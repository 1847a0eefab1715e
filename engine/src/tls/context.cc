#include "tls/context.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstring>
#include <mutex>
#include <new>
#include <utility>

#include "tls/session.h"

namespace djcache::tls {

namespace {

template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* of) const {
    Free(of);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freeing<Free>>;
using Ssl = Owned<SSL_CTX, SSL_CTX_free>;
using Store = Owned<X509_STORE, X509_STORE_free>;

bool is_address(const std::string& host) {
  unsigned char address[16];
  return inet_pton(AF_INET, host.c_str(), address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address) == 1;
}

// OpenSSL's text for the oldest error, without its source file and line.
std::string reason() {
  const unsigned long error = ERR_peek_error();
  const char* const text = ERR_reason_error_string(error);
  std::string words = text != nullptr ? text : "unknown error";
  if (ERR_SYSTEM_ERROR(error)) words = std::strerror(ERR_GET_REASON(error));
  ERR_clear_error();
  return words;
}

Error unusable(std::string_view option, const std::string& why) {
  return {Errc::invalid_settings, std::string(option) + ": " + why};
}
Error unusable(std::string_view option) { return unusable(option, reason()); }

// Reading the system's authorities takes tens of milliseconds, so they are read once and shared.
X509_STORE* system_store() {
  static std::mutex mutex;
  static Store store;
  const std::lock_guard lock(mutex);
  if (store == nullptr) {
    Store read(X509_STORE_new());
    if (read == nullptr || X509_STORE_set_default_paths(read.get()) != 1) return nullptr;
    store = std::move(read);
  }
  return store.get();
}

// Reads the rest of a PEM text object by object. False if it contains anything else.
template <class Read>
bool read_all(BIO* from, Read read) {
  std::size_t count = 0;
  while (read(from)) ++count;
  const unsigned long error = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  if (count > 0 && at_end) ERR_clear_error();
  return count > 0 && at_end;
}

bool add_certificates(X509_STORE* store, const std::string& pem) {
  const Owned<BIO, BIO_free_all> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return bio != nullptr && read_all(bio.get(), [&](BIO* from) {
           const Owned<X509, X509_free> one(PEM_read_bio_X509(from, nullptr, nullptr, nullptr));
           return one != nullptr && X509_STORE_add_cert(store, one.get()) == 1;
         });
}

bool add_revocations(X509_STORE* store, const std::string& file) {
  const Owned<BIO, BIO_free_all> bio(BIO_new_file(file.c_str(), "r"));
  return bio != nullptr && read_all(bio.get(), [&](BIO* from) {
           const Owned<X509_CRL, X509_CRL_free> one(
               PEM_read_bio_X509_CRL(from, nullptr, nullptr, nullptr));
           return one != nullptr && X509_STORE_add_crl(store, one.get()) == 1;
         });
}

Result<void> trust(SSL_CTX* ssl, const TlsOptions& options) {
  const bool own = !options.ca_file.empty() || !options.ca_path.empty() || !options.ca_data.empty();
  if (!own && options.crl_file.empty()) {
    X509_STORE* const store = system_store();
    if (store == nullptr) return unusable("the system's authorities");
    SSL_CTX_set1_cert_store(ssl, store);
    return {};
  }
  X509_STORE* const store = SSL_CTX_get_cert_store(ssl);
  if (!own && X509_STORE_set_default_paths(store) != 1) {
    return unusable("the system's authorities");
  }
  if (!options.ca_file.empty() && X509_STORE_load_file(store, options.ca_file.c_str()) != 1) {
    return unusable("ssl_ca_certs");
  }
  if (!options.ca_path.empty()) {
    struct stat status {};
    if (::stat(options.ca_path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
      return unusable("ssl_ca_path", "no such folder");
    }
    if (X509_STORE_load_path(store, options.ca_path.c_str()) != 1) return unusable("ssl_ca_path");
  }
  if (!options.ca_data.empty() && !add_certificates(store, options.ca_data)) {
    return unusable("ssl_ca_data", "no certificates in PEM");
  }
  if (!options.crl_file.empty()) {
    if (!add_revocations(store, options.crl_file)) return unusable("tls_crl_file");
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  }
  return {};
}

int give_password(char* to, int room, int, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  if (text.size() > static_cast<std::size_t>(room)) return -1;
  std::memcpy(to, text.data(), text.size());
  return static_cast<int>(text.size());
}

Result<void> show_certificate(SSL_CTX* ssl, const TlsOptions& options) {
  if (options.cert_file.empty()) return {};
  // Also without a password: otherwise OpenSSL would ask for one on the terminal.
  SSL_CTX_set_default_passwd_cb(ssl, give_password);
  SSL_CTX_set_default_passwd_cb_userdata(ssl, const_cast<std::string*>(&options.key_password));
  if (SSL_CTX_use_certificate_chain_file(ssl, options.cert_file.c_str()) != 1) {
    return unusable("ssl_certfile");
  }
  const std::string& key = options.key_file.empty() ? options.cert_file : options.key_file;
  if (SSL_CTX_use_PrivateKey_file(ssl, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return unusable("ssl_keyfile", reason() + (options.key_password.empty()
                                                   ? "; an encrypted key needs ssl_password"
                                                   : "; is ssl_password right?"));
  }
  return {};
}

}  // namespace

Context::~Context() {
  SSL_SESSION_free(last_);
  SSL_CTX_free(ssl_);
}

Result<std::shared_ptr<Context>> Context::make(const TlsOptions& options) {
  std::shared_ptr<Context> context(new Context(options));
  if (Result<void> loaded = context->load(); !loaded.ok()) return std::move(loaded).error();
  return context;
}

Result<void> Context::load() {
  ERR_clear_error();
  std::vector<Stamp> read_at = stamps();
  Ssl ssl(SSL_CTX_new(TLS_client_method()));
  if (ssl == nullptr) return unusable("TLS");
  SSL_CTX_set_min_proto_version(ssl.get(), options_.min_version);
  SSL_CTX_set_options(ssl.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(ssl.get(), SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (!options_.ciphers.empty() &&
      SSL_CTX_set_cipher_list(ssl.get(), options_.ciphers.c_str()) != 1) {
    return unusable("ssl_ciphers");
  }
  if (options_.verify) {
    if (Result<void> trusted = trust(ssl.get(), options_); !trusted.ok()) return trusted;
    SSL_CTX_set_verify(ssl.get(), SSL_VERIFY_PEER, nullptr);
  }
  if (Result<void> shown = show_certificate(ssl.get(), options_); !shown.ok()) return shown;
  SSL_CTX_set_session_cache_mode(ssl.get(),
                                 SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_set_app_data(ssl.get(), this);
  SSL_CTX_sess_set_new_cb(ssl.get(), [](SSL* of, SSL_SESSION* session) {
    SSL_CTX* const from = SSL_get_SSL_CTX(of);
    auto& context = *static_cast<Context*>(SSL_CTX_get_app_data(from));
    if (from != context.ssl_) return 0;  // from files that have been replaced
    try {
      context.last_name_ = static_cast<Session*>(SSL_get_app_data(of))->name();
    } catch (const std::bad_alloc&) {
      return 0;
    }
    SSL_SESSION_free(std::exchange(context.last_, session));
    return 1;  // takes ownership of the session
  });
  // From here on nothing fails. The session is dropped, because its server may not be trusted any
  // more.
  SSL_SESSION_free(std::exchange(last_, nullptr));
  SSL_CTX_free(std::exchange(ssl_, ssl.release()));
  read_at_ = std::move(read_at);
  return {};
}

Result<void> Context::reload() { return load(); }

std::vector<Context::Stamp> Context::stamps() const {
  std::vector<Stamp> all;
  for (const std::string* file :
       {&options_.ca_file, &options_.crl_file, &options_.cert_file, &options_.key_file}) {
    if (file->empty()) continue;
    struct stat status {};
    if (::stat(file->c_str(), &status) != 0) {
      all.push_back({});
    } else {
      all.push_back({status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size});
    }
  }
  return all;
}

std::unique_ptr<Session> Context::session(const std::string& host) {
  if (stamps() != read_at_) (void)load();
  const std::string& name = options_.server_name.empty() ? host : options_.server_name;
  const bool address = is_address(name);
  Owned<SSL, SSL_free> ssl(SSL_new(ssl_));
  if (ssl == nullptr) return nullptr;
  if (options_.verify && options_.check_hostname) {
    X509_VERIFY_PARAM* const wanted = SSL_get0_param(ssl.get());
    // As in CPython's ssl, a common name counts only if the certificate has no other names.
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const int set = address ? X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str())
                            : X509_VERIFY_PARAM_set1_host(wanted, name.data(), name.size());
    if (set != 1) return nullptr;
  }
  // A server that no longer knows the session makes a new one.
  if (last_ != nullptr && last_name_ == name) SSL_set_session(ssl.get(), last_);
  if (!address && SSL_set_tlsext_host_name(ssl.get(), name.c_str()) != 1) return nullptr;
  auto session = std::make_unique<Session>(shared_from_this(), ssl.get(), name);
  ssl.release();
  return session;
}

}  // namespace djcache::tls
