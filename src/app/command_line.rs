//! What is looked at, as a command line that makes it again.

use super::{
    AppState,
    jobs::{DeviceChoice, Overlaps, TaggerChoice, embedded_model},
    workspace::{MapScale, Subject, Texels},
};
use crate::{
    analysis::{Projection, SinkRule},
    domain::{Choice, MapKind, PICTURE, PixelBox, Region, RegionSet, TaggedWord, TokenRow},
};

/// A command line, and what of the view it does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// The line, quoted for a POSIX shell.
    pub line: String,
    /// What is left out, in words.
    pub leaves_out: Vec<String>,
}

impl AppState {
    /// The run that is looked at and its map, as `aki-lens ask`.
    ///
    /// # Errors
    /// Where there is no run, or its picture lies in no file.
    pub fn command_line(&self) -> Result<CommandLine, String> {
        let id = self.workspace.selection.run.ok_or("ask a question first")?;
        let answered = self.run_of(id).ok_or("ask a question first")?;
        let workspace = &self.workspace;
        let run = &answered.run;
        if run.question.contains(PICTURE) {
            return Err(
                "the picture stands within this question, which no command line can say".into()
            );
        }
        let mut line = Line::default();
        line.flag("--image", &self.picture_file(id)?);
        line.flag("--question", &run.question);
        if answered.model != embedded_model(run.mode) {
            line.flag("--model", &answered.model);
        }
        line.flag("--attention", &run.mode.to_string());
        line.flag("--max-new-tokens", &workspace.max_new_tokens.to_string());
        if workspace.device != DeviceChoice::Best {
            line.flag("--device", &workspace.device.to_string());
        }
        if answered.words.tagger != TaggerChoice::default() {
            line.flag("--tagger", &answered.words.tagger.to_string());
        }
        let words = &answered.words.words;
        for (word, bucket) in workspace.edits_of(id).iter() {
            line.flag("--bucket", &format!("{}={bucket}", named(words, word)));
        }
        let selection = &workspace.selection;
        for (flag, choice) in [("--layers", &selection.layers), ("--heads", &selection.heads)] {
            if *choice != Choice::All {
                line.flag(flag, &numbers(choice).ok_or("choose at least one layer and one head")?);
            }
        }
        line.flag("--reading", &workspace.view.reading.to_string());
        self.add_map(&mut line, words);
        let mut leaves_out = Vec::new();
        let plain = format!("{PICTURE}\n{}", run.question);
        if answered.turn.as_ref().is_some_and(|turn| turn.text() != plain) {
            leaves_out
                .push("the white space around the question in its benchmark's prompt".to_owned());
        }
        if let Some(regions) = &self.regions {
            match boxes_of(&regions.set) {
                Some(boxes) => {
                    for corners in &boxes {
                        line.flag("--box", corners);
                    }
                    if regions.overlaps != Overlaps::All {
                        line.flag("--overlap", &regions.overlaps.to_string());
                    }
                }
                None => leaves_out.push(
                    "regions: write their masks with Export, and name that file with --regions"
                        .to_owned(),
                ),
            }
        }
        if matches!(selection.subject, Subject::Latents(_)) {
            leaves_out.push("what the chosen latents were made from".to_owned());
        }
        let view = &workspace.view;
        if view.without_sinks && view.sink_threshold != SinkRule::default().times_uniform {
            let times = view.sink_threshold;
            leaves_out.push(format!("sinks from {times} times uniform attention"));
        }
        if workspace.beside.is_some() {
            leaves_out.push("the run beside it".to_owned());
        }
        Ok(CommandLine { line: line.0, leaves_out })
    }

