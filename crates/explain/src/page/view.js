// The view of the graph: zoom, pan, and folding of modules.
//
// Everything has its place from the file, which holds one layout for each depth of folding. Where
// more modules are folded than in the layout that is used, the room that nothing visible needs any
// more is taken out between what is left, so that nothing can come to overlap.

class View {
  constructor(model, picture) {
    this.model = model;
    this.picture = picture;
    this.svg = picture.querySelector("svg");
    this.group = this.svg.querySelector(".view");
    this.svg.removeAttribute("viewBox");
    this.svg.removeAttribute("width");
    this.svg.removeAttribute("height");
    this.folded = new Set();
    [this.scale, this.x, this.y] = [1, 0, 0];
    const byId = (letter, list) => list.map((_, i) => this.svg.getElementById(letter + i));
    this.nodes = byId("n", model.nodes);
    this.lineGroup = this.svg.querySelector(".lines");
    this.layouts = model.layouts.map(layout => ({
      ...layout,
      nodes: new Map(layout.nodes.map(([i, ...rect]) => [i, rect])),
      modules: new Map(layout.modules.map(([i, ...rect]) => [i, rect])),
    }));
    this.boxes = byId("m", model.modules);
    this.titles = byId("t", model.modules);
    this.foldAtFirst();
    this.listen();
  }

  *enclosing(module) {
    for (let m = module; m !== null; m = this.model.modules[m].parent) yield m;
  }

  /// The outermost folded module that something in `module` is in, or null.
  hider(module) {
    let hider = null;
    for (const m of this.enclosing(module)) if (this.folded.has(m)) hider = m;
    return hider;
  }

  depth(module) {
    return [...this.enclosing(module)].length - 1;
  }

  /// Folds what is so deep that more would be visible than can be read.
  foldAtFirst() {
    const READABLE = 40;
    const depths = this.model.modules.map((_, m) => this.depth(m));
    for (let from = Math.max(-1, ...depths) + 1; from >= 0; from--) {
      this.folded = new Set(depths.flatMap((depth, m) => depth >= from ? [m] : []));
      if (this.layouts[from].nodes.size <= READABLE) break;
    }
    this.place();
  }

  /// A folded module's box stands in the middle of the room that it has unfolded.
  box(module) {
    const [x, y, width, height] = this.layout.modules.get(module);
    if (!this.folded.has(module) || this.depth(module) >= this.from) return [x, y, width, height];
    const { folded } = this.model.modules[module];
    return [x + (width - folded[0]) / 2, y, folded[0], folded[1]];
  }

  /// Places everything for what is folded now.
  place() {
    const { nodes, modules } = this.model;
    const shown = modules.map((m, i) => this.hider(m.parent) === null);
    const open = modules.flatMap((_, i) => shown[i] && !this.folded.has(i) ? [this.depth(i) + 1] : []);
    this.from = Math.max(0, ...open);
    this.layout = this.layouts[this.from];
    const across = [], down = [];
    const occupy = ([x, y, width, height]) => {
      across.push([x, x + width]);
      down.push([y, y + height]);
    };
    nodes.forEach((node, i) => {
      if (this.hider(node.module) === null) occupy(this.layout.nodes.get(i));
    });
    modules.forEach((m, i) => {
      if (!shown[i]) return;
      if (this.folded.has(i)) return occupy(this.box(i));
      const [x, y, width, height] = this.layout.modules.get(i);
      down.push([y, y + 30], [y + height - 14, y + height]);
      across.push([x, x + 14], [x + width - 14, x + width], [x, x + this.titleStart(i) + this.titleLength(i) + 24]);
    });
    const squeeze = modules.some((_, i) => shown[i] && this.folded.has(i) && this.depth(i) < this.from);
    this.mapX = squeeze ? squeezed(across, 24) : x => x;
    this.mapY = squeeze ? squeezed(down, 44) : y => y;
    this.drawModules(shown);
    nodes.forEach((node, i) => {
      const hidden = this.hider(node.module) !== null;
      this.nodes[i].classList.toggle("hidden", hidden);
      if (hidden) return;
      const [x, y] = this.layout.nodes.get(i);
      move(this.nodes[i], this.mapX(x), this.mapY(y));
    });
    this.drawLines();
  }

