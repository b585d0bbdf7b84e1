"""Opens the pages that tests/pages.rs wrote in a headless Chromium, and uses them as a reader does.

    python3 tests/browser/pages.py FOLDER [SCREENSHOTS]

Each page NAME.html stands beside its tape, NAME.txt: what the page shows at each step must be what the
tape says.
"""

import json
import pathlib
import re
import sys
import time

from chromium import Chromium

FOLDER = pathlib.Path(sys.argv[1])
SHOTS = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
ROOT = pathlib.Path(__file__).resolve().parents[2]


def tape(name):
    """The operations' lines of the forward pass, and all of the backward pass."""
    forward, backward, into = [], [], None
    for line in (FOLDER / f"{name}.txt").read_text().splitlines():
        if not line.startswith("  "):
            into = {"forward": forward, "backward": backward}[line]
            continue
        text, note = line.rsplit("  # ", 1)
        if into is backward or not note.startswith(("leaf", "parameter", "constant", "view", "w,")):
            into.append(text.strip())
    return forward, backward


def formulas(page):
    return page.run("[...document.querySelectorAll('#formula p')].map(p => p.textContent)")


def place(page):
    return page.run("document.getElementById('place').textContent")


def number_of(page, position, row):
    """The number in a row of a node's box."""
    text = page.run(f"document.querySelector('#n{position} .{row}').textContent")
    return float(text.split("=")[-1])


def position_of(page, name):
    return page.run(f"model.nodes.findIndex(node => node.name === {json.dumps(name)})")


CHECK_BOXES = """(() => {
  const shown = e => e && !e.classList.contains('hidden');
  const boxes = [...document.querySelectorAll('.node, rect.module.folded')].filter(shown)
    .map(e => (e.tagName === 'g' ? e.querySelector('rect') : e).getBoundingClientRect());
  const wrong = [];
  boxes.forEach((a, i) => boxes.slice(0, i).forEach(b => {
    const apart = a.right <= b.left + 0.5 || b.right <= a.left + 0.5
      || a.bottom <= b.top + 0.5 || b.bottom <= a.top + 0.5;
    if (!apart) wrong.push(['overlap', a.x, a.y, b.x, b.y]);
  }));
  for (const node of [...document.querySelectorAll('.node')].filter(shown)) {
    const box = node.querySelector('rect').getBoundingClientRect();
    for (const text of node.querySelectorAll('text')) {
      const inside = text.getBoundingClientRect();
      if (inside.right > box.right + 1 || inside.bottom > box.bottom + 1) {
        wrong.push(['clipped', text.textContent]);
      }
    }
  }
  for (const e of document.querySelectorAll('header *, aside *')) {
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0) wrong.push(['wide', e.id || e.tagName]);
  }
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(['page', innerWidth]);
  return wrong;
})()"""


def check_layout(page, name):
    wrong = page.run(CHECK_BOXES)
    assert not wrong, f"{name}: {wrong[:5]}"


def shoot(page, name):
    """Looks at the page at a desk's size and a phone's, in both looks."""
    for size, (width, height, mobile) in {"desk": (1280, 800, False), "phone": (390, 844, True)}.items():
        page.resize(width, height, mobile)
        page.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.run("controls.fit()")
        check_layout(page, f"{name} on a {size}")
        if SHOTS:
            page.screenshot(SHOTS / f"{name}-{size}.png")
    page.resize(1280, 800)
    if SHOTS:
        page.key("t")
        page.screenshot(SHOTS / f"{name}-dark.png")
        page.key("t")


def steps_show_the_tape(page, name):
    forward, backward = tape(name)
    assert "Before" in place(page)
    shown = {"Forward pass": [], "Local gradients": [], "Backward pass": []}
    total = page.run("steps.list.length")
    for _ in range(total):
        page.key("ArrowRight")
        phase = place(page).split(":")[0]
        shown[phase].append(formulas(page))
        lit = page.run("document.querySelectorAll('.lit').length")
        assert lit >= 1, f"{name}: nothing is lit"
    assert [lines[0] for lines in shown["Forward pass"]] == forward, f"{name}: {shown} {forward}"
    seen = [line for lines in shown["Backward pass"] for line in lines]
    assert sorted(line for line in seen if "more is to come" not in line) == sorted(backward), (
        f"{name}: {seen} {backward}")
    page.key("ArrowRight")
    assert place(page).endswith(f"{len(shown['Backward pass'])} of {len(shown['Backward pass'])}")
    # And back, to the same texts.
    before = formulas(page)
    page.key("ArrowLeft")
    page.key("ArrowRight")
    assert formulas(page) == before
    return seen


def keyboard_works(page, name):
    page.key("Home")
    assert "Before" in place(page)
    assert page.run("document.querySelectorAll('.node.unknown').length") > 0, name
    for key, phase in {"1": "Forward pass", "2": "Local gradients", "3": "Backward pass"}.items():
        page.key(key)
        assert place(page).startswith(f"{phase}: 1 of"), place(page)
    page.key("End")
    assert page.run("document.querySelectorAll('.unknown').length") == 0
    scale = page.run("view.scale")
    page.key("+")
    assert page.run("view.scale") > scale
    page.key("0")
    dark = page.run("isDark()")
    page.key("t")
    assert page.run("isDark()") != dark
    page.key("t")


def published(cell, epoch):
    """The weight that the notebook was published with."""
    text = (ROOT / "docs/notebook/expected.txt").read_text().split(f"# cell {cell}\n")[1]
    return re.search(rf"epoch {epoch}: w = ([\d.]+)", text)[1]


