"""What a person knows a device by where the backend lists their sign-ins: "Firefox on Windows"."""

SYSTEMS = {"windows": "Windows", "macos": "macOS", "linux": "Linux", "ios": "iOS", "android": "Android"}
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""What each browser's User-Agent has and those before it here have not; most also name Chrome and Safari."""


def device_name(platform: str, web: bool, user_agent: str = "") -> str:
    """`platform` is Flet's word for the system. In a browser it is named by its User-Agent, else the app is."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "Browser")
    program = browser if web else "Rendezvous"
    system = SYSTEMS.get(platform)
    return f"{program} on {system}" if system else program
