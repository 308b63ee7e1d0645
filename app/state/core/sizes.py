"""How large a file is, in words. Pure."""

KB, MB = 1024, 1024 * 1024


def size_words(size: int) -> str:
    """As file managers write it: "0 bytes", "14 KB", "2.3 MB"."""
    if size < KB:
        return "1 byte" if size == 1 else f"{size} bytes"
    kilobytes = (size + KB // 2) // KB
    if kilobytes < KB:
        return f"{kilobytes} KB"
    tenths = (10 * size + MB // 2) // MB
    return f"{tenths // 10} MB" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10} MB"
