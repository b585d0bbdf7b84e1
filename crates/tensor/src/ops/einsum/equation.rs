//! The notation of einsum, parsed: `ij,jk->ik`, `...ij->...ji`, `i,i`.

use std::fmt;

/// The name of an axis. Letters come in PyTorch's order of an implicit output: the axes of the
/// ellipsis first, then capital letters, then small ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Label {
    /// An axis of the ellipsis, counted from its end.
    Ellipsis(std::cmp::Reverse<usize>),
    Letter(char),
}

/// Which axes the operands have, and which the result.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Equation {
    pub(super) operands: Vec<Vec<Label>>,
    pub(super) output: Vec<Label>,
}

/// What is wrong with an equation.
pub(super) struct Mistake(String);

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One term of the equation: its letters, and before which of them an ellipsis stands.
struct Term {
    letters: Vec<char>,
    ellipsis: Option<usize>,
}

impl Term {
    fn parse(text: &str) -> Result<Self, Mistake> {
        let (mut letters, mut ellipsis) = (Vec::new(), None);
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("...") {
                if ellipsis.replace(letters.len()).is_some() {
                    return Err(Mistake(format!("two ellipses in one term: {text:?}")));
                }
                rest = after;
                continue;
            }
            if !next.is_ascii_alphabetic() {
                return Err(Mistake(format!("neither a letter nor an ellipsis: {next:?}")));
            }
            letters.push(next);
            rest = &rest[1..];
        }
        Ok(Self { letters, ellipsis })
    }

    /// The labels, where the ellipsis stands for this many axes.
    fn labels(&self, hidden: usize) -> Vec<Label> {
        let mut labels: Vec<Label> = self.letters.iter().copied().map(Label::Letter).collect();
        if let Some(at) = self.ellipsis {
            let axes = (0..hidden).rev().map(|i| Label::Ellipsis(std::cmp::Reverse(i)));
            labels.splice(at..at, axes);
        }
        labels
    }
}

impl Equation {
    /// The equation for operands with these numbers of axes.
    pub(super) fn parse(text: &str, ranks: &[usize]) -> Result<Self, Mistake> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (inputs, output) = match text.split_once("->") {
            Some((inputs, output)) => (inputs, Some(output)),
            None => (&text[..], None),
        };
        let terms = inputs.split(',').map(Term::parse).collect::<Result<Vec<_>, _>>()?;
        if terms.len() != ranks.len() {
            let (terms, operands) = (terms.len(), ranks.len());
            return Err(Mistake(format!("{terms} terms for {operands} operands")));
        }
        let mut operands = Vec::with_capacity(terms.len());
        let mut widest = 0;
        for (i, (term, &rank)) in terms.iter().zip(ranks).enumerate() {
            let hidden = rank.checked_sub(term.letters.len());
            let Some(hidden) = hidden.filter(|&n| n == 0 || term.ellipsis.is_some()) else {
                let letters = term.letters.len();
                return Err(Mistake(format!("{letters} labels for {rank} axes of operand {i}")));
            };
            widest = widest.max(hidden);
            operands.push(term.labels(hidden));
        }
        let output = match output {
            Some(output) => explicit(&Term::parse(output)?.labels(widest), &operands)?,
            None => implicit(&operands),
        };
        Ok(Self { operands, output })
    }
}

/// The output as it was written: each label once, and from some operand.
fn explicit(output: &[Label], operands: &[Vec<Label>]) -> Result<Vec<Label>, Mistake> {
    for (at, label) in output.iter().enumerate() {
        let Label::Letter(letter) = label else { continue };
        if output[..at].contains(label) {
            return Err(Mistake(format!("a label twice in the output: {letter:?}")));
        }
        if !operands.iter().any(|labels| labels.contains(label)) {
            return Err(Mistake(format!("a label of the output that no operand has: {letter:?}")));
        }
    }
    Ok(output.to_vec())
}

/// The ellipsis, then the letters that stand in the equation once, in order.
fn implicit(operands: &[Vec<Label>]) -> Vec<Label> {
    let all: Vec<Label> = operands.concat();
    let mut output: Vec<Label> = all
        .iter()
        .copied()
        .filter(|label| match label {
            Label::Ellipsis(_) => true,
            Label::Letter(_) => all.iter().filter(|other| *other == label).count() == 1,
        })
        .collect();
    output.sort_unstable();
    output.dedup();
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(labels: &[Label]) -> String {
        let show = |label: &Label| match label {
            Label::Ellipsis(i) => char::from_digit(i.0 as u32, 10).expect("few axes"),
            Label::Letter(letter) => *letter,
        };
        labels.iter().map(show).collect()
    }

    #[test]
    fn notation() {
        let parsed = |text: &str, ranks: &[usize]| {
            let equation = Equation::parse(text, ranks).map_err(|mistake| mistake.0).unwrap();
            let operands: Vec<String> = equation.operands.iter().map(|x| shown(x)).collect();
            format!("{}->{}", operands.join(","), shown(&equation.output))
        };
        assert_eq!(parsed("ij,jk->ik", &[2, 2]), "ij,jk->ik");
        assert_eq!(parsed(" j i , k j ", &[2, 2]), "ji,kj->ik");
        assert_eq!(parsed("bA", &[2]), "bA->Ab");
        assert_eq!(parsed("i...,...j", &[3, 1]), "i10,j->10ij");
        assert_eq!(parsed("i...j->j...", &[3]), "i0j->j0");
        assert_eq!(parsed("...", &[0]), "->");
    }

    #[test]
    fn mistakes() {
        let mistake = |text: &str, ranks: &[usize]| Equation::parse(text, ranks).unwrap_err().0;
        assert_eq!(mistake("ij,jk", &[2]), "2 terms for 1 operands");
        assert_eq!(mistake("ij", &[3]), "2 labels for 3 axes of operand 0");
        assert_eq!(mistake("ijk...", &[2]), "3 labels for 2 axes of operand 0");
        assert_eq!(mistake("i1", &[2]), "neither a letter nor an ellipsis: '1'");
        assert_eq!(mistake("i->j", &[1]), "a label of the output that no operand has: 'j'");
        assert_eq!(mistake("i->ii", &[1]), "a label twice in the output: 'i'");
        assert_eq!(mistake("...i...", &[1]), "two ellipses in one term: \"...i...\"");
    }
}
