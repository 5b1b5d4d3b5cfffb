"""The migrations of the central system's database: one numbered file per change in `versions/`, never edited once released."""

from pathlib import Path

FOLDER = Path(__file__).parent
