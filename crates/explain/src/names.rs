//! Names for what has none, and no two alike.

use std::collections::{HashMap, HashSet};

/// The names that were given, or are kept for the user's own.
#[derive(Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
    reserved: HashSet<String>,
    counts: HashMap<String, usize>,
}

impl Names {
    /// Keeps the user's names from being made up.
    pub(crate) fn reserve(&mut self, names: impl IntoIterator<Item = String>) {
        self.reserved.extend(names);
    }

    /// The user's name if it is there, otherwise one made from the operation; with a number if
    /// another value has it.
    pub(crate) fn give(&mut self, user: Option<&str>, operation: &str) -> String {
        if let Some(name) = user
            && self.taken.insert(name.to_owned())
        {
            return name.to_owned();
        }
        let stem = user.unwrap_or(operation);
        loop {
            let count = self.counts.entry(stem.to_owned()).or_insert(0);
            *count += 1;
            let name = if *count == 1 && user.is_none() {
                stem.to_owned()
            } else {
                format!("{stem}_{count}")
            };
            if !self.reserved.contains(&name) && self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// A type's name without the path of its module.
pub(crate) fn type_name(full: &str) -> String {
    let (outer, rest) = full.split_once('<').map_or((full, ""), |(outer, rest)| (outer, rest));
    let short = outer.rsplit("::").next().unwrap_or(outer);
    if rest.is_empty() { short.to_owned() } else { format!("{short}<{rest}") }
}

#[cfg(test)]
mod tests {
    use super::{Names, type_name};

    #[test]
    fn no_two_names_are_equal() {
        let mut names = Names::default();
        names.reserve(["mul_2".to_owned()]);
        let given = [
            names.give(None, "mul"),
            names.give(None, "mul"),
            names.give(Some("mul_2"), "mul"),
            names.give(Some("w"), "mul"),
            names.give(Some("w"), "mul"),
        ];
        assert_eq!(given, ["mul", "mul_3", "mul_2", "w", "w_1"]);
    }

    #[test]
    fn types_are_called_by_their_last_name() {
        assert_eq!(type_name("nn::linear::Linear"), "Linear");
        assert_eq!(type_name("a::B<c::D>"), "B<c::D>");
    }
}
