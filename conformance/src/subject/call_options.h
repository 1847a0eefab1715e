// The options of a verb as a case's call gives them: the same for every flavour of the API.
#ifndef DJCACHE_CONFORMANCE_SUBJECT_CALL_OPTIONS_H_
#define DJCACHE_CONFORMANCE_SUBJECT_CALL_OPTIONS_H_

#include <djcache/cache.h>

#include "src/subject/subject.h"

namespace djcache::conformance {

inline ReadOptions read_options(const Call& call) {
  return {.version = call.version, .limit = call.limit};
}

inline WriteOptions write_options(const Call& call) {
  return {.ttl = call.ttl, .version = call.version, .limit = call.limit};
}

inline DeltaOptions delta_options(const Call& call) {
  return {.delta = call.delta, .version = call.version, .limit = call.limit};
}

}  // namespace djcache::conformance

#endif  // DJCACHE_CONFORMANCE_SUBJECT_CALL_OPTIONS_H_
