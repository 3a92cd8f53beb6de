"""The checkout form."""

from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from demo_project.catalogue import PRODUCTS
from demo_project.models import Order

if TYPE_CHECKING:  # generic only in the stubs
    ModelForm = forms.ModelForm[Order]
else:
    ModelForm = forms.ModelForm

MAX_FILE = 10 * 1024 * 1024  # bytes


def hex_digest(chunks: Iterable[bytes]) -> str:
    """Return the SHA-256 of *chunks* put together, in hexadecimal."""
    digest = sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


class OrderForm(ModelForm):
    """An order as a visitor writes it; the same form on both sites."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    product = forms.ChoiceField(
        choices=[(item.slug, f"{item.name}, {item.price}") for item in PRODUCTS]
    )

    class Meta:
        model = Order
        fields = ["name", "email", "product", "message", "file"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "message": forms.Textarea(attrs={"rows": 3}),
            "file": forms.FileInput,
        }
        help_texts = {
            "message": "A gift note, or a word to the driver.",
            "file": "A drawing for the engraving, say. Up to 10 MB.",
        }

    def clean_file(self) -> "UploadedFile[Any] | None":
        """Refuse files larger than ``MAX_FILE``."""
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        size = file.size or 0 if file else 0
        if file and size > MAX_FILE:
            raise forms.ValidationError(
                f"“{file.name}” has {filesizeformat(size)}; at most "
                f"{filesizeformat(MAX_FILE)} are taken."
            )
        return file

    def save(self, commit: bool = True) -> Order:
        """Store the order once, however often its form is sent."""
        key = self.cleaned_data["key"] or uuid4()
        if stored := Order.objects.filter(key=key).first():
            return stored
        self.instance.key = key
        for name, value in self.file_facts().items():
            setattr(self.instance, name, value)
        order: Order = super().save(commit)
        return order

    def file_facts(self) -> dict[str, Any]:
        """Return the name, size and hash of the attached file as it arrived."""
        if not (file := self.cleaned_data["file"]):
            return {}
        return {
            "file_name": file.name,
            "file_size": file.size,
            "file_sha256": hex_digest(file.chunks()),
        }
