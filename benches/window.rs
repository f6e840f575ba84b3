//! Times the window without a display: a frame of it (commands, drawing, and its shapes made triangles;
//! what a graphics card does is not in it), and what a choice costs, with the embedded model's answer and
//! with made-up blocks of other sizes, up to AKI-4B's.
//!
//! ```text
//! cargo bench --bench window
//! ```

#![expect(clippy::print_stdout, reason = "a benchmark reports")]
#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

#[path = "../tests/ui/made_up.rs"]
mod made_up;

use std::{
    hint::black_box,
    path::Path,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use aki_lens::{
    app::{
        AppState, Command, Drawing, Picture, PictureRegions, RunId, Selection, Subject,
        jobs::Overlaps,
    },
    domain::{
        AttentionMode, Choice, ImageSize, Region, RegionFormat, RegionId, RegionMask, RegionSet,
    },
    ui::{Opening, Shell},
    vision::{DecodedImage, PictureFormat},
};
use eframe::App as _;
use egui::{Context, Event, Key, Modifiers, Pos2, RawInput, Rect, Vec2};

use self::made_up::{SMALL, Shape, made_up};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FRAMES: usize = 300;
const ROUNDS: usize = 3;
const SIZES: [[f32; 2]; 3] = [[1280.0, 800.0], [1920.0, 1080.0], [3840.0, 2160.0]];
const QUESTION: &str = "Which color is the plate under the gift?";

/// AKI-4B's decoder and resampler.
const AKI_4B: Shape = Shape {
    decoder: [32, 32],
    resampler: [6, 8],
    latents: 12,
    patches: 27,
    prelude: 37,
    side: 384,
    answer: 40,
};
/// As many heads as fill a grid of 8 by 8.
const EIGHT: Shape = Shape { decoder: [8, 8], ..SMALL };

fn main() {
    println!(
        "milliseconds; {ROUNDS} rounds of {FRAMES} frames, the one whose slowest frame was fastest"
    );
    println!("| blocks | points | what changes | median | 99 % | max |");
    println!("|---|---|---|---|---|---|");
    for size in SIZES {
        frames("embedded model", &mut Window::of_embedded(size));
    }
    for (name, shape) in [("8 x 8 heads", EIGHT), ("32 x 32 heads (AKI-4B)", AKI_4B)] {
        for size in SIZES {
            frames(name, &mut Window::of_made_up(shape, &question(name), size));
        }
    }
    by_layer();
    for n in [20, 100, 200] {
        of_regions(n);
    }
    of_regions_at_size();
    let mut window = Window::of_photograph();
    println!();
    println!(
        "the first frames of a window with a photograph of 24 megapixels: {:.1}, {:.1} ms",
        milliseconds(window.frame(Vec::new())),
        milliseconds(window.frame(Vec::new()))
    );
    println!();
    println!(
        "milliseconds of the frame that does it, and of the next; then frames until all maps of heads are there, and the slowest of them"
    );
    println!("| blocks | choice | frame, median | max | next, median | max | frames | slowest |");
    println!("|---|---|---|---|---|---|---|---|");
    choices("embedded model", || Window::of_embedded(SIZES[0]));
    for (name, shape) in [("8 x 8 heads", EIGHT), ("32 x 32 heads (AKI-4B)", AKI_4B)] {
        choices(name, || Window::of_made_up(shape, &question(name), SIZES[0]));
    }
}

/// AKI-4B's has 40 words.
fn question(name: &str) -> String {
    if name.starts_with("32") {
        [QUESTION.trim_end_matches('?'); 5].join(" and ")
    } else {
        QUESTION.to_owned()
    }
}

/// A window without a display.
struct Window {
    ctx: Context,
    shell: Shell,
    frame: eframe::Frame,
    size: [f32; 2],
    time: f64,
}

impl Window {
    fn new(size: [f32; 2], make: impl FnOnce(&eframe::CreationContext<'_>) -> Shell) -> Self {
        let ctx = Context::default();
        let shell = make(&eframe::CreationContext::_new_kittest(ctx.clone()));
        Self { ctx, shell, frame: eframe::Frame::_new_kittest(), size, time: 0.0 }
    }

    /// The first example, answered by the embedded model.
    fn of_embedded(size: [f32; 2]) -> Self {
        let mut window = Self::new(size, |cc| Shell::new(cc, None, Opening::default()));
        while window.shell.state().run().is_none() || !window.shell.state().jobs.is_empty() {
            window.frame(Vec::new());
            sleep(Duration::from_millis(5));
        }
        window
    }

    /// A made-up run beside another.
    fn of_made_up(shape: Shape, question: &str, size: [f32; 2]) -> Self {
        let path = "tests/golden/specimen/examples/scene_01.png";
        let picture = Picture::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        Self::of_picture(shape, question, size, Arc::new(picture), |_| ())
    }

    fn of_picture(
        shape: Shape,
        question: &str,
        size: [f32; 2],
        picture: Arc<Picture>,
        arrange: impl FnOnce(&mut AppState),
    ) -> Self {
        let mode = AttentionMode::ModalityMutual;
        let mut state = AppState::new(None, None);
        state.settings.tour_done = true;
        state.runs = vec![Arc::new(made_up(shape, question, mode, Arc::clone(&picture)))];
        state.picture = Some(picture);
        question.clone_into(&mut state.workspace.question);
        state.workspace.selection.run = Some(RunId(0));
        state.workspace.selection.subject = Subject::word(4);
        arrange(&mut state);
        Self::new(size, |cc| Shell::with_state(cc, state))
    }

    /// The list of so many regions of a photograph, of which some lie over each other.
    fn of_regions(n: usize, shape: Shape, question: &str) -> Self {
        let picture = photograph(ImageSize { width: 4000, height: 3000 });
        let size = picture.image.size;
        let disk = |i: usize| {
            let (x, y) = ((i * 397) % 4000, (i * 911) % 3000);
            let radius = 120 + (i * 53) % 400;
            let column = |column: usize| {
                let half = ((radius * radius) as f64 - column.abs_diff(x).pow(2) as f64).sqrt();
                let from = column * 3000;
                let [top, bottom] =
                    [y as f64 - half, y as f64 + half].map(|at| at.clamp(0.0, 3000.0));
                ((from + top as usize) as u32, (from + bottom as usize) as u32)
            };
            let columns = x.saturating_sub(radius)..(x + radius).min(4000);
            let mask =
                RegionMask::empty(size).unwrap().with_stretches(columns.map(column).collect());
            Region { id: RegionId::Number(i as i64), label: format!("disk {i}"), mask }
        };
        let regions = (0..n).map(disk).collect();
        let set = RegionSet::new(size, RegionFormat::AmgRle, "made up".to_owned(), regions);
        let mut window = Self::of_picture(shape, question, SIZES[0], Arc::new(picture), |state| {
            state.regions = Some(PictureRegions::new(set, Vec::new()));
        });
        // Their shares of patches are found, and the list is brought to the front.
        window.shell.send(Command::RenameRegion(0, "first".to_owned()));
        window.frame(pressed(Key::Num8));
        window
    }

    /// A picture of 24 megapixels that was never drawn.
    fn of_photograph() -> Self {
        let picture = Arc::new(photograph(ImageSize { width: 6000, height: 4000 }));
        Self::of_picture(SMALL, QUESTION, SIZES[0], picture, |_| ())
    }

    /// One frame; how long it took.
    fn frame(&mut self, events: Vec<Event>) -> Duration {
        self.time += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, Vec2::from(self.size))),
            time: Some(self.time),
            events,
            ..RawInput::default()
        };
        let Self { ctx, shell, frame, .. } = self;
        let start = Instant::now();
        let mut output = ctx.run_ui(input, |ui| {
            shell.logic(&ui.ctx().clone(), frame);
            shell.ui(ui, frame);
        });
        let triangles = ctx.tessellate(std::mem::take(&mut output.shapes), output.pixels_per_point);
        let spent = start.elapsed();
        black_box(triangles);
        output.textures_delta.clear();
        spent
    }

    fn at(&self, x: f32, y: f32) -> Vec<Event> {
        vec![Event::PointerMoved(Pos2::new(x * self.size[0], y * self.size[1]))]
    }

    /// Another word and another layer.
    fn choose(&self, i: usize) {
        let n_words = self.shell.state().run().unwrap().words.words.len();
        self.select(|selection| {
            selection.subject = Subject::word(i % n_words);
            selection.layers = Choice::Only(vec![i % 4]);
        });
    }

    fn select(&self, change: impl FnOnce(&mut Selection)) {
        let mut selection = self.shell.state().workspace.selection.clone();
        change(&mut selection);
        self.shell.send(Command::Select(selection));
    }
}

