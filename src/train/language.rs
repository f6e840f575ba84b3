//! The second and third stage: resampler and decoder learn to speak, then to answer.
//!
//! The vision tower is frozen, as in the paper, so its pictures are encoded once.

use std::{collections::BTreeMap, ops::ControlFlow, path::Path, sync::Arc};

use burn::prelude::*;
use rand::Rng;

use super::{
    config::{StageConfig, TrainingConfig},
    dense::{DenseLabels, best_of_rows, weighted_cross_entropy},
    error::Result,
    examples::{CAPTION_REQUEST, Examples, picks, rng_of_step},
    method::Method,
    pool::{Pool, Pools},
    stage::{Learner, OnStep, Outcome, Setting, Stage, StepLoss},
    world_card::write_world_card,
};
use crate::{
    domain::{AttentionMode, Grid},
    model::{ComputeDevice, Dtype, ModelFolder, Sequence, common_prefix},
    scene::{QuestionKind, Scene, Split, World},
};

/// Sequences of one pass at most, and how much longer the longest may be than the shortest.
const GROUP: usize = 64;
const STRETCH: f64 = 1.2;

/// Trains resampler and decoder of a folder on captions: causal in the paper, both orders for DOT.
///
/// `pools` keeps what the vision tower makes of the scenes, for the next training with the same tower.
///
/// # Errors
/// Folders that do not fit, a loss that is no number, or the disk.
pub fn pretrain(
    config: &TrainingConfig,
    method: Method,
    from: &Path,
    out: &Path,
    device: &ComputeDevice,
    pools: &mut Pools,
    on_step: OnStep<'_>,
) -> Result<Outcome> {
    let name = match method {
        Method::Attention(AttentionMode::Causal) => "pretrain".to_owned(),
        method => format!("pretrain {method}"),
    };
    let stage = steps_of(&config.pretrain, method);
    let setting =
        Setting { name: &name, config, stage: &stage, from, out, device, dtype: Dtype::F32 };
    run(&setting, method, Texts::Captions, pools, on_step)
}

/// Trains resampler and decoder of a folder on questions, by a method.
///
/// `pools`: as in [`pretrain`].
///
/// # Errors
/// Folders that do not fit, a loss that is no number, or the disk.
pub fn finetune(
    config: &TrainingConfig,
    method: Method,
    from: &Path,
    out: &Path,
    device: &ComputeDevice,
    pools: &mut Pools,
    on_step: OnStep<'_>,
) -> Result<Outcome> {
    let name = format!("finetune {method}");
    let stage = steps_of(&config.finetune, method);
    let setting =
        Setting { name: &name, config, stage: &stage, from, out, device, dtype: Dtype::F16 };
    run(&setting, method, Texts::Questions, pools, on_step)
}

/// Writes anew what a finished folder's `world.json` says, from as many scenes as the questions were asked
/// of; the weights stay as they are.
///
/// # Errors
/// A folder that does not load, or the disk.
pub fn describe(
    config: &TrainingConfig,
    method: Method,
    folder: &Path,
    device: &ComputeDevice,
    on_step: OnStep<'_>,
) -> Result<Outcome> {
    let plain = device.clone().without_gradients();
    let on_load = &mut |_| ControlFlow::Continue(());
    let (encoder, _) = ModelFolder::open(folder)?.load(&plain, None, on_load)?;
    let scenes = 0..config.finetune.scenes.max(1) as u64;
    let seed = config.world_seed;
    let world = World::new();
    let pool = Pool::new(&world, Split::Train, scenes, seed, (&encoder, &plain), on_step)?;
    write_world_card(folder, &pool, method)?;
    Ok(Outcome::Done)
}

