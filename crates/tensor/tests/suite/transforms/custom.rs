//! Operations with derivatives of the user's own.

use std::cell::RefCell;
use std::rc::Rc;

use tensor::{
    CustomCall, CustomOp, DType, Generator, GradOptions, Parameter, Recorded, Tensor, ancestors,
    custom, custom_many, grad, grad_with, gradcheck, gradgradcheck, no_grad, non_differentiable,
    observe,
};

use crate::errors::catch::panics;

fn cube(x: &Tensor) -> Tensor {
    custom("cube", [x], |[x]| x * x * x, |g, [x]| [3.0 * x.square() * g])
}

fn random(shape: &[usize]) -> Tensor {
    Generator::new(5).normal(shape, 0.0, 1.0, DType::F64)
}

#[test]
fn a_closure_has_derivatives_of_every_order() {
    for shape in [&[][..], &[1], &[3], &[2, 0], &[2, 3]] {
        gradgradcheck(|x| cube(&x[0]), &[random(shape)]).unwrap();
    }
    gradgradcheck(|x| cube(&x[0].t()).sum_dim(0), &[random(&[2, 3])]).unwrap();
    let product = |x: &[Tensor]| {
        custom("product", [&x[0], &x[1]], |[a, b]| a * b, |g, [a, b]| [g * b, g * a])
    };
    gradgradcheck(product, &[random(&[3]), random(&[3])]).unwrap();
    gradgradcheck(|x| product(&[x[0].clone(), x[0].clone()]), &[random(&[3])]).unwrap();
    let x = Tensor::from(2.0_f64);
    let third = tensor::func::grad(
        |[x]| {
            let [[h]] = tensor::func::hessian(|[x]| cube(x), [x]);
            h
        },
        [&x],
    );
    assert_eq!(third[0].item(), 6.0);
}

#[test]
fn a_wrong_derivative_is_found_by_gradcheck() {
    let wrong = |x: &Tensor| custom("wrong", [x], |[x]| x * x * x, |g, [x]| [2.0 * x * g]);
    let error = gradcheck(|x| wrong(&x[0]), &[random(&[3])]).unwrap_err();
    assert_eq!((error.input, error.order), (0, 1));
}

#[test]
fn the_node_has_the_name_and_the_line_of_the_caller() {
    let x = Tensor::from(2.0_f64).requires_grad();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    let guard = observe(move |&Recorded { edge, value, .. }: &Recorded<'_, Tensor>| {
        log.borrow_mut().push((edge.node().name(), edge.slot(), value.item()));
    });
    let line = line!() + 1;
    let y = custom("cube", [&x], |[x]| x * x * x, |g, [x]| [3.0 * x.square() * g]);
    let both = custom_many("both", [&x], |[x]| [x * 2.0, x * 3.0], |[a, b], _| [a * 2.0 + b * 3.0]);
    drop(guard);
    assert_eq!(*seen.borrow(), [("cube", 0, 8.0), ("both", 0, 4.0), ("both", 1, 6.0)]);
    let node = y.edge().unwrap().node();
    assert_eq!((node.name(), node.location().file()), ("cube", file!()));
    assert_eq!(node.location().line(), line);
    assert_eq!(ancestors(&y).len(), 2, "nothing inside the operation is recorded");
    assert_eq!(both[1].edge().unwrap().node().outputs(), 2);
    let local = node.local_gradients(vec![Some(Tensor::from(1.0_f64))]).unwrap();
    assert_eq!(local[0].as_ref().unwrap().item(), 12.0);
}

