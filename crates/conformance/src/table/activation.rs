//! Activation functions.

use super::Table;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.op("sigmoid", |a| a.tensor(0).sigmoid());
    t.op("nn.functional.celu", |a| a.tensor(0).celu(a.float_or((1, "alpha"), 1.0)));
    t.op("nn.functional.elu", |a| a.tensor(0).elu(a.float_or((1, "alpha"), 1.0)));
    t.op("nn.functional.gelu", |a| if a.text_or("approximate", "none") == "tanh" { a.tensor(0).gelu_tanh() } else { a.tensor(0).gelu() });
    t.op("nn.functional.glu", |a| a.tensor(0).glu(a.int_or((1, "dim"), -1)));
    t.op("nn.functional.hardshrink", |a| a.tensor(0).hardshrink(a.float_or((1, "lambd"), 0.5)));
    t.op("nn.functional.hardsigmoid", |a| a.tensor(0).hardsigmoid());
    t.op("nn.functional.hardswish", |a| a.tensor(0).hardswish());
    t.op("nn.functional.hardtanh", |a| a.tensor(0).hardtanh(a.float_or((1, "min_val"), -1.0), a.float_or((2, "max_val"), 1.0)));
    t.op("nn.functional.leaky_relu", |a| a.tensor(0).leaky_relu(a.float_or((1, "negative_slope"), 0.01)));
    t.op("nn.functional.logsigmoid", |a| a.tensor(0).logsigmoid());
    t.op("nn.functional.mish", |a| a.tensor(0).mish());
    t.op("nn.functional.prelu", |a| a.tensor(0).prelu(a.tensor((1, "weight"))));
    t.op("nn.functional.relu", |a| a.tensor(0).relu());
    t.op("nn.functional.relu6", |a| a.tensor(0).relu6());
    t.op("nn.functional.selu", |a| a.tensor(0).selu());
    t.op("nn.functional.silu", |a| a.tensor(0).silu());
    t.op("nn.functional.softplus", |a| a.tensor(0).softplus_with(a.float_or((1, "beta"), 1.0), a.float_or((2, "threshold"), 20.0)));
    t.op("nn.functional.softshrink", |a| a.tensor(0).softshrink(a.float_or((1, "lambd"), 0.5)));
    t.op("nn.functional.softsign", |a| a.tensor(0).softsign());
    t.op("nn.functional.tanhshrink", |a| a.tensor(0).tanhshrink());
    t.op("nn.functional.threshold", |a| a.tensor(0).threshold(a.float((1, "threshold")), a.float((2, "value"))));
}