/// A stage as a method runs it: each order of DOT gets as many steps as another method's only one.
fn steps_of(stage: &StageConfig, method: Method) -> StageConfig {
    let n = method.modes().len();
    StageConfig {
        steps: n * stage.steps,
        warmup_steps: n * stage.warmup_steps,
        validate_every: n * stage.validate_every,
        ..stage.clone()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Texts {
    Captions,
    Questions,
}

fn run(
    setting: &Setting<'_>,
    method: Method,
    texts: Texts,
    pools: &mut Pools,
    on_step: OnStep<'_>,
) -> Result<Outcome> {
    let folder = ModelFolder::open(setting.from)?;
    let network = folder.config();
    let world = World::new();
    let plain = setting.device.clone().without_gradients();
    let (encoder, _) = folder.load(&plain, None, &mut |_| ControlFlow::Continue(()))?;
    let seed = setting.config.world_seed;
    let stage = setting.stage;
    let mut pool = |split, n: usize| {
        let scenes = (&world, split, 0..n as u64, seed);
        pools.take(scenes, (&encoder, &plain), on_step)
    };
    let stage = LanguageStage {
        config: setting.config,
        stage,
        texts,
        examples: method
            .modes()
            .into_iter()
            .map(|mode| Examples::new(setting.from, network, mode, &setting.config.questions))
            .collect::<Result<_>>()?,
        method,
        train: pool(Split::Train, stage.scenes.max(1))?,
        validation: pool(Split::Validation, stage.validation_scenes)?,
        cells: Grid::square(network.resampler.n_latents),
        device: setting.device.burn().clone(),
    };
    setting.run(&stage, on_step)
}

struct LanguageStage<'a> {
    config: &'a TrainingConfig,
    stage: &'a StageConfig,
    texts: Texts,
    /// One an attention mode; steps take them by turns, measurements take the first.
    examples: Vec<Examples>,
    method: Method,
    train: Arc<Pool>,
    validation: Arc<Pool>,
    cells: Option<Grid>,
    device: Device,
}

/// How sequences were answered.
struct Reading {
    /// Mean over all targets, `[1]`.
    loss: Tensor<1>,
    /// For each sequence: targets, and how many of them were foretold.
    right: Vec<(usize, usize)>,
}

/// Groups of packs of nearly one length, as indices, the shortest first.
fn groups(packs: &[Pack]) -> Vec<Vec<usize>> {
    let len = |i: usize| packs[i].sequence.rows.len();
    let mut order: Vec<usize> = (0..packs.len()).collect();
    order.sort_by_key(|i| len(*i));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for i in order {
        let fits = groups.last().is_some_and(|group: &Vec<usize>| {
            group.len() < GROUP && len(i) as f64 <= STRETCH * len(group[0]) as f64
        });
        match groups.last_mut() {
            Some(group) if fits => group.push(i),
            _ => groups.push(vec![i]),
        }
    }
    groups
}

/// Sequences that are computed as one: those of a picture, where that gives the same.
struct Pack {
    members: Vec<usize>,
    sequence: Sequence,
}

/// Joins the texts of each picture, as far as the attention mode allows.
fn packs(sequences: &[Sequence]) -> Vec<Pack> {
    let mut by_picture: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, sequence) in sequences.iter().enumerate() {
        by_picture.entry(sequence.picture).or_default().push(i);
    }
    let alone = |i: usize| Pack { members: vec![i], sequence: sequences[i].clone() };
    let packs = by_picture.into_values().flat_map(|members| {
        let texts: Vec<&Sequence> = members.iter().map(|i| &sequences[*i]).collect();
        match Sequence::packed(&texts) {
            Some(sequence) if members.len() > 1 => vec![Pack { members, sequence }],
            _ => members.into_iter().map(alone).collect(),
        }
    });
    packs.collect()
}

