//! What a notice offers to do, so that nobody has to type what it advises.

use std::path::PathBuf;

use super::{command::Command, jobs::SizeFix, workspace::RunId};

/// Something that a click on a notice does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Open a file as a picture.
    OpenPicture(PathBuf),
    /// Read regions of the picture, if need be with a difference of size accepted.
    ImportRegions(PathBuf, Option<SizeFix>),
    /// Look at a run.
    ShowRun(RunId),
}

impl Offer {
    /// What stands on its button.
    pub fn label(&self) -> &'static str {
        match self {
            Self::OpenPicture(_) => "Open as a picture",
            Self::ShowRun(_) => "Show it",
            Self::ImportRegions(_, None) => "Read as regions",
            Self::ImportRegions(_, Some(SizeFix::Swap)) => "Accept: swap",
            Self::ImportRegions(_, Some(SizeFix::Scale)) => "Accept: scale",
        }
    }

    /// What it does.
    pub fn command(&self) -> Command {
        match self {
            Self::OpenPicture(path) => Command::OpenPicture(path.clone()),
            Self::ShowRun(run) => Command::SelectRun(*run),
            Self::ImportRegions(path, fix) => Command::ImportRegions(path.clone(), *fix),
        }
    }
}
