//! What Ctrl+V brings into the window besides text: a picture, or the path of a file.

use std::{path::PathBuf, sync::Arc};

use egui::{ColorImage, Context, Event};
use url::Url;

use crate::{app::PastedPicture, domain::ImageSize};

/// What was pasted.
pub(crate) enum Pasted {
    /// A picture's pixels.
    Picture(PastedPicture),
    /// Files and folders that are there.
    Paths(Vec<PathBuf>),
}

/// egui's picture as bytes, without copying it.
struct Samples(Arc<ColorImage>);

impl AsRef<[u8]> for Samples {
    fn as_ref(&self) -> &[u8] {
        self.0.as_raw()
    }
}

/// What was pasted in this frame. A picture counts wherever the keyboard is, since no field takes
/// one; a path counts where no text is being typed.
pub(crate) fn pasted(ctx: &Context) -> Vec<Pasted> {
    let is_typing = ctx.text_edit_focused();
    let of_event = |event: &Event| match event {
        Event::PasteImage(image) => {
            let [width, height] = image.size.map(|side| u32::try_from(side).unwrap_or(u32::MAX));
            let rgba = Arc::new(Samples(Arc::clone(image)));
            Some(Pasted::Picture(PastedPicture { size: ImageSize { width, height }, rgba }))
        }
        Event::Paste(text) if !is_typing => {
            let paths: Vec<PathBuf> = text.lines().filter_map(path_of).collect();
            let is_there = !paths.is_empty() && paths.iter().all(|path| path.exists());
            is_there.then_some(Pasted::Paths(paths))
        }
        _ => None,
    };
    ctx.input(|i| i.events.iter().filter_map(of_event).collect())
}

/// The path that a line names: as it is, in quotes, or as file managers copy it, with `%20` for a space.
fn path_of(line: &str) -> Option<PathBuf> {
    let line = line.trim().trim_matches('"');
    if line.starts_with("file://") {
        return Url::parse(line).ok()?.to_file_path().ok();
    }
    (!line.is_empty()).then(|| PathBuf::from(line))
}
