"""Opens every page of the built book in a headless Chromium, at a desk's size and a phone's.

    python3 tests/browser/book.py FOLDER PAGES [SCREENSHOTS]

FOLDER is what `mdbook build` wrote, PAGES the number of pages that there must be. On every page pictures
show, links lead to files and headings, includes were replaced, and nothing is wider than the window.
"""

import pathlib
import sys
import urllib.parse

from chromium import Chromium

FOLDER = pathlib.Path(sys.argv[1]).resolve()
PAGES = int(sys.argv[2])
SHOTS = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
SIZES = {"desk": (1280, 800, False), "phone": (390, 844, True)}

# Tables and code may be wider than a phone: they scroll by themselves.
LOOK = """(async () => {
  const main = document.querySelector('main');
  const images = [...main.querySelectorAll('img')];
  for (const image of images) { image.loading = 'eager'; await image.decode().catch(() => 0); }
  const blocks = [...main.querySelectorAll('pre code')].map(block => block.textContent);
  return {
    title: document.title,
    broken: images.filter(image => !image.naturalWidth).map(image => image.src),
    wide: images.filter(image => image.getBoundingClientRect().right > innerWidth + 1)
      .map(image => image.src),
    images: images.length,
    scrolls: document.documentElement.scrollWidth > innerWidth + 1,
    links: [...document.querySelectorAll('main a[href], nav a[href]')].map(a => a.href),
    ids: [...document.querySelectorAll('[id]')].map(e => e.id),
    empty: blocks.filter(block => !block.trim()).length,
    left: main.innerText.includes('{{#') || blocks.some(block => /\\{\\{#|ANCHOR(_END)?:/.test(block)),
    code: blocks.length,
    words: main.innerText.split(/\\s+/).length,
  };
})()"""


def dead(links, ids):
    """Links within the book whose file or heading is not there."""
    found = []
    for link in set(links):
        url = urllib.parse.urlparse(link)
        if url.scheme != "file":
            continue
        path = pathlib.Path(urllib.parse.unquote(url.path))
        if not path.is_file() or FOLDER not in path.parents:
            found.append(link)
        elif url.fragment and path in ids and urllib.parse.unquote(url.fragment) not in ids[path]:
            found.append(link)
    return found


with Chromium() as page:
    pages = [p for p in sorted(FOLDER.rglob("*.html"))
             if p.name not in ("404.html", "print.html", "toc.html")]
    assert len(pages) >= PAGES, f"{len(pages)} pages of {PAGES}"
    seen, ids, wrong, pictures, code = {}, {}, [], 0, 0
    for path in pages:
        name = str(path.relative_to(FOLDER).with_suffix("")).replace("/", "-")
        for size, (width, height, mobile) in SIZES.items():
            page.resize(width, height, mobile)
            page.open(path)
            found = page.run(LOOK)
            complaints = page.errors()
            for problem in ("broken", "wide", "scrolls", "empty", "left"):
                if found[problem]:
                    complaints.append((problem, found[problem]))
            if found["words"] < 10:
                complaints.append(("words", found["words"]))
            wrong += [(name, size, complaint) for complaint in complaints]
            if SHOTS:
                page.screenshot(SHOTS / f"book-{name}-{size}.png", whole=True)
        seen[path], ids[path] = found["links"], set(found["ids"])
        pictures, code = pictures + found["images"], code + found["code"]
    for path, links in seen.items():
        wrong += [(path.name, link) for link in dead(links, ids)]
    assert not wrong, "\n".join(map(str, wrong))
print(f"{len(pages)} pages, {pictures} pictures, {code} blocks of code")
