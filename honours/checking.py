"""Whether an archive is whole: every file of its manifest, nothing besides. Pure."""

import hashlib
import zipfile
from pathlib import Path

MANIFEST = "manifest.sha256"


def faults(path: Path) -> list[str]:
    """What is wrong with an archive, in Chinese; empty when every file is as it was packed."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if MANIFEST not in names:
                return ["没有 manifest.sha256，不是归档包"]
            wanted = _wanted(archive.read(MANIFEST).decode())
            found = [f"缺少：{name}" for name in sorted(set(wanted) - names)]
            found += [f"多出：{name}" for name in sorted(names - set(wanted) - {MANIFEST})]
            for name in sorted(set(wanted) & names):
                if _hash(archive, name) != wanted[name]:
                    found.append(f"内容有变：{name}")
            return found
    except (zipfile.BadZipFile, UnicodeDecodeError, OSError) as error:
        return [f"打不开：{error}"]


def _wanted(text: str) -> dict[str, str]:
    lines = (line.split("  ", 1) for line in text.splitlines() if "  " in line)
    return {name: digest for digest, name in lines}


def _hash(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as member:
        while block := member.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
