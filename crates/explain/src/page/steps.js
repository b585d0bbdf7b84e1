// The steps: forward through the operations, then their local gradients, then backward.

class Steps {
  constructor(model, view) {
    this.model = model;
    this.view = view;
    const operations = model.nodes.flatMap((node, i) => node.kind === "operation" ? [i] : []);
    const steps = phase => node => ({ phase, node });
    const reached = operations.filter(i => model.nodes[i].gradients.some(Boolean));
    this.list = [
      ...operations.map(steps("forward")),
      ...reached.map(steps("local")),
      ...[...reached].reverse().map(steps("backward")),
    ];
    this.counts = { forward: operations.length, local: reached.length, backward: reached.length };
    this.starts = { forward: 0, local: operations.length, backward: operations.length + reached.length };
    // When each node's value, local gradients and gradient are known.
    this.known = model.nodes.map(() => ({ value: -1, local: Infinity, gradient: Infinity }));
    this.list.forEach(({ phase, node }, step) => {
      if (phase === "forward") this.known[node].value = step;
      if (phase === "local") this.known[node].local = step;
      if (phase === "backward") {
        // The last of its users completes a gradient; the root's is there from the start.
        for (const input of model.nodes[node].inputs) {
          if (input.local) this.known[input.node].gradient = step;
        }
      }
    });
    this.known[model.nodes.length - 1].gradient = this.starts.backward;
    this.lit = [];
    this.at = -1;
  }

  /// Goes to a step; -1 is before the first.
  go(step) {
    this.at = Math.min(Math.max(step, -1), this.list.length - 1);
    this.known.forEach(({ value, local, gradient }, i) => {
      const classes = this.view.nodes[i].classList;
      classes.toggle("unknown", value > this.at);
      classes.toggle("no-local", local > this.at);
      classes.toggle("no-gradient", gradient > this.at);
    });
    this.light();
  }

  current() {
    return this.list[this.at] ?? null;
  }

  /// Lights the current node, and the lines that it reads from or sends back along.
  light() {
    this.lit.forEach(element => element.classList.remove("lit"));
    this.lit = [];
    const step = this.current();
    if (!step) return;
    const { view, model } = this;
    this.lit.push(view.standsFor(step.node));
    const sources = new Set(model.nodes[step.node].inputs.map(input => input.node));
    for (const line of view.lines) {
      if (line.user === step.node && sources.has(line.source)) this.lit.push(line.element);
    }
    this.lit.forEach(element => element.classList.add("lit"));
    view.reveal(this.lit[0]);
  }

  /// What a step says, as lines.
  lines({ phase, node }) {
    const { model } = this, { inputs } = model.nodes[node];
    if (phase === "forward") return [forwardLine(model.nodes[node])];
    const tracked = inputs.filter(input => input.local);
    if (phase === "local") return tracked.map(input => localLine(model.nodes[node], input));
    const isRoot = node === model.nodes.length - 1;
    const step = this.starts.backward + this.list.slice(this.starts.backward).findIndex(s => s.node === node);
    const lines = isRoot ? [chainLine(model, node)] : [];
    for (const source of new Set(tracked.map(input => input.node))) {
      if (!model.nodes[source].chain) continue;
      const done = this.known[source].gradient <= step;
      lines.push(done ? chainLine(model, source)
        : `${model.nodes[source].chain.left}: more is to come from other users`);
    }
    return lines;
  }
}
