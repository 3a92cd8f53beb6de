"""What each site of the demo stores: orders from its form, submissions from its API."""

import uuid

from django.db import models

from demo_project import conf
from demo_project.catalogue import PRODUCT_BY_SLUG


class Order(models.Model):
    """One order, with what is needed to see that its file arrived unchanged."""

    key = models.UUIDField(
        default=uuid.uuid4,
        unique=True,
        editable=False,
        help_text="Made with the form: sent twice, it is one order.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    name = models.CharField("your name", max_length=100)
    email = models.EmailField("email")
    product = models.CharField(max_length=50)
    message = models.TextField(max_length=2000, blank=True)
    file = models.FileField(
        "attach a file", upload_to="orders/%Y/%m/", max_length=255, blank=True
    )
    file_name = models.CharField(max_length=255, blank=True, editable=False)
    file_size = models.PositiveBigIntegerField(default=0, editable=False)  # bytes
    file_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Order {self.number}"

    @property
    def number(self) -> str:
        """The number on the confirmation; its letter names the site that stored it."""
        return f"{conf.current().name[0]}-{self.pk:05d}"

    @property
    def product_name(self) -> str:
        """The product in words, or its slug once it is no longer sold."""
        product = PRODUCT_BY_SLUG.get(self.product)
        return product.name if product else self.product


class Submission(models.Model):
    """One request that reached the API, by its method and the hash of its body."""

    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=200)
    content_type = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    text = models.TextField(blank=True, help_text="The body, where it is short text.")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"