/// A picture of so many pixels.
fn photograph(size: ImageSize) -> Picture {
    let rgb =
        (0..3 * size.width as usize * size.height as usize).map(|i| (i % 251) as u8).collect();
    let format = PictureFormat::Jpeg;
    let image = DecodedImage { size, rgb, format, orientation: 1, warnings: Vec::new() };
    Picture::new("a photograph".to_owned(), None, image)
}

/// Frames in which regions are pointed at, chosen, named and colored.
fn of_regions(n: usize) {
    let mut window = Window::of_regions(n, SMALL, QUESTION);
    for _ in 0..100 {
        window.frame(Vec::new());
    }
    let name = format!("{n} regions, 12 megapixels");
    type Do = fn(&Window, usize) -> Vec<Event>;
    let changes: [(&str, Do); 5] = [
        ("nothing", |_, _| Vec::new()),
        ("pointer over the list", |window, i| window.at(0.63, 0.62 + 0.3 * (i % 41) as f32 / 41.0)),
        ("pointer over the picture", |window, i| {
            window.at(0.1 + 0.4 * (i % 37) as f32 / 37.0, 0.15 + 0.3 * (i % 29) as f32 / 29.0)
        }),
        ("a name is typed", |window, i| {
            window.shell.send(Command::RenameRegion(1, format!("disk {i}")));
            Vec::new()
        }),
        ("a color is dragged", |window, i| {
            window.shell.send(Command::RecolorRegion(1, Some([(i % 256) as u8, 90, 200])));
            Vec::new()
        }),
    ];
    for (what, events) in changes {
        measure(&name, what, &mut window, (FRAMES / 5, events));
    }
}

