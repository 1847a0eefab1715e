#include <cstdio>

#include "tls.h"

namespace demo {

bool over_tls(bool (*)(Stage&)) {
  std::fputs("This demo was built without TLS, which needs OpenSSL 3 (Debian: libssl-dev).\n",
             stderr);
  return false;
}

}  // namespace demo
