"""What can go wrong with documents that is nobody's input: defects, to be seen by operators."""


class DamagedFile(Exception):
    """The stored bytes are missing or are not those that were stored."""


class UnrenderableDocument(Exception):
    """The document cannot be drawn: it asks for something it may not have, or a character has
    no glyph in any shipped face."""


class StorageAway(OSError):
    """The storage of files does not answer, or refuses us: nothing was stored or read. Answered
    with 503: the same may be sent again."""
