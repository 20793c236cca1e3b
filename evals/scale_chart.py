"""Cost against size as one SVG file that needs nothing else, with both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 640
_PANEL: Final = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 150, 34, 44
_COLOURS: Final = ("#0b6e4f", "#1d4e89", "#9a3b26", "#6b4c9a", "#8a6d00", "#444444")
_STYLE: Final = (
    "text{font:12px system-ui,sans-serif;fill:#333}.grid{stroke:#ddd}.axis{stroke:#888}"
    "polyline{fill:none;stroke-width:2}.back{fill:#fff}"
)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """What one quantity costs: ``points`` are (passages, cost), both above 0."""

    name: str
    points: tuple[Point, ...]


def scale_chart(times: Sequence[Line], sizes: Sequence[Line]) -> str:
    """Two panels over the same passages: ``times`` in milliseconds, ``sizes`` in megabytes; a line at least each."""
    panels = _panel("milliseconds, median", times, 0) + _panel("megabytes", sizes, _PANEL)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Cost against size" '
        f'viewBox="0 0 {WIDTH} {2 * _PANEL}"><style>{_STYLE}</style>'
        f'<rect class="back" width="{WIDTH}" height="{2 * _PANEL}"/>{"".join(panels)}</svg>\n'
    )


def _panel(label: str, lines: Sequence[Line], top: int) -> list[str]:
    across, up = (_Axis.around([point[axis] for line in lines for point in line.points]) for axis in (0, 1))
    left, right, high, low = _LEFT, WIDTH - _RIGHT, top + _TOP, top + _PANEL - _BOTTOM
    marks = [f'<text x="{left}" y="{top + 20}">{escape(label)}</text>']
    for value in across.ticks():
        x = left + across.share(value) * (right - left)
        marks.append(f'<line class="axis" x1="{x:.1f}" y1="{low}" x2="{x:.1f}" y2="{low + 4}"/>')
        marks.append(f'<text x="{x:.1f}" y="{low + 18}" text-anchor="middle">{value:,.0f}</text>')
    for value in up.ticks():
        y = low - up.share(value) * (low - high)
        marks.append(f'<line class="grid" x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>')
        marks.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,g}</text>')
    marks.append(f'<text x="{(left + right) / 2}" y="{low + 36}" text-anchor="middle">passages</text>')
    ends: list[tuple[float, str, str]] = []
    for at, line in enumerate(lines):
        colour = _COLOURS[at % len(_COLOURS)]
        drawn = [
            (left + across.share(x) * (right - left), low - up.share(y) * (low - high)) for x, y in sorted(line.points)
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)
        marks.append(f'<polyline points="{path}" stroke="{colour}"/>')
        for (x, y), (passages, cost) in zip(drawn, sorted(line.points), strict=True):
            told = escape(f"{line.name}, {passages:,.0f} passages: {cost:,.3g}")
            marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"><title>{told}</title></circle>')
        ends.append((drawn[-1][1], line.name, colour))
    lowest = high - 10.0
    for y, name, colour in sorted(ends):
        lowest = max(y + 4, lowest + 14)  # names never lie on one another
        marks.append(f'<text x="{right + 8}" y="{lowest:.1f}" style="fill:{colour}">{escape(name)}</text>')
    return marks


@dataclass(frozen=True, slots=True)
class _Axis:
    """From one power of ten to another."""

    first: int
    last: int

    @classmethod
    def around(cls, values: Sequence[float]) -> _Axis:
        first = math.floor(math.log10(min(values)))
        return cls(first, max(math.ceil(math.log10(max(values))), first + 1))

    def share(self, value: float) -> float:
        return (math.log10(value) - self.first) / (self.last - self.first)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.first, self.last + 1)]
