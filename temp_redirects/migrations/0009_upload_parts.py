from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def forget(apps: Any, schema_editor: Any) -> None:
    """Drop files on their way: they live for hours, and are chosen again."""
    uploads = apps.get_model("temp_redirects", "Upload")
    uploads.objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ("temp_redirects", "0008_loops"),
    ]

    operations = [
        migrations.RunPython(forget, forget),
        migrations.RemoveField(model_name="upload", name="content"),
        migrations.AddField(
            model_name="upload",
            name="followed",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="UploadPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("given", models.BinaryField()),
                ("plans", models.BinaryField(default=b"")),
                ("upload", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="temp_redirects.upload")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("upload", "number"), name="temp_redirects_upload_part")],
            },
        ),
    ]
