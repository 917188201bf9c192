"""Make the committed faces from the published ones. The same sources give the same bytes.

    npm pack @expo-google-fonts/noto-serif-sc@0.4.3      (likewise noto-sans-sc, inconsolata)
    mkdir sources && for archive in *.tgz; do tar xzf $archive -C sources/<package name>; done
    python assets/fonts/scripts/subset_fonts.py sources

``sources`` holds one folder per package, named as it is ("noto-serif-sc"), with what its archive
holds under "package/". The faces get names of their own, so that a face installed on the machine
is never taken for them, and FONTS.toml is written anew with the checksums.
"""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parent.parent

SYMBOLS = (
    "−µμ²³㎡㎜㎝㎞㎎㎏㏄℃℉‰‱°′″№℡Ω∞≈≠≤≥±×÷√∑∏∫∝∠⊥∥∈∩∪"
    "—–‐…·•‥“”‘’«»‹›「」『』〈〉《》【】〔〕〖〗￥€£¢§©®™†‡¶"
    "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹ"
    "△▲▽▼□■○●◇◆☆★◎→←↑↓↔⇒⇔✓✗✔☐☑☒〇々〆＝～￣％＋－＜＞｜"
)


def gb2312() -> set[int]:
    """Every character of GB 2312, with ASCII, Latin-1, Greek and the symbols above."""
    found = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) | set(map(ord, SYMBOLS))
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                found.add(ord(bytes([high, low]).decode("gb2312")))
            except (UnicodeDecodeError, TypeError):
                continue
    return found


def ascii_only() -> set[int]:
    """What codes and fingerprints are written in."""
    return set(range(0x20, 0x7F)) | {0xA0}


@dataclass(frozen=True)
class Face:
    """One committed face. ``characters`` None keeps all that the source has."""

    file: str
    family: str
    package: str
    version: str
    source: str
    characters: set[int] | None
    licence: str
    use: str


FACES = (
    Face(
        "JBSerifSC-Regular.ttf", "JB Serif SC", "@expo-google-fonts/noto-serif-sc", "0.4.3",
        "400Regular/NotoSerifSC_400Regular.ttf", gb2312(), "OFL-noto-serif-sc.txt",
        "body, tables, running matter (宋, 仿宋, 楷)",
    ),
    Face(
        "JBSerifSC-Bold.ttf", "JB Serif SC Bold", "@expo-google-fonts/noto-serif-sc", "0.4.3",
        "700Bold/NotoSerifSC_700Bold.ttf", gb2312(), "OFL-noto-serif-sc.txt",
        "titles and letterheads (小标宋)",
    ),
    Face(
        "JBSansSC-Medium.ttf", "JB Sans SC", "@expo-google-fonts/noto-sans-sc", "0.4.3",
        "500Medium/NotoSansSC_500Medium.ttf", gb2312(), "OFL-noto-sans-sc.txt",
        "一、 and table heads (黑)",
    ),
    Face(
        "JBRare-Regular.ttf", "JB Rare", "@expo-google-fonts/noto-serif-sc", "0.4.3",
        "400Regular/NotoSerifSC_400Regular.ttf", None, "OFL-noto-serif-sc.txt",
        "names with characters beyond GB 2312: all of the source, 20,902 GBK characters and more",
    ),
    Face(
        "JBMono-Regular.ttf", "JB Mono", "@expo-google-fonts/inconsolata", "0.4.2",
        "400Regular/Inconsolata_400Regular.ttf", ascii_only(), "OFL-inconsolata.txt",
        "codes and fingerprints, half an em wide",
    ),
)  # fmt: skip


def make(face: Face, sources: Path) -> bytes:
    """Subset one face, rename it and write it."""
    folder = face.package.rsplit("/", 1)[1]
    font = TTFont(sources / folder / face.source, recalcTimestamp=False)
    options = subset.Options(
        layout_features=["ccmp", "kern", "locl", "mark", "tnum", "lnum"],
        hinting=False,
        notdef_outline=True,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        name_languages=[0x409],
        drop_tables=["DSIG", "BASE", "STAT", "VORG", "vhea", "vmtx", "meta"],
    )
    cut = subset.Subsetter(options)
    has = set(font.getBestCmap())
    cut.populate(unicodes=has if face.characters is None else has & face.characters)
    cut.subset(font)
    postscript = face.file.removesuffix(".ttf")
    for name_id, words in {
        1: face.family, 2: "Regular", 3: f"{postscript};{face.version}", 4: face.family,
        6: postscript,
    }.items():  # fmt: skip
        font["name"].setName(words, name_id, 3, 1, 0x409)
    font["name"].names = [n for n in font["name"].names if n.platformID == 3]
    font["OS/2"].usWeightClass = 400
    font["OS/2"].fsSelection = 0x40
    font["head"].macStyle = 0
    target = HERE / face.file
    font.save(target, reorderTables=True)
    return target.read_bytes()


def main(sources: Path) -> None:
    lines = [
        "# The committed faces: where each comes from, what it is for, and its checksum.",
        "# Written by scripts/subset_fonts.py.",
        "",
    ]
    for face in FACES:
        data = make(face, sources)
        folder = face.package.rsplit("/", 1)[1]
        licence = (sources / folder / "LICENSE_FONT").read_bytes()
        (HERE / face.licence).write_bytes(licence)
        lines += [
            "[[face]]",
            f'file = "{face.file}"',
            f'family = "{face.family}"',
            f'use = "{face.use}"',
            f'package = "{face.package}"',
            f'version = "{face.version}"',
            f'source = "{face.source}"',
            'licence = "OFL-1.1"',
            f'licence_file = "{face.licence}"',
            f"size = {len(data)}",
            f'sha256 = "{hashlib.sha256(data).hexdigest()}"',
            "",
        ]
        print(face.file, len(data))
    (HERE / "FONTS.toml").write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
