#include "tls/session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <new>
#include <utility>

#include "tls/context.h"

namespace djcache::tls {

// Stands in for a socket: OpenSSL reads the bytes that were fed, and writes to the output.
struct Bio {
  static Session& of(BIO* bio) { return *static_cast<Session*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, int room) {
    Session& session = of(bio);
    BIO_clear_retry_flags(bio);
    if (session.input_.empty()) {
      if (!session.input_ended_) BIO_set_retry_read(bio);
      return session.input_ended_ ? 0 : -1;
    }
    const std::size_t size = std::min(session.input_.size(), static_cast<std::size_t>(room));
    std::copy_n(session.input_.data(), size, to);
    session.input_.remove_prefix(size);
    return static_cast<int>(size);
  }

  static int write(BIO* bio, const char* from, int size) {
    BIO_clear_retry_flags(bio);
    try {
      of(bio).output_.append(from, static_cast<std::size_t>(size));
    } catch (const std::bad_alloc&) {
      return -1;
    }
    return size;
  }

  static long control(BIO* bio, int what, long, void*) {
    if (what == BIO_CTRL_FLUSH) return 1;
    if (what == BIO_CTRL_EOF) return of(bio).input_ended_ && of(bio).input_.empty() ? 1 : 0;
    return 0;
  }

  static void hear(const SSL* ssl, int where, int alert) {
    if (where != SSL_CB_READ_ALERT || (alert & 0xff) != SSL_AD_CLOSE_NOTIFY) return;
    static_cast<Session*>(SSL_get_app_data(ssl))->farewell_ = true;
  }

  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "djcache");
      if (method == nullptr) return method;
      BIO_meth_set_read(method, &read);
      BIO_meth_set_write(method, &write);
      BIO_meth_set_ctrl(method, &control);
      BIO_meth_set_create(method, [](BIO* bio) {
        BIO_set_init(bio, 1);
        return 1;
      });
      return method;
    }();
    return made;
  }
};

namespace {
// A session keeps an output buffer of up to this size; a larger one is passed on to the next
// session.
constexpr std::size_t own_output = 4096;
}  // namespace

Session::Session(std::shared_ptr<Context> context, ssl_st* ssl, std::string name)
    : context_(std::move(context)), ssl_(ssl), name_(std::move(name)) {
  BIO* const bio = BIO_new(Bio::method());
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, this);
  SSL_set_app_data(ssl_, this);
  SSL_set_info_callback(ssl_, &Bio::hear);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_connect_state(ssl_);
}

Session::~Session() {
  // Keeps the session resumable although there was no close notification. RESP tells where a reply
  // ends.
  SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
  if (output_.capacity() > context_->spare_.capacity()) std::swap(output_, context_->spare_);
}

Session::Status Session::handshake() {
  const int result = SSL_do_handshake(ssl_);
  shaken_ = result == 1;
  return shaken_ ? Status::done : status();
}

Session::Status Session::read(char* to, std::size_t room, std::size_t& size) {
  size = 0;
  while (size < room) {
    // Avoids a call that would only return "want read": it costs half as much as a short record.
    const bool used_up = size > 0 && input_.empty() && !input_ended_;
    if (used_up && SSL_has_pending(ssl_) == 0) return Status::wants_input;
    std::size_t read = 0;
    const int result = SSL_read_ex(ssl_, to + size, room - size, &read);
    if (result != 1) return status();
    size += read;
  }
  return Status::done;
}

Session::Status Session::write(std::string_view plaintext) {
  if (output_.empty() && plaintext.size() > own_output &&
      output_.capacity() < context_->spare_.capacity()) {
    std::swap(output_, context_->spare_);
    output_.clear();
  }
  while (!plaintext.empty()) {
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_, plaintext.data(), plaintext.size(), &written);
    if (result != 1) return status();
    plaintext.remove_prefix(written);
  }
  return Status::done;
}

void Session::sent(std::size_t size) {
  sent_ += size;
  if (sent_ < output_.size()) return;
  output_.clear();
  sent_ = 0;
  if (output_.capacity() <= 2 * own_output) return;
  if (output_.capacity() > context_->spare_.capacity()) std::swap(output_, context_->spare_);
}

namespace {

// The name was chosen by others, so it may contain anything.
std::string printable(X509_NAME* name, int what) {
  const int at = X509_NAME_get_index_by_NID(name, what, -1);
  if (at < 0) return {};
  const ASN1_STRING* const found = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  const auto size = std::min<std::size_t>(static_cast<std::size_t>(ASN1_STRING_length(found)), 64);
  std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(found)), size);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

// The last error is the cause of a failure, unless it only says that the record layer failed
// (OpenSSL 3.2 and later). Leaves no error behind.
unsigned long take_cause() {
  unsigned long cause = 0;
  while (const unsigned long error = ERR_get_error()) {
#ifdef SSL_R_RECORD_LAYER_FAILURE
    const bool says_less =
        ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_RECORD_LAYER_FAILURE;
    if (cause != 0 && says_less) continue;
#endif
    cause = error;
  }
  return cause;
}

}  // namespace

std::optional<TlsPeer> Session::peer() const {
  if (!shaken_) return std::nullopt;
  TlsPeer peer{.version = SSL_get_version(ssl_), .cipher = SSL_get_cipher_name(ssl_)};
  const TlsOptions& options = context_->options();
  peer.verified = options.verify;  // or the handshake would have failed
  if (options.verify && options.check_hostname) peer.name = name_;
  X509* const shown = SSL_get0_peer_certificate(ssl_);
  if (shown == nullptr) return peer;
  X509_NAME* const issuer = X509_get_issuer_name(shown);
  peer.issuer = printable(issuer, NID_commonName);
  if (peer.issuer.empty()) peer.issuer = printable(issuer, NID_organizationName);
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(shown), &end) == 1) {
    peer.valid_until = std::chrono::system_clock::from_time_t(::timegm(&end));
  }
  return peer;
}