  drawModules(shown) {
    this.model.modules.forEach((_, i) => {
      const isFolded = this.folded.has(i);
      for (const element of [this.boxes[i], this.titles[i]]) {
        element.classList.toggle("hidden", !shown[i]);
        element.classList.toggle("folded", isFolded);
      }
      if (!shown[i]) return;
      const [x, y, right, bottom] = this.corners(i);
      const size = { x, y, width: right - x, height: bottom - y };
      for (const [name, value] of Object.entries(size)) this.boxes[i].setAttribute(name, value);
      move(this.titles[i], x + (isFolded ? 0 : this.titleStart(i)), y);
      this.titles[i].setAttribute("aria-expanded", String(!isFolded));
    });
  }

  /// How far to the right a title starts, so that no line which enters its module there passes it: as in
  /// the picture. What lies between is never taken out.
  titleStart(module) {
    const GAP = 8, PADDING = 12;
    const [left, top] = this.layout.modules.get(module);
    const length = this.titleLength(module);
    const entries = this.layout.lines
      .filter(({ inside, points }) => inside === module && points[1] <= top + 1)
      .map(({ points }) => points[0] - left);
    const isFree = start => start >= 0 && !entries.some(x =>
      start + PADDING - GAP < x && x < start + PADDING + length + GAP);
    return Math.min(...[0, ...entries.map(x => x + GAP - PADDING)].filter(isFree));
  }

  titleLength(module) {
    return 7.83 * this.titles[module].querySelector(".name").textContent.length;
  }

  corners(module) {
    const [x, y, width, height] = this.box(module);
    return [this.mapX(x), this.mapY(y), this.mapX(x + width), this.mapY(y + height)];
  }

  drawLines() {
    this.lines = this.layout.lines.filter(line => this.hider(line.inside) === null);
    const elements = this.lines.map(line => {
      const points = [];
      for (let p = 0; p < line.points.length; p += 2) {
        points.push([this.mapX(line.points[p]), this.mapY(line.points[p + 1])]);
      }
      if (line.from !== null && this.folded.has(line.from)) this.attach(points, 0, line.from);
      if (line.to !== null && this.folded.has(line.to)) this.attach(points, points.length - 1, line.to);
      line.element = document.createElementNS("http://www.w3.org/2000/svg", "path");
      const hasTip = line.user !== null || line.to !== null;
      line.element.setAttribute("class", hasTip ? "line tipped" : "line");
      line.element.setAttribute("d", curve(points));
      return line.element;
    });
    this.lineGroup.replaceChildren(...elements);
  }

  /// Moves the end of a line to the edge of a folded module.
  attach(points, end, module) {
    const [left, top, right, bottom] = this.corners(module);
    const x = Math.min(Math.max(points[end][0], left + 10), right - 10);
    points[end] = [x, end === 0 ? bottom : top];
  }

  toggle(module) {
    if (!this.folded.delete(module)) this.folded.add(module);
    this.place();
  }

  /// Folds the innermost modules that are open, or unfolds the outermost that are not.
  foldLevel(fold) {
    const depths = this.model.modules.map((_, m) => this.depth(m));
    const wanted = depths.filter((_, m) => this.folded.has(m) !== fold);
    if (wanted.length === 0) return;
    const level = fold ? Math.max(...wanted) : Math.min(...wanted);
    depths.forEach((depth, m) => {
      if (fold && depth >= level) this.folded.add(m);
      if (!fold && depth <= level) this.folded.delete(m);
    });
    this.place();
    this.fit();
  }

  /// Where the graph ends, as it is placed now.
  extent() {
    const [width, height] = this.layout.size;
    return [this.mapX(width), this.mapY(height)];
  }

  move(x, y, scale) {
    [this.x, this.y, this.scale] = [x, y, Math.min(Math.max(scale, 0.02), 4)];
    this.group.setAttribute("transform", `translate(${this.x} ${this.y}) scale(${this.scale})`);
  }

  zoom(factor, [x, y] = [this.picture.clientWidth / 2, this.picture.clientHeight / 2]) {
    const scale = Math.min(Math.max(this.scale * factor, 0.02), 4);
    const by = scale / this.scale;
    this.move(x - (x - this.x) * by, y - (y - this.y) * by, scale);
  }

