"""Where packaged apps begin: `flet build` looks for this name beside `assets/`. Everything else is in `app/`."""

import sys

from app.desktop.parts import check_parts
from app.main import main

if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(check_parts())
    main()
