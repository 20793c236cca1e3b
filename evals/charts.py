"""Charts as inline SVG: text in, text out, nothing fetched. Colours are the page's (CSS classes)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 360, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 22, 26, 40
_QUARTERS = (0, 0.25, 0.5, 0.75, 1)

Point = tuple[float, float]
_PER_CENT = tuple((f"{100 * at:.0f} %", at) for at in _QUARTERS)


def line_chart(title: str, points: Sequence[Point], x_label: str, y_label: str, *, diagonal: bool = False) -> str:
    """Points joined by a line; both axes run from 0 to 1. ``diagonal`` draws y = x for comparison."""
    marks = _axes(x_label, y_label, _PER_CENT, _PER_CENT)
    if diagonal:
        marks.append(f'<line class="ideal" {_ends((0, 0), (1, 1))}/>')
    if points:
        path = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
        marks.append(f'<polyline class="line" points="{path}"/>')
    if len(points) <= 20:
        marks += (
            f'<circle class="dot" cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="3.5"><title>{x:.3f}, {y:.3f}</title></circle>'
            for x, y in points
        )
    return _svg(title, HEIGHT, marks)


def histogram(title: str, values: Sequence[float], x_label: str, bins: int = 20) -> str:
    """How often values fall into ``bins`` stretches of equal width, from 0 to the greatest."""
    most = max(values, default=0.0) or 1.0
    counts = [0] * bins
    for value in values:
        counts[min(int(value / most * bins), bins - 1)] += 1
    tallest = max(counts) or 1
    across = [(f"{most * at:.0f}", at) for at in (0, 0.5, 1)]
    marks = _axes(x_label, "questions", across, [("0", 0), (str(tallest), 1)])
    for at, count in enumerate(counts):
        left, right, top = _x(at / bins), _x((at + 1) / bins), _y(count / tallest)
        marks.append(
            f'<rect class="bar" x="{left + 0.5:.1f}" y="{top:.1f}" width="{right - left - 1:.1f}" '
            f'height="{_y(0) - top:.1f}"><title>{most * at / bins:.0f} to {most * (at + 1) / bins:.0f}: '
            f"{count}</title></rect>"
        )
    return _svg(title, HEIGHT, marks)


def bars(title: str, shares: Sequence[tuple[str, float, str]]) -> str:
    """A horizontal bar for each ``(label, share of 0 to 1, what to write beside it)``."""
    marks: list[str] = []
    for at, (label, share, beside) in enumerate(shares):
        top = 8 + at * 26
        length = 150 * min(max(share, 0.0), 1.0)
        marks.append(f'<text class="label" x="128" y="{top + 13}" text-anchor="end">{escape(label)}</text>')
        marks.append(f'<rect class="track" x="136" y="{top}" width="150" height="18"/>')
        marks.append(f'<rect class="bar" x="136" y="{top}" width="{length:.1f}" height="18"/>')
        marks.append(f'<text class="label" x="292" y="{top + 13}">{escape(beside)}</text>')
    return _svg(title, 16 + 26 * len(shares), marks)


def _svg(title: str, height: int, marks: Sequence[str]) -> str:
    name = escape(title, quote=True)
    return f'<svg role="img" aria-label="{name}" viewBox="0 0 {WIDTH} {height}">{"".join(marks)}</svg>'


def _axes(
    x_label: str, y_label: str, across: Sequence[tuple[str, float]], up: Sequence[tuple[str, float]]
) -> list[str]:
    marks = [f'<line class="axis" {_ends((0, 0), (1, 0))}/>', f'<line class="axis" {_ends((0, 0), (0, 1))}/>']
    for label, at in across:
        marks.append(f'<text class="tick" x="{_x(at):.1f}" y="{_y(0) + 14:.1f}" text-anchor="middle">{label}</text>')
    for label, at in up:
        marks.append(f'<line class="grid" {_ends((0, at), (1, at))}/>')
        marks.append(f'<text class="tick" x="{_LEFT - 6}" y="{_y(at) + 4:.1f}" text-anchor="end">{label}</text>')
    middle = (_x(0) + _x(1)) / 2
    marks.append(f'<text class="label" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x_label)}</text>')
    marks.append(f'<text class="label" x="0" y="11">{escape(y_label)}</text>')
    return marks


def _x(share: float) -> float:
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)


def _ends(one: Point, other: Point) -> str:
    return f'x1="{_x(one[0]):.1f}" y1="{_y(one[1]):.1f}" x2="{_x(other[0]):.1f}" y2="{_y(other[1]):.1f}"'
