//! The transforms against one another and finite differences; what is tracked and what is zero.

use tensor::{DType, Generator, Parameter, Tensor, func, gradcheck, gradgradcheck, no_grad};

use crate::errors::catch::panics;

fn random(shape: &[usize]) -> Tensor {
    Generator::new(shape.len() as u64 + 3).normal(shape, 0.0, 1.0, DType::F64)
}

/// R² x R^(2x3) -> R³, with mixed second derivatives.
fn curved([x, w]: [&Tensor; 2]) -> Tensor {
    (x.sin().unsqueeze(0).matmul(&w.tanh()) * w.exp().sum_dim(0)).select(0, 0)
}

#[track_caller]
fn assert_close(a: &Tensor, b: &Tensor) {
    assert_eq!(a.shape(), b.shape());
    let distance = (a - b).abs();
    assert!(distance.to_vec::<f64>().iter().all(|d| *d < 1e-12), "{a:?}, {b:?}");
}

#[test]
fn products_are_products_with_the_jacobian() {
    let (x, w) = (random(&[2]), random(&[2, 3]));
    let (u, v, g) = (random(&[2]), random(&[2, 3]) * 0.5, random(&[3]));
    let [jx, jw] = func::jacobian(curved, [&x, &w]);
    assert_eq!((jx.shape(), jw.shape()), (&[3, 2][..], &[3, 2, 3][..]));
    let (_, pullback) = func::vjp(curved, [&x, &w]);
    let [gx, gw] = pullback.pull(&g);
    assert_close(&gx, &g.matmul(&jx));
    assert_close(&gw, &g.matmul(&jw.reshape(&[3, 6])).reshape(&[2, 3]));
    let (_, tangent) = func::jvp(curved, [&x, &w], [&u, &v]);
    assert_close(&tangent, &(jx.matmul(&u) + jw.reshape(&[3, 6]).matmul(&v.reshape(&[6]))));
    // <g, Jv> = <Jᵀg, v>
    assert_close(&(g * tangent).sum(), &((gx * u).sum() + (gw * v).sum()));
}

#[test]
fn the_hessian_is_symmetric_and_hvp_its_product() {
    let f = |[x, w]: [&Tensor; 2]| curved([x, w]).square().sum();
    let (x, w, u, v) = (random(&[2]), random(&[2, 3]), random(&[2]), random(&[2, 3]));
    let [[xx, xw], [wx, ww]] = func::hessian(f, [&x, &w]);
    assert_close(&xx, &xx.t());
    assert_close(&xw.reshape(&[2, 6]), &wx.reshape(&[6, 2]).t());
    let [hx, hw] = func::hvp(f, [&x, &w], [&u, &v]);
    let flat = v.reshape(&[6]);
    assert_close(&hx, &(xx.matmul(&u) + xw.reshape(&[2, 6]).matmul(&flat)));
    let expected = wx.reshape(&[6, 2]).matmul(&u) + ww.reshape(&[6, 6]).matmul(&flat);
    assert_close(&hw.reshape(&[6]), &expected);
}

#[test]
fn columns_and_rows_are_the_same_matrix() {
    let x = random(&[2]);
    let f = |x: &Tensor| x.unsqueeze(1) * x.exp();
    let repeated = |[x]: [&Tensor; 1]| Tensor::stack(&[f(x), f(x)], 0); // 8 rows, 2 columns
    let [columns] = func::jacobian(repeated, [&x]);
    let [rows] = func::jacobian(|[x]| f(x), [&x]);
    assert_eq!(columns.shape(), [2, 2, 2, 2]);
    assert_close(&columns.select(0, 0), &rows);
    assert_close(&columns.select(0, 1), &rows);
}

