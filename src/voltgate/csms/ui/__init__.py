"""The web pages: HTML shells whose scripts speak to the HTTP API only, so whatever a page can do, a program can do."""

from voltgate.csms.ui.pages import PAGES

__all__ = ["PAGES"]