/// Frames in which other heads, or another token of an answer of 40, are read layer by layer.
fn by_layer() {
    let name = "32 x 32 heads (AKI-4B)";
    let mut window = Window::of_made_up(AKI_4B, &question(name), SIZES[0]);
    type Do = fn(&Window, usize) -> Vec<Event>;
    let changes: [(&str, Do); 2] = [
        ("half of the heads", |window, i| {
            let heads = (0..16).map(|head| (head + i) % 32).collect();
            window.select(|selection| selection.heads = Choice::Only(heads));
            Vec::new()
        }),
        ("all tokens but one", |window, i| {
            let tokens = (0..40).filter(|token| *token != i % 40).collect();
            window.select(|selection| selection.subject = Subject::Answer(tokens));
            Vec::new()
        }),
    ];
    for (tab, key) in [("By bucket", Key::Num6), ("By layer", Key::Num7)] {
        window.frame(pressed(key));
        for _ in 0..100 {
            window.frame(Vec::new());
        }
        for (what, events) in changes {
            window.select(|selection| {
                selection.heads = Choice::All;
                selection.subject = Subject::word(4);
            });
            measure(name, &format!("{what}, {tab} in front"), &mut window, (FRAMES / 5, events));
        }
    }
}

/// Frames in which 200 regions of AKI-4B's patches are edited, listed and laid against words.
fn of_regions_at_size() {
    let mut window = Window::of_regions(200, AKI_4B, &question("32"));
    for _ in 0..100 {
        window.frame(Vec::new());
    }
    let name = "200 regions, 12 megapixels, AKI-4B";
    type Do = fn(&Window, usize) -> Vec<Event>;
    let changes: [(&str, Do); 7] = [
        ("another word", |window, i| {
            window.select(|selection| selection.subject = Subject::word(i % 40));
            Vec::new()
        }),
        ("pointer over the list", |window, i| window.at(0.63, 0.62 + 0.3 * (i % 41) as f32 / 41.0)),
        ("a box is drawn", |window, i| {
            let corner = 40.0 * i as f64;
            let drawing = Drawing::Box([corner, corner], [corner + 900.0, corner + 700.0]);
            window.shell.send(Command::DrawRegion(drawing, format!("box {i}")));
            Vec::new()
        }),
        ("a region is removed", |window, i| {
            window.shell.send(Command::RemoveRegion(Some(i % 7)));
            Vec::new()
        }),
        ("exclusive, all", |window, i| {
            let overlaps = [Overlaps::Exclusive, Overlaps::All][i % 2];
            window.shell.send(Command::SetOverlap(overlaps));
            Vec::new()
        }),
        ("top-level, all", |window, i| {
            let overlaps = [Overlaps::TopLevel, Overlaps::All][i % 2];
            window.shell.send(Command::SetOverlap(overlaps));
            Vec::new()
        }),
        ("regions by words, another layer", |window, i| {
            let key = if i == 0 { pressed(Key::Num0) } else { Vec::new() };
            // More than are remembered.
            window.select(|selection| selection.layers = Choice::Only((i..32).collect()));
            key
        }),
    ];
    for (what, events) in changes {
        measure(name, what, &mut window, (FRAMES / 10, events));
    }
}

