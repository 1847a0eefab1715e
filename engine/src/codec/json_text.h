// The strings that DjangoJSONEncoder writes for dates, times and so on. Pure. Source:
// django/core/serializers/json.py and django/utils/duration.py.
#pragma once

#include <string>

#include <djcache/value.h>

namespace djcache::codec {

// Appends ASCII that needs no escapes. False: `reason` says why Python refuses it, too; the text
// may have grown.
bool append_json_text(std::string& out, const DateTime& datetime, std::string& reason);
bool append_json_text(std::string& out, const Date& date, std::string& reason);
bool append_json_text(std::string& out, const Time& time, std::string& reason);
bool append_json_text(std::string& out, const TimeDelta& delta, std::string& reason);
void append_json_text(std::string& out, const Uuid& uuid);

}  // namespace djcache::codec
