"""A page as a person without a mouse reads it: words, links, forms. Nothing but ``html.parser``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

VOID = {"input", "br", "img", "meta", "link", "hr", "wbr", "source", "col", "area", "base"}
UNSEEN = {"script", "style", "template"}


@dataclass
class Control:
    """One input, select or textarea of a form, with what stands in it."""

    name: str
    kind: str
    value: str = ""
    checked: bool = False
    disabled: bool = False
    readonly: bool = False
    multiple: bool = False
    maxlength: int | None = None
    options: list[tuple[str, str]] = field(default_factory=list)
    selected: list[str] = field(default_factory=list)
    files: list[object] = field(default_factory=list)

    def sends(self) -> list[object]:
        """What a browser would send for it."""
        if self.disabled or not self.name:
            return []
        if self.kind in ("checkbox", "radio"):
            return [self.value] if self.checked else []
        if self.kind == "select":
            if not self.multiple and not self.selected and self.options:
                return [self.options[0][0]]
            return list(self.selected)
        if self.kind == "file":
            return list(self.files)
        return [self.value]


@dataclass
class Button:
    name: str
    value: str
    text: str
    disabled: bool = False


class NotOnPage(AssertionError):
    """What a person looks for is not there."""


@dataclass
class Form:
    action: str
    method: str
    multipart: bool = False
    controls: list[Control] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def names(self) -> set[str]:
        return {one.name for one in self.controls if one.name and not one.disabled}

    def named(self, name: str) -> list[Control]:
        found = [one for one in self.controls if one.name == name]
        if not found:
            raise NotOnPage(
                f"no input {name!r} in the form to {self.action}: {sorted(self.names())}"
            )
        if all(one.disabled or one.readonly for one in found):
            raise NotOnPage(f"{name!r} is there, but cannot be changed")
        return found

    def value(self, name: str) -> str:
        """What stands in an input now."""
        sent = [value for one in self.controls if one.name == name for value in one.sends()]
        return str(sent[0]) if sent else ""

    def prefilled(self, name: str) -> bool:
        """Whether something stands in a text input or list already."""
        return any(
            one.name == name and one.kind not in ("checkbox", "radio") and any(one.sends())
            for one in self.controls
        )

    def fill(self, name: str, value: object) -> None:
        """Type into an input, choose from a list, tick boxes, as a browser allows it."""
        found = self.named(name)
        first = found[0]
        wanted = list(value) if isinstance(value, list | tuple) else [value]
        if first.kind in ("checkbox", "radio"):
            texts = [str(one) for one in wanted if one is not None]
            offered = {one.value for one in found}
            missing = set(texts) - offered
            if missing:
                raise NotOnPage(f"{name!r} offers {sorted(offered)}, not {sorted(missing)}")
            for one in found:
                one.checked = one.value in texts
        elif first.kind == "select":
            texts = [str(one) for one in wanted]
            offered = {one for one, _ in first.options}
            missing = set(texts) - offered
            if missing:
                raise NotOnPage(f"{name!r} offers {sorted(offered)[:9]}…, not {sorted(missing)}")
            first.selected = texts
        elif first.kind == "file":
            first.files = wanted
        else:
            text = str(wanted[0])
            if first.maxlength is not None and len(text) > first.maxlength:
                raise NotOnPage(f"{name!r} takes {first.maxlength} characters, not {len(text)}")
            first.value = text

    def data(self, pressed: Button | None) -> dict[str, list[object]]:
        found: dict[str, list[object]] = {}
        for one in self.controls:
            for value in one.sends():
                found.setdefault(one.name, []).append(value)
        if pressed is not None and pressed.name:
            found.setdefault(pressed.name, []).append(pressed.value)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.title = ""
        self.ids: set[str] = set()
        self._form: Form | None = None
        self._select: Control | None = None
        self._option: list[str] | None = None
        self._area: Control | None = None
        self._button: Button | None = None
        self._link: list[str] | None = None
        self._href = ""
        self._unseen = 0
        self._fieldsets: list[bool] = []
        self._in_title = False

    def handle_starttag(self, tag, attrs):
        given = {name: value if value is not None else "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if tag in UNSEEN:
            self._unseen += 1
        elif tag == "title" and not self.title:
            self._in_title = True
        elif tag == "form":
            self._form = Form(
                given.get("action", ""),
                given.get("method", "get").lower(),
                given.get("enctype", "") == "multipart/form-data",
            )
            self.forms.append(self._form)
        elif tag == "fieldset":
            self._fieldsets.append("disabled" in given)
        elif tag == "a" and "href" in given:
            self._link, self._href = [], given["href"]
        elif tag in ("input", "select", "textarea") and self._form is not None:
            self._control(tag, given)
        elif tag == "option" and self._select is not None:
            self._close_option()
            self._option = [given.get("value", ""), "", "selected" if "selected" in given else ""]
            if "value" not in given:
                self._option[0] = "\0"
        elif tag == "button" and self._form is not None:
            self._press(given)

    def _press(self, given):
        if given.get("type", "submit") != "submit":
            return
        self._button = Button(
            given.get("name", ""),
            given.get("value", ""),
            "",
            disabled="disabled" in given or any(self._fieldsets),
        )
        self._form.buttons.append(self._button)

    def _control(self, tag, given):
        kind = given.get("type", "text").lower() if tag == "input" else tag
        limit = given.get("maxlength", "")
        one = Control(
            name=given.get("name", ""),
            kind=kind,
            value=given.get("value", "on" if kind in ("checkbox", "radio") else ""),
            checked="checked" in given,
            disabled="disabled" in given or any(self._fieldsets),
            readonly="readonly" in given or kind == "hidden",
            multiple="multiple" in given,
            maxlength=int(limit) if limit.isdigit() else None,
        )
        self._form.controls.append(one)
        if tag == "select":
            self._select = one
        elif tag == "textarea":
            self._area, one.value = one, ""

    def _close_option(self):
        if self._option is None or self._select is None:
            return
        value, text, selected = self._option
        value = text.strip() if value == "\0" else value
        self._select.options.append((value, text.strip()))
        if selected:
            self._select.selected.append(value)
        self._option = None

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag == "title":
            self._in_title = False
        elif tag == "form":
            self._form = None
        elif tag == "fieldset" and self._fieldsets:
            self._fieldsets.pop()
        elif tag == "a" and self._link is not None:
            self.links.append(("".join("".join(self._link).split()), self._href))
            self._link = None
        elif tag == "option":
            self._close_option()
        elif tag == "select":
            self._close_option()
            self._select = None
        elif tag == "textarea":
            if self._area is not None:  # the first line break after the tag is no content
                self._area.value = self._area.value.removeprefix("\r\n").removeprefix("\n")
            self._area = None
        elif tag == "button" and self._button is not None:
            self._button.text = "".join(self._button.text.split())
            self._button = None

    def handle_data(self, data):
        if self._unseen:
            return
        if self._in_title:
            self.title += data
            return
        if self._area is not None:
            self._area.value += data
            return
        if self._option is not None:
            self._option[1] += data
            return
        if self._button is not None:
            self._button.text += data
        if self._link is not None:
            self._link.append(data)
        self.words.append(data)


@dataclass
class Page:
    """An answer: its address, status and, when it is HTML, what it says and asks."""

    url: str
    status: int
    content: bytes
    media_type: str
    forms: list[Form] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    title: str = ""
    ids: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, url: str, status: int, content: bytes, media_type: str) -> Page:
        page = cls(url, status, content, media_type)
        if media_type.startswith("text/html"):
            reader = _Reader()
            reader.feed(content.decode())
            reader.close()
            page.forms, page.links, page.ids = reader.forms, reader.links, reader.ids
            page.text, page.title = " ".join(" ".join(reader.words).split()), reader.title.strip()
        return page

    def says(self, *words: str) -> Page:
        """Fail unless the page says all of these."""
        packed = "".join(self.text.split())
        for one in words:
            if "".join(one.split()) not in packed:
                raise NotOnPage(f"{self.url} does not say {one!r}; it says: {self.text[:1500]}")
        return self

    def link(self, text: str = "", *, to: str = "") -> str:
        """Where the link leads that says ``text`` and whose address holds ``to``."""
        for words, href in self.links:
            if "".join(text.split()) in words and to in href:
                return urljoin(self.url, href)
        raise NotOnPage(f"no link {text!r} {to!r} on {self.url}: {self.links}")

    def buttons(self) -> Iterator[tuple[Form, Button]]:
        for form in self.forms:
            for button in form.buttons:
                yield form, button

    def has_button(self, text: str, *, to: str = "") -> bool:
        return any(
            button.text.startswith(text) and to in form.action and not button.disabled
            for form, button in self.buttons()
        )

    def button(self, text: str, *, to: str = "") -> tuple[Form, Button]:
        """The one button that begins with ``text`` in a form whose address holds ``to``."""
        wanted = "".join(text.split())
        found = [
            (form, button)
            for form, button in self.buttons()
            if button.text.startswith(wanted) and to in form.action and not button.disabled
        ]
        exact = [pair for pair in found if pair[1].text == wanted]
        found = exact or found
        if len(found) != 1:
            there = [(button.text, form.action) for form, button in self.buttons()]
            raise NotOnPage(
                f"{len(found)} buttons {text!r} to {to!r} on {self.url} ({self.status}): "
                f"{there}; it says: {self.text[:900]}"
            )
        return found[0]
