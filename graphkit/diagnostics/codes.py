"""The code of every diagnostic, with its meaning. A new diagnostic begins here."""

from __future__ import annotations

from types import MappingProxyType

CODES = MappingProxyType(
    {
        "GK101": "the file or folder cannot be read",
        "GK102": "a folder links back to a folder that holds it",
        "GK103": "the folder holds no record files",
        "GK104": "nothing is at the path, or nothing matches the pattern",
        "GK105": "not a regular file, so it is not read",
        "GK106": "the file or record is larger than the limit",
        "GK107": "the gzip data is damaged",
        "GK110": "a link leads out of the folder, so it is not followed",
        "GK201": "the text is not UTF-8",
        "GK202": "there is no front matter",
        "GK203": "the front matter is not closed",
        "GK204": "the YAML cannot be parsed; the field that breaks it is left out",
        "GK205": "the nesting is too deep",
        "GK206": "the aliases expand to too much",
        "GK207": "a key stands twice in one mapping; the last one counts",
        "GK208": "a character that YAML forbids was replaced",
        "GK209": "the JSON cannot be parsed",
        "GK210": "a record should be a mapping",
        "GK211": "a Markdown file holds one record; a second one is rejected",
        "GK212": "the YAML text has more values than the limit; the field that goes beyond it is left out",
        "GK301": "text was expected; a number or boolean is kept as it was written, a list or mapping is left out",
        "GK302": "a whole number was expected",
        "GK303": "true or false was expected",
        "GK304": "an ISO 8601 date was expected",
        "GK305": "the date has no time zone; UTC is assumed",
        "GK306": "the date does not exist",
        "GK307": "a list was expected",
        "GK308": "a mapping was expected",
        "GK309": "a web address (http or https) was expected",
        "GK310": "the web address is longer than the limit",
        "GK311": "the provider is missing or empty",
        "GK312": "the provider's domain is missing or is none",
        "GK313": "a related entry has related entries of its own",
        "GK314": "there is neither a web address nor a title, so the record is rejected, with its related entries",
        "GK315": "the title is missing or empty",
        "GK316": "a character that no text may hold was replaced",
        "GK317": "a topic record has no name, so it is rejected",
        "GK318": "the web address holds characters that had to be encoded",
        "GK319": "the field is not one that graphkit reads, so its value is left out",
        "GK325": "text was expected; nan, NaN, NaT or <NA> is how pandas writes a missing value, so it is left out",
        "GK326": "a line that begins with secured is inside of a text, which is cut off before it",
        "GK401": "identity.toml cannot be read, or is not TOML",
        "GK402": "identity.toml holds a name that graphkit does not know",
        "GK403": "identity.toml holds a value of another kind than expected",
        "GK404": "entries of identity.toml contradict each other",
    }
)
"""GK1xx: sources; GK2xx: formats; GK3xx: fields; GK4xx: identity.toml. A code never changes its meaning."""