#[test]
fn every_transform_is_differentiable() {
    let (x, w) = (random(&[2]), random(&[2, 3]) * 0.3);
    let scalar = |[x, w]: [&Tensor; 2]| curved([x, w]).square().sum();
    let inputs = [x.clone(), w.clone()];
    let check = |f: &dyn Fn(&Tensor, &Tensor) -> Tensor| {
        gradgradcheck(|x| f(&x[0], &x[1]), &inputs).unwrap_or_else(|e| panic!("{e}"));
    };
    check(&|x, w| {
        let [dx, dw] = func::grad(scalar, [x, w]);
        dx.square().sum() + dw.exp().sum()
    });
    check(&|x, w| {
        let (y, pullback) = func::vjp(curved, [x, w]);
        let [dx, _] = pullback.pull(&y);
        dx
    });
    check(&|x, w| func::jvp(curved, [x, w], [&x.sin(), w]).1);
    check(&|x, w| {
        let [_, hw] = func::hvp(scalar, [x, w], [x, w]);
        hw
    });
    check(&|x, w| func::jacobian(curved, [x, w])[1].square());
    check(&|x, _| {
        func::jacobian(
            |[x]| x.exp().unsqueeze(1) * x.sin().sum() * Tensor::ones(&[4], DType::F64),
            [x],
        )[0]
        .square()
    });
    let third = |x: &[Tensor]| func::hessian(scalar, [&x[0], &x[1]])[0][1].clone();
    gradcheck(third, &inputs).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn an_outer_use_of_an_input_is_a_constant() {
    // d/dx [x · d/dy (x + y²)(y = x)] = d/dx [x · 2x], and not the derivative of x(1 + 2x).
    let [slope] = func::grad(
        |[x]| {
            let [inner] = func::grad(|[y]| x + y.square(), [x]);
            x * inner
        },
        [&Tensor::from(3.0_f64)],
    );
    assert_eq!(slope.item(), 12.0);
}

#[test]
fn results_are_tracked_for_what_is_outside_alone() {
    let x = Tensor::from([1.0_f64, 2.0]);
    let w = Parameter::new(Tensor::from(3.0_f64));
    let plain = func::value_and_grad(|[x]| x.square().sum(), [&x]);
    assert!(!plain.0.is_tracked() && !plain.1[0].is_tracked());
    // Through a captured parameter: the gradient penalty.
    let [dx] = func::grad(|[x]| (&w * x.square()).sum(), [&x]);
    dx.square().sum().backward(); // Σ (2wx)²
    assert_eq!(w.grad().unwrap().item(), 8.0 * 3.0 * 5.0);
    // A captured parameter that the value does not depend on.
    let [dx] = func::grad(|[x]| x.square().sum() + (&w * 0.0).detach(), [&x]);
    assert!(!dx.is_tracked());
    // Through a tracked input.
    let y = x.requires_grad();
    let (value, [dy]) = func::value_and_grad(|[y]| y.powi(3).sum(), [&y]);
    (value + dy.sum()).backward(); // 3y² + 6y
    assert_eq!(y.grad().unwrap().to_vec::<f64>(), [9.0, 24.0]);
}

#[test]
fn without_recording_derivatives_are_plain_values() {
    let x = Tensor::from([1.0_f64, 2.0]).requires_grad();
    let _guard = no_grad();
    let (value, [dx]) = func::value_and_grad(|[x]| x.square().sum(), [&x]);
    assert_eq!(dx.to_vec::<f64>(), [2.0, 4.0]);
    let (_, pullback) = func::vjp(|[x]| x.square(), [&x]);
    let [dy] = pullback.pull(&x);
    let (_, tangent) = func::jvp(|[x]| x.square(), [&x], [&x]);
    assert_eq!(tangent.to_vec::<f64>(), [2.0, 8.0]);
    let [hv] = func::hvp(|[x]| x.powi(3).sum(), [&x], [&x]);
    let [[h]] = func::hessian(|[x]| x.powi(3).sum(), [&x]);
    let all = [value, dx, dy, tangent, hv, h];
    assert!(all.iter().all(|result| !result.is_tracked()));
}

#[test]
fn a_seed_that_is_tracked_keeps_its_gradient() {
    let x = Tensor::from([1.0_f64, 2.0]);
    let g = Tensor::from([5.0_f64, 6.0]).requires_grad();
    let (_, pullback) = func::vjp(|[x]| x.square(), [&x]);
    pullback.pull(&g)[0].sum().backward();
    assert_eq!(g.grad().unwrap().to_vec::<f64>(), [2.0, 4.0]);
    assert_eq!(pullback.pull(&x)[0].to_vec::<f64>(), [2.0, 8.0], "usable again");
    let v = Tensor::from([1.0_f64, 1.0]).requires_grad();
    func::jvp(|[x]| x.square(), [&x], [&v]).1.sum().backward();
    assert_eq!(v.grad().unwrap().to_vec::<f64>(), [2.0, 4.0]);
}

#[test]
fn independent_outputs_have_zero_derivatives() {
    let (x, y) = (random(&[2]), random(&[3]));
    let [dx, dy] = func::grad(|[_, y]| y.sum(), [&x, &y]);
    assert_eq!(dx.to_vec::<f64>(), [0.0; 2]);
    assert_eq!(dy.to_vec::<f64>(), [1.0; 3]);
    let constant = |[_]: [&Tensor; 1]| Tensor::from(1.0_f64);
    assert_eq!(func::grad(constant, [&x])[0].to_vec::<f64>(), [0.0; 2]);
    assert_eq!(func::hvp(constant, [&x], [&x])[0].to_vec::<f64>(), [0.0; 2]);
    assert_eq!(func::hessian(constant, [&x])[0][0].to_vec::<f64>(), [0.0; 4]);
    assert_eq!(func::jvp(constant, [&x], [&x]).1.item(), 0.0);
    // A step has a gradient, which is zero, and that has none.
    assert_eq!(func::hessian(|[x]| x.floor().sum(), [&x])[0][0].to_vec::<f64>(), [0.0; 4]);
    // A linear function.
    assert_eq!(func::hvp(|[x]| x.sum(), [&x], [&x])[0].to_vec::<f64>(), [0.0; 2]);
}

#[test]
fn empty_and_0d_values_have_jacobians() {
    let x = random(&[2]);
    let [j] = func::jacobian(|[x]| x.narrow(0, 0, 0), [&x]);
    assert_eq!(j.shape(), [0, 2]);
    let [j] = func::jacobian(|[x]| x * 2.0, [&random(&[0])]);
    assert_eq!(j.shape(), [0, 0]);
    let [j] = func::jacobian(|[x]| x.exp(), [&Tensor::from(0.0_f64)]);
    assert_eq!((j.rank(), j.item()), (0, 1.0));
    let [same] = func::jacobian(|[x]| x.clone(), [&x]);
    assert_eq!(same.to_vec::<f64>(), [1.0, 0.0, 0.0, 1.0]);
    let no_inputs: [Tensor; 0] = func::grad(|[]| Tensor::from(1.0_f64), []);
    assert!(no_inputs.is_empty());
}

#[test]
fn an_infinite_slope_is_not_lost() {
    let zero = Tensor::from(0.0_f64);
    let (_, tangent) = func::jvp(|[x]| x.sqrt(), [&zero], [&Tensor::from(1.0_f64)]);
    assert_eq!(tangent.item(), f64::INFINITY);
}

#[test]
fn dtypes_may_differ_between_inputs() {
    let (x, y) = (Tensor::from([1.0_f32, 2.0]), Tensor::from(3.0_f64));
    let f = |[x, y]: [&Tensor; 2]| x.to_dtype(DType::F64) * y;
    let [jx, jy] = func::jacobian(f, [&x, &y]);
    assert_eq!((jx.dtype(), jy.dtype()), (DType::F32, DType::F64));
    assert_eq!(jx.to_vec::<f32>(), [3.0, 0.0, 0.0, 3.0]);
    let (_, tangent) = func::jvp(f, [&x, &y], [&x, &y]);
    assert_eq!(tangent.to_vec::<f64>(), [6.0, 12.0]);
}

#[test]
fn mistakes() {
    let (x, n) = (Tensor::from([1.0_f64, 2.0]), Tensor::from([1_i64]));
    panics("grad: input 1 is not floating-point: got i64", || {
        func::grad(|[x, _]| x.sum(), [&x, &n])
    });
    let text = "the function's value has several elements: shape [2]; vjp and jacobian take such \
                functions";
    panics(&format!("grad: {text}"), || func::grad(|[x]| x.clone(), [&x]));
    panics(&format!("value_and_grad: {text}"), || func::value_and_grad(|[x]| x.exp(), [&x]));
    panics(&format!("hvp: {text}"), || func::hvp(|[x]| x.exp(), [&x], [&x]));
    panics(&format!("hessian: {text}"), || func::hessian(|[x]| x.exp(), [&x]));
    let text = "the function's value is not floating-point: got bool";
    panics(&format!("vjp: {text}"), || func::vjp(|[x]| x.gt_scalar(0.0), [&x]));
    panics(&format!("jvp: {text}"), || func::jvp(|[x]| x.gt_scalar(0.0), [&x], [&x]));
    panics(&format!("jacobian: {text}"), || func::jacobian(|[x]| x.gt_scalar(0.0), [&x]));
    let short = Tensor::from([1.0_f64]);
    let text = "differs from its input: f64 [1] for f64 [2]";
    panics(&format!("jvp: tangent 0 {text}"), || func::jvp(|[x]| x.exp(), [&x], [&short]));
    panics(&format!("hvp: vector 0 {text}"), || func::hvp(|[x]| x.sum(), [&x], [&short]));
    let (_, pullback) = func::vjp(|[x]| x.exp(), [&x]);
    panics("vjp: the cotangent differs from the value: f64 [1] for f64 [2]", || {
        pullback.pull(&short)
    });
}