/// The loss of all sequences, each token weighing `n^-exponent` in an answer of `n` tokens:
///
/// ```text
/// sum over answers a, tokens t of  w_a (-log p(t)) / sum of all w,  w_a = n_a^-exponent
/// ```
fn read(
    learner: &Learner,
    latents: &Tensor<3>,
    sequences: &[Sequence],
    exponent: f64,
) -> Result<Reading> {
    let weight = |s: &Sequence| (s.targets.len().max(1) as f64).powf(-exponent);
    let total: f64 = sequences.iter().map(|s| weight(s) * s.targets.len() as f64).sum();
    let mut right = vec![(0, 0); sequences.len()];
    let mut loss: Option<Tensor<1>> = None;
    let packs = packs(sequences);
    for group in groups(&packs) {
        let batch: Vec<Sequence> = group.iter().map(|pack| packs[*pack].sequence.clone()).collect();
        let prefix = common_prefix(&batch);
        let logits = learner.network.logits_at_targets(latents, &batch, prefix)?;
        let labels: Vec<i32> =
            batch.iter().flat_map(|s| s.targets.iter().map(|(_, token)| *token as i32)).collect();
        let members: Vec<usize> =
            group.iter().flat_map(|pack| packs[*pack].members.iter().copied()).collect();
        let weights: Vec<f32> = members
            .iter()
            .map(|i| &sequences[*i])
            .flat_map(|s| vec![(weight(s) / total) as f32; s.targets.len()])
            .collect();
        let best = best_of_rows(logits.clone());
        let part = weighted_cross_entropy(logits, &labels, &weights);
        loss = Some(match loss {
            Some(sum) => sum + part,
            None => part,
        });
        let mut at = 0;
        for i in members {
            let n = sequences[i].targets.len();
            let hits = (at..at + n).filter(|t| best.get(*t) == labels.get(*t)).count();
            right[i] = (n, hits);
            at += n;
        }
    }
    let loss = loss.unwrap_or_else(|| Tensor::zeros([1], &latents.device()));
    Ok(Reading { loss, right })
}

impl LanguageStage<'_> {
    /// What a measurement asks of a scene: `(kind, text, answer)`.
    fn all_texts(&self, scene: &Scene, rng: &mut impl Rng) -> Vec<(String, String, String)> {
        if self.texts == Texts::Captions {
            let caption = scene.caption(rng);
            return vec![("caption_tokens".to_owned(), CAPTION_REQUEST.to_owned(), caption)];
        }
        let asked = QuestionKind::ALL.into_iter().filter_map(|kind| scene.ask(kind, rng));
        asked.map(|q| (q.kind.to_string(), q.text, q.answer)).collect()
    }

    fn counted(&self, right: &[(usize, usize)]) -> (usize, usize) {
        match self.texts {
            // A caption is long and one of many: its tokens count one by one.
            Texts::Captions => {
                (right.iter().map(|(_, hits)| hits).sum(), right.iter().map(|(n, _)| n).sum())
            }
            Texts::Questions => (right.iter().filter(|(n, hits)| n == hits).count(), right.len()),
        }
    }
}