#[test]
fn several_outputs_and_those_that_nobody_uses() {
    let polar = |x: &Tensor, y: &Tensor| {
        let forward = |[x, y]: [&Tensor; 2]| [(x * x + y * y).sqrt(), y / x];
        custom_many("polar", [x, y], forward, |[gr, gt], [x, y]| {
            let r = (x * x + y * y).sqrt();
            [gr * x / &r - gt * y / (x * x), gr * y / &r + gt / x]
        })
    };
    let inputs = [random(&[3]).abs() + 0.5, random(&[3])];
    gradgradcheck(|x| polar(&x[0], &x[1])[0].clone(), &inputs).unwrap();
    gradgradcheck(|x| polar(&x[0], &x[1])[1].clone(), &inputs).unwrap();
    gradgradcheck(
        |x| polar(&x[0], &x[1]).map(|y| y.exp()).iter().fold(Tensor::from(0.0_f64), |a, b| a + b),
        &inputs,
    )
    .unwrap();
}

/// exp, whose derivative is its output, and the number of positive elements.
struct Exp;

impl CustomOp for Exp {
    fn name(&self) -> &'static str {
        "my_exp"
    }

    fn forward(&self, inputs: &[Tensor]) -> Vec<Tensor> {
        vec![inputs[0].exp(), inputs[0].gt_scalar(0.0)]
    }

    fn backward(&self, call: &CustomCall<'_>) -> Vec<Option<Tensor>> {
        assert_eq!(call.cotangent(1).dtype(), DType::Bool);
        assert!(!call.output(1).is_tracked());
        vec![call.needs(0).then(|| call.cotangent(0) * call.output(0)), None]
    }

    fn is_differentiable(&self, input: usize) -> bool {
        input == 0
    }

    fn saves_input(&self, _: usize) -> bool {
        false
    }
}

#[test]
fn an_operation_may_save_its_output_alone() {
    let scale = Tensor::from(1.0_f64);
    let exp = |x: &Tensor| Exp.apply(&[x, &scale]);
    gradgradcheck(|x| exp(&x[0])[0].clone(), &[random(&[3])]).unwrap();
    let x = random(&[3]).requires_grad();
    let outputs = exp(&x);
    assert!(outputs[0].is_tracked() && !outputs[1].is_tracked(), "a mask is never tracked");
    let text = "my_exp: not differentiable with respect to input 1, which is tracked: f64 []; \
                detach it to go without its gradient";
    panics(text, || Exp.apply(&[&x, &scale.requires_grad()]));
    let _guard = no_grad();
    assert!(!Exp.apply(&[&x, &scale.requires_grad()])[0].is_tracked());
}

#[test]
fn what_was_not_saved_cannot_be_read() {
    struct Forgetful;
    impl CustomOp for Forgetful {
        fn name(&self) -> &'static str {
            "forgetful"
        }
        fn forward(&self, inputs: &[Tensor]) -> Vec<Tensor> {
            inputs.to_vec()
        }
        fn backward(&self, call: &CustomCall<'_>) -> Vec<Option<Tensor>> {
            vec![Some(call.input(0).clone())]
        }
        fn saves_input(&self, _: usize) -> bool {
            false
        }
    }
    let x = Tensor::from(1.0_f64).requires_grad();
    let y = Forgetful.apply(&[&x]).remove(0);
    let line = line!() - 1;
    let text = format!(
        "backward of forgetful recorded at {}:{line}:23: forgetful: input 0 was not saved",
        file!()
    );
    panics(&text, || y.backward());
}

#[test]
fn an_input_without_a_gradient() {
    let mask = Tensor::from([true, false, true]);
    let keep = |x: &Tensor| {
        let forward = |[x, mask]: [&Tensor; 2]| x.masked_fill(&mask.not(), 0.0);
        custom("keep", [x, &mask], forward, |g, [_, mask]| {
            [Some(g.masked_fill(&mask.not(), 0.0)), None]
        })
    };
    gradgradcheck(|x| keep(&x[0]), &[random(&[3])]).unwrap();
}

