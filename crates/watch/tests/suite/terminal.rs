//! Where a bar goes: to standard error, as lines unless that is a terminal.

use std::process::{Command, Output};

use watch::Progress;

use super::tools;

/// What the tests below run as a program of its own; without them it only counts.
#[test]
fn a_loop_that_is_watched() {
    let progress = Progress::new("epoch 1", 3);
    let mut seen = Vec::new();
    for item in progress.wrap([10, 20, 30]) {
        seen.push(item);
        progress.message(format!("loss {item}"));
        std::thread::sleep(std::time::Duration::from_millis(60)); // a bar is drawn 20 times a second
    }
    assert_eq!(seen, [10, 20, 30]);
    let progress = Progress::new("epoch 2", 8).starting_at(5);
    progress.advance(2);
    progress.suspend(|| ());
}

const CHILD: [&str; 3] = ["terminal::a_loop_that_is_watched", "--exact", "--nocapture"];

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_pipe_gets_lines_on_standard_error() {
    let Output { status, stdout, stderr } =
        Command::new(std::env::current_exe().unwrap()).args(CHILD).output().unwrap();
    let (stdout, stderr) = (text(&stdout), text(&stderr));
    assert!(status.success() && stdout.contains("1 passed"), "{stdout}");
    assert!(!stdout.contains("epoch"), "{stdout}");
    let lines: Vec<_> = stderr.lines().collect();
    assert!(lines[0].starts_with("epoch 1: 3/3 (100 %), ") && lines[0].ends_with(", loss 30"));
    assert!(lines[1].starts_with("epoch 2: 7/8 (87 %), ") && lines[1].contains("stopped after"));
    assert_eq!((lines.len(), stderr.contains('\x1b')), (2, false), "{stderr:?}");
}

/// Runs its arguments with standard error on a terminal of 100 columns, and prints what came there.
const ON_A_TERMINAL: &str = r"
import fcntl, os, pty, struct, subprocess, sys, termios
ours, theirs = pty.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 100, 0, 0))
run = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=theirs, env=os.environ | {'TERM': 'xterm'})
os.close(theirs)
while True:
    try:
        piece = os.read(ours, 4096)
    except OSError:
        break
    if not piece:
        break
    sys.stdout.buffer.write(piece)
sys.exit(run.wait())
";

#[test]
fn a_terminal_gets_a_bar_that_stays_when_it_is_done() {
    let program = std::env::current_exe().unwrap();
    let python =
        Command::new("python3").args(["-c", ON_A_TERMINAL]).arg(program).args(CHILD).output();
    let Ok(Output { status, stdout, stderr }) = python else {
        return tools::skipped("there is no python3 to make a terminal with");
    };
    let shown = text(&stdout);
    assert!(status.success(), "{shown}{}", text(&stderr));
    assert!(shown.contains('\r') && shown.contains("━"), "{shown:?}");
    let last = shown.rfind("epoch 1").unwrap();
    let done = &shown[last..shown.rfind("epoch 2").unwrap()];
    assert!(done.contains(" 3/3 ") && done.contains("loss 30") && done.contains('\n'), "{shown:?}");
    assert!(shown.ends_with('\n') && shown.contains(" 7/8 "), "{shown:?}");
}

#[test]
fn a_test_without_its_tools_is_skipped_unless_they_are_required() {
    let run = |is_required: &str| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["terminal::a_terminal_gets_a_bar_that_stays_when_it_is_done", "--exact"]);
        command.env("CHAINRULE_REQUIRE_TOOLS", is_required).env("PATH", "/nonexistent");
        let Output { status, stdout, .. } = command.output().unwrap();
        (status.success(), text(&stdout))
    };
    assert!(run("0").0);
    let (passed, output) = run("1");
    assert!(
        !passed && output.contains("CHAINRULE_REQUIRE_TOOLS is 1: there is no python3"),
        "{output}"
    );
}

#[test]
fn a_loop_that_is_left_early_says_so() {
    let folder = super::Scratch::new("early");
    let path = folder.file("progress.txt");
    let progress = Progress::lines(std::fs::File::create(&path).unwrap(), "epoch", None);
    for item in progress.wrap(0..) {
        if item == 4 {
            break; // the item is not done
        }
    }
    progress.message("a\nb");
    drop(progress);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("epoch: 4, ") && text.ends_with(", a b\n"), "{text:?}");
}
