"""`sanmin-subscribe`, or `python -m subscribe`."""

from subscribe.cli import main

if __name__ == "__main__":
    main()
