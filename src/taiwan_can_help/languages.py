"""Language tags as RFC 5646 recommends to write them."""


def recommended_case(tag: str) -> str:
    """Return a language tag in the case of RFC 5646, section 2.1.1: script in title case, region in capitals.

    What follows a singleton (an extension, private use) stays in lower case.
    See https://www.rfc-editor.org/rfc/rfc5646#section-2.1.1. pyoxigraph lower-cases the tags that it reads.
    """
    subtags = tag.lower().split("-")
    end = next((place for place, subtag in enumerate(subtags) if len(subtag) == 1), len(subtags))
    return "-".join(_cased(subtag) if 0 < place < end else subtag for place, subtag in enumerate(subtags))


def _cased(subtag: str) -> str:
    if len(subtag) == 4 and subtag.isalpha():
        return subtag.title()
    return subtag.upper() if len(subtag) == 2 else subtag
