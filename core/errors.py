"""The one exception for expected refusals. Anything else that is raised is a defect."""


class Refusal(Exception):
    """An act that a rule forbids. Nothing has changed when it is raised.

    ``code`` is for programs and tests, ``message`` is Chinese and for people: it names the
    rule and says what to do. ``rule`` is the clause the rule comes from, if there is one.
    ``status`` is the HTTP status the refusal is answered with: 409 when the state of things
    forbids it, 403 when the person may not, 422 when the input is wrong, 410 when it expired.
    """

    def __init__(self, code: str, message: str, *, rule: str = "", status: int = 409) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.rule = rule
        self.status = status

    def __str__(self) -> str:
        return f"{self.message}（{self.rule}）" if self.rule else self.message
