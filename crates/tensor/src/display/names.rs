//! The names that PyTorch gives to the nodes of its graph.

/// The `grad_fn` that PyTorch prints for an operation of ours: `pow` is `PowBackward0`.
///
/// The digit counts PyTorch's overloads; the table holds the operations that differ from the rule
/// that the name is ours in camel case, with a zero.
pub(super) fn grad_fn(name: &str) -> String {
    let other = match name {
        "sum_dim" => "SumBackward1",
        "mean_dim" => "MeanBackward1",
        "pow_tensor" => "PowBackward1",
        "rsub" => "RsubBackward1",
        "squeeze" => "SqueezeBackward1",
        "where" => "WhereBackward0",
        "reshape" => "ViewBackward0",
        "to_dtype" => "ToCopyBackward0",
        "index_select" => "IndexSelectBackward0",
        "clamp" => "ClampBackward1",
        "linear" => "MmBackward0",
        _ => return format!("{}Backward0", camel_case(name)),
    };
    other.to_owned()
}

fn camel_case(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::grad_fn;

    #[test]
    fn names_are_those_of_pytorch() {
        assert_eq!(grad_fn("pow"), "PowBackward0");
        assert_eq!(grad_fn("leaky_relu"), "LeakyReluBackward0");
        assert_eq!(grad_fn("sum_dim"), "SumBackward1");
        assert_eq!(grad_fn("linear"), "MmBackward0");
    }
}
