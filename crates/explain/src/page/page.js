// Everything together: the panel, the controls, the keyboard, training.

const $ = id => document.getElementById(id);
const model = readModel($("model").textContent);
const view = new View(model, $("picture"));
const steps = new Steps(model, view);
const PHASES = { forward: "Forward pass", local: "Local gradients", backward: "Backward pass" };
/// The node whose numbers the panel shows when the reader has chosen one.
let chosen = null;
let timer = null;

$("heading").textContent = document.title;

function row(term, text) {
  if (!text) return [];
  const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
  [dt.textContent, dd.textContent] = [term, text];
  return [dt, dd];
}

function paragraph(text, className) {
  const p = document.createElement("p");
  [p.textContent, p.className] = [text, className];
  return p;
}

/// Everything that is known of a node at the current step.
function facts(position) {
  const node = model.nodes[position], known = steps.known[position], at = steps.at;
  const value = node.values[0], gradient = node.gradients[0];
  return [
    ...row("operation", node.operation),
    ...row("type", value && `${value.dtype} [${value.shape.join(", ")}]`),
    ...row("value", known.value <= at && value ? full(value) : ""),
    ...row("gradient", known.gradient <= at && gradient ? full(gradient) : ""),
    ...row("rule", node.saved),
    ...row("module", node.module === null ? "" : model.modules[node.module].title),
    ...row("line", node.line),
  ];
}

function show() {
  const step = steps.current();
  const position = chosen ?? step?.node ?? null;
  if (step) {
    const number = steps.at - steps.starts[step.phase] + 1;
    $("place").textContent = `${PHASES[step.phase]}: ${number} of ${steps.counts[step.phase]}`;
  } else {
    $("place").textContent = "Before the forward pass: only the inputs are known.";
  }
  $("what").textContent = position === null ? "" : model.nodes[position].name;
  const lines = step ? steps.lines(step) : [];
  $("formula").replaceChildren(...lines.map(line => paragraph(line, step.phase)));
  $("facts").replaceChildren(...(position === null ? [] : facts(position)));
  log();
  $("back").disabled = $("first").disabled = steps.at < 0;
  $("next").disabled = $("last").disabled = steps.at >= steps.list.length - 1;
  for (const phase of Object.keys(PHASES)) {
    $(phase).setAttribute("aria-pressed", String(step?.phase === phase));
  }
}

/// The steps of this phase so far, so that the chain rule can be seen to accumulate.
function log() {
  const SHOWN = 40;
  const step = steps.current();
  const start = step ? Math.max(steps.starts[step.phase], steps.at - SHOWN + 1) : 0;
  const lines = steps.list.slice(start, steps.at + 1).flatMap(step => steps.lines(step));
  $("log").replaceChildren(...lines.map(line => {
    const item = document.createElement("li");
    item.textContent = line;
    return item;
  }));
}

function go(step) {
  chosen = null;
  steps.go(step);
  show();
}

function play() {
  const isPlaying = timer !== null;
  clearInterval(timer);
  timer = isPlaying ? null : setInterval(() => {
    if (steps.at >= steps.list.length - 1) return play();
    go(steps.at + 1);
  }, 900);
  $("play").textContent = isPlaying ? "Play" : "Stop";
}

/// The numbers in the boxes, after they were computed again.
function redraw() {
  model.nodes.forEach((node, i) => {
    const texts = name => [...view.nodes[i].querySelectorAll(`.${name}`)];
    const room = Math.floor((view.nodes[i].querySelector("rect").width.baseVal.value - 24) / 7.83);
    texts("value").forEach((text, o) => { text.textContent = fitting("", node.values[o], room); });
    const tracked = node.inputs.filter(input => input.local && input.local.elements?.length <= 4);
    texts("local").forEach((text, o) => {
      text.textContent = fitting(`d${node.name}/d${tracked[o].name}`, tracked[o].local, room);
    });
    const gradient = node.gradients[0];
    texts("gradient").forEach(text => {
      text.textContent = gradient.elements.length <= 4
        ? fitting(node.chain.left, gradient, room) : `gradient norm ${short(gradient.norm)}`;
    });
  });
}

