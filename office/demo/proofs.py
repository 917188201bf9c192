"""Papers of units in the demonstration: some confirmed, some waiting, some sent back."""

import io
from datetime import datetime, timedelta

from accounts.models import Organisation, User
from accounts.roles import Role
from documents.rendering import FONTS
from office.demo.cast import Cast
from units import services as units

LOCAL = 6
"""Units of the first recommender that have sent a paper; the others of it have sent none."""
REASON = "（演示）扫描件上的名称与登记的单位名称不一致，请核对后重新上传。"
SIZE = (1240, 877)
INK, FAINT = (34, 38, 43), (150, 155, 160)


def make(cast: Cast, *, at: datetime) -> None:
    """In turn verified, waiting and sent back, by the units themselves and the office."""
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    for turn, (unit, admin, _) in enumerate(_sending(cast)):
        sent = at - timedelta(hours=30 - turn)
        proof = units.add_proof(
            unit,
            name="单位证照（演示专用）.png",
            data=picture(unit),
            actor=cast.actor(admin, Role.UNIT_ADMIN),
            at=sent,
        )
        if turn % 3 == 0:
            units.verify(unit, proof=proof.pk, actor=operator, at=sent + timedelta(minutes=50))
        elif turn % 3 == 2:
            units.send_back(
                unit,
                proof=proof.pk,
                reason=REASON,
                actor=operator,
                at=sent + timedelta(minutes=50),
            )


def _sending(cast: Cast) -> list[tuple[Organisation, User, Organisation]]:
    """Some units of the first recommender, and all that file through a group or an association."""
    first = cast.recommenders[0] if cast.recommenders else None
    local = [entry for entry in cast.units if entry[2] == first][:LOCAL]
    K = Organisation.Kind
    through = [e for e in cast.units if e[2].kind in (K.CENTRAL_GROUP, K.INDUSTRY_BODY)]
    return [*local, *through]


def picture(unit: Organisation) -> bytes:
    """A PNG that says what it stands for; it imitates no licence and carries no emblem or seal."""
    from PIL import Image, ImageDraw, ImageFont

    drawn = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((30, 30, SIZE[0] - 30, SIZE[1] - 30), outline=FAINT, width=3)
    bold, plain = (str(FONTS / f"JBSerifSC-{weight}.ttf") for weight in ("Bold", "Regular"))
    pen.text(
        (SIZE[0] / 2, 170),
        "单位证照（演示专用）",
        font=ImageFont.truetype(bold, 64),
        fill=INK,
        anchor="mm",
    )
    lines = (f"名称　{unit.name}", f"统一社会信用代码　{unit.code or ''}", f"住所　{unit.address}")
    for n, line in enumerate(lines):
        pen.text((150, 330 + 90 * n), line, font=ImageFont.truetype(plain, 36), fill=INK)
    pen.text(
        (SIZE[0] / 2, SIZE[1] - 120),
        "演示数据，不是任何机关颁发的证照",
        font=ImageFont.truetype(plain, 30),
        fill=FAINT,
        anchor="mm",
    )
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()
