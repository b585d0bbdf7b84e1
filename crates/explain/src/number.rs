//! Numbers as text.

/// The shortest text that reads back as the same number of this type.
pub(crate) fn exact(x: f64, dtype: &str) -> String {
    match dtype {
        "f32" | "f16" | "bf16" => plain(&format!("{:?}", x as f32)),
        _ => plain(&format!("{x:?}")),
    }
}

/// A whole number without its `.0`.
fn plain(text: &str) -> String {
    text.strip_suffix(".0").unwrap_or(text).to_owned()
}

/// Five significant digits, for pictures.
pub(crate) fn short(x: f64) -> String {
    if !x.is_finite() || x == 0.0 {
        return plain(&format!("{x:?}"));
    }
    let magnitude = x.abs().log10().floor();
    if !(-4.0..6.0).contains(&magnitude) {
        return format!("{x:.3e}");
    }
    let decimals = (4.0 - magnitude).clamp(0.0, 8.0) as usize;
    let text = format!("{x:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Elements in brackets, one pair for each axis.
pub(crate) fn nested(elements: &[f64], shape: &[usize], dtype: &str) -> String {
    bracketed(elements, shape, &|x| exact(x, dtype))
}

/// As [`nested`], with five significant digits.
pub(crate) fn nested_short(elements: &[f64], shape: &[usize]) -> String {
    bracketed(elements, shape, &short)
}

fn bracketed(elements: &[f64], shape: &[usize], text: &dyn Fn(f64) -> String) -> String {
    let Some((&size, rest)) = shape.split_first() else {
        return elements.first().copied().map_or_else(String::new, text);
    };
    let step = rest.iter().product::<usize>();
    let parts: Vec<_> = (0..size)
        .map(|part| bracketed(&elements[part * step..(part + 1) * step], rest, text))
        .collect();
    format!("[{}]", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{exact, nested, short};

    #[test]
    fn numbers_are_short_where_they_can_be() {
        assert_eq!(exact(-2.0, "f64"), "-2");
        assert_eq!(exact(f64::from(0.1_f32), "f32"), "0.1");
        assert_eq!(exact(0.1, "f64"), "0.1");
        assert_eq!(exact(f64::NAN, "f32"), "NaN");
        assert_eq!(exact(f64::NEG_INFINITY, "f64"), "-inf");
    }

    #[test]
    fn five_digits_are_kept() {
        for (x, text) in [
            (1.0 / 3.0, "0.33333"),
            (-1234.5678, "-1234.6"),
            (1e-9, "1.000e-9"),
            (0.0, "0"),
            (20.0, "20"),
            (123_456.0, "123456"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(short(x), text);
        }
    }

    #[test]
    fn axes_are_brackets() {
        assert_eq!(nested(&[1.0, 2.0, 3.0, 4.0], &[2, 2], "f64"), "[[1, 2], [3, 4]]");
        assert_eq!(nested(&[], &[0], "f64"), "[]");
        assert_eq!(nested(&[7.0], &[], "f64"), "7");
    }
}
