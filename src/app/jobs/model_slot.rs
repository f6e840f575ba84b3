//! What stays open from one question to the next: the loaded model, the last picture as it reads it,
//! and the tagger.

use std::{path::PathBuf, sync::Arc};

use anyhow::Result;

use super::{TaggerRequest, Tagging, model_folder, weights::weights_checksum};
use crate::{
    app::picture::Picture,
    domain::OnProgress,
    inference::{EncodedPicture, Engine},
    model::{ComputeDevice, DeviceChoice},
};

/// A model that stays loaded from one question to the next.
#[derive(Debug)]
pub(super) struct LoadedModel {
    pub name: String,
    choice: DeviceChoice,
    pub folder: PathBuf,
    pub weights: String,
    pub engine: Engine,
    /// The last picture that was examined.
    encoded: Option<(Arc<Picture>, EncodedPicture)>,
}

/// What stays open from one question to the next.
#[derive(Debug, Default)]
pub struct ModelSlot {
    loaded: Option<LoadedModel>,
    tagging: Option<(TaggerRequest, Tagging)>,
}

impl ModelSlot {
    /// The model of this name on this device, out of the slot, loaded where it is not.
    ///
    /// # Errors
    /// One line that says what is wrong, where, and what to do.
    pub(super) fn take(
        &mut self,
        name: &str,
        choice: DeviceChoice,
        on_progress: OnProgress<'_>,
    ) -> Result<LoadedModel> {
        // A model that does not fit is put away first: two may not fit into memory together.
        let kept = self.loaded.take().filter(|kept| kept.name == name && kept.choice == choice);
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let folder = model_folder(name)?;
        let (device, _) = ComputeDevice::open(choice)?;
        let weights = weights_checksum(&folder)?;
        let engine = Engine::open(&folder, device, None, on_progress)?;
        Ok(LoadedModel { name: name.to_owned(), choice, folder, weights, engine, encoded: None })
    }

    /// Keeps a model for the next question.
    pub(super) fn put(&mut self, loaded: LoadedModel) {
        self.loaded = Some(loaded);
    }

    /// Frees the memory of the model; the next question loads one.
    pub(super) fn put_away(&mut self) {
        self.loaded = None;
    }

    /// The tagger that is asked for, started if another was in use.
    pub(super) fn tagging(&mut self, request: &TaggerRequest) -> &mut Tagging {
        let kept = self.tagging.take().filter(|(known, _)| known == request);
        let open = || (request.clone(), Tagging::open(request.clone()));
        &mut self.tagging.insert(kept.unwrap_or_else(open)).1
    }
}

/// Loads a model, unless it is.
///
/// # Errors
/// One line that says what is wrong, where, and what to do; being stopped.
pub fn load_model(
    slot: &mut ModelSlot,
    name: &str,
    choice: DeviceChoice,
    on_progress: OnProgress<'_>,
) -> Result<()> {
    let loaded = slot.take(name, choice, on_progress)?;
    slot.put(loaded);
    Ok(())
}

impl LoadedModel {
    /// A picture as the decoder reads it; encoded once as long as no other is examined.
    ///
    /// # Errors
    /// A pass that was stopped.
    pub(super) fn encode(
        &mut self,
        picture: &Arc<Picture>,
        on_progress: OnProgress<'_>,
    ) -> Result<EncodedPicture> {
        if let Some((known, encoded)) = &self.encoded
            && known == picture
        {
            return Ok(encoded.clone());
        }
        let encoded = self.engine.encode(&picture.image, on_progress)?;
        self.encoded = Some((Arc::clone(picture), encoded.clone()));
        Ok(encoded)
    }
}
