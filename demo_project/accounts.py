"""The demo's users, with passwords that everybody may know."""

from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
)
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

PASSWORDS = {
    "admin": "demo-admin-307",
    "editor": "demo-editor-307",
    "viewer": "demo-viewer-307",
}

SESSION = "demo-viewer-session"  # the key of the viewer's, see `make_session`

# The parts of a rule come and go while it is changed; the rule itself the editor keeps.
RIGHTS = {
    "editor": "^(add|change|view)_|^delete_(destination|condition)$|^publish$",
    "viewer": "^view_",
}


def make_accounts() -> None:
    """Make the users, or give those that exist their demo password and rights again."""
    for name, password in PASSWORDS.items():
        user, _ = User.objects.get_or_create(username=name)
        user.is_staff = user.is_active = True
        user.is_superuser = name == "admin"
        # Setting the same password again would sign everybody out.
        if not user.check_password(password):
            user.set_password(password)
        user.save()
        user.user_permissions.set(permissions_of(name))
    make_session(User.objects.get(username="viewer"))


def make_session(user: User) -> None:
    """Sign the user in under a key that everybody may know, for curl."""
    facts = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    session = SessionStore()
    Session.objects.update_or_create(
        session_key=SESSION,
        defaults={
            "session_data": session.encode(facts),
            "expire_date": session.get_expiry_date(),
        },
    )


def permissions_of(name: str) -> QuerySet[Permission]:
    """Return what the user may do: the editor changes rules, the viewer sees them."""
    ours = Permission.objects.filter(content_type__app_label="temp_redirects")
    return ours.filter(codename__regex=RIGHTS.get(name, "^$"))
