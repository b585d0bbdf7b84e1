// The arithmetic of the recorded graph, for small values: what the page needs to compute again
// when a reader changes an input. Each operation has its value and its rule; what the page
// computes from the recorded inputs must be what was recorded, else nothing can be changed.

const round = (x, dtype) => dtype === "f32" ? Math.fround(x) : x;
const count = shape => shape.reduce((a, b) => a * b, 1);
const total = xs => xs.reduce((a, b) => a + b, 0);

function made(elements, shape, dtype) {
  const rounded = elements.map(x => round(x, dtype));
  const norm = Math.sqrt(total(rounded.map(x => x * x)));
  return { dtype, shape, elements: rounded, norm };
}

const like = (value, elements) => made(elements, value.shape, value.dtype);
const mapped = (value, f) => like(value, value.elements.map(f));
const zipped = (a, b, f) => like(a, a.elements.map((x, i) => f(x, b.elements[i])));

/// An operation on each element: its value, and its slope from input, output and constants.
const unary = (value, slope) => ({
  value: ([x], { constants }) => mapped(x, x => value(x, ...constants)),
  rule: (g, [x], y, { constants }) => [like(x, x.elements.map(
    (x, i) => g.elements[i] * slope(x, y.elements[i], ...constants)))],
});

/// An operation on pairs of elements, or on elements and a constant, with its two slopes.
const binary = (value, slopeX, slopeY) => ({
  value: ([x, y], { constants: [c] }) =>
    y ? zipped(x, y, value) : mapped(x, x => value(x, c)),
  rule: (g, [x, y], out, { constants: [c] }) => {
    const other = i => y ? y.elements[i] : c;
    const sent = slope => like(x, x.elements.map((x, i) => g.elements[i] * slope(x, other(i))));
    return y ? [sent(slopeX), sent(slopeY)] : [sent(slopeX)];
  },
});

/// The same elements in another shape.
const reshaped = {
  value: ([x], { shape }) => made(x.elements, shape, x.dtype),
  rule: (g, [x]) => [like(x, g.elements)],
};

/// All elements summed, over a divisor.
const reduced = divisor => ({
  value: ([x], { shape }) => made([total(x.elements) / divisor(x)], shape, x.dtype),
  rule: (g, [x]) => [mapped(x, () => g.elements[0] / divisor(x))],
});

/// Rows times columns; the second factor transposed where a linear layer does that.
function product(a, b, [n, m], transposed, dtype) {
  const k = a.shape[1];
  const out = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) {
        sum += a.elements[i * k + l] * b.elements[transposed ? j * k + l : l * m + j];
      }
      out.push(sum);
    }
  }
  return made(out, [n, m], dtype);
}

function transpose(x) {
  const [n, m] = x.shape;
  const out = [];
  for (let j = 0; j < m; j++) for (let i = 0; i < n; i++) out.push(x.elements[i * m + j]);
  return made(out, [m, n], x.dtype);
}

/// A product with a bias or without one; `turned` where the weight is transposed, as in a linear layer.
const affine = turned => ({
  value: ([x, w, b], { shape }) => {
    const y = product(x, w, shape, turned, x.dtype);
    return b ? mapped(y, (y, i) => y + b.elements[i % shape[1]]) : y;
  },
  rule: (g, [x, w, b], y) => {
    const toX = product(g, w, x.shape, !turned, g.dtype);
    const toW = turned
      ? product(transpose(g), x, w.shape, false, g.dtype)
      : product(transpose(x), g, w.shape, false, g.dtype);
    const columns = b && mapped(b, (_, j) => total(
      g.elements.filter((_, i) => i % y.shape[1] === j)));
    return b ? [toX, toW, columns] : [toX, toW];
  },
});

/// Squared errors, each by itself or their sum over a divisor.
const squaredError = {
  value: ([x, y], { shape, constants: [divisor] }) => {
    const squares = x.elements.map((x, i) => (x - y.elements[i]) ** 2);
    const isEach = count(shape) === squares.length;
    return made(isEach ? squares : [total(squares) / divisor], shape, x.dtype);
  },
  rule: (g, [x, y], _, { constants: [divisor] }) => {
    const sent = i => g.elements[g.elements.length > 1 ? i : 0];
    const toX = like(x, x.elements.map(
      (x, i) => 2 * (x - y.elements[i]) * sent(i) / divisor));
    return [toX, mapped(toX, x => -x)];
  },
};

