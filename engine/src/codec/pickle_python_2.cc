#include "codec/pickle_python_2.h"

namespace djcache::codec::pickle {
namespace {

struct Module {
  std::string_view before, now;
};
constexpr Module modules[] = {
    {"__builtin__", "builtins"},
    {"copy_reg", "copyreg"},
    {"exceptions", "builtins"},
    {"Cookie", "http.cookies"},
    {"cookielib", "http.cookiejar"},
    {"httplib", "http.client"},
    {"urllib2", "urllib.request"},
    {"urlparse", "urllib.parse"},
    {"robotparser", "urllib.robotparser"},
    {"BaseHTTPServer", "http.server"},
    {"SimpleHTTPServer", "http.server"},
    {"CGIHTTPServer", "http.server"},
    {"SocketServer", "socketserver"},
    {"xmlrpclib", "xmlrpc.client"},
    {"DocXMLRPCServer", "xmlrpc.server"},
    {"SimpleXMLRPCServer", "xmlrpc.server"},
    {"HTMLParser", "html.parser"},
    {"htmlentitydefs", "html.entities"},
    {"markupbase", "_markupbase"},
    {"ConfigParser", "configparser"},
    {"Queue", "queue"},
    {"StringIO", "io"},
    {"cStringIO", "io"},
    {"cPickle", "pickle"},
    {"UserDict", "collections"},
    {"UserList", "collections"},
    {"UserString", "collections"},
    {"_abcoll", "collections.abc"},
    {"_elementtree", "xml.etree.ElementTree"},
    {"_winreg", "winreg"},
    {"thread", "_thread"},
    {"dummy_thread", "_dummy_thread"},
    {"repr", "reprlib"},
    {"commands", "subprocess"},
    {"anydbm", "dbm"},
    {"whichdb", "dbm"},
    {"dbm", "dbm.ndbm"},
    {"dbhash", "dbm.bsd"},
    {"dumbdbm", "dbm.dumb"},
    {"gdbm", "dbm.gnu"},
    {"test.test_support", "test.support"},
};

struct Name {
  std::string_view module, name, module_now, name_now;
};
constexpr Name names_of_python_2[] = {
    {"__builtin__", "basestring", "builtins", "str"},
    {"__builtin__", "unicode", "builtins", "str"},
    {"__builtin__", "long", "builtins", "int"},
    {"__builtin__", "xrange", "builtins", "range"},
    {"__builtin__", "unichr", "builtins", "chr"},
    {"__builtin__", "intern", "sys", "intern"},
    {"__builtin__", "reduce", "functools", "reduce"},
    {"exceptions", "StandardError", "builtins", "Exception"},
    {"UserDict", "IterableUserDict", "collections", "UserDict"},
    {"itertools", "ifilter", "builtins", "filter"},
    {"itertools", "ifilterfalse", "itertools", "filterfalse"},
    {"itertools", "imap", "builtins", "map"},
    {"itertools", "izip", "builtins", "zip"},
    {"itertools", "izip_longest", "itertools", "zip_longest"},
    {"_socket", "fromfd", "socket", "fromfd"},
    {"socket", "_socketobject", "socket", "SocketType"},
    {"urllib", "ContentTooShortError", "urllib.error", "ContentTooShortError"},
    {"urllib", "getproxies", "urllib.request", "getproxies"},
    {"urllib", "pathname2url", "urllib.request", "pathname2url"},
    {"urllib", "quote", "urllib.parse", "quote"},
    {"urllib", "quote_plus", "urllib.parse", "quote_plus"},
    {"urllib", "unquote", "urllib.parse", "unquote"},
    {"urllib", "unquote_plus", "urllib.parse", "unquote_plus"},
    {"urllib", "url2pathname", "urllib.request", "url2pathname"},
    {"urllib", "urlcleanup", "urllib.request", "urlcleanup"},
    {"urllib", "urlencode", "urllib.parse", "urlencode"},
    {"urllib", "urlopen", "urllib.request", "urlopen"},
    {"urllib", "urlretrieve", "urllib.request", "urlretrieve"},
    {"urllib2", "HTTPError", "urllib.error", "HTTPError"},
    {"urllib2", "URLError", "urllib.error", "URLError"},
};

}  // namespace

void rename_for_python_3(std::string_view& module, std::string_view& name) {
  for (const Name& each : names_of_python_2) {
    if (each.module != module || each.name != name) continue;
    module = each.module_now;
    name = each.name_now;
    return;
  }
  for (const Module& each : modules) {
    if (each.before == module) {
      module = each.now;
      return;
    }
  }
}

}  // namespace djcache::codec::pickle
