//! Activation layers and dropout.

use conformance::Args;
use nn::{
    AlphaDropout, Approximate, CELU, Dropout, Dropout1d, Dropout2d, ELU, FeatureAlphaDropout, GELU,
    GLU, Hardshrink, Hardsigmoid, Hardswish, Hardtanh, LeakyReLU, LogSigmoid, LogSoftmax, Mish,
    PReLU, PReLUConfig, RReLU, ReLU, ReLU6, SELU, SiLU, Sigmoid, Softmax, Softmax2d, Softmin,
    Softplus, Softshrink, Softsign, Tanh, Tanhshrink, Threshold,
};
use tensor::DType;

use super::table::Table;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.layer("nn.ReLU", |_| ReLU);
    t.layer("nn.ReLU6", |_| ReLU6);
    t.layer("nn.LeakyReLU", |a| LeakyReLU { slope: a.float_or((0, "negative_slope"), 0.01) });
    t.layer("nn.PReLU", |a| PReLU::with(&PReLUConfig { num_parameters: a.size_or((0, "num_parameters"), 1), init: a.float_or((1, "init"), 0.25), dtype: DType::F64 }));
    t.layer("nn.RReLU", |a| RReLU { lower: a.float_or((0, "lower"), 1.0 / 8.0), upper: a.float_or((1, "upper"), 1.0 / 3.0) });
    t.layer("nn.ELU", |a| ELU { alpha: a.float_or((0, "alpha"), 1.0) });
    t.layer("nn.CELU", |a| CELU { alpha: a.float_or((0, "alpha"), 1.0) });
    t.layer("nn.SELU", |_| SELU);
    t.layer("nn.Hardtanh", |a| Hardtanh { min: a.float_or((0, "min_val"), -1.0), max: a.float_or((1, "max_val"), 1.0) });
    t.layer("nn.Threshold", |a| Threshold { threshold: a.float((0, "threshold")), value: a.float((1, "value")) });
    t.layer("nn.Sigmoid", |_| Sigmoid);
    t.layer("nn.LogSigmoid", |_| LogSigmoid);
    t.layer("nn.Hardsigmoid", |_| Hardsigmoid);
    t.layer("nn.Tanh", |_| Tanh);
    t.layer("nn.Softsign", |_| Softsign);
    t.layer("nn.Softplus", |a| Softplus { beta: a.float_or((0, "beta"), 1.0), threshold: a.float_or((1, "threshold"), 20.0) });
    t.layer("nn.SiLU", |_| SiLU);
    t.layer("nn.Mish", |_| Mish);
    t.layer("nn.Hardswish", |_| Hardswish);
    t.layer("nn.GELU", |a| GELU { approximate: approximate(a) });
    t.layer("nn.GLU", |a| GLU { axis: a.int_or((0, "dim"), -1) });
    t.layer("nn.Hardshrink", |a| Hardshrink { lambda: a.float_or((0, "lambd"), 0.5) });
    t.layer("nn.Softshrink", |a| Softshrink { lambda: a.float_or((0, "lambd"), 0.5) });
    t.layer("nn.Tanhshrink", |_| Tanhshrink);
    t.layer("nn.Softmax", |a| Softmax { axis: a.int((0, "dim")) });
    t.layer("nn.Softmax2d", |_| Softmax2d);
    t.layer("nn.LogSoftmax", |a| LogSoftmax { axis: a.int((0, "dim")) });
    t.layer("nn.Softmin", |a| Softmin { axis: a.int((0, "dim")) });

    t.layer("nn.Dropout", |a| Dropout::new(a.float(0)));
    t.layer("nn.Dropout1d", |a| Dropout1d::new(a.float(0)));
    t.layer("nn.Dropout2d", |a| Dropout2d::new(a.float(0)));
    t.layer("nn.AlphaDropout", |a| AlphaDropout::new(a.float(0)));
    t.layer("nn.FeatureAlphaDropout", |a| FeatureAlphaDropout::new(a.float(0)));
}

fn approximate(a: &Args) -> Approximate {
    match a.text_or((0, "approximate"), "none") {
        "none" => Approximate::None,
        "tanh" => Approximate::Tanh,
        other => panic!("an approximation that is not ours: {other}"),
    }
}
