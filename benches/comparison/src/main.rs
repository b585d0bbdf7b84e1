//! Our kernels beside other libraries', in one run: `cargo run --release -- [products|loops] [N]`.
//!
//! All contenders take turns, round after round, so that a busy machine disturbs all alike. The
//! 20th percentile of each is printed. On one thread the processor's time is measured and not the
//! clock's, so that other programs do not count.

mod loops;
mod products;
mod timing;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let what = arguments.first().map_or("all", String::as_str);
    let threads: Vec<usize> = match arguments.get(1) {
        Some(n) => vec![n.parse().expect("the second argument is a number of threads")],
        None => vec![1, 2],
    };
    for threads in threads {
        // matrixmultiply reads its bound once, when it is first called.
        if std::env::var("MATMUL_NUM_THREADS").as_deref() != Ok(&threads.to_string()) {
            let program = std::env::current_exe().expect("a program knows its path");
            let mut again = std::process::Command::new(program);
            again.args([what, &threads.to_string()]);
            again.env("MATMUL_NUM_THREADS", threads.to_string());
            assert!(again.status().expect("it can be started again").success());
            continue;
        }
        tensor::set_num_threads(threads);
        if what != "loops" {
            products::run(threads);
        }
        if what != "products" {
            loops::run(threads);
        }
    }
}
