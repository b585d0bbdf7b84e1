//! The chain rule in names and numbers.

use crate::Quantity;
use crate::model::Explanation;
use crate::number::exact;

/// Paths longer than this are not written out factor by factor.
const LONG: usize = 6;

/// How a gradient came about, as `left = names = numbers = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// What it is the derivative of, with respect to what: `dloss/dw`.
    pub left: String,
    /// The product along each path, or from each user: `dloss/ds * ds/dw`.
    pub names: String,
    /// The same in numbers, where all factors are numbers: `-2 * 1`.
    pub numbers: Option<String>,
    /// The gradient.
    pub value: Quantity,
}

impl Chain {
    /// The whole line.
    pub fn line(&self) -> String {
        let Self { left, names, numbers, value } = self;
        match numbers {
            Some(numbers) if !names.is_empty() => format!("{left} = {names} = {numbers} = {value}"),
            _ if names.is_empty() => format!("{left} = {value}"),
            _ => format!("{left} = {names} = {value}"),
        }
    }
}

impl Explanation {
    /// How the gradient of every node came about, in the order of the nodes; `None` for constants
    /// and where nothing arrived. `users` is [`Explanation::users`].
    pub fn chain(&self, position: usize, users: &[Vec<(usize, usize)>]) -> Option<Chain> {
        let node = &self.nodes[position];
        let value = node.gradient()?.clone();
        let root = &self.root().name;
        let left = format!("d{root}/d{}", node.name);
        let path = self.only_path(position, users);
        let terms: Vec<(String, Option<String>)> = if let Some(path) = path {
            vec![self.product(&path)]
        } else {
            let users = users[position].iter();
            let contributes = |&&(user, which): &&(usize, usize)| {
                self.nodes[user].inputs[which].product.is_some()
            };
            users.filter(contributes).map(|&(user, which)| self.step(user, which)).collect()
        };
        let names: Vec<_> = terms.iter().map(|(names, _)| names.clone()).collect();
        let numbers: Option<Vec<_>> = terms.into_iter().map(|(_, numbers)| numbers).collect();
        Some(Chain {
            left,
            names: names.join(" + "),
            numbers: numbers.filter(|n| !n.is_empty()).map(|numbers| numbers.join(" + ")),
            value,
        })
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

    fn product(&self, path: &[(usize, usize)]) -> (String, Option<String>) {
        let mut names = Vec::new();
        let mut numbers = Vec::new();
        for &(user, which) in path {
            let node = &self.nodes[user];
            let input = &node.inputs[which];
            names.push(format!("d{}/d{}", node.name, self.nodes[input.node].name));
            numbers.extend(input.local.as_ref().and_then(text));
        }
        // One factor is the gradient itself: there is no product to write.
        if path.len() == 1 {
            let local = self.local_formula(&self.nodes[path[0].0], path[0].1);
            return (local.unwrap_or_default(), None);
        }
        (names.join(" * "), Some(factors(&numbers)).filter(|numbers| !numbers.is_empty()))
    }

    /// One user's share: its own gradient times its local one.
    fn step(&self, user: usize, which: usize) -> (String, Option<String>) {
        let node = &self.nodes[user];
        let input = &node.inputs[which];
        let (root, name) = (&self.root().name, &node.name);
        let names = format!("d{root}/d{name} * d{name}/d{}", self.nodes[input.node].name);
        let numbers = match (node.gradient().and_then(text), input.local.as_ref().and_then(text)) {
            (Some(g), Some(local)) => Some(factors(&[g, local])),
            _ => None,
        };
        (names, numbers)
    }
}

fn text(quantity: &Quantity) -> Option<String> {
    let number = quantity.number()?;
    Some(exact(number, &quantity.dtype))
}

/// A product; a negative number that is not the first stands in brackets.
fn factors(numbers: &[String]) -> String {
    let bracketed = |(place, number): (usize, &String)| {
        if place > 0 && number.starts_with('-') { format!("({number})") } else { number.clone() }
    };
    numbers.iter().enumerate().map(bracketed).collect::<Vec<_>>().join(" * ")
}
