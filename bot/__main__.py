from __future__ import annotations

from bot.cli.entry import main

if __name__ == "__main__":
    main()
