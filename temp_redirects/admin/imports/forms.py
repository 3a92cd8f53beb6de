"""The form that takes a file of rules."""

from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from temp_redirects.core.sentences import Refused
from temp_redirects.files import Source, decoded, format_of, read

MAX_BYTES = 25_000_000  # more than 20,000 rules as document
MAX_ENTRIES = 20_000


class UploadForm(forms.Form):
    """A file, and whether what it leaves out is deleted.

    ``source`` is what the file says, once it is clean.
    """

    file = forms.FileField(
        label=_("File"),
        help_text=_("What “Export” writes: JSON, or CSV with a line for each rule."),
        widget=forms.FileInput(attrs={"accept": ".json,.csv,.tsv,.txt"}),
    )
    replaces = forms.BooleanField(
        label=_("Delete what is not in the file"),
        required=False,
        help_text=_("You see what would be deleted before anything is."),
    )

    source: Source

    def clean_file(self) -> Any:
        """Return the file's name, format and text, or say why it is none of ours."""
        file: UploadedFile = self.cleaned_data["file"]
        name = Path(file.name or "").name
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(
                _(
                    "The file is larger than %(most)d MB. Split it, or use the command "
                    "line: manage.py temp_redirects import"
                ),
                params={"most": MAX_BYTES // 1_000_000},
            )
        try:
            text = decoded(file.read(), name)
            kind = format_of(name, text)
            self.source = read(kind, text, MAX_ENTRIES)
        except Refused as refused:
            raise forms.ValidationError(lazystr(str(refused))) from refused
        total = sum(map(len, self.source.entries.values()))
        if not total and not self.source.entries:
            raise forms.ValidationError(_("Nothing in the file is to be imported."))
        if total > MAX_ENTRIES:
            raise forms.ValidationError(
                _(
                    "The file has more than %(most)d entries. Split it, or use the "
                    "command line: manage.py temp_redirects import"
                ),
                params={"most": MAX_ENTRIES},
            )
        return {"name": name, "format": kind}
