//! What is looked at, as a command line that makes it again.

use std::{collections::BTreeSet, path::Path};

use super::{
    AppState, PictureRegions, RunId,
    jobs::{Overlaps, TaggerChoice, embedded_model},
    workspace::{Subject, Texels},
};
use crate::{
    analysis::{Projection, SinkRule},
    domain::{Choice, MapKind, PICTURE, PixelBox, Region, RegionSet, TaggedWord, TokenRow},
    session::REGIONS_FILE,
};

/// Command lines, and what of the view they do not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// `aki-lens ask`, and below it `aki-lens compare` where a run stands beside it, quoted for a POSIX
    /// shell.
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
        let run = &answered.run;
        if run.question.contains(PICTURE) {
            return Err(
                "the picture stands within this question, which no command line can say".into()
            );
        }
        let mut line = Line::of("ask");
        line.flag("--image", &self.picture_file(id)?);
        line.flag("--question", &run.question);
        if answered.model != embedded_model(run.mode) {
            line.flag("--model", &model_anywhere(&answered.model));
        }
        line.flag("--attention", &run.mode.to_string());
        let mut leaves_out = Vec::new();
        self.add_asking(&mut line, &[answered], &mut leaves_out);
        self.add_reading(&mut line, id)?;
        self.add_map(&mut line, (id, &answered.words.words), &mut leaves_out);
        let plain = format!("{PICTURE}\n{}", run.question);
        if answered.turn.as_ref().is_some_and(|turn| turn.text() != plain) {
            leaves_out
                .push("the white space around the question in its benchmark's prompt".to_owned());
        }
        if let Some(regions) = &self.regions {
            self.add_regions(&mut line, regions, &mut leaves_out);
        }
        let beside = self.comparison_line(id, &mut leaves_out)?;
        let lines: Vec<String> = [Some(line), beside].into_iter().flatten().map(|l| l.0).collect();
        Ok(CommandLine { line: lines.join("\n"), leaves_out })
    }

    /// How a run is tagged and read.
    pub(super) fn add_reading(&self, line: &mut Line, id: RunId) -> Result<(), String> {
        let Some(answered) = self.run_of(id) else { return Ok(()) };
        let workspace = &self.workspace;
        if answered.words.tagger != TaggerChoice::default() {
            line.flag("--tagger", &answered.words.tagger.to_string());
        }
        for (word, bucket) in workspace.edits_of(id).iter() {
            line.flag("--bucket", &format!("{}={bucket}", named(&answered.words.words, word)));
        }
        let selection = &workspace.selection;
        for (flag, choice) in [("--layers", &selection.layers), ("--heads", &selection.heads)] {
            if *choice != Choice::All {
                line.flag(flag, &numbers(choice).ok_or("choose at least one layer and one head")?);
            }
        }
        line.flag("--reading", &workspace.view.reading.to_string());
        Ok(())
    }

    fn add_map(
        &self,
        line: &mut Line,
        (id, words): (RunId, &[TaggedWord]),
        leaves_out: &mut Vec<String>,
    ) {
        let view = &self.workspace.view;
        let subject = &self.workspace.selection.subject;
        let numbers = |set: &BTreeSet<usize>| set.iter().map(|n| format!("#{n}")).collect();
        let of: Vec<String> = match subject {
            Subject::Nothing => return,
            Subject::Words(set) => set.iter().map(|word| named(words, *word)).collect(),
            Subject::Answer(set) | Subject::Latents(set) => numbers(set),
        };
        let map = match view.map_kind(subject) {
            MapKind::ReadBy => "read-by",
            MapKind::LooksAt => "looks-at",
            MapKind::AnsweredFrom(TokenRow::WhileChoosing) => "answered-from",
            MapKind::AnsweredFrom(TokenRow::AfterWriting) => "answered-from-after",
            MapKind::MadeFrom => "made-from",
            // No subject has it.
            MapKind::Rollout => {
                leaves_out.push("the map".to_owned());
                return;
            }
        };
        line.flag("--heatmap", "map.png");
        line.flag("--map", map);
        line.flag("--projection", named_projection(view.projection));
        if view.without_sinks {
            line.word("--no-sinks");
            if view.sink_threshold != SinkRule::default().times_uniform {
                line.flag("--sink-times", &view.sink_threshold.to_string());
            }
        }
        // As one map: their mean.
        line.flag("--of", &of.join("+"));
        line.flag("--colormap", &view.colormap.to_string());
        line.flag("--opacity", &view.opacity.to_string());
        if view.texels == Texels::Smooth {
            line.word("--smooth");
        }
        // Small values cover less of the picture in the window.
        line.word("--fade");
        if let Some(Ok(map)) = self.heatmap(id, subject).as_deref()
            && !map.by_construction
        {
            let (low, high) = self.whole_map_scale(id, subject, map);
            line.flag("--scale", &format!("{low},{high}"));
        }
    }

    /// By their corners, where that says all of them; otherwise as the session keeps them.
    fn add_regions(&self, line: &mut Line, regions: &PictureRegions, leaves_out: &mut Vec<String>) {
        let file = self.session.folder.as_ref().map(|folder| folder.join(REGIONS_FILE));
        let file = file.and_then(|file| named_anywhere(&file).ok());
        match (boxes_of(regions.as_they_came()), file) {
            (Some(boxes), _) => boxes.iter().for_each(|corners| line.flag("--box", corners)),
            (None, Some(file)) => line.flag("--regions", &file),
            (None, None) => {
                leaves_out.push(
                    "regions: write their masks with Export, and name that file with --regions"
                        .to_owned(),
                );
                return;
            }
        }
        if regions.overlaps != Overlaps::All {
            line.flag("--overlap", &regions.overlaps.to_string());
        }
        if !self.workspace.view.has_regions {
            // Without a map there is no figure that could draw them.
            if self.workspace.selection.subject != Subject::Nothing {
                line.word("--no-outlines");
            }
            return;
        }
        if !regions.hidden.is_empty() {
            leaves_out.push("which regions are not drawn".to_owned());
        }
        if !regions.colors.is_empty() {
            leaves_out.push("colors chosen for regions".to_owned());
        }
    }

    /// The file of a run's picture: its own where that is still there, else the session's copy.
    pub(super) fn picture_file(&self, id: RunId) -> Result<String, String> {
        let path = self.run_of(id).and_then(|answered| answered.picture.path.clone());
        let kept = || {
            let (folder, name) = (self.session.folder.as_ref()?, self.session.names.get(&id)?);
            Some(folder.join("runs").join(name).join("image.png"))
        };
        let found = path.filter(|path| path.is_file()).or_else(kept);
        named_anywhere(
            &found.ok_or("this picture lies in no file, so no command line can name it")?,
        )
    }
}

