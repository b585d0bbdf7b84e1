//! Text for SVG and HTML: escaped, measured and cut.

/// Rows longer than this are cut.
pub(crate) const LONGEST: usize = 40;

/// Text that stands for itself in markup. Characters that XML does not allow become spaces.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' => escaped.push_str("&#10;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// How many letters wide a text is in a font whose letters are all as wide; those of Chinese,
/// Japanese and Korean are twice as wide.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(letters).sum()
}

fn letters(c: char) -> usize {
    let is_wide = matches!(u32::from(c),
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd);
    if is_wide { 2 } else { 1 }
}

/// A text that fits a box, on one line.
pub(crate) fn cut(text: &str) -> String {
    cut_to(text, LONGEST)
}

/// A text that is not wider than this, on one line.
pub(crate) fn cut_to(text: &str, room: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if width(&line) <= room {
        return line;
    }
    let mut room = room - 1;
    let fits = |c: &char| {
        let before = room;
        room = room.saturating_sub(letters(*c));
        before >= letters(*c)
    };
    let mut cut: String = line.chars().take_while(fits).collect();
    cut.push('\u{2026}');
    cut
}

#[cfg(test)]
mod tests {
    use super::{cut, escape, width};

    #[test]
    fn markup_is_text() {
        assert_eq!(escape("<a b=\"c\">&'\u{1}"), "&lt;a b=&quot;c&quot;&gt;&amp;&#39; ");
    }

    #[test]
    fn long_texts_are_cut_to_fit() {
        assert_eq!(cut("short"), "short");
        assert_eq!(width(&cut(&"x".repeat(100))), 40);
        assert!(width(&cut(&"\u{6f22}".repeat(100))) <= 40);
    }
}
