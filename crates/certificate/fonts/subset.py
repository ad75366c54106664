#!/usr/bin/env python3
"""Cut the committed Chinese fonts out of the full Noto Sans SC files.

Development-time only: the product build uses the committed files and never
runs this script.

Source package   @expo-google-fonts/noto-sans-sc 0.4.3 (npm)
                 tarball sha256 0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59
Source files     400Regular/NotoSansSC_400Regular.ttf
                 sha256 d45f67f0a7c0ca3f256950777ce6a61cc7ce5f9696d02900cbbaac25f8aa7d16
                 700Bold/NotoSansSC_700Bold.ttf
                 sha256 9a38ae0ab28cd5a256f9ea8e00dedc688aac17f7915fcb000572990afa956b96
Tool             fonttools 4.68.0 (PyPI), no optional extras needed

usage: subset.py SOURCE.ttf OUTPUT.ttf

The characters come from characters.txt (beside this script) and from the
block table below. Output bytes depend only on those and on the source file.
"""

import hashlib
import sys
import unicodedata
from pathlib import Path

import fontTools
from fontTools import subset
from fontTools.ttLib import TTFont

FONTTOOLS = "4.68.0"
SOURCES = {
    "d45f67f0a7c0ca3f256950777ce6a61cc7ce5f9696d02900cbbaac25f8aa7d16",  # Regular
    "9a38ae0ab28cd5a256f9ea8e00dedc688aac17f7915fcb000572990afa956b96",  # Bold
}
LEVELS = [3500, 3000, 1605]  # the table's three levels, one line each
RESERVED = "Source"  # the Reserved Font Name in OFL.txt
TABLES = "OS/2 cmap glyf head hhea hmtx loca maxp name post".split()

# Whole blocks: each printable code point is asked for, whether or not the
# source font has it; what it lacks is listed on stdout.
BLOCKS = [
    ("Basic Latin", 0x0020, 0x007E),
    ("Latin-1 Supplement", 0x00A0, 0x00FF),
    ("Latin Extended-A", 0x0100, 0x017F),
    ("Greek and Coptic", 0x0370, 0x03FF),
    ("General Punctuation", 0x2000, 0x206F),
    ("Superscripts and Subscripts", 0x2070, 0x209F),
    ("Number Forms", 0x2150, 0x218F),
    ("Arrows", 0x2190, 0x21FF),
    ("Mathematical Operators", 0x2200, 0x22FF),
    ("Enclosed Alphanumerics", 0x2460, 0x24FF),
    ("Geometric Shapes", 0x25A0, 0x25FF),
    ("CJK Symbols and Punctuation", 0x3000, 0x303F),
    ("CJK Compatibility, squared units", 0x3380, 0x33DF),
    ("Halfwidth and Fullwidth Forms", 0xFF00, 0xFFEF),
]
# Euro, degree and abbreviation signs, ohm, kelvin, angstrom, diameter, marks,
# replacement character.
SINGLES = "€℃℅℉№℡™\u2126\u212a\u212b⌀★☆✓✗\ufffd"


def wanted(here):
    lines = (here / "characters.txt").read_text(encoding="utf-8").splitlines()
    if [len(line) for line in lines] != LEVELS:
        sys.exit(f"characters.txt: lines of {[len(line) for line in lines]}, not {LEVELS}")
    table = {ord(c) for line in lines for c in line}
    if len(table) != sum(LEVELS):
        sys.exit("characters.txt: a character is listed twice")
    groups = [("table of 8105 characters", table)]
    for name, low, high in BLOCKS:
        # Soft hyphen is the one format character the source font draws.
        groups.append((name, {
            c for c in range(low, high + 1)
            if c == 0x00AD or unicodedata.category(chr(c)) not in ("Cn", "Cc", "Cf", "Zl", "Zp")
        }))
    groups.append(("single symbols", {ord(c) for c in SINGLES}))
    return groups


def ranges(points):
    runs = []
    for c in sorted(points):
        if runs and c == runs[-1][1] + 1:
            runs[-1][1] = c
        else:
            runs.append([c, c])
    return " ".join(f"{a:04X}" if a == b else f"{a:04X}-{b:04X}" for a, b in runs)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: subset.py SOURCE.ttf OUTPUT.ttf")
    source, output = Path(sys.argv[1]), Path(sys.argv[2])
    if fontTools.version != FONTTOOLS:
        sys.exit(f"fonttools {fontTools.version} found, {FONTTOOLS} wanted")
    if hashlib.sha256(source.read_bytes()).hexdigest() not in SOURCES:
        sys.exit("the source file is not one of the two pinned files")

    font = TTFont(source, recalcTimestamp=False)
    # Variation sequences would pull in alternative forms nothing asks for.
    font["cmap"].tables = [t for t in font["cmap"].tables if t.format != 14]
    have = set(font.getBestCmap())
    groups = wanted(Path(__file__).resolve().parent)

    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.glyph_names = False
    options.notdef_outline = True
    options.recalc_bounds = True
    options.recalc_timestamp = False
    options.name_IDs = list(range(0, 15))  # copyright, names, designers, licence
    options.drop_tables += [
        t for t in font.keys() if t not in TABLES and t != "GlyphOrder"
    ]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=set().union(*(points for _, points in groups)))
    cutter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 2, 3, 4, 6) and RESERVED in str(record):
            sys.exit(f"name record {record.nameID} uses the reserved name {RESERVED}")
    subset.save_font(font, output, options)

    made = TTFont(output)
    if sorted(t for t in made.keys() if t != "GlyphOrder") != sorted(TABLES):
        sys.exit(f"unexpected tables {sorted(made.keys())}")
    asked = set().union(*(points for _, points in groups))
    if set(made.getBestCmap()) != asked & have:
        sys.exit("the output's cmap is not the requested set less what the source lacks")
    data = output.read_bytes()
    print(f"{output.name}: {len(data)} bytes, {made['maxp'].numGlyphs} glyphs, "
          f"{len(asked & have)} of {len(asked)} code points")
    print(f"sha256 {hashlib.sha256(data).hexdigest()}")
    for name, points in groups:
        lacking = points - have
        print(f"{name}: {len(points) - len(lacking)} of {len(points)}"
              + (f"; missing {ranges(lacking)}" if lacking else ""))


if __name__ == "__main__":
    main()
