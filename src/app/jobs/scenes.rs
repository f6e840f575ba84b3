//! Write tabletop scenes to a folder: pictures, all that is true of them, and questions as a table.

use std::{collections::BTreeMap, fs, ops::ControlFlow, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;

use crate::{
    domain::{PixelBox, RegionMask},
    scene::{Background, Drawing, PlateColor, Question, QuestionKind, Scene, Split, World},
    session::write_whole,
};

/// Which scenes to write, and where to.
#[derive(Clone, Debug)]
pub struct ScenesRequest {
    /// How many, from the first of the split on.
    pub n: usize,
    /// The world's seed.
    pub seed: u64,
    /// The part of the world.
    pub split: Split,
    /// Pixels along each side of a picture.
    pub side: u32,
    /// The folder; it must be empty or not exist.
    pub out: PathBuf,
}

/// What was written.
#[derive(Clone, Debug, Serialize)]
pub struct ScenesReport {
    version: u32,
    /// The folder.
    pub out: PathBuf,
    /// How many scenes were written.
    pub n_scenes: usize,
    /// How many questions of each kind were written.
    pub n_questions: BTreeMap<QuestionKind, usize>,
    /// How many questions rest on what training lacks.
    pub n_held_out: usize,
    /// Whether it was stopped before all scenes were written; what is there is whole.
    pub stopped: bool,
}

/// Everything that is true of the written scenes.
#[derive(Serialize)]
struct Truth {
    version: u32,
    split: Split,
    seed: u64,
    side: u32,
    scenes: Vec<SceneTruth>,
}

#[derive(Serialize)]
struct SceneTruth {
    index: usize,
    image: String,
    background: Background,
    /// Those at the back first.
    things: Vec<ThingTruth>,
    questions: Vec<Question>,
}

#[derive(Serialize)]
struct ThingTruth {
    name: &'static str,
    plate: Option<PlateColor>,
    /// Parts of the picture's side.
    center: [f32; 2],
    /// The diameter as a part of the picture's side.
    size: f32,
    /// Clockwise, in radians.
    angle: f32,
    /// Around the visible pixels.
    r#box: Option<PixelBox>,
    visible_area: u32,
    region: RegionMask,
    plate_region: Option<RegionMask>,
}

/// A row of the table, in the columns that `VLMEvalKit` reads.
#[derive(Serialize)]
struct Row<'a> {
    index: usize,
    image: String,
    question: &'a str,
    #[serde(rename = "A")]
    a: &'a str,
    #[serde(rename = "B")]
    b: &'a str,
    #[serde(rename = "C")]
    c: &'a str,
    #[serde(rename = "D")]
    d: &'a str,
    answer: &'a str,
    category: QuestionKind,
    #[serde(rename = "l2-category")]
    l2_category: &'static str,
}

/// Writes `images/000000.png` and so on, `truth.json` and `questions.tsv`.
///
/// `on_progress` is told how many scenes are done. When it breaks, the files tell of those.
///
/// # Errors
/// A folder that holds something already, a picture without pixels, or what the disk says.
pub fn scenes(
    request: &ScenesRequest,
    on_progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<ScenesReport> {
    let out = &request.out;
    if request.side == 0 {
        bail!("pictures need a side of at least 1 pixel");
    }
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} holds files already; name a new folder or empty this one", out.display());
    }
    let images = out.join("images");
    fs::create_dir_all(&images).with_context(|| format!("while making {}", images.display()))?;

    let world = World::new();
    let mut table = csv::WriterBuilder::new().delimiter(b'\t').from_writer(Vec::new());
    let mut truth = Truth {
        version: 1,
        split: request.split,
        seed: request.seed,
        side: request.side,
        scenes: Vec::new(),
    };
    let mut n_rows = 0;
    let mut stopped = false;
    for index in 0..request.n {
        let scene = world.scene(request.split, index as u64, request.seed);
        let questions = world.questions(request.split, index as u64, request.seed);
        let drawing = world.draw(&scene, request.side);
        let image = format!("images/{index:06}.png");
        let png = drawing.png().context("a picture that could not be made a PNG")?;
        let path = out.join(&image);
        write_whole(&path, &png).with_context(|| format!("while writing {}", path.display()))?;
        // The picture stands in its first row, and later rows name that row.
        let first_row = n_rows;
        for question in &questions {
            let image =
                if n_rows == first_row { STANDARD.encode(&png) } else { first_row.to_string() };
            table.serialize(row(n_rows, image, question)).context("while making questions.tsv")?;
            n_rows += 1;
        }
        truth.scenes.push(scene_truth(index, image, scene, &drawing, questions));
        if on_progress(index + 1).is_break() {
            stopped = index + 1 < request.n;
            break;
        }
    }
    let write = |name: &str, bytes: &[u8]| {
        let path = out.join(name);
        write_whole(&path, bytes).with_context(|| format!("while writing {}", path.display()))
    };
    write("questions.tsv", &table.into_inner().context("while making questions.tsv")?)?;
    write("truth.json", &serde_json::to_vec(&truth).context("while making truth.json")?)?;
    Ok(report(request, &truth, stopped))
}

/// Choices have columns of their own, so that the question stands without them.
fn row(index: usize, image: String, question: &Question) -> Row<'_> {
    let choice = |i: usize| question.choices.get(i).map_or("", String::as_str);
    Row {
        index,
        image,
        question: question.text.lines().next().unwrap_or_default(),
        a: choice(0),
        b: choice(1),
        c: choice(2),
        d: choice(3),
        answer: &question.answer,
        category: question.kind,
        l2_category: if question.held_out { "held_out" } else { "seen" },
    }
}

fn scene_truth(
    index: usize,
    image: String,
    scene: Scene,
    drawing: &Drawing,
    questions: Vec<Question>,
) -> SceneTruth {
    let truth = |i: usize| {
        let thing = &scene.things[i];
        let region = drawing.region(i);
        ThingTruth {
            name: thing.kind.name(),
            plate: thing.plate,
            center: thing.center,
            size: thing.size,
            angle: thing.angle,
            r#box: (!region.is_empty()).then(|| region.bounds()),
            visible_area: region.area(),
            region,
            plate_region: thing.plate.map(|_| drawing.plate_region(i)),
        }
    };
    let things = (0..scene.things.len()).map(truth).collect();
    SceneTruth { index, image, background: scene.background, things, questions }
}

fn report(request: &ScenesRequest, truth: &Truth, stopped: bool) -> ScenesReport {
    let mut n_questions = BTreeMap::new();
    let mut n_held_out = 0;
    for question in truth.scenes.iter().flat_map(|scene| &scene.questions) {
        *n_questions.entry(question.kind).or_insert(0) += 1;
        n_held_out += usize::from(question.held_out);
    }
    ScenesReport {
        version: 1,
        out: request.out.clone(),
        n_scenes: truth.scenes.len(),
        n_questions,
        n_held_out,
        stopped,
    }
}