const ARITHMETIC = {
  add: binary((x, y) => x + y, () => 1, () => 1),
  sub: binary((x, y) => x - y, () => 1, () => -1),
  rsub: binary((x, c) => c - x, () => -1, () => 1),
  mul: binary((x, y) => x * y, (x, y) => y, x => x),
  div: binary((x, y) => x / y, (x, y) => 1 / y, (x, y) => -x / (y * y)),
  neg: unary(x => -x, () => -1),
  pow: unary((x, p) => x ** p, (x, y, p) => p === 0 ? 0 : p * x ** (p - 1)),
  square: unary(x => x * x, x => 2 * x),
  exp: unary(Math.exp, (x, y) => y),
  log: unary(Math.log, x => 1 / x),
  sqrt: unary(Math.sqrt, (x, y) => 1 / (2 * y)),
  sin: unary(Math.sin, Math.cos),
  cos: unary(Math.cos, x => -Math.sin(x)),
  tanh: unary(Math.tanh, (x, y) => 1 - y * y),
  sigmoid: unary(x => 1 / (1 + Math.exp(-x)), (x, y) => y * (1 - y)),
  relu: unary(x => x > 0 ? x : x <= 0 ? 0 : x, (x, y) => y > 0 ? 1 : 0),
  reshape: reshaped, squeeze: reshaped, unsqueeze: reshaped, clone: reshaped,
  t: { value: ([x]) => transpose(x), rule: g => [transpose(g)] },
  expand: {
    value: ([x], { shape }) => made(Array(count(shape)).fill(x.elements[0]), shape, x.dtype),
    rule: (g, [x]) => [like(x, [total(g.elements)])],
    accepts: ([x]) => x.elements.length === 1,
  },
  sum: reduced(() => 1),
  mean: reduced(x => count(x.shape)),
  mm: affine(false), linear: affine(true), addmm: affine(true),
  mse_loss: squaredError,
};

const inputsOf = (model, node) => node.inputs.map(({ node, output }) => model.nodes[node].values[output]);

/// Whether the page can compute everything in the model, and gets what was recorded.
function canCompute(model) {
  if (model.nodes.length > 500) return false;
  const isSmall = value => Boolean(value && value.elements);
  for (const node of model.nodes) {
    if (node.values.length !== 1 || !node.values.every(isSmall)) return false;
    node.shape = node.values[0].shape;
    // A constant that was computed from another one would not follow it.
    if (node.kind === "constant" && node.inputs.length > 0) return false;
    if (node.kind !== "operation") continue;
    node.seen = inputsOf(model, node);
    const operation = ARITHMETIC[node.operation];
    if (!operation || (operation.accepts && !operation.accepts(node.seen))) return false;
  }
  const again = { nodes: structuredClone(model.nodes) };
  compute(again);
  const close = (a, b) => !b || !b.elements || b.elements.every((y, i) => {
    const x = a.elements[i];
    return Object.is(x, y) || Math.abs(x - y) <= 1e-5 * Math.max(1, Math.abs(y));
  });
  return model.nodes.every((node, i) => close(again.nodes[i].values[0], node.values[0])
    && (node.kind === "constant" || close(again.nodes[i].gradients[0], node.gradients[0])));
}

/// The forward pass, the local gradients and the backward pass, from the model's inputs.
function compute(model) {
  for (const node of model.nodes) {
    if (node.kind === "operation") {
      node.values[0] = ARITHMETIC[node.operation].value(inputsOf(model, node), node);
    }
    node.gradients[0] = null;
  }
  const root = model.nodes[model.nodes.length - 1];
  root.gradients[0] = mapped(root.values[0], () => 1);
  for (const node of [...model.nodes].reverse()) {
    const g = node.gradients[0];
    if (node.kind !== "operation" || !g) continue;
    const inputs = inputsOf(model, node);
    const { rule } = ARITHMETIC[node.operation];
    const locals = rule(mapped(g, () => 1), inputs, node.values[0], node);
    const products = rule(g, inputs, node.values[0], node);
    node.inputs.forEach((input, which) => {
      if (!input.local) return;
      input.local = locals[which];
      input.product = products[which];
      const source = model.nodes[input.node];
      const before = source.gradients[0];
      source.gradients[0] = before ? zipped(before, products[which], (a, b) => a + b) : products[which];
    });
  }
}
