#!/usr/bin/env python3
"""Cuts the font of the watch crate's pictures out of DejaVu Sans 2.37.

    pip install fonttools==4.68.0
    python tools/plot_font.py DejaVuSans.ttf

The output, crates/watch/assets/sans.ttf, has the glyphs of ASCII, Latin-1, Greek and some signs of
mathematics, without hints; assets/LICENSE-font is the licence inside the font.
"""

import pathlib
import sys

from fontTools import subset, ttLib

FOLDER = pathlib.Path(__file__).parents[1] / "crates/watch/assets"
RANGES = [(0x20, 0x7E), (0xA0, 0xFF), (0x391, 0x3A9), (0x3B1, 0x3C9)]
SIGNS = "–—‘’“”…−×≤≥≈∇∂∑√∞→"


def main():
    font = ttLib.TTFont(sys.argv[1])
    assert font["name"].getDebugName(5) == "Version 2.37"
    options = subset.Options(hinting=False, glyph_names=False, legacy_kern=True, name_IDs=[0, 1, 5])
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "MATH", "FFTM", "gasp"]
    characters = {x for first, last in RANGES for x in range(first, last + 1)}
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters | set(map(ord, SIGNS)))
    licence = font["name"].getDebugName(13)
    subsetter.subset(font)
    FOLDER.mkdir(exist_ok=True)
    font.save(FOLDER / "sans.ttf")
    lines = (line.rstrip() for line in licence.splitlines())
    (FOLDER / "LICENSE-font").write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
