"""How large a file is, in words. Pure."""

KB, MB, GB = 1024, 1024**2, 1024**3


def size_words(size: int) -> str:
    """As file managers write it: "0 bytes", "14 KB", "2.3 MB", "41.5 GB"."""
    if size < KB:
        return "1 byte" if size == 1 else f"{size} bytes"
    kilobytes = (size + KB // 2) // KB
    if kilobytes < KB:
        return f"{kilobytes} KB"
    unit, name = (MB, "MB") if size < GB - MB // 20 else (GB, "GB")
    tenths = (10 * size + unit // 2) // unit
    return f"{tenths // 10} {name}" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10} {name}"
