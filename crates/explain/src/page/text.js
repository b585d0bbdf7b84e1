// Numbers and formulas as text, as the tape writes them.

/// The model, with the numbers that JSON does not have put in.
function readModel(text) {
  const model = JSON.parse(text);
  const numbers = list => list.map(Number);
  const read = value => {
    if (!value) return;
    if (!value.elements) value.norm = Number(value.norm);
    else Object.assign(value, made(numbers(value.elements), value.shape, value.dtype));
  };
  for (const node of model.nodes) {
    node.constants = numbers(node.constants);
    [...node.values, ...node.gradients].forEach(read);
    node.inputs.forEach(input => [input.local, input.product].forEach(read));
  }
  return model;
}

/// Five significant digits, or as many as are asked for.
function short(x, digits = 5) {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (x === 0) return "0";
  const magnitude = Math.floor(Math.log10(Math.abs(x)));
  if (magnitude < -4 || magnitude >= 6) return x.toExponential(digits - 2).replace("e+", "e");
  const text = x.toFixed(Math.min(8, Math.max(0, digits - 1 - magnitude)));
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/// The shortest text that reads back as the same number of this type.
function exact(x, dtype) {
  if (!Number.isFinite(x)) return short(x);
  if (dtype !== "f32") return String(x);
  for (let digits = 1; digits < 9; digits++) {
    const text = x.toPrecision(digits);
    if (Math.fround(Number(text)) === x) return String(Number(text));
  }
  return String(Number(x.toPrecision(9)));
}

function nested(elements, shape, write) {
  if (shape.length === 0) return elements.length ? write(elements[0]) : "";
  const rest = shape.slice(1);
  const step = rest.reduce((a, b) => a * b, 1);
  const parts = Array.from({ length: shape[0] },
    (_, part) => nested(elements.slice(part * step, (part + 1) * step), rest, write));
  return `[${parts.join(", ")}]`;
}

/// A value in full.
function full(value) {
  if (!value) return "";
  if (!value.elements) return value.text;
  return nested(value.elements, value.shape, x => exact(x, value.dtype));
}

/// A name and its value in so many letters: with fewer digits, or the norm, rather than cut.
function fitting(name, value, room) {
  const left = name ? `${name} = ` : "", isShown = value.elements && value.elements.length <= 4;
  const texts = isShown
    ? [5, 4, 3, 2].map(digits => nested(value.elements, value.shape, x => short(x, digits))) : [];
  if (!isNumber(value)) texts.push(`norm ${short(value.norm)}`);
  const text = texts.find(text => left.length + text.length <= room);
  if (text !== undefined) return left + text;
  const last = texts[texts.length - 1];
  return `${name.slice(0, Math.max(0, room - last.length - 4))}\u2026 = ${last}`;
}

const isNumber = value => Boolean(value && value.elements && value.elements.length === 1);

/// The value that a factor of a chain stands for.
function factorValue(model, factor) {
  const node = model.nodes[factor.operation];
  return factor.input === null ? node.gradients[0] : node.inputs[factor.input].local;
}

/// dloss/dw = dloss/ds * ds/dw = -2 * 1 = -2
function chainLine(model, position) {
  const { left, terms } = model.nodes[position].chain;
  const parts = [left, terms.map(factors => factors.map(f => f.name).join(" * ")).join(" + ")];
  const values = terms.map(factors => factors.map(f => factorValue(model, f)));
  if (terms.some(factors => factors.length > 1) && values.flat().every(isNumber)) {
    const text = (value, place) => {
      const number = full(value);
      return place > 0 && number.startsWith("-") ? `(${number})` : number;
    };
    parts.push(values.map(factors => factors.map(text).join(" * ")).join(" + "));
  }
  parts.push(full(model.nodes[position].gradients[0]));
  return parts.filter(part => part !== "").join(" = ");
}

/// y' = w * x = 1
function forwardLine(node) {
  const values = node.values.filter(Boolean).map(full);
  return [node.name, node.formula, ...values].filter(part => part !== "").join(" = ");
}

/// dloss/ds = 2 * s = -2
function localLine(node, input) {
  return [`d${node.name}/d${input.name}`, input.formula, full(input.local)]
    .filter(part => part !== "").join(" = ");
}
