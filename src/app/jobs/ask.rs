//! Ask a picture a question: one run, and its report.

use std::{path::PathBuf, time::Instant};

use super::{
    ask_report::AnswerReport,
    chart::Measure,
    heatmap::{Maps, Reads},
    map_choice::{MapTexts, answer_texts},
    model_folder,
    pointing::read_pointing,
    question_words::{QuestionWords, check_edits},
    regions::read_regions,
    session::{append_to_session, check_session},
    subject::SubjectRequest,
    tagging::Tagging,
    weights::weights_checksum,
    world_card::beyond_its_world,
};
use crate::{
    analysis::Projection,
    domain::{Ending, OnProgress, RecordSpec, Run, TowerSpec},
    inference::{Asked, Engine, RunRequest},
    model::ComputeDevice,
    session::{Moment, Pixels, RunFacts},
    text::Tagger,
    vision,
};
use anyhow::{Context as _, Result};

/// What to ask, of what, with what.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The question, and who is asked.
    pub asked: SubjectRequest,
    /// What is read of the attention from the picture to the words.
    pub measure: Measure,
    /// What is drawn over the picture, and counted in its regions.
    pub maps: Maps,
    /// The session in which the run is kept, if any.
    pub session: Option<PathBuf>,
}

/// Loads the model, answers, and reports.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn ask(
    request: &Ask,
    device: ComputeDevice,
    on_progress: OnProgress<'_>,
) -> Result<(AnswerReport, Run)> {
    let start = Instant::now();
    request.measure.check()?;
    request.maps.check()?;
    request.session.as_deref().map_or(Ok(()), check_session)?;
    let SubjectRequest { model, image: image_path, question, mode, .. } = &request.asked;
    // Every tagger cuts words alike, so what cannot be corrected shows before a model is loaded.
    check_edits(&Tagger::embedded().tag(question), &request.asked.edits)?;
    let mut tagging = Tagging::open(request.asked.tagger);
    let folder = model_folder(model)?;
    // The picture first: it is read at once, and a wrong path should not cost a load.
    let image = vision::open(image_path)?;
    let has_regions = request.maps.regions.is_some();
    let regions = has_regions.then(|| read_regions(&request.maps.regions, &image, image_path));
    let regions = regions.transpose()?;
    let engine = Engine::open(&folder, device, request.asked.dtype, on_progress)?;
    let run = engine
        .run(&image, &run_request(request, &engine)?, on_progress)
        .with_context(|| format!("while asking {}", folder.display()))?;
    let mut warnings = image.warnings.clone();
    if run.ending == Ending::Stopped {
        warnings.push("stopped before the answer was complete".to_owned());
    }
    warnings.extend(beyond_its_world(&folder, &engine, &image, question)?);
    let words = QuestionWords::of_run(&run, &mut tagging, &request.asked.edits)?;
    warnings.extend(words.notice.clone());
    let read = request.measure.of_run(&run, &words)?;
    request.measure.write_chart(model, &run, &words, &read)?;
    let answer = answer_texts(&engine, &run)?;
    let texts = MapTexts { run: &run, words: &words, answer: &answer };
    let Measure { layers, heads, reading, .. } = &request.measure;
    let reads = Reads { layers, heads, reading: *reading };
    // Only what outlives this run asks whose weights they were.
    let is_kept = request.session.is_some() || request.maps.heatmap.is_some();
    let weights = is_kept.then(|| weights_checksum(&folder)).transpose()?;
    let pointing = weights.as_deref().and_then(|weights| {
        read_pointing(&folder, weights, *mode).unwrap_or_else(|error| {
            warnings.push(format!("{error:#}"));
            None
        })
    });
    let of = (model.as_str(), regions.as_ref());
    let table = request.maps.make(texts, reads, &image, of, pointing.as_ref())?;
    warnings.extend(table.iter().flat_map(|table| table.warnings.clone()));
    let mut report = AnswerReport::new(model, &engine, &run, &words, &read);
    report.regions = table;
    if let Some(session) = &request.session {
        let facts = RunFacts {
            made: Moment::now(),
            model: model.clone(),
            pointing,
            weights,
            device: engine.device().to_string(),
            picture_name: image_path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            picture_path: std::path::absolute(image_path).ok(),
            tagger: words.tagger.to_string(),
            // As tagged: corrections belong to the arrangement.
            words: tagging.tag(&run.question).words,
            token_texts: answer,
            warnings: warnings.clone(),
            turn: None,
        };
        let pixels = Pixels { size: image.size, rgb: &image.rgb };
        append_to_session(session, &run, &facts, pixels, &words.edits())?;
    }
    report.finish(warnings, start);
    Ok((report, run))
}

/// What is run, and recorded of it.
fn run_request(request: &Ask, engine: &Engine) -> Result<RunRequest> {
    let SubjectRequest { question, mode, max_new_tokens, .. } = &request.asked;
    let (mode, max_new_tokens) = (*mode, *max_new_tokens);
    let asked = Asked::Question(question.clone());
    // The vision tower is large, and only one way of carrying latents back goes through it.
    let record = match request.maps.projection {
        Projection::ThroughVision => {
            let spec = engine.default_record(&asked, mode, max_new_tokens)?;
            Some(RecordSpec { vision: TowerSpec::all(), ..spec })
        }
        _ => None,
    };
    Ok(RunRequest { asked, mode, max_new_tokens, record })
}
