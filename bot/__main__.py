"""`python -m bot …` is `threadline …`."""

from bot.cli import main

if __name__ == "__main__":
    main()