def gradient_follows_the_weight(page, inputs, expected):
    for name, value in inputs.items():
        page.type_into(f"#input-{position_of(page, name)}", value)
    found = number_of(page, position_of(page, "w"), "gradient")
    assert abs(found - expected) <= 1e-4 * max(1, abs(expected)), f"{inputs}: {found}, not {expected}"


def trained(page, steps):
    for _ in range(steps // 10):
        page.click("#train10")
    for _ in range(steps % 10):
        page.click("#train")
    return float(page.run(f"document.getElementById('input-{position_of(page, 'w')}').value"))


def stages(page):
    for stage in range(1, 7):
        name = f"stage_{stage}"
        page.open(FOLDER / f"{name}.html")
        assert page.errors() == [], f"{name}: {page.errors()}"
        seen = steps_show_the_tape(page, name)
        keyboard_works(page, name)
        assert page.run("!document.getElementById('live').hidden"), f"{name} cannot be changed"
        shoot(page, name)
        if stage <= 2:
            assert any(line.endswith("= -2 * 1 * 1 = -2") for line in seen), seen
            for x, y, w in [(1, 2, 3), (2, -1, 0.5), (-1.5, 0, 4)]:
                inputs = {"x": str(x), "y": str(y), "w": str(w)}
                gradient_follows_the_weight(page, inputs, 2 * (w * x - y) * x)
                check_layout(page, f"{name} with {inputs}")
            inputs = {"x": "-1.2345678", "y": "123.45678", "w": "-0.00012345678"}
            gradient_follows_the_weight(page, inputs, 2 * (0.00012345678 * 1.2345678 - 123.45678) * -1.2345678)
            check_layout(page, f"{name} with long numbers")
            if SHOTS:
                page.screenshot(SHOTS / f"{name}-edited.png")
            page.type_into(f"#input-{position_of(page, 'w')}", "nothing")
            assert page.run("document.getElementById('message').textContent") == "expected a number"
            page.click("#reset")
            assert number_of(page, position_of(page, "w"), "gradient") == -2
        else:
            cell = {3: 22, 4: 34, 5: 38, 6: 41}[stage]
            assert f"{trained(page, 1):.3f}" == published(cell, 1), name
            assert f"{trained(page, 10):.3f}" == published(cell, 11), name
            check_layout(page, f"{name} after training")
            if SHOTS:
                page.screenshot(SHOTS / f"{name}-trained.png")
            page.click("#reset")
        if stage == 4:
            xs, ys, w = [1, 2, 3, 4], [1, 2, 3, 4], 2.5
            expected = sum(2 * (w * x - y) * x for x, y in zip(xs, ys)) / 4
            gradient_follows_the_weight(page, {"w": str(w)}, expected)
        assert page.errors() == [], f"{name}: {page.errors()}"
        print(f"{name}: {len(seen)} lines of the backward pass")


def folding(page, name):
    page.open(FOLDER / f"{name}.html")
    assert page.errors() == [], page.errors()
    visible = "document.querySelectorAll('.node:not(.hidden)').length"
    folded = "document.querySelectorAll('.title.folded:not(.hidden)').length"
    total = page.run("model.nodes.length")
    shoot(page, f"{name}-first")
    for _ in range(6):
        page.key("u")
        check_layout(page, name)
    assert (page.run(visible), page.run(folded)) == (total, 0)
    shoot(page, f"{name}-unfolded")
    counts = []
    for _ in range(6):
        page.key("f")
        check_layout(page, name)
        counts.append(page.run(visible))
    assert counts == sorted(counts, reverse=True) and page.run(folded) == 1, counts
    shoot(page, f"{name}-folded")
    # One module alone: with the mouse, and with the keyboard.
    page.key("u")
    page.key("u")
    before = page.run(visible)
    inner = page.run("[...document.querySelectorAll('.title.folded:not(.hidden)')].map(e => e.id)")
    for title in inner[:3]:
        page.run(f"view.reveal(document.getElementById('{title}'))")
        page.click(f"#{title} .name")
        check_layout(page, f"{name} with {title} unfolded")
        assert page.run(visible) > before, title
        page.run(f"document.getElementById('{title}').focus()")
        page.key("Enter")
        assert page.run(visible) == before, title
    page.key("1")
    page.key("ArrowRight")
    assert page.run("document.querySelectorAll('.lit').length") >= 1
    assert page.errors() == [], page.errors()
    print(f"{name}: {total} nodes, folded to {counts[-1]}")


def large(page):
    start = time.monotonic()
    page.open(FOLDER / "large.html")
    assert page.errors() == [], page.errors()
    opened = time.monotonic() - start
    page.key("ArrowRight")
    assert place(page).startswith("Forward pass: 1 of 1"), place(page)
    page.key("End")
    assert place(page).startswith("Backward pass"), place(page)
    print(f"large: {page.run('steps.counts.forward')} operations, opened in {opened:.1f} s")


def markup(page):
    page.open(FOLDER / "markup.html")
    assert page.errors() == [], page.errors()
    assert page.run("window.hacked") is None
    name = page.run("model.nodes[0].name")
    shown = page.run("document.querySelector('#n0 .name').textContent")
    assert shown.startswith(name[:30].replace("\n", " ")), shown
    page.key("End")
    check_layout(page, "markup")
    print(f"markup: {name!r}")


with Chromium() as page:
    stages(page)
    folding(page, "perceptron")
    folding(page, "transformer")
    large(page)
    markup(page)
print("all pages work")
