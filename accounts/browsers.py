"""What kind of browser somebody uses, in a few words: for telling one's own devices apart. Pure."""

BROWSERS = (
    ("MicroMessenger", "微信"),
    ("QQBrowser", "QQ 浏览器"),
    ("360SE", "360 浏览器"),
    ("QIHU", "360 浏览器"),
    ("UCBrowser", "UC 浏览器"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""Signs in the order in which they tell: most call themselves Chrome or Safari too."""
SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("OpenHarmony", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def kind(said: str) -> str:
    """“Chrome（Windows）” of what a browser says of itself. No versions: they would tell more."""
    browser = next((name for sign, name in BROWSERS if sign in said), "其他浏览器")
    system = next((name for sign, name in SYSTEMS if sign in said), "")
    return f"{browser}（{system}）" if system else browser
