"""The tables of the demo: orders and submissions."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "key",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        help_text="Made with the form: sent twice, it is one order.",
                        unique=True,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("name", models.CharField(max_length=100, verbose_name="your name")),
                ("email", models.EmailField(max_length=254, verbose_name="email")),
                ("product", models.CharField(max_length=50)),
                ("message", models.TextField(blank=True, max_length=2000)),
                (
                    "file",
                    models.FileField(
                        blank=True,
                        max_length=255,
                        upload_to="orders/%Y/%m/",
                        verbose_name="attach a file",
                    ),
                ),
                (
                    "file_name",
                    models.CharField(blank=True, editable=False, max_length=255),
                ),
                (
                    "file_size",
                    models.PositiveBigIntegerField(default=0, editable=False),
                ),
                (
                    "file_sha256",
                    models.CharField(blank=True, editable=False, max_length=64),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("version", models.PositiveSmallIntegerField()),
                ("method", models.CharField(max_length=10)),
                ("path", models.CharField(max_length=200)),
                ("content_type", models.CharField(blank=True, max_length=200)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "text",
                    models.TextField(
                        blank=True, help_text="The body, where it is short text."
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
    ]