impl Stage for LanguageStage<'_> {
    fn describe(&self, out: &Path) -> Result<()> {
        write_world_card(out, &self.train, self.method)
    }

    fn step(&self, learner: &Learner, step: usize, part: usize) -> Result<StepLoss> {
        let salt = 2 + u64::from(self.texts == Texts::Questions);
        let mut rng = rng_of_step(self.config.seed, salt, (step * self.stage.parts + part) as u64);
        let n = self.stage.pictures / self.stage.parts;
        let picks = picks(self.train.scenes.len(), n, &mut rng);
        let examples = &self.examples[step % self.examples.len()];
        let mut sequences = Vec::new();
        for (picture, pick) in picks.iter().enumerate() {
            let scene = &self.train.scenes[*pick];
            for _ in 0..self.stage.texts_per_picture {
                let example = match self.texts {
                    Texts::Captions => Some((CAPTION_REQUEST.to_owned(), scene.caption(&mut rng))),
                    Texts::Questions => {
                        examples.question(scene, &mut rng).map(|q| (q.text, q.answer))
                    }
                };
                if let Some((text, answer)) = example {
                    sequences.push(examples.sequence(picture, &text, &answer)?);
                }
            }
        }
        let features = self.train.features(&picks, &self.device);
        let latents = learner.network.resample_pictures(&features)?;
        let exponent = self.stage.answer_length_exponent;
        let Reading { mut loss, right } = read(learner, &latents, &sequences, exponent)?;
        if let Some(cells) = self.cells.filter(|_| self.stage.dense_weight > 0.0) {
            let mut labels = DenseLabels::default();
            for pick in &picks {
                labels.append(&DenseLabels::of_latents(&self.train.scenes[*pick], cells));
            }
            let dense = learner.latent_head.read(latents, &labels);
            loss = loss + dense.loss.mul_scalar(self.stage.dense_weight);
        }
        let (right, asked) = self.counted(&right);
        Ok(StepLoss { loss, right, asked })
    }

    fn validate(&self, learner: &Learner) -> Result<Vec<(String, f64)>> {
        let mut by_kind: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let mut loss = (0.0, 0_usize);
        let scenes: Vec<usize> = (0..self.validation.scenes.len()).collect();
        for (batch, picks) in scenes.chunks(32).enumerate() {
            let mut rng = rng_of_step(self.config.world_seed, 9, batch as u64);
            let (mut sequences, mut kinds) = (Vec::new(), Vec::new());
            for (picture, pick) in picks.iter().enumerate() {
                let scene = &self.validation.scenes[*pick];
                for (kind, text, answer) in self.all_texts(scene, &mut rng) {
                    sequences.push(self.examples[0].sequence(picture, &text, &answer)?);
                    kinds.push(kind);
                }
            }
            let features = self.validation.features(picks, &self.device);
            let latents = learner.network.resample_pictures(&features)?;
            let exponent = self.stage.answer_length_exponent;
            let reading = read(learner, &latents, &sequences, exponent)?;
            let value: f32 = reading.loss.into_scalar();
            loss = (loss.0 + f64::from(value) * sequences.len() as f64, loss.1 + sequences.len());
            for (kind, counts) in kinds.into_iter().zip(reading.right) {
                let (right, asked) = self.counted(&[counts]);
                let sum = by_kind.entry(kind).or_default();
                *sum = (sum.0 + right, sum.1 + asked);
            }
        }
        let share = |(right, asked): (usize, usize)| right as f64 / asked.max(1) as f64;
        let all = by_kind.values().fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let mut measured = vec![
            ("loss".to_owned(), loss.0 / loss.1.max(1) as f64),
            ("accuracy".to_owned(), share(all)),
        ];
        let each = by_kind.into_iter().map(|(kind, n)| (format!("accuracy.{kind}"), share(n)));
        measured.extend(each);
        Ok(measured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{AttentionPlan, PixelInput},
        model::{KvCache, NullRecorder},
        text::{ChatTemplate, TextTokenizer, prompt},
    };

    fn log_softmax_at(logits: &[f32], id: u32) -> f32 {
        let max = logits.iter().copied().fold(f32::MIN, f32::max);
        let sum: f32 = logits.iter().map(|x| (x - max).exp()).sum();
        logits[id as usize] - max - sum.ln()
    }

    /// What is learned is what is run: a batch of several lengths, its common beginning computed
    /// once, foretells each token as the ordinary pass does.
    #[test]
    fn a_batch_foretells_what_a_single_run_does() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/specimen/checkpoint");
        let folder = ModelFolder::open(&path).unwrap();
        let device = ComputeDevice::cpu_with_gradients();
        let load = |device: &ComputeDevice| {
            folder.load(device, Some(Dtype::F32), &mut |_| ControlFlow::Continue(())).unwrap().0
        };
        let (network, cpu) = (load(&device), ComputeDevice::cpu());
        let single = load(&cpu);
        let config = folder.config();
        let side = config.vision.image_side;
        let values = (0..3 * side * side).map(|i| (i % 97) as f32 / 48.0 - 1.0).collect();
        let pixels = PixelInput { side, values };
        let asked = [
            ("Is there a dog on the table?", "yes"),
            ("How many cups are there?", "three"),
            ("What objects are there from left to right?", "dog, cup, dog"),
        ];
        let template = ChatTemplate::for_model_type(&config.decoder.model_type).unwrap();
        let tokenizer = TextTokenizer::open(&path, template, config.decoder.base_vocab).unwrap();
        let modes = ["mma", "causal", "text_first", "cca", "generalised"];
        for mode in modes.map(|mode| mode.parse::<AttentionMode>().unwrap()) {
            let examples = Examples::new(&path, config, mode, &BTreeMap::new()).unwrap();
            let sequences: Vec<Sequence> = asked
                .iter()
                .map(|(text, answer)| examples.sequence(0, text, answer).unwrap())
                .collect();
            let patches = network.encode_pictures(&[&pixels], &device).unwrap();
            let latents = network.resample_pictures(&patches).unwrap();
            let prefix = common_prefix(&sequences);
            assert_eq!(prefix > 0, mode != AttentionMode::Generalised, "prefix under {mode}");
            let logits = network.logits_at_targets(&latents, &sequences, prefix).unwrap();
            let width = logits.dims()[1];
            let logits: Vec<f32> = logits.into_data().try_into_vec().unwrap();
            let mut rows = logits.chunks(width);
            for ((text, _), sequence) in asked.iter().zip(&sequences) {
                let n_latents = config.resampler.n_latents;
                let prompt = prompt(&tokenizer, template, text, mode.order(), n_latents).unwrap();
                let plan = AttentionPlan::new(mode, &prompt.layout).unwrap();
                let patches = single.encode_patches(&pixels, &cpu, &mut NullRecorder).unwrap();
                let latents = single.resample(&patches, &mut NullRecorder).unwrap();
                let mut cache: KvCache = single.new_cache();
                let mut expected = single
                    .prefill(&latents, &prompt, &plan, &mut cache, &mut NullRecorder)
                    .unwrap();
                for (_, token) in &sequence.targets {
                    let row = rows.next().unwrap();
                    let (a, b) = (log_softmax_at(row, *token), log_softmax_at(&expected, *token));
                    assert!((a - b).abs() < 2e-3, "{mode}, {text}: {a} and {b}");
                    expected = single
                        .decode_step(*token, &plan, &mut cache, &cpu, &mut NullRecorder)
                        .unwrap();
                }
            }
            assert!(rows.next().is_none());
        }
    }

    /// Several questions about a picture are one sequence where the picture sees none of them, and
    /// each token is foretold as in its own.
    #[test]
    fn texts_side_by_side_are_foretold_as_each_alone() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/specimen/checkpoint");
        let folder = ModelFolder::open(&path).unwrap();
        let device = ComputeDevice::cpu_with_gradients();
        let (network, _) =
            folder.load(&device, Some(Dtype::F32), &mut |_| ControlFlow::Continue(())).unwrap();
        let config = folder.config();
        let side = config.vision.image_side;
        let values = (0..3 * side * side).map(|i| (i % 89) as f32 / 44.0 - 1.0).collect();
        let pixels = PixelInput { side, values };
        let patches = network.encode_pictures(&[&pixels], &device).unwrap();
        let latents = network.resample_pictures(&patches).unwrap();
        let asked = [
            ("Is there a dog on the table?", "yes"),
            ("Is there a cup?", "no"),
            ("What objects are there from left to right?", "dog, cup, dog"),
        ];
        for mode in ["causal", "mixed", "cca", "mma", "text_first"] {
            let mode: AttentionMode = mode.parse().unwrap();
            let examples = Examples::new(&path, config, mode, &BTreeMap::new()).unwrap();
            let sequences: Vec<Sequence> = asked
                .iter()
                .map(|(text, answer)| examples.sequence(0, text, answer).unwrap())
                .collect();
            let packs = packs(&sequences);
            let sees_none =
                !matches!(mode, AttentionMode::ModalityMutual | AttentionMode::TextFirst);
            assert_eq!(packs.len(), if sees_none { 1 } else { 3 }, "{mode}");
            let logits = |batch: Vec<Sequence>| -> Vec<f32> {
                let prefix = common_prefix(&batch);
                let logits = network.logits_at_targets(&latents, &batch, prefix).unwrap();
                logits.into_data().try_into_vec().unwrap()
            };
            let together = logits(packs.into_iter().map(|pack| pack.sequence).collect());
            let alone: Vec<f32> =
                sequences.into_iter().flat_map(|sequence| logits(vec![sequence])).collect();
            assert_eq!(together.len(), alone.len());
            for (a, b) in together.iter().zip(&alone) {
                assert!((a - b).abs() < 2e-4, "{mode}: {a} and {b}");
            }
        }
    }

    #[test]
    fn groups_hold_sequences_of_nearly_one_length() {
        let of_length = |n: usize| Pack {
            members: Vec::new(),
            sequence: Sequence {
                picture: 0,
                rows: vec![crate::model::Row::Token(1); n],
                mask: crate::domain::AttentionMask::causal(n),
                rope_positions: (0..n as u32).collect(),
                targets: Vec::new(),
            },
        };
        let packs: Vec<Pack> = [50, 90, 52, 95, 51].map(of_length).into();
        assert_eq!(groups(&packs), [vec![0, 4, 2], vec![1, 3]]);
    }
}
