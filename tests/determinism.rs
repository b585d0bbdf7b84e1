//! The same bits for any number of threads: of each family of kernels that divides its work, on
//! odd sizes and with nothing too small to divide, and of a training run.

use chainrule::nn::{Layer, Linear, MSELoss, Module, Pass, Sequential, Tanh};
use chainrule::optim::{Adam, Optimizer, SGD, SgdConfig};
use chainrule::{
    AttentionOptions, CtcOptions, DType, Generator, Parameter, Reduction, Tensor, force_threads,
    grad, set_num_threads, thread_splits,
};

/// The bits of what `f` computes on 1, 2 and 4 threads; with several, work is really divided.
fn bits_on_all(name: &str, f: &dyn Fn() -> Tensor) {
    let bits = || -> Vec<u64> {
        f().to_dtype(DType::F64).to_vec::<f64>().iter().map(|x| x.to_bits()).collect()
    };
    set_num_threads(1);
    let before = thread_splits();
    let alone = bits();
    assert_eq!(thread_splits(), before, "{name}: one thread does not divide");
    for threads in [2, 4] {
        set_num_threads(threads);
        let before = thread_splits();
        assert_eq!(bits(), alone, "{name} on {threads} threads");
        assert!(thread_splits() > before, "{name} is divided among {threads} threads");
    }
}

/// A perceptron's parameters after some steps.
fn train() -> Tensor {
    let mut rng = Generator::new(7);
    let model = Sequential::new()
        .then(Linear::new(37, 101, &mut rng))
        .then(Tanh)
        .then(Linear::new(101, 3, &mut rng));
    let x = rng.normal(&[403, 37], 0.0, 1.0, DType::F32);
    let y = rng.normal(&[403, 3], 0.0, 1.0, DType::F32);
    let config = SgdConfig { lr: 0.05, momentum: 0.9, ..SgdConfig::default() };
    let mut optimizer = SGD::with(model.parameters(), config);
    for _ in 0..5 {
        let output = model.forward(&x, &mut Pass::train(&mut rng));
        MSELoss::default().forward(&output, &y).backward();
        optimizer.step();
        optimizer.zero_grad();
    }
    let parameters = model.parameters();
    let flat: Vec<Tensor> = parameters.iter().map(|p| p.tensor().reshape(&[-1])).collect();
    Tensor::cat(&flat, 0)
}

/// The losses of some sequences of labels, and their derivatives.
fn alignments(x: &Tensor) -> Tensor {
    let (targets, n) = (Tensor::ones(&[7, 9], DType::I64), x.shape()[1]);
    let options = CtcOptions { reduction: Reduction::None, ..CtcOptions::default() };
    let losses = x.ctc_loss(&targets, &vec![23; n], &vec![9; n], options);
    let [gradient] = grad(&losses.sum(), [x]);
    Tensor::cat(&[losses, gradient.reshape(&[-1])], 0)
}

/// A parameter that takes several parts, after two steps.
fn updated(w: &Tensor, slope: &Tensor) -> Tensor {
    let w = Parameter::new(w.clone());
    let mut optimizer = Adam::new([w.clone()], 0.01);
    for sign in [1.0, -0.5] {
        w.set_grad(Some(slope * sign));
        optimizer.step();
    }
    w.tensor().detach()
}

/// One test, for the number of threads belongs to the whole process.
#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    force_threads(Some(1));
    let mut rng = Generator::new(0);
    let mut normal = |shape: &[usize]| rng.normal(shape, 0.0, 1.0, DType::F32);
    let (x, y, row) = (normal(&[301, 337]), normal(&[301, 337]), normal(&[337]));
    bits_on_all("map", &|| x.exp());
    bits_on_all("map of a transpose", &|| x.t().tanh());
    bits_on_all("zip", &|| &x * &y);
    bits_on_all("zip with a row", &|| &x + &row);
    bits_on_all("zip with a number", &|| &x / 3.0);
    bits_on_all("zip of transposes", &|| x.t() - y.t());
    bits_on_all("zip of three", &|| Tensor::where_(&x.gt(&y), &x, &y));
    bits_on_all("sum", &|| x.sum());
    bits_on_all("sum of doubles", &|| x.to_dtype(DType::F64).sum());
    bits_on_all("sum of rows", &|| x.sum_dim(1));
    bits_on_all("sum of columns", &|| x.sum_dim(0));
    bits_on_all("mean of a transpose's rows", &|| x.t().mean_dim(1));
    bits_on_all("product", &|| x.matmul(&y.t()));
    bits_on_all("product of transposes", &|| x.t().matmul(&y));
    bits_on_all("product of doubles", &|| {
        x.to_dtype(DType::F64).matmul(&y.t().to_dtype(DType::F64))
    });
    bits_on_all("few rows", &|| x.slice(0, 0..5, 1).matmul(&y.t()));
    bits_on_all("vector times matrix", &|| normal_like(&x, 301).matmul(&wide(&x)));
    bits_on_all("matrix times vector", &|| x.matmul(&row));
    let (a, b) = (normal(&[7, 19, 33]), normal(&[7, 33, 21]));
    bits_on_all("batches", &|| a.matmul(&b));
    bits_on_all("linear", &|| x.linear(&y, Some(&normal_like(&x, 301))));
    let sequences = normal(&[23, 7, 5]).log_softmax(-1).requires_grad();
    bits_on_all("alignments", &|| alignments(&sequences));
    let tokens = normal(&[2, 601, 9]).requires_grad();
    bits_on_all("attention", &|| attention(&tokens));
    let (w, slope) = (normal(&[200_003]), normal(&[200_003]));
    bits_on_all("updates", &|| updated(&w, &slope));
    bits_on_all("training", &train);
    force_threads(None);
}

/// Values and gradient, of more than one part of a head.
fn attention(x: &Tensor) -> Tensor {
    let causal = AttentionOptions { is_causal: true, ..AttentionOptions::default() };
    let y = x.scaled_dot_product_attention(x, x, &causal);
    let [dx] = grad(&y.square().sum(), [x]);
    Tensor::cat(&[y.detach(), dx], 0)
}

/// A vector of this length, from the first elements.
fn normal_like(x: &Tensor, len: usize) -> Tensor {
    x.reshape(&[-1]).slice(0, 0..len, 1)
}

/// More columns than one piece of a vector's product has.
fn wide(x: &Tensor) -> Tensor {
    Tensor::cat(&[x.clone(), x.clone(), x.clone(), x.clone()], 1)
}
