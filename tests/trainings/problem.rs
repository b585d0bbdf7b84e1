//! The examples' models with their data, and a training of one.

use chainrule::data::digits;
use chainrule::nn::{Layer, Pass};
use chainrule::optim::{Adam, AdamConfig, Optimizer};
use chainrule::{DType, Generator, Tensor};

use crate::char_lm::{CONTEXT, CharLm};
use crate::digits_cnn::DigitsCnn;
use crate::formula::{positions, weights};
use crate::reference::Reference;
use crate::text;

/// The positions of the images that are not trained on.
static TEST: &str = include_str!("../../examples/models/digits_test.txt");

type Samples = dyn Fn(&Tensor) -> [Tensor; 2];

/// A model, and what it is trained on.
pub(crate) struct Problem {
    pub(crate) name: &'static str,
    new: fn(DType, &mut Generator) -> Box<dyn Layer>,
    /// How many samples there are, and those at some positions.
    samples: (usize, Box<Samples>),
}

pub(crate) fn digits_cnn() -> Problem {
    let test: Vec<i64> = TEST.split_whitespace().map(|n| n.parse().unwrap()).collect();
    let train: Vec<i64> = (0..1797).filter(|n| !test.contains(n)).collect();
    let (digits, count, train) = (digits(), train.len(), Tensor::from(train));
    let [images, labels] = digits.tensors();
    let data = [&(images / 16.0).unsqueeze(1), labels].map(|x| x.index_select(0, &train));
    let samples = move |at: &Tensor| [0, 1].map(|i| data[i].index_select(0, at));
    Problem {
        name: "digits_cnn",
        new: |dtype, rng| Box::new(DigitsCnn::new(dtype, rng)),
        samples: (count, Box::new(samples)),
    }
}

pub(crate) fn char_lm() -> Problem {
    let (_, [train, _]) = text::split();
    let count = train.numel() - CONTEXT;
    let samples = move |at: &Tensor| {
        let places = at.unsqueeze(1) + Tensor::arange(CONTEXT + 1, DType::I64);
        let rows = train.index_select(0, &places.flatten(0, 1)).reshape_as(&places);
        [0, 1].map(|start| rows.narrow(1, start, CONTEXT))
    };
    Problem {
        name: "char_lm",
        new: |dtype, rng| Box::new(CharLm::new(73, dtype, rng)),
        samples: (count, Box::new(samples)),
    }
}

/// The mean cross-entropy.
pub(crate) fn loss(model: &dyn Layer, [x, y]: &[Tensor; 2], pass: &mut Pass<'_>) -> Tensor {
    let scores = model.forward(x, pass).flatten(0, -2);
    scores.cross_entropy(&y.flatten(0, -1), &chainrule::CrossEntropyOptions::default())
}

impl Problem {
    /// The model with the weights that PyTorch's has too.
    pub(crate) fn model(&self, dtype: DType) -> Box<dyn Layer> {
        let model = (self.new)(dtype, &mut Generator::new(0));
        for (name, parameter) in model.named_parameters() {
            parameter.set(&weights(&name, &parameter.shape(), dtype));
        }
        model
    }

    /// The loss of each step, with Adam as the reference says.
    pub(crate) fn train(&self, model: &dyn Layer, reference: &Reference, steps: usize) -> Vec<f64> {
        let mut rng = Generator::new(0); // nothing in these models is random
        let (lr, eps) = (reference.number("lr"), reference.number("eps"));
        let config = AdamConfig { lr, eps, ..AdamConfig::default() };
        let mut optimizer = Adam::with(model.parameters(), config);
        let batch = reference.count("batch");
        let dtype = model.parameters()[0].dtype();
        let step = |step| {
            let [x, y] = (self.samples.1)(&positions(step, batch, self.samples.0));
            let x = if x.dtype().is_float() { x.to_dtype(dtype) } else { x };
            let loss = loss(model, &[x, y], &mut Pass::train(&mut rng));
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
            loss.item()
        };
        (0..steps).map(step).collect()
    }
}
