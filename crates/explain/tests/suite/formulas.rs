//! Formulas say what was computed: evaluated, they give the numbers beside them.

use explain::{Elements, Explanation, Quantity, record};
use tensor::{Reduction, Tensor};

fn loss(reduction: Reduction) -> Explanation {
    let recording = record();
    let x = Tensor::from([1.0_f64, 2.0, 5.0]).requires_grad().named("x");
    let target = Tensor::from([1.0_f64, 4.0, 2.0]).requires_grad().named("target");
    recording.explain(&x.mse_loss(&target, reduction).sum().named("loss")).unwrap()
}

fn elements(quantity: &Quantity) -> &[f64] {
    let Elements::Whole(elements) = &quantity.elements else { panic!("too many elements") };
    elements
}

#[test]
fn a_squared_error_is_divided_as_it_was_reduced() {
    for (reduction, over, divisor) in
        [(Reduction::Mean, " / 3", 3.0), (Reduction::Sum, "", 1.0), (Reduction::None, "", 1.0)]
    {
        let explanation = loss(reduction);
        let node = explanation.nodes.iter().find(|node| node.operation == "mse_loss").unwrap();
        assert_eq!(explanation.formula(node), "mse_loss(x, target)");
        for (input, sign) in [(0, ""), (1, "-")] {
            let formula = explanation.local_formula(node, input).unwrap();
            assert_eq!(formula, format!("{sign}2 * (x - target){over}"));
            let factor = if input == 0 { 2.0 } else { -2.0 };
            let expected = [0.0, -2.0, 3.0].map(|error| factor * error / divisor);
            let local = node.inputs[input].local.as_ref().unwrap();
            assert_eq!(elements(local), expected, "{reduction:?}");
        }
        assert!(explanation.html().contains(&format!(r#""constants":[{divisor}]"#)));
    }
}

/// The shapes do not tell: both factors are square.
#[test]
fn a_product_is_transposed_where_a_linear_layer_does_that() {
    let product = |f: fn(&Tensor, &Tensor) -> Tensor| {
        let recording = record();
        let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]).requires_grad().named("x");
        let w = Tensor::from([[0.5_f32, 1.0], [-1.0, 2.0]]).requires_grad().named("w");
        let explanation = recording.explain(&f(&x, &w).sum()).unwrap();
        let node = explanation.nodes.iter().find(|node| node.inputs.len() > 1).unwrap();
        (explanation.formula(node), elements(node.value().unwrap()).to_vec())
    };
    let plain = ("x @ w".to_owned(), vec![-1.5, 5.0, -2.5, 11.0]);
    assert_eq!(product(|x, w| x.matmul(w)), plain);
    let turned = ("x @ w^T".to_owned(), vec![2.5, 3.0, 5.5, 5.0]);
    assert_eq!(product(|x, w| x.linear(w, None)), turned);
    let (formula, sums) = product(|x, w| x.linear(w, Some(&w.detach().select(0, 0).named("b"))));
    assert!(formula.starts_with("x @ w^T + "), "{formula}");
    assert_eq!(sums, [3.0, 4.0, 6.0, 6.0]);
}
