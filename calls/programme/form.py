"""The form of a programme: sections, fields, rules between fields, attachments. Pure."""

from decimal import Decimal
from enum import StrEnum

import pydantic

from calls.programme.base import Choice, Count, Key, Spec, Title


class FieldType(StrEnum):
    """What can be asked. ``rows`` and ``year_table`` hold columns of the simple types."""

    TEXT = "text"
    LONGTEXT = "longtext"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    MONTH = "month"
    CHOICE = "choice"
    MULTICHOICE = "multichoice"
    BOOLEAN = "boolean"
    REGION = "region"
    INDUSTRY = "industry"
    USCC = "uscc"
    PHONE = "phone"
    EMAIL = "email"
    YEAR_TABLE = "year_table"
    ROWS = "rows"
    INDICATORS = "indicators"
    COMPUTED = "computed"


TABLES = frozenset({FieldType.ROWS, FieldType.YEAR_TABLE})
NUMBERS = frozenset(
    {
        FieldType.INTEGER,
        FieldType.DECIMAL,
        FieldType.MONEY,
        FieldType.PERCENT,
        FieldType.COMPUTED,
    }
)
DATES = frozenset({FieldType.DATE, FieldType.MONTH})
TEXTS = frozenset({FieldType.TEXT, FieldType.LONGTEXT})
CHOICES = frozenset({FieldType.CHOICE, FieldType.MULTICHOICE})

PREFILL = frozenset(
    {
        "name",
        "code",
        "kind",
        "region",
        "address",
        "founded",
        "capital",
        "legal_person",
        "industry",
        "scale",
        "contact_name",
        "contact_phone",
        "contact_email",
        "introduction",
        "employees",
        "researchers",
        "figures",
    }
)
"""Keys of an organisation's profile that a field may be filled from.

``figures`` fills a table of years, each column from the figure of its key; ``employees`` and
``researchers`` are those of the programme's last year."""


class Condition(Spec):
    """Shown only when another field has one value.

    ``field`` is a key of the same section or ``section.field``. ``equals`` is compared as
    text; ``true`` and ``false`` stand for a boolean field.
    """

    field: str
    equals: str

    @pydantic.field_validator("equals", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        if isinstance(value, bool):
            return "true" if value else "false"
        return value


class Formula(Spec):
    """A computed value: a sum of parts, or one part as a share of another.

    ``sum = ["own", "fiscal"]`` adds; ``ratio = ["research", "revenue"]`` divides the first
    by the second, times 100 when ``percent`` is true. In a table, parts are columns of the
    same row; of a field, a part may be ``table.column``, added up over its rows. An empty part
    counts as nothing in a sum; a ratio over nothing is empty.
    """

    sum: tuple[str, ...] = ()
    ratio: tuple[str, ...] = ()
    percent: bool = True

    @property
    def parts(self) -> tuple[str, ...]:
        return self.sum or self.ratio


class _Asked(Spec):
    """What a field and a column have in common."""

    key: Key
    label: Title
    type: FieldType
    required: bool = False
    max_chars: Count | None = None
    min_chars: Count | None = None
    unit: str = ""
    decimals: int | None = pydantic.Field(default=None, ge=0, le=6)
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    choices: tuple[Choice, ...] = ()
    help: str = ""
    formula: Formula | None = None
    personal: bool = False
    blind: bool = False

    def choice(self, key: str) -> str:
        """The title of a choice, or the key itself where it is not among them."""
        return next((choice.title for choice in self.choices if choice.key == key), key)


class Column(_Asked):
    """One column of a table field; a simple field without tables inside.

    ``total`` shows the column's sum in the foot of a ``rows`` table.
    """

    total: bool = False


class Field(_Asked):
    """One question of the form.

    ``personal`` marks data about a person (never exported to the public or in sheets for
    others), ``blind`` is hidden from experts when the review is blind, ``public`` may appear
    in the public library.
    """

    columns: tuple[Column, ...] = ()
    min_rows: int = pydantic.Field(default=0, ge=0)
    max_rows: Count | None = None
    years: tuple[int, ...] = ()
    custom_rows: bool = True
    public: bool = False
    prefill: str = ""
    show_if: Condition | None = None

    def column(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key), None)


class RuleKind(StrEnum):
    NOT_GREATER = "not_greater"
    EQUALS_SUM = "equals_sum"
    SUM_IS = "sum_is"
    DATE_ORDER = "date_order"
    ROWS_SUM = "rows_sum"
    REQUIRED_WHEN = "required_when"
    ONE_OF = "one_of"
    UNIQUE = "unique"


class Rule(Spec):
    """A rule between fields of one section, with the Chinese message shown when it is broken.

    ``not_greater``: ``left`` ≤ ``right``, or ≤ ``percent`` per cent of it. ``date_order``:
    ``left`` not after ``right``. ``equals_sum``: ``total`` = sum of ``parts``. ``sum_is``: the
    ``parts`` add up to ``value``, once all are there. ``rows_sum``: the column ``left``
    (``table.column``) summed over its rows must be ``value``. ``required_when``: ``left`` is
    filled. ``one_of``: one of ``parts`` is filled. ``unique``: no two rows have the same ``left``.
    Rules between columns of one table hold for each row. With ``when`` a rule holds only under
    that condition, which may look at a column of the same row. ``source`` is the clause.
    """

    rule: RuleKind
    message: Title
    left: str = ""
    right: str = ""
    total: str = ""
    parts: tuple[str, ...] = ()
    value: Decimal | None = None
    percent: Decimal | None = pydantic.Field(default=None, gt=0, le=1000)
    when: Condition | None = None
    source: str = ""

    def references(self) -> tuple[str, ...]:
        return tuple(name for name in (self.left, self.right, self.total, *self.parts) if name)


class Section(Spec):
    """A page of the form."""

    key: Key
    title: Title
    group: str = ""
    intro: str = ""
    condition: Condition | None = None
    fields: tuple[Field, ...] = ()
    rules: tuple[Rule, ...] = ()
    verified: bool = True
    source: str = ""

    def field(self, key: str) -> Field | None:
        return next((field for field in self.fields if field.key == key), None)


class Attachment(Spec):
    """One kind of 证明材料."""

    key: Key
    title: Title
    required: bool = False
    max_mb: int = pydantic.Field(default=20, ge=1, le=200)
    max_files: int = pydantic.Field(default=1, ge=1, le=50)
    types: tuple[str, ...] = ("pdf", "jpg", "png")
    help: str = ""
    condition: Condition | None = None
    personal: bool = False
    blind: bool = False
    verified: bool = True
    source: str = ""
