"""A user with another kind of key."""

from uuid import uuid4

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Somebody, known by a UUID."""

    id = models.UUIDField(primary_key=True, default=uuid4)

    class Meta:
        app_label = "elsewhere"