  /// All of it if that can be read, otherwise the middle of its upper end.
  fit() {
    const [SMALL, READABLE] = [0.8, 0.9];
    const [width, height] = this.extent();
    const { clientWidth, clientHeight } = this.picture;
    const across = clientWidth / width;
    const whole = Math.min(across, clientHeight / height, 1.3);
    // Smaller letters only where then nothing is cut off at the sides.
    const scale = Math.max(whole, across < SMALL ? READABLE : Math.min(across, READABLE));
    const left = (clientWidth - width * scale) / 2;
    const top = Math.max((clientHeight - height * scale) / 2, 0);
    this.move(left, top, scale);
  }

  /// The element that stands for a node: its own, or the folded module that hides it.
  standsFor(node) {
    const hider = this.hider(this.model.nodes[node].module);
    return hider === null ? this.nodes[node] : this.boxes[hider];
  }

  /// Brings an element into view.
  reveal(element) {
    const box = element.getBoundingClientRect(), frame = this.picture.getBoundingClientRect();
    const beyond = (low, high, from, to) =>
      low < from + 10 ? from + 10 - low : high > to - 10 ? Math.max(to - 10 - high, from + 10 - low) : 0;
    const dx = beyond(box.left, box.right, frame.left, frame.right);
    const dy = beyond(box.top, box.bottom, frame.top, frame.bottom);
    if (dx || dy) this.move(this.x + dx, this.y + dy, this.scale);
  }

  listen() {
    const { picture, svg } = this;
    picture.addEventListener("wheel", event => {
      event.preventDefault();
      const { left, top } = picture.getBoundingClientRect();
      this.zoom(Math.exp(-event.deltaY / 500), [event.clientX - left, event.clientY - top]);
    }, { passive: false });
    const pointers = new Map();
    svg.addEventListener("pointerdown", event => pointers.set(event.pointerId, event));
    const leave = event => pointers.delete(event.pointerId);
    addEventListener("pointerup", leave);
    addEventListener("pointercancel", leave);
    addEventListener("pointermove", event => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const others = [...pointers.values()].filter(p => p.pointerId !== event.pointerId);
      pointers.set(event.pointerId, event);
      if (others.length === 0) {
        const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
        return this.move(this.x + dx, this.y + dy, this.scale);
      }
      const { left, top } = picture.getBoundingClientRect();
      const distance = p => Math.hypot(p.clientX - others[0].clientX, p.clientY - others[0].clientY);
      this.zoom(distance(event) / Math.max(distance(before), 1),
        [others[0].clientX - left, others[0].clientY - top]);
    });
    this.titles.forEach((title, module) => {
      title.setAttribute("tabindex", "0");
      title.setAttribute("role", "button");
      const toggle = () => { this.toggle(module); this.onfold?.(); };
      title.addEventListener("click", toggle);
      title.addEventListener("keydown", event => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        toggle();
      });
      this.boxes[module].addEventListener("click", () => { if (this.folded.has(module)) toggle(); });
    });
  }
}

const move = (element, x, y) => element.setAttribute("transform", `translate(${x} ${y})`);

/// A curve that leaves and reaches every point upright.
function curve(points) {
  return points.map(([x, y], i) => {
    if (i === 0) return `M${x} ${y}`;
    const [fromX, fromY] = points[i - 1], middle = (fromY + y) / 2;
    return x === fromX ? `V${y}` : `C${fromX} ${middle} ${x} ${middle} ${x} ${y}`;
  }).join("");
}

/// A map of one axis that keeps what is occupied as it is, and shortens what is not.
function squeezed(intervals, room) {
  const merged = [];
  for (const [start, end] of intervals.sort((a, b) => a[0] - b[0])) {
    const last = merged[merged.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  // Pairs of a place and where it goes.
  const knots = [[0, 0]];
  for (const [start, end] of merged) {
    const [at, to] = knots[knots.length - 1];
    knots.push([start, to + Math.min(start - at, room)]);
    knots.push([end, knots[knots.length - 1][1] + end - start]);
  }
  return place => {
    let low = 0, high = knots.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (knots[middle][0] <= place) low = middle; else high = middle;
    }
    const [[a, to], [b, next]] = [knots[low], knots[high]];
    if (place >= b) return next + Math.min(place - b, room);
    return b === a ? to : to + (place - a) * (next - to) / (b - a);
  };
}