/// A path as it can be typed in any folder.
fn named_anywhere(path: &Path) -> Result<String, String> {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    whole.to_str().map(str::to_owned).ok_or_else(|| {
        format!("the name of {} is no text, so no command line can hold it", path.display())
    })
}

/// A model as it can be typed in any folder: names stay names.
pub(super) fn model_anywhere(model: &str) -> String {
    let path = Path::new(model);
    path.is_dir().then(|| named_anywhere(path).ok()).flatten().unwrap_or_else(|| model.to_owned())
}

/// Regions as boxes, where each is one: `name=x,y,width,height`.
fn boxes_of(set: &RegionSet) -> Option<Vec<String>> {
    let as_box = |region: &Region| {
        let PixelBox { x, y, width, height } = region.mask.bounds();
        let is_full = u64::from(region.mask.area()) == u64::from(width) * u64::from(height);
        let corners = format!("{x},{y},{width},{height}");
        (is_full && width > 0).then(|| format!("{}={corners}", region.name()))
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

/// A line that grows.
pub(super) struct Line(String);

impl Line {
    /// A command without flags.
    pub(super) fn of(command: &str) -> Self {
        Self(format!("aki-lens {command}"))
    }

    fn word(&mut self, word: &str) {
        self.0.push(' ');
        self.0.push_str(word);
    }

    /// A value that begins with a dash would be taken for a flag.
    pub(super) fn flag(&mut self, flag: &str, value: &str) {
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