    fn add_map(&self, line: &mut Line, words: &[TaggedWord]) {
        let view = &self.workspace.view;
        let subject = &self.workspace.selection.subject;
        let of: Vec<String> = match subject {
            Subject::Nothing | Subject::Latents(_) => return,
            Subject::Words(set) => set.iter().map(|word| named(words, *word)).collect(),
            Subject::Answer(set) => set.iter().map(|token| format!("#{token}")).collect(),
        };
        let map = match view.map_kind(subject) {
            MapKind::ReadBy => "read-by",
            MapKind::LooksAt => "looks-at",
            MapKind::AnsweredFrom(TokenRow::WhileChoosing) => "answered-from",
            MapKind::AnsweredFrom(TokenRow::AfterWriting) => "answered-from-after",
            MapKind::Rollout | MapKind::MadeFrom => return,
        };
        line.flag("--heatmap", "map.png");
        line.flag("--map", map);
        line.flag("--projection", named_projection(view.projection));
        if view.without_sinks {
            line.word("--no-sinks");
        }
        for of in &of {
            line.flag("--of", of);
        }
        line.flag("--colormap", &view.colormap.to_string());
        line.flag("--opacity", &view.opacity.to_string());
        if view.texels == Texels::Smooth {
            line.word("--smooth");
        }
        if view.scale == MapScale::Own {
            line.word("--own-scales");
        }
    }

    /// The file of a run's picture: its own where that is still there, else the session's copy.
    fn picture_file(&self, id: super::RunId) -> Result<String, String> {
        let path = self.run_of(id).and_then(|answered| answered.picture.path.clone());
        let kept = || {
            let (folder, name) = (self.session.folder.as_ref()?, self.session.names.get(&id)?);
            Some(folder.join("runs").join(name).join("image.png"))
        };
        let found = path.filter(|path| path.is_file()).or_else(kept);
        let found = found.ok_or("this picture lies in no file, so no command line can name it")?;
        found.to_str().map(str::to_owned).ok_or_else(|| {
            format!("the name of {} is no text, so no command line can hold it", found.display())
        })
    }
}

/// Regions as boxes, where each is one: `x,y,width,height`.
fn boxes_of(set: &RegionSet) -> Option<Vec<String>> {
    let as_box = |region: &Region| {
        let PixelBox { x, y, width, height } = region.mask.bounds();
        let is_full = u64::from(region.mask.area()) == u64::from(width) * u64::from(height);
        (is_full && width > 0).then(|| format!("{x},{y},{width},{height}"))
    };
    set.regions().iter().map(as_box).collect()
}

fn named_projection(projection: Projection) -> &'static str {
    match projection {
        Projection::LastLayer => "last-layer",
        Projection::MeanOfLayers => "mean",
        Projection::Composed => "composed",
        Projection::ThroughVision => "through-vision",
    }
}

/// A word of the question as flags name it: `light`, or `light#2` where it stands there twice.
pub(super) fn named(words: &[TaggedWord], word_idx: usize) -> String {
    let Some(word) = words.get(word_idx) else { return String::new() };
    let is_same = |other: &&TaggedWord| other.text.eq_ignore_ascii_case(&word.text);
    let n = words.iter().filter(is_same).count();
    let before = words[..word_idx].iter().filter(is_same).count();
    if n > 1 { format!("{}#{}", word.text, before + 1) } else { word.text.clone() }
}

fn numbers(choice: &Choice) -> Option<String> {
    match choice {
        Choice::All => Some("all".to_owned()),
        Choice::Only(chosen) if !chosen.is_empty() => {
            Some(chosen.iter().map(usize::to_string).collect::<Vec<_>>().join(","))
        }
        Choice::Only(_) | Choice::None => None,
    }
}

struct Line(String);

impl Default for Line {
    fn default() -> Self {
        Self("aki-lens ask".to_owned())
    }
}

impl Line {
    fn word(&mut self, word: &str) {
        self.0.push(' ');
        self.0.push_str(word);
    }

    /// A value that begins with a dash would be taken for a flag.
    fn flag(&mut self, flag: &str, value: &str) {
        let joint = if value.starts_with('-') { "=" } else { " " };
        self.word(&format!("{flag}{joint}{}", quoted(value)));
    }
}

/// A text as one word of a POSIX shell: within single quotes nothing is special but their own kind.
pub fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=+@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