const controls = {
  first: () => go(-1), back: () => go(steps.at - 1), next: () => go(steps.at + 1),
  last: () => go(steps.list.length - 1), play,
  forward: () => go(steps.starts.forward), local: () => go(steps.starts.local),
  backward: () => go(steps.starts.backward),
  out: () => view.zoom(0.8), in: () => view.zoom(1.25), fit: () => { view.fit(); steps.light(); },
  fold: () => { view.foldLevel(true); steps.light(); }, unfold: () => { view.foldLevel(false); steps.light(); },
  theme: () => look(isDark() ? "light" : "dark"),
};
for (const [id, action] of Object.entries(controls)) $(id).addEventListener("click", action);

const KEYS = {
  ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last", " ": "play",
  1: "forward", 2: "local", 3: "backward", "+": "in", "=": "in", "-": "out", 0: "fit",
  f: "fold", u: "unfold", t: "theme",
};
addEventListener("keydown", event => {
  const id = KEYS[event.key];
  const isTyping = event.target.closest("input");
  const isPressing = event.key === " " && event.target.closest("button");
  if (!id || isTyping || isPressing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  controls[id]();
});

function isDark() {
  const set = document.documentElement.dataset.theme;
  return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function look(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  $("theme").textContent = isDark() ? "Light" : "Dark";
}

view.nodes.forEach((element, i) => element.addEventListener("click", () => {
  chosen = i;
  show();
}));
view.onfold = () => steps.light();

/// The form that changes inputs and trains, where the page can compute.
function live() {
  if (!canCompute(model)) return;
  $("live").hidden = false;
  const start = model.nodes.map(node => node.values[0]);
  const open = model.nodes.flatMap((node, i) =>
    node.kind !== "operation" && node.values[0].elements.length <= 8 ? [i] : []);
  const leaves = model.nodes.flatMap((node, i) => node.kind === "leaf" ? [i] : []);
  const fields = new Map();
  const field = (id, label, text) => {
    const [name, input] = [document.createElement("label"), document.createElement("input")];
    [input.id, name.htmlFor, name.textContent, input.value] = [id, id, label, text];
    [input.autocomplete, input.spellcheck] = ["off", false];
    $("inputs").append(name, input);
    return input;
  };
  const written = i => model.nodes[i].values[0].elements.map(x => exact(x, model.nodes[i].values[0].dtype)).join(", ");
  for (const i of open) fields.set(i, field(`input-${i}`, model.nodes[i].name, written(i)));
  const rate = field("rate", "learning rate", "0.01");
  let taken = 0;

  const refresh = () => {
    compute(model);
    redraw();
    for (const [i, input] of fields) if (document.activeElement !== input) input.value = written(i);
    const root = model.nodes[model.nodes.length - 1];
    const values = leaves.map(i => `${model.nodes[i].name} = ${full(model.nodes[i].values[0])}`);
    $("trained").textContent = `after ${taken} steps: ${[...values, `${root.name} = ${full(root.values[0])}`].join(", ")}`;
    show();
  };
  /// The numbers in a field, or null after saying what is wrong with it.
  const read = (input, count) => {
    const parts = input.value.split(/[,\s]+/).filter(Boolean);
    const numbers = parts.map(Number);
    const isGood = numbers.length === count && !numbers.some(Number.isNaN);
    input.setAttribute("aria-invalid", String(!isGood));
    $("message").textContent = isGood ? "" : `expected ${count === 1 ? "a number" : `${count} numbers`}`;
    return isGood ? numbers : null;
  };
  for (const [i, input] of fields) {
    input.addEventListener("input", () => {
      const numbers = read(input, model.nodes[i].values[0].elements.length);
      if (!numbers) return;
      model.nodes[i].values[0] = like(model.nodes[i].values[0], numbers);
      refresh();
    });
  }
  const train = count => {
    const lr = read(rate, 1);
    if (!lr) return;
    for (let step = 0; step < count; step++) {
      for (const i of leaves) {
        const node = model.nodes[i], g = node.gradients[0];
        if (g) node.values[0] = zipped(node.values[0], mapped(g, g => lr[0] * g), (x, g) => x - g);
      }
      compute(model);
      taken += 1;
    }
    refresh();
  };
  $("train").addEventListener("click", () => train(1));
  $("train10").addEventListener("click", () => train(10));
  $("reset").addEventListener("click", () => {
    taken = 0;
    model.nodes.forEach((node, i) => { node.values[0] = start[i]; });
    fields.forEach(input => input.removeAttribute("aria-invalid"));
    $("message").textContent = "";
    refresh();
  });
  $("inputs").addEventListener("submit", event => event.preventDefault());
}

live();
look();
view.fit();
go(-1);
// A phone changes the height while one scrolls.
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth !== width) controls.fit();
  width = innerWidth;
});
