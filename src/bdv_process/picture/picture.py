"""A picture as a value: the page, the report and the notebook show the same one."""

from dataclasses import dataclass
from html import escape

import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Picture:
    """A drawing that says what it shows, and a table with the same facts."""

    svg: str  #: self-contained
    title: str
    says: str  #: what it shows, in a sentence
    table: pd.DataFrame  #: the facts that are drawn, in words and numbers of the reader

    def __repr__(self) -> str:
        """Say what is drawn, on one line."""
        return f"<Picture: {self.title}, {len(self.table)} rows>"

    def _repr_html_(self) -> str:
        """Show the drawing, its sentence and its table, in a notebook."""
        return (
            f'<figure role="group" aria-label="{escape(self.title)}">{self.svg}'
            f"<figcaption>{escape(self.says)}</figcaption>"
            f"{self.table.to_html(index=False, border=0)}</figure>"
        )
