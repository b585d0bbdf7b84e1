//! The first NaN is an error that names its operation.

use std::cell::RefCell;
use std::rc::Rc;

use tensor::{
    AnomalyOptions, Recorded, Tensor, checkpoint, custom, detect_anomaly, detect_anomaly_with,
    func, no_grad, observe,
};

use crate::errors::catch::panics;

const ADVICE: &str = "an element that a `where` leaves out still brings NaN into its gradient: \
                      where_with keeps it from being computed";

fn infinities() -> AnomalyOptions {
    AnomalyOptions { infinity: true, ..AnomalyOptions::default() }
}

#[test]
fn a_result_names_the_operation_the_shapes_and_the_element() {
    let x = Tensor::from([[1.0_f32, 4.0, 9.0], [1.0, -1.0, f32::NAN]]);
    let _guard = detect_anomaly();
    let text = "sqrt: the result is NaN at [1, 1]: f32 [2, 3] from f32 [2, 3]; input 0 is NaN at \
                [1, 2] already";
    panics(text, || x.sqrt());
    panics(text, || x.requires_grad().sqrt());
    let (zero, row) = (Tensor::from([[0.0_f32], [1.0]]), Tensor::from([1.0_f32, 0.0]));
    let text = format!(
        "div: the result is NaN at [0, 1]: f32 [2, 2] from f32 [2, 2], f32 [2, 2]; the inputs are \
         not; {ADVICE}"
    );
    let guard = no_grad();
    panics(&text, || &zero / &row);
    panics(&text, || zero.clone() / row.clone());
    drop(guard);
    panics(&text, || &zero.requires_grad() / &row);
    let text =
        format!("pole: the result is NaN at []: f32 [] from f32 []; the inputs are not; {ADVICE}");
    let one = Tensor::from(1.0_f32);
    panics(&text, || custom("pole", [&one], |_| Tensor::from(f32::NAN), |g, _| [g.clone()]));
    assert_eq!(zero.exp().to_vec::<f32>().len(), 2, "nothing is found where nothing is wrong");
}

#[test]
fn a_gradient_names_the_operation_and_the_line_that_recorded_it() {
    let x = Tensor::from([4.0_f64, 0.0]).requires_grad();
    let root = x.sqrt();
    let at = format!("{}:{}:18", file!(), line!() - 1);
    let y = Tensor::where_(&x.gt_scalar(0.0), &root, &x).sum();
    let _guard = detect_anomaly();
    let text = format!(
        "backward of sqrt recorded at {at}: the gradient of input 0 is NaN at [1]: f64 [2]; \
         cotangent f64 [2], 0 there: zero times a slope that is infinite or NaN; {ADVICE}"
    );
    panics(&text, || tensor::differentiable_grad(&y, [&x]));
    panics(&text, || y.backward());
    assert!(x.grad().is_none());
}

#[test]
fn the_advice_helps() {
    let x = Tensor::from([4.0_f64, 0.0, -1.0]);
    let _guard = detect_anomaly_with(infinities());
    let root = |[x]: [&Tensor; 1]| {
        Tensor::where_with(&x.gt_scalar(0.0), x, Tensor::sqrt, Tensor::clone).sum()
    };
    assert_eq!(func::grad(root, [&x])[0].to_vec::<f64>(), [0.25, 1.0, 1.0]);
}

#[test]
fn other_inputs_are_described() {
    let x = Tensor::from([0.0_f64, 1.0]).requires_grad();
    let w = Tensor::from([1.0_f64, 1.0]).requires_grad();
    let y = x.sqrt() * &w;
    let product = Tensor::from([f64::NAN, 1.0]);
    let z =
        custom("broken", [&y, &w], |[y, w]| y * w, move |g, [y, _]| [g * &product, g * y]).sum();
    let at = format!("{}:{}:9", file!(), line!() - 1);
    let _guard = detect_anomaly();
    let text = format!(
        "backward of broken recorded at {at}: the gradient of input 0 is NaN at [0]: f64 [2], \
         input 1 f64 [2]; cotangent f64 [2], 1 there"
    );
    panics(&text, || z.backward());
}

