//! Catching a panic, to look at its message and at the line that it blames.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, Location, catch_unwind};
use std::sync::Once;

use tensor::is_recording;

/// The lines that one statement with a closure may take, after formatting.
const STATEMENT: u32 = 12;

struct Caught {
    message: String,
    file: String,
    line: u32,
}

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static CAUGHT: RefCell<Option<Caught>> = const { RefCell::new(None) };
}

/// Keeps what panics on this thread say while `panics` runs; others are printed as usual.
fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CATCHING.get() {
                return before(info);
            }
            let at = info.location().expect("every panic has a location");
            let payload = info.payload();
            let text = payload.downcast_ref::<&str>().copied();
            let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            CAUGHT.set(Some(Caught {
                message: text.unwrap_or("not a text").to_owned(),
                file: at.file().to_owned(),
                line: at.line(),
            }));
        }));
    });
}

/// Asserts that `mistake` panics with this message, blames the line of the call inside it, and
/// leaves the recording mode as it was.
#[track_caller]
pub(crate) fn panics<T>(message: &str, mistake: impl FnOnce() -> T) {
    install_hook();
    let recording = is_recording();
    CATCHING.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(|| drop(mistake())));
    CATCHING.set(false);
    assert!(outcome.is_err(), "no panic: {message}");
    let caught = CAUGHT.take().expect("the hook ran");
    assert_eq!(caught.message, message);
    let here = Location::caller();
    let (file, line) = (caught.file, caught.line);
    let blames_caller =
        file == here.file() && (here.line()..here.line() + STATEMENT).contains(&line);
    assert!(blames_caller, "{message}: blames {file}:{line}, not {here}");
    assert_eq!(is_recording(), recording, "{message}: changed the mode");
}