/// A key without others.
fn pressed(key: Key) -> Vec<Event> {
    let modifiers = Modifiers::NONE;
    vec![Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers }]
}

/// Frames of a window in which nothing changes, over which the pointer goes, and in which layers are dragged
/// through.
fn frames(name: &str, window: &mut Window) {
    for _ in 0..100 {
        window.frame(Vec::new());
    }
    type Do = fn(&Window, usize) -> Vec<Event>;
    let changes: [(&str, Do); 3] = [
        ("nothing", |_, _| Vec::new()),
        ("pointer over everything", |window, i| {
            let part = i as f32 / FRAMES as f32;
            window.at(part, (17.0 * part).fract())
        }),
        ("word and layer", |window, i| {
            window.choose(i);
            Vec::new()
        }),
    ];
    for (what, events) in changes {
        measure(name, what, window, (FRAMES, events));
    }
}

/// What is done before a frame.
type Events = fn(&Window, usize) -> Vec<Event>;

/// The times of frames before each of which something is done.
fn measure(name: &str, what: &str, window: &mut Window, (n_frames, events): (usize, Events)) {
    let mut best: Option<Vec<Duration>> = None;
    for _ in 0..ROUNDS {
        let mut times: Vec<Duration> = Vec::new();
        for i in 0..n_frames {
            let events = events(window, i);
            times.push(window.frame(events));
        }
        times.sort_unstable();
        if best.as_ref().is_none_or(|best| times.last() < best.last()) {
            best = Some(times);
        }
    }
    let times = best.unwrap();
    let [width, height] = window.size;
    let place = |part: f64| milliseconds(times[((times.len() - 1) as f64 * part) as usize]);
    println!(
        "| {name} | {width} x {height} | {what} | {:.2} | {:.2} | {:.2} |",
        place(0.5),
        place(0.99),
        place(1.0)
    );
}

/// What it costs to choose each word for the first time, then each again.
fn choices(name: &str, window: impl Fn() -> Window) {
    let mut window = window();
    for _ in 0..100 {
        window.frame(Vec::new());
    }
    let n_words = window.shell.state().run().unwrap().words.words.len();
    for what in ["a word, its first time", "a word, again"] {
        let (mut first, mut next, mut until, mut slowest) = (vec![], vec![], vec![], vec![]);
        // As many as the maps of heads are remembered of.
        for word in (0..n_words).filter(|word| *word != 4).take(12) {
            window.select(|selection| selection.subject = Subject::word(word));
            first.push(window.frame(Vec::new()));
            next.push(window.frame(Vec::new()));
            let (mut n, mut most) = (2, Duration::ZERO);
            while window.shell.state().needs_another_frame() {
                most = most.max(window.frame(Vec::new()));
                n += 1;
            }
            until.push(n);
            slowest.push(most);
        }
        first.sort_unstable();
        next.sort_unstable();
        let middle = |times: &[Duration]| milliseconds(times[times.len() / 2]);
        let most = |times: &[Duration]| milliseconds(*times.iter().max().unwrap());
        println!(
            "| {name} | {what} | {:.2} | {:.2} | {:.2} | {:.2} | {} | {:.2} |",
            middle(&first),
            most(&first),
            middle(&next),
            most(&next),
            until.iter().max().unwrap(),
            most(&slowest)
        );
    }
}

fn milliseconds(time: Duration) -> f64 {
    1e3 * time.as_secs_f64()
}