#[test]
fn infinities_are_errors_where_that_is_asked_for() {
    let x = Tensor::from([1.0_f64, 0.0]).requires_grad();
    let root = x.sqrt().sum();
    let at = format!("{}:{}:18", file!(), line!() - 1);
    {
        let _guard = detect_anomaly();
        assert_eq!(func::grad(|[x]| x.sqrt().sum(), [&x])[0].to_vec::<f64>(), [0.5, f64::INFINITY]);
        let inner = detect_anomaly_with(infinities());
        let text = format!(
            "log: the result is -inf at [1]: f64 [2] from f64 [2]; the inputs are not; {ADVICE}"
        );
        panics(&text, || x.log());
        let text = format!(
            "backward of sqrt recorded at {at}: the gradient of input 0 is inf at [1]: f64 [2]; \
             cotangent f64 [2], 1 there"
        );
        panics(&text, || root.backward());
        drop(inner);
        let _ = x.log();
    }
    let options = AnomalyOptions { nan: false, infinity: false };
    let _guard = detect_anomaly_with(options);
    let _ = x.log() - x.log();
}

#[test]
fn the_guard_ends_the_search_by_a_panic_too() {
    let negative = Tensor::from(-1.0_f32);
    let outcome = std::panic::catch_unwind(|| {
        let _guard = detect_anomaly();
        negative.sqrt()
    });
    assert!(outcome.is_err());
    assert!(negative.sqrt().item().is_nan());
    let x = negative.requires_grad();
    x.sqrt().backward();
    assert!(x.grad().unwrap().item().is_nan());
}

#[test]
fn a_seed_is_to_blame_for_itself() {
    let x = Tensor::from([1.0_f32, 2.0]).requires_grad();
    let y = x.exp();
    let _guard = detect_anomaly();
    let seed = Some(Tensor::from([1.0_f32, f32::NAN]));
    let options = tensor::Backward { seed, ..tensor::Backward::default() };
    panics("backward: the seed is NaN at [1]: f32 [2]", || y.backward_with(options));
}

#[test]
fn computing_again_is_searched_too() {
    let x = Tensor::from([0.0_f64, 1.0]).requires_grad();
    let zero = Tensor::from(0.0_f64);
    let y = checkpoint(move |[x]| x.sqrt() * &zero, [&x]).sum();
    let _guard = detect_anomaly();
    let error = std::panic::catch_unwind(|| y.backward()).unwrap_err();
    let message = error.downcast_ref::<String>().unwrap();
    assert!(message.contains("backward of checkpoint recorded at"), "{message}");
    assert!(message.contains("backward of sqrt recorded at"), "{message}");
    assert!(message.contains("the gradient of input 0 is NaN at [0]"), "{message}");
}

#[test]
fn an_observer_sees_as_before() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    let _observer = observe(move |seen: &Recorded<'_, Tensor>| {
        log.borrow_mut().push(seen.edge.node().name());
    });
    let x = Tensor::from(1.0_f64).requires_grad();
    let guard = detect_anomaly();
    let y = x.exp();
    drop(guard);
    y.sin().backward();
    assert_eq!(*seen.borrow(), ["exp", "sin"]);
}

#[test]
fn integers_and_masks_are_never_bad() {
    let _guard = detect_anomaly_with(infinities());
    let n = Tensor::from([1_i64, 2]);
    assert_eq!((&n + &n).sum().item(), 6.0);
    assert!(n.gt_scalar(1).to_vec::<bool>()[1]);
}

/// An operand of this size that is given away is written over where nobody looks.
#[test]
fn the_operands_of_a_bad_result_are_seen_as_they_were() {
    let x = Tensor::full(&[1 << 18], f32::MAX);
    let _guard = detect_anomaly_with(infinities());
    let text = format!(
        "add: the result is inf at [0]: f32 [262144] from f32 [262144], f32 [262144]; the inputs \
         are not; {ADVICE}"
    );
    panics(&text, || Tensor::full(&[1 << 18], f32::MAX) + &x);
}
