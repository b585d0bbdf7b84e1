//! Random graphs: every number is the engine's.

use explain::{Explanation, Kind, record};
use proptest::prelude::*;
use tensor::{DType, Generator, GradOptions, Graph, Parameter, Tensor, grad_with};

/// A random computation from these steps: each says an operation and two earlier values.
pub(crate) fn random(
    steps: &[(u8, usize, usize)],
    shape: &[usize],
) -> (Explanation, Vec<Tensor>, Tensor) {
    let mut rng = Generator::new(steps.len() as u64);
    let recording = record();
    let parameters: Vec<_> =
        (0..2).map(|_| Parameter::new(rng.normal(shape, 0.0, 1.0, DType::F64))).collect();
    let mut values: Vec<Tensor> = parameters.iter().map(Parameter::tensor).collect();
    values.push(rng.normal(shape, 0.0, 1.0, DType::F64));
    for &(operation, a, b) in steps {
        let (a, b) = (&values[a % values.len()], &values[b % values.len()]);
        values.push(match operation % 6 {
            0 => a + b,
            1 => a * b,
            2 => a - 2.0 * b,
            3 => a.tanh(),
            4 => a.sigmoid().named(format!("named {}", values.len())),
            _ => a.sum().expand(shape) * 0.5,
        });
    }
    let total = values[3..].iter().fold(values[0].sum(), |total, value| total + value.mean());
    let root = total.named("root");
    (recording.explain(&root).unwrap(), values, root)
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<(u8, usize, usize)>> {
    proptest::collection::vec((0_u8..6, 0_usize..64, 0_usize..64), 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn numbers_are_those_of_the_engine(steps in steps(), wide in any::<bool>()) {
        let shape: &[usize] = if wide { &[5, 7] } else { &[2] };
        let (explanation, values, root) = random(&steps, shape);
        let tracked: Vec<&Tensor> = values.iter().filter(|value| value.is_tracked()).collect();
        let options = GradOptions { graph: Graph::Keep, ..GradOptions::default() };
        let gradients = grad_with(&root, &tracked, options);
        let shown = |of: &dyn Fn(&explain::Node) -> Option<&explain::Quantity>| -> Vec<String> {
            explanation.nodes.iter().filter_map(|node| Some(of(node)?.to_string())).collect()
        };
        let (all_values, all_gradients) = (shown(&|n| n.value()), shown(&|n| n.gradient()));
        for (value, gradient) in tracked.iter().zip(gradients) {
            let text = explain::Look::quantity(*value).to_string();
            if let Some(gradient) = gradient {
                prop_assert!(all_values.contains(&text), "{text} of {all_values:?}");
                let text = explain::Look::quantity(&gradient).to_string();
                prop_assert!(all_gradients.contains(&text), "{text} of {all_gradients:?}");
            }
        }
    }

    #[test]
    fn what_users_send_adds_up_to_the_gradient(steps in steps()) {
        let (explanation, ..) = random(&steps, &[]);
        let users = explanation.users();
        for (position, node) in explanation.nodes.iter().enumerate() {
            let Some(gradient) = node.gradient() else {
                prop_assert_eq!(node.kind, Kind::Constant);
                continue;
            };
            if users[position].is_empty() {
                continue;
            }
            let products = users[position].iter().map(|&(user, which)| {
                let input = &explanation.nodes[user].inputs[which];
                let product = input.product.as_ref().unwrap().number().unwrap();
                let local = input.local.as_ref().unwrap().number().unwrap();
                let arrived = explanation.nodes[user].gradient().unwrap().number().unwrap();
                assert!((product - local * arrived).abs() <= 1e-12 * product.abs().max(1.0));
                product
            });
            let sum: f64 = products.sum();
            let gradient = gradient.number().unwrap();
            prop_assert!((sum - gradient).abs() <= 1e-12 * gradient.abs().max(1.0));
        }
    }
}