// Does not use SSL_get_error(): other code may have left OpenSSL errors in this thread, which it
// would take for errors of this call. Clearing them before each call costs a tenth of a short
// record.
Session::Status Session::status() {
  if (SSL_want_read(ssl_) && BIO_should_read(SSL_get_rbio(ssl_))) return Status::wants_input;
  const unsigned long error = take_cause();
  // The end of the stream without a close notification. RESP tells where a reply ends, so nothing
  // can be missed.
  const bool cut =
      input_ended_ && (error == 0 || ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING);
  const bool over = farewell_ || cut;
  if (over && shaken_) return Status::ended;
  if (over) {
    return fail("the server closed the connection during the TLS handshake; is this port for TLS?");
  }
  return fail(describe_failure(error));
}

Session::Status Session::fail(const char* why) {
  if (failure_.empty()) failure_ = why;
  return Status::failed;
}

namespace {

struct Words {
  long code;
  const char* text;
};

constexpr Words of_certificates[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, "the server's certificate, or one above it, has expired"},
    {X509_V_ERR_CERT_NOT_YET_VALID,
     "the server's certificate, or one above it, is not valid yet; is this machine's clock right?"},
    {X509_V_ERR_CERT_REVOKED, "the server's certificate was revoked (tls_crl_file)"},
    {X509_V_ERR_UNABLE_TO_GET_CRL,
     "tls_crl_file has no list of the authority of the server's certificate"},
    {X509_V_ERR_CRL_HAS_EXPIRED, "the list in tls_crl_file has expired"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
     "the server's certificate is signed by itself and not among those of ssl_ca_certs"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
     "the server's certificate comes from an authority that is not trusted; ssl_ca_certs names it"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
     "the server's certificate comes from an authority that is not trusted; ssl_ca_certs names it"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
     "the server's certificate comes from an authority that is not trusted; ssl_ca_certs names it"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
     "the server's certificate comes from an authority that is not trusted; ssl_ca_certs names it"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE,
     "the server's certificate comes from an authority that is not trusted; ssl_ca_certs names it"},
    {X509_V_ERR_INVALID_PURPOSE, "the server's certificate is not one for servers"},
};

constexpr Words of_the_protocol[] = {
    {SSL_R_WRONG_VERSION_NUMBER,
     "the answer is not TLS; is this port for plain connections (redis://)?"},
    {SSL_R_HTTP_REQUEST, "the answer is not TLS; is this port for plain connections (redis://)?"},
    {SSL_R_PACKET_LENGTH_TOO_LONG,
     "the answer is not TLS; is this port for plain connections (redis://)?"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
     "the server wants a client certificate; ssl_certfile and ssl_keyfile name it"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
     "the server refused the handshake: it may want a client certificate (ssl_certfile), or other "
     "ciphers"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA,
     "the server does not trust the authority of the client certificate (ssl_certfile)"},
    {SSL_R_TLSV1_ALERT_DECRYPT_ERROR,
     "the server does not trust the authority of the client certificate (ssl_certfile)"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "the server refused the client certificate (ssl_certfile)"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
     "the server refused the client certificate (ssl_certfile)"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
     "the server refused the client certificate (ssl_certfile)"},
    {SSL_R_TLSV1_ALERT_ACCESS_DENIED, "the server refused the client certificate (ssl_certfile)"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
     "the server says that the client certificate (ssl_certfile) has expired"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
     "the server says that the client certificate (ssl_certfile) was revoked"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
     "the server speaks none of the versions of TLS that ssl_min_version allows"},
    {SSL_R_UNSUPPORTED_PROTOCOL,
     "the server speaks none of the versions of TLS that ssl_min_version allows"},
    {SSL_R_TLSV1_UNRECOGNIZED_NAME, "the server knows no such name (tls_server_name)"},
    {SSL_R_NO_CIPHERS_AVAILABLE, "ssl_ciphers leaves no cipher"},
};

const char* find(const Words* begin, const Words* end, long code) {
  const Words* const at =
      std::find_if(begin, end, [&](const Words& each) { return each.code == code; });
  return at == end ? nullptr : at->text;
}

}  // namespace

// Quotes nothing from the certificate, because a server that is not trusted may have written it.
const char* Session::describe_failure(unsigned long error) try {
  if (error == 0) return "the TLS connection broke";
  const int reason = ERR_GET_REASON(error);
  const long verdict = shaken_ ? X509_V_OK : SSL_get_verify_result(ssl_);
  if (verdict != X509_V_OK && context_->options().verify) {
    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
      made_ = "the server's certificate is not for '" + name_ +
              "'; tls_server_name says another name, ssl_check_hostname false takes any";
      return made_.c_str();
    }
    const char* const text = find(std::begin(of_certificates), std::end(of_certificates), verdict);
    if (text != nullptr) return text;
    made_ = std::string("the server's certificate is refused: ") +
            X509_verify_cert_error_string(verdict);
    return made_.c_str();
  }
  if (ERR_GET_LIB(error) == ERR_LIB_SSL) {
    const char* const text = find(std::begin(of_the_protocol), std::end(of_the_protocol), reason);
    if (text != nullptr) return text;
  }
  const char* const words = ERR_reason_error_string(error);
  made_ = std::string("TLS failed: ") + (words != nullptr ? words : "unknown error");
  return made_.c_str();
} catch (const std::bad_alloc&) {
  return "TLS failed, and there is no memory to say why";
}

}  // namespace djcache::tls
