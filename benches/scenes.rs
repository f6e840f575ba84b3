//! Times the tabletop world, a scene at a time on one thread: laying a table, drawing it at the embedded
//! model's size and at 512 x 512, its regions, its questions, and the PNG file.
//!
//! ```text
//! taskset -c 0 cargo bench --bench scenes
//! ```

#![expect(clippy::print_stdout, reason = "a benchmark reports")]
#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::{hint::black_box, time::Instant};

use aki_lens::scene::{Scene, Split, World};

const N_SCENES: u64 = 200;
const ROUNDS: usize = 5;
const SEED: u64 = 1;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let world = World::new();
    let lay = |index: u64| world.scene(Split::Train, index, SEED);
    let scenes: Vec<Scene> = (0..N_SCENES).map(lay).collect();
    println!("{N_SCENES} scenes, {ROUNDS} rounds; milliseconds a scene");
    println!("| what | mean of the fastest round | slowest scene in it |");
    println!("|---|---|---|");
    report("a table laid", |i| drop(black_box(lay(i as u64))));
    report("its questions", |i| {
        drop(black_box(world.questions(Split::Train, i as u64, SEED)));
    });
    for side in [96, 192, 512] {
        let drawn = |i: usize| world.draw(&scenes[i], side);
        report(&format!("drawn at {side} x {side}"), |i| drop(black_box(drawn(i))));
        report(&format!("drawn at {side} x {side}, with the region of every thing"), |i| {
            let drawing = drawn(i);
            (0..scenes[i].things.len()).for_each(|thing| drop(black_box(drawing.region(thing))));
        });
    }
    report("drawn at 512 x 512, with its PNG", |i| {
        drop(black_box(world.draw(&scenes[i], 512).png().unwrap()));
    });
}

/// Prints what one scene costs, of the round whose mean was smallest.
fn report(what: &str, work: impl Fn(usize)) {
    let round = || -> Vec<f64> {
        let timed = |i: usize| {
            let start = Instant::now();
            work(i);
            start.elapsed().as_secs_f64() * 1e3
        };
        (0..N_SCENES as usize).map(timed).collect()
    };
    let mean = |times: &[f64]| times.iter().sum::<f64>() / times.len() as f64;
    let fastest = (0..ROUNDS).map(|_| round()).min_by(|a, b| mean(a).total_cmp(&mean(b))).unwrap();
    let slowest = fastest.iter().copied().fold(0.0, f64::max);
    println!("| {what} | {:.2} | {slowest:.2} |", mean(&fastest));
}
