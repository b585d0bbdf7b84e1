//! The chain rule in names and numbers.

use crate::Quantity;
use crate::model::Explanation;
use crate::number::exact;
use crate::picture::gradient_name;

/// Paths longer than this are not written out factor by factor.
const LONG: usize = 6;

/// How a gradient came about: the sum of what each path, or each user, sends back.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// What it is the derivative of, with respect to what: `dloss/dw`.
    pub left: String,
    /// The terms of the sum, each a product; empty for the explained value itself.
    pub terms: Vec<Vec<Factor>>,
    /// The gradient.
    pub value: Quantity,
}

/// A factor of a product.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// Its name: `dloss/ds`, or its formula where it stands alone: `2 * s`.
    pub name: String,
    /// The operation whose gradient it is.
    pub operation: usize,
    /// The input that it is the local gradient for; `None` for the gradient that has arrived.
    pub input: Option<usize>,
    /// Its value.
    pub value: Option<Quantity>,
}

impl Chain {
    /// The whole line: `dloss/dw = dloss/ds * ds/dw = -2 * 1 = -2`.
    pub fn line(&self) -> String {
        let mut parts = vec![self.left.clone()];
        let product = |factors: &Vec<Factor>| {
            factors.iter().map(|factor| factor.name.clone()).collect::<Vec<_>>().join(" * ")
        };
        parts.push(self.terms.iter().map(product).collect::<Vec<_>>().join(" + "));
        // One factor alone is the gradient itself: its number stands at the end.
        if self.terms.iter().any(|factors| factors.len() > 1) {
            let numbers: Option<Vec<String>> = self.terms.iter().map(|f| numbers(f)).collect();
            parts.extend(numbers.map(|terms| terms.join(" + ")));
        }
        parts.push(self.value.to_string());
        parts.retain(|part| !part.is_empty());
        parts.join(" = ")
    }
}

/// A product in numbers, if all factors are; a negative one that is not the first in brackets.
fn numbers(factors: &[Factor]) -> Option<String> {
    let text = |(place, factor): (usize, &Factor)| {
        let value = factor.value.as_ref()?;
        let number = exact(value.number()?, &value.dtype);
        Some(if place > 0 && number.starts_with('-') { format!("({number})") } else { number })
    };
    Some(factors.iter().enumerate().map(text).collect::<Option<Vec<_>>>()?.join(" * "))
}

impl Explanation {
    /// How the gradient of a node came about; `None` for constants and where nothing arrived.
    /// `users` is [`Explanation::users`].
    pub fn chain(&self, position: usize, users: &[Vec<(usize, usize)>]) -> Option<Chain> {
        let node = &self.nodes[position];
        let value = node.gradient()?.clone();
        let terms = if let Some(path) = self.only_path(position, users) {
            vec![self.product(&path)]
        } else {
            let sends = |&&(user, which): &&(usize, usize)| {
                self.nodes[user].inputs[which].product.is_some()
            };
            let users = users[position].iter().filter(sends);
            users.map(|&(user, which)| self.step(user, which)).collect()
        };
        let terms = terms.into_iter().filter(|factors| !factors.is_empty()).collect();
        Some(Chain { left: gradient_name(self, node), terms, value })
    }

    /// The steps from the root to a node if there is only one way, it is short, and every local
    /// gradient on it is a number: first the step at the root.
    fn only_path(
        &self,
        position: usize,
        users: &[Vec<(usize, usize)>],
    ) -> Option<Vec<(usize, usize)>> {
        let mut path = Vec::new();
        let mut at = position;
        while at + 1 < self.nodes.len() {
            let &[(user, which)] = &users[at][..] else { return None };
            self.nodes[user].inputs[which].local.as_ref()?.number()?;
            path.push((user, which));
            at = user;
            if path.len() > LONG {
                return None;
            }
        }
        path.reverse();
        Some(path)
    }

    fn product(&self, path: &[(usize, usize)]) -> Vec<Factor> {
        let mut factors: Vec<_> =
            path.iter().map(|&(user, which)| self.local(user, which)).collect();
        if let ([factor], &[(user, which)]) = (&mut factors[..], path)
            && let Some(formula) = self.local_formula(&self.nodes[user], which)
        {
            factor.name = formula;
        }
        factors
    }

    /// One user's share: its own gradient times its local one.
    fn step(&self, user: usize, which: usize) -> Vec<Factor> {
        let node = &self.nodes[user];
        let arrived = Factor {
            name: gradient_name(self, node),
            operation: user,
            input: None,
            value: node.gradient().cloned(),
        };
        vec![arrived, self.local(user, which)]
    }

    fn local(&self, user: usize, which: usize) -> Factor {
        let node = &self.nodes[user];
        let name = format!("d{}/d{}", node.name, self.input_names(node)[which]);
        let value = node.inputs[which].local.clone();
        Factor { name, operation: user, input: Some(which), value }
    }
}
