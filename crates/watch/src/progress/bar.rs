//! A bar on a terminal, drawn by `indicatif`.

use std::fmt::Write;
use std::io::Write as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressState, ProgressStyle};

use super::{clock, one_line, rate};

/// A bar, or without a total a count. The message takes the rest of the line and is cut there.
pub(super) fn new(target: ProgressDrawTarget, label: String, total: Option<usize>) -> ProgressBar {
    let template = if total.is_some() {
        "{prefix} {bar:24} {pos}/{len} {speed} {time} {wide_msg}"
    } else {
        "{prefix} {pos} {speed} {time} {wide_msg}"
    };
    let style = ProgressStyle::with_template(template)
        .expect("the template is valid")
        .progress_chars("━╸ ")
        .with_key("speed", write_speed)
        .with_key("time", write_time);
    let bar = ProgressBar::with_draw_target(total.map(|total| total as u64), target);
    bar.with_style(style).with_prefix(one_line(label)).with_finish(ProgressFinish::Abandon)
}

/// The bar stays as it is, and a line below begins.
pub(super) fn finish(bar: &ProgressBar) {
    if !bar.is_finished() {
        bar.abandon();
        if !bar.is_hidden() {
            // `indicatif` relies on the terminal to wrap a line that is full.
            _ = std::io::stderr().write_all(b"\n");
        }
    }
}

fn write_speed(state: &ProgressState, text: &mut dyn Write) {
    _ = text.write_str(&rate(state.per_sec())); // into a string, which cannot fail
}

/// What is left, as soon as anything is known, or what it took.
fn write_time(state: &ProgressState, text: &mut dyn Write) {
    let is_done = state.is_finished() || state.len().is_none_or(|len| state.pos() >= len);
    _ = if is_done {
        text.write_str(&clock(state.elapsed()))
    } else if state.per_sec() > 0.0 {
        write!(text, "{} left", clock(state.eta()))
    } else {
        Ok(())
    };
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    fn on_terminal(width: u16, label: &str, total: Option<usize>) -> (InMemoryTerm, ProgressBar) {
        let terminal = InMemoryTerm::new(6, width);
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal.clone()), 255);
        let bar = new(target, label.to_owned(), total);
        (terminal, bar)
    }

    #[test]
    fn one_line_has_everything() {
        let (terminal, bar) = on_terminal(100, "epoch 3", Some(8));
        bar.set_message("loss 0.5");
        bar.set_position(6);
        bar.force_draw();
        let text = terminal.contents();
        assert_eq!(text.lines().count(), 1, "{text:?}");
        assert!(text.starts_with("epoch 3 ━━━━━━━━━━━━━━━━━━╸"), "{text:?}");
        assert!(text.contains(" 6/8 ") && text.contains(" left loss 0.5"), "{text:?}");
        bar.set_position(8);
        finish(&bar);
        let text = terminal.contents();
        assert!(text.contains(" 8/8 ") && !text.contains("left"), "{text:?}");
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        let (terminal, bar) = on_terminal(70, "epoch 3", Some(8));
        bar.set_message("loss 0.5, accuracy 97.22 %, learning rate 0.001");
        for _ in 0..8 {
            bar.inc(1);
            bar.force_draw();
            let text = terminal.contents();
            assert_eq!(text.lines().count(), 1, "{text:?}");
            assert!(text.contains("loss 0.5"), "{text:?}");
        }
    }

    #[test]
    fn without_a_total_there_is_a_count() {
        let (terminal, bar) = on_terminal(60, "lines", None);
        bar.set_position(1234);
        bar.force_draw();
        let text = terminal.contents();
        assert!(text.starts_with("lines 1234 ") && !text.contains("left"), "{text:?}");
    }
}
