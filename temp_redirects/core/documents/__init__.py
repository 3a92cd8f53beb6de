"""Documents: the rule as one plain dictionary (``temp-redirects/1``), read and written.

The same parser serves forms, imports, the command line and the compact records of the
store, so that there is one place for errors.
"""

from temp_redirects.core.documents.compact import document_of, parse_record, record_of
from temp_redirects.core.documents.destinations import (
    DESTINATION_KEYS,
    MAX_ID,
    MAX_LABEL,
    whole_number,
)
from temp_redirects.core.documents.reading import MAX_NAME, Problem, Rejected
from temp_redirects.core.documents.rules import (
    CONDITION_KEYS,
    MAX_CACHE_SECONDS,
    MAX_GOAL_DAYS,
    MAX_NOTE,
    MAX_PLANNED,
    RULE_KEYS,
    VALUES,
    dump,
    parse,
)
from temp_redirects.core.documents.schedules import (
    SCHEDULE_KEYS,
    schedule_of,
    unpack_schedule,
)
from temp_redirects.core.documents.windows import (
    WINDOW_KEYS,
    dump_window,
    parse_window,
)
from temp_redirects.core.patterns import MAX_PATH, typed_path

FORMAT = "temp-redirects/1"

__all__ = [
    "CONDITION_KEYS",
    "DESTINATION_KEYS",
    "FORMAT",
    "MAX_CACHE_SECONDS",
    "MAX_GOAL_DAYS",
    "MAX_ID",
    "MAX_LABEL",
    "MAX_NAME",
    "MAX_NOTE",
    "MAX_PATH",
    "MAX_PLANNED",
    "RULE_KEYS",
    "SCHEDULE_KEYS",
    "VALUES",
    "WINDOW_KEYS",
    "Problem",
    "Rejected",
    "document_of",
    "dump",
    "dump_window",
    "parse",
    "parse_record",
    "parse_window",
    "record_of",
    "schedule_of",
    "typed_path",
    "unpack_schedule",
    "whole_number",
]
