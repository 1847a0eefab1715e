"""Splits the settings of CACHES: those for the engine, and those that Python handles itself."""

import json

from django.core.exceptions import ImproperlyConfigured

# Handled by Python, or without effect because the engine manages the connections.
_OF_PYTHON = {
    "serializer",
    "SERIALIZER",
    "compressor",
    "COMPRESSOR",
    "PICKLE_VERSION",
    "JSON_ENCODER",
    "REVERSE_KEY_FUNCTION",
    "IGNORE_EXCEPTIONS",
    "LOG_IGNORED_EXCEPTIONS",
    "share_producers",
    "parser_class",
    "PARSER_CLASS",
    "pool_class",
    "CONNECTION_POOL_CLASS",
    "REDIS_CLIENT_CLASS",
    "REDIS_CLIENT_KWARGS",
    "retry",
    "retry_on_error",
    "encoder_class",
    "single_connection_client",
}
_OF_POOL_KWARGS = _OF_PYTHON


# In seconds. Django waits without a limit, and the engine for half a second by default: neither
# suits a web site.
_COMMAND_LIMIT = 5


def _plain(place, value):
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        raise ImproperlyConfigured(
            f"{place}: {type(value).__name__} is nothing that djcache can use here"
        ) from None
    return value


def engine_settings(kind, location, params):
    """CACHES in JSON for the engine: `kind` is "redis" or "memory".

    Leaves out settings that do not affect connections, so that aliases that differ only in these
    share an engine.
    """
    options = {}
    for name, value in (params.get("OPTIONS") or {}).items():
        if name in _OF_PYTHON:
            continue
        if name == "CONNECTION_POOL_KWARGS":
            value = {k: v for k, v in value.items() if k not in _OF_POOL_KWARGS}
        if name in ("ssl_cert_reqs", "ssl_min_version") and value is not None:
            value = _of_ssl_module(value)
        options[name] = _plain(f"OPTIONS[{name!r}]", value)
    if kind == "memory":
        for name in ("MAX_ENTRIES", "CULL_FREQUENCY"):
            value = params.get(name.lower(), options.pop(name, None))
            try:
                options[name] = int(value)
            except (TypeError, ValueError):
                pass  # the default applies, as in Django
    elif not any("socket_timeout" in json.dumps(each).lower() for each in (location, options)):
        options.setdefault("command_limit", _COMMAND_LIMIT)
    return json.dumps(
        {"default": {"BACKEND": kind, "LOCATION": location, "OPTIONS": options}}, sort_keys=True
    )


def _of_ssl_module(value):
    """Translates ssl.CERT_NONE, ssl.TLSVersion.TLSv1_2 and so on to the engine's values."""
    name = getattr(value, "name", None)
    if name in ("CERT_NONE", "CERT_OPTIONAL", "CERT_REQUIRED"):
        return name[5:].lower()
    return int(value) if isinstance(value, int) else value
