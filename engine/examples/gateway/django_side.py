"""The Django side of the gateway in one file: settings, login, and a view that shows the user.
Does not use djcache.

    redis-server &
    python3 django_side.py migrate && python3 django_side.py createsuperuser
    python3 django_side.py runserver 8000
    python3 django_side.py caches > caches.json && djcache_gateway 8001 caches.json

Log in at http://127.0.0.1:8000/login/, then open http://127.0.0.1:8001/whoami: cookies ignore
ports, so the browser sends the same session to both. Needs python3-django and python3-redis.

Values are pickled, as by default in Django. For msgpack (python3-msgpack) save the class that
engine/docs/msgpack.md prints as msgpack_cache.py beside this file, and set
DJCACHE_SERIALIZER=msgpack_cache.MsgpackSerializer.
"""
import json
import os
import pathlib
import sys

from django.conf import settings

HERE = pathlib.Path(__file__).resolve().parent
# The folder of msgpack_cache.py.
sys.path.insert(0, os.environ.get("DJCACHE_SERIALIZER_DIR", str(HERE)))
# The dotted path of a serializer for Django's redis backend; "" means Django's default, pickle.
SERIALIZER = os.environ.get("DJCACHE_SERIALIZER", "")

settings.configure(
    DEBUG=True,
    SECRET_KEY="an example's; yours is secret",
    ALLOWED_HOSTS=["127.0.0.1", "localhost", "testserver"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                "django.middleware.csrf.CsrfViewMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3",
                           "NAME": os.environ.get("DJCACHE_EXAMPLE_DATABASE", str(HERE / "db.sqlite3"))}},
    CACHES={"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache",
                        "LOCATION": os.environ.get("DJCACHE_EXAMPLE_URL", "redis://127.0.0.1:6379"),
                        "OPTIONS": {"serializer": SERIALIZER} if SERIALIZER else {}}},
    SESSION_ENGINE="django.contrib.sessions.backends.cache",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": [
        ("django.template.loaders.locmem.Loader", {"registration/login.html":
         "<form method=post>{% csrf_token %}{{ form.as_p }}<button>Log in</button></form>"})]}}],
    LOGIN_REDIRECT_URL="/",
)

import django  # noqa: E402  (settings come first)

django.setup()

from django.contrib.auth import views  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402


def whoami(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    return HttpResponse(f"{request.user.pk}\n")


urlpatterns = [
    path("", whoami),
    path("login/", views.LoginView.as_view()),
    path("logout/", views.LogoutView.as_view(next_page="/")),
]

if __name__ == "__main__":
    if sys.argv[1:] == ["caches"]:
        print(json.dumps(settings.CACHES))
    else:
        from django.core.management import execute_from_command_line
        execute_from_command_line(sys.argv)
