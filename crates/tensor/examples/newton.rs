//! Newton's method on a function of two variables: the gradient of the gradient is the Hessian.
//!
//! `cargo run -p tensor --example newton`

use std::io::{self, Write};

use tensor::{GradOptions, Graph};
use tensor::{Tensor, differentiable_grad, grad_with};

/// (x² + y - 11)² + (x + y² - 7)² (Himmelblau 1972); one of its minima is at (3, 2).
fn himmelblau(point: &Tensor) -> Tensor {
    let (x, y) = (point.select(0, 0), point.select(0, 1));
    (x.square() + &y - 11.0).square() + (x + y.square() - 7.0).square()
}

/// Value, gradient and Hessian; row i of the Hessian is the gradient of the gradient's element i.
fn derivatives(at: &Tensor) -> (f64, [f64; 2], [[f64; 2]; 2]) {
    let point = at.requires_grad();
    let value = himmelblau(&point);
    let [gradient] = differentiable_grad(&value, [&point]);
    let row = |i: isize| {
        let options = GradOptions { graph: Graph::Keep, ..GradOptions::default() };
        let row = grad_with(&gradient.select(0, i), &[&point], options).remove(0);
        pair(&row.expect("the gradient depends on the point"))
    };
    (value.item(), pair(&gradient), [row(0), row(1)])
}

fn pair(x: &Tensor) -> [f64; 2] {
    let x = x.to_vec::<f64>();
    [x[0], x[1]]
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut point = Tensor::from([4.0_f64, 3.0]);
    writeln!(out, "{:>4}{:>18}{:>18}{:>14}", "step", "x", "y", "f(x, y)")?;
    for step in 0..7 {
        let (value, [gx, gy], [[a, b], [c, d]]) = derivatives(&point);
        let [x, y] = pair(&point);
        writeln!(out, "{step:>4}{x:>18.14}{y:>18.14}{value:>14.3e}")?;
        // The Hessian's inverse times the gradient, by Cramer's rule.
        let determinant = a * d - b * c;
        let direction = [(d * gx - b * gy) / determinant, (a * gy - c * gx) / determinant];
        point -= Tensor::from(direction);
    }
    let [x, y] = pair(&point);
    assert!((x - 3.0).abs() < 1e-14 && (y - 2.0).abs() < 1e-14, "each step doubles the digits");
    Ok(())
}
