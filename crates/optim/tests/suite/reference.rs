//! SGD against the same formulas in plain Rust, for random hyperparameters and gradients.

use optim::{Optimizer, SGD, SgdConfig};
use proptest::prelude::*;
use tensor::{DType, Parameter, Tensor};

/// One parameter, its velocity, and the formulas as they stand in the documentation.
struct Reference {
    w: Vec<f64>,
    v: Option<Vec<f64>>,
}

impl Reference {
    fn step(&mut self, gradient: &[f64], config: &SgdConfig) {
        let SgdConfig { lr, momentum, dampening, weight_decay, nesterov, maximize } = *config;
        let sign = if maximize { -1.0 } else { 1.0 };
        let decayed = |(g, w): (&f64, &f64)| sign * g + weight_decay * w;
        let g: Vec<f64> = gradient.iter().zip(&self.w).map(decayed).collect();
        let direction = if momentum == 0.0 {
            g
        } else {
            let mixed = |(v, g): (&f64, &f64)| momentum * v + (1.0 - dampening) * g;
            let v: Vec<f64> = match &self.v {
                None => g.clone(),
                Some(v) => v.iter().zip(&g).map(mixed).collect(),
            };
            self.v = Some(v.clone());
            let ahead = |(g, v): (&f64, &f64)| g + momentum * v;
            if nesterov { g.iter().zip(&v).map(ahead).collect() } else { v }
        };
        for (w, d) in self.w.iter_mut().zip(direction) {
            *w -= lr * d;
        }
    }
}

fn configs() -> impl Strategy<Value = SgdConfig> {
    let zero_or = |range: std::ops::Range<f64>| prop_oneof![Just(0.0), range];
    (
        zero_or(1e-4..0.5),
        zero_or(0.05..0.99),
        zero_or(0.05..1.0),
        zero_or(1e-3..0.3),
        any::<[bool; 2]>(),
    )
        .prop_map(|(lr, momentum, dampening, weight_decay, choice)| {
            let nesterov = choice[0] && momentum > 0.0;
            SgdConfig {
                lr,
                momentum,
                dampening: if nesterov { 0.0 } else { dampening },
                weight_decay,
                nesterov,
                maximize: choice[1],
            }
        })
}

/// A parameter's initial value, and its gradient in each of six steps; some steps have none.
fn histories() -> impl Strategy<Value = (Vec<f64>, Vec<Option<Vec<f64>>>)> {
    (1_usize..40).prop_flat_map(|len| {
        // Numbers that f32 holds exactly, so that both dtypes start alike.
        let number = (-3.0_f32..3.0).prop_map(f64::from);
        let numbers = prop::collection::vec(number, len);
        let gradients = prop::collection::vec(prop::option::weighted(0.8, numbers.clone()), 6);
        (numbers, gradients)
    })
}

fn tensor(numbers: &[f64], dtype: DType) -> Tensor {
    Tensor::from(numbers).to_dtype(dtype)
}

proptest! {
    #[test]
    fn steps_are_the_formulas_of_the_documentation(
        config in configs(),
        histories in prop::collection::vec(histories(), 1..4),
        is_f32 in any::<bool>(),
    ) {
        let (dtype, tolerance) = if is_f32 { (DType::F32, 2e-5) } else { (DType::F64, 1e-13) };
        let parameters: Vec<_> =
            histories.iter().map(|(w, _)| Parameter::new(tensor(w, dtype))).collect();
        let mut references: Vec<_> =
            histories.iter().map(|(w, _)| Reference { w: w.clone(), v: None }).collect();
        let mut optimizer = SGD::with(parameters.clone(), config.clone());
        for step in 0..6 {
            for ((parameter, reference), (_, gradients)) in
                parameters.iter().zip(&mut references).zip(&histories)
            {
                let gradient = gradients[step].as_deref();
                parameter.set_grad(gradient.map(|g| tensor(g, dtype)));
                if let Some(gradient) = gradient {
                    reference.step(gradient, &config);
                }
            }
            optimizer.step();
            for (parameter, reference) in parameters.iter().zip(&references) {
                let ours = parameter.tensor().to_dtype(DType::F64).to_vec::<f64>();
                for (ours, theirs) in ours.into_iter().zip(&reference.w) {
                    // Cancellation makes numbers near zero as wrong as those of magnitude one.
                    let scale = theirs.abs().max(1.0);
                    prop_assert!(
                        (ours - theirs).abs() <= tolerance * scale,
                        "step {}: {}, not {}, with {:?}", step, ours, theirs, config
                    );
                }
            }
        }
    }

    #[test]
    fn velocities_are_kept_only_with_momentum(config in configs(), (w, _) in histories()) {
        let parameter = Parameter::new(tensor(&w, DType::F64));
        let has_momentum = config.momentum != 0.0;
        let mut optimizer = SGD::with([parameter.clone()], config);
        let kept = |optimizer: &SGD| optimizer.groups().iter().next().unwrap().state()[0].tensors.len();
        prop_assert_eq!(kept(&optimizer), 0);
        parameter.set_grad(Some(parameter.tensor().ones_like()));
        optimizer.step();
        prop_assert_eq!(kept(&optimizer), usize::from(has_momentum));
    }
}