#[test]
fn a_tracked_tensor_that_is_not_an_input_is_an_error() {
    let x = Tensor::from(2.0_f64).requires_grad();
    let w = Parameter::new(Tensor::from(3.0_f64));
    let text = "leaky: the forward pass used a tracked tensor that is not an input, whose gradient \
                would be lost: make it an input, or detach it";
    panics(text, || custom("leaky", [&x], |[x]| &w * x, |g, _| [g * 3.0]));
    panics(text, || custom("leaky", [&x.detach()], |[x]| &w * x, |g, _| [g * 3.0]));
    let y = custom("fine", [&x], |[x]| w.tensor().detach() * x, |g, _| [g * 3.0]);
    y.backward();
    assert_eq!(x.grad().unwrap().item(), 3.0);
}

#[test]
fn backward_may_use_what_it_captured_to_any_order() {
    let x = Tensor::from(2.0_f64).requires_grad();
    let w = Tensor::from(3.0_f64).requires_grad();
    let captured = w.clone();
    let y = custom("scaled", [&x], |[x]| x.clone(), move |g, _| [g * &captured]);
    let [dx] = tensor::differentiable_grad(&y, [&x]);
    let [dw] = grad(&dx, [&w]);
    assert_eq!((dx.item(), dw.item()), (3.0, 1.0));
    y.backward();
    assert!(!x.grad().unwrap().is_tracked());
}

#[test]
fn a_tracked_gradient_brings_no_graph_into_a_leaf() {
    let x = Tensor::from(2.0_f64).requires_grad();
    let w = Tensor::from(3.0_f64).requires_grad();
    let captured = w.clone();
    custom("constant", [&x], |[x]| x.clone(), move |_, _| [captured.clone()]).backward();
    assert!(!x.grad().unwrap().is_tracked());
}

#[test]
fn only_what_is_needed_is_asked_for() {
    let (a, b) = (Tensor::from(2.0_f64).requires_grad(), Tensor::from(3.0_f64));
    let y = custom("product", [&a, &b], |[a, b]| a * b, |g, [_, b]| [Some(g * b), None]);
    y.backward();
    assert_eq!(a.grad().unwrap().item(), 3.0);
    let unused = grad_with(&cube(&a), &[&b], GradOptions::default());
    assert!(unused[0].is_none());
}

#[test]
fn a_wrong_gradient_names_the_operation_and_the_line() {
    let x = Tensor::from([1.0_f64, 2.0]).requires_grad();
    let y = custom("odd", [&x], |[x]| x.clone(), |g, _| [g.sum()]);
    let at = format!("backward of odd recorded at {}:{}:13: odd", file!(), line!() - 1);
    let text = format!("{at}: the gradient of input 0 differs from the input: f64 [] for f64 [2]");
    panics(&text, || y.sum().backward());
    let y = custom("odd", [&x], |[x]| x.clone(), |g, _| [g.to_dtype(DType::F32)]);
    let at = format!("backward of odd recorded at {}:{}:13: odd", file!(), line!() - 1);
    let text = format!("{at}: the gradient of input 0 differs from the input: f32 [2] for f64 [2]");
    panics(&text, || y.sum().backward());
    let y = custom("odd", [&x], |[x]| x.clone(), |_, _| [None]);
    let at = format!("backward of odd recorded at {}:{}:13: odd", file!(), line!() - 1);
    let text = format!("{at}: backward gave no gradient for input 0; return zeros if it is zero");
    panics(&text, || y.sum().backward());
    assert!(x.grad().is_none());
}

#[test]
fn what_has_no_derivative_says_so() {
    let count = |x: &Tensor| non_differentiable("count", [x], |[x]| x.gt_scalar(0.0));
    let x = Tensor::from([1.0_f32, -1.0]);
    assert_eq!(count(&x).to_vec::<bool>(), [true, false]);
    let text = "count: not differentiable with respect to input 0, which is tracked: f32 [2]; \
                detach it to go without its gradient";
    let tracked = x.requires_grad();
    panics(text, || non_differentiable("count", [&tracked], |[x]| x.gt_scalar(0.0)));
    let _guard = no_grad();
    assert_eq!(count(&x.requires_grad()).to_vec::<bool>(), [true, false]);
}
