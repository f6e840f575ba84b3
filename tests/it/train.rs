//! Training: small enough for a test, with everything a large one does.

use std::{fs, ops::ControlFlow, path::Path};

use aki_lens::{
    app::jobs::{
        Methods, MethodsProgress, OverSeeds, ScenesRequest, Train, TrainStage, TrainedUnder,
        methods, scenes, train,
    },
    domain::AttentionMode,
    inference::{Asked, Engine, RunRequest},
    model::ComputeDevice,
    scene::{self, Split, World},
    text::{ChatTemplate, TextTokenizer, world_tokenizer},
    train::{
        Method, Outcome, Pools, StageConfig, TrainError, TrainProgress, TrainingConfig, describe,
        finetune, initialize, pretrain, train_tower,
    },
    vision,
};
use serde_json::Value;
use tempfile::TempDir;

const TINY: &str = r"
seed = 3
world_seed = 5
[model]
image_size = 32
patch_size = 8
vision_width = 16
vision_ff = 32
vision_layers = 1
vision_heads = 2
latents = 4
resampler_layers = 1
resampler_heads = 2
resampler_ff_mult = 2
decoder_width = 16
decoder_ff = 24
decoder_layers = 2
decoder_heads = 2
[tower]
STAGE
[pretrain]
STAGE
[finetune]
STAGE
texts_per_picture = 2
[questions]
existence = 1.0
listing = 1.0
multiple_choice = 1.0
";

const STAGE: &str = r#"
steps = 4
pictures = 2
parts = 2
scenes = 4
learning_rate = 1e-2
warmup_steps = 2
decay = "cosine"
weight_decay = 0.01
beta_2 = 0.98
clip_norm = 1.0
dense_weight = 0.5
validate_every = 2
validation_scenes = 3
"#;

fn config_file(folder: &Path, stage: &str) -> TrainingConfig {
    let path = folder.join("tiny.toml");
    fs::write(&path, TINY.replace("STAGE", stage)).unwrap();
    TrainingConfig::open(&path).unwrap()
}

fn to_the_end(_: &TrainProgress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Stops after a step.
fn stop_after(step: usize) -> impl FnMut(&TrainProgress) -> ControlFlow<()> {
    move |progress| match progress {
        TrainProgress::Step { done, .. } if *done == step => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    }
}

fn weights(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("model.safetensors")).unwrap()
}

#[test]
fn a_trained_folder_answers_like_any_other() {
    let temp = TempDir::new().unwrap();
    let at = |name: &str| temp.path().join(name);
    let config = config_file(temp.path(), STAGE);
    let device = ComputeDevice::cpu_with_gradients();
    initialize(&config, &at("init")).unwrap();
    let on = &mut to_the_end;
    assert_eq!(
        train_tower(&config, &at("init"), &at("tower"), &device, on).unwrap(),
        Outcome::Done
    );
    pretrain(
        &config,
        AttentionMode::Causal.into(),
        &at("tower"),
        &at("base"),
        &device,
        &mut Pools::default(),
        on,
    )
    .unwrap();
    let mode = AttentionMode::ModalityMutual;
    finetune(&config, mode.into(), &at("base"), &at("mma"), &device, &mut Pools::default(), on)
        .unwrap();
    // Whatever has weights is whole.
    let written = |file: &str| fs::metadata(at("mma").join(file)).unwrap().modified().unwrap();
    assert!(written("world.json") <= written("model.safetensors"));
    let trained = TrainedUnder::of("some/name", &at("mma"));
    assert_eq!((trained.mode, &trained.because[..]), (Some(mode), "its world.json says so"));
    let card = || -> Value {
        serde_json::from_slice(&fs::read(at("mma").join("world.json")).unwrap()).unwrap()
    };
    let (told, kept) = (card(), weights(&at("mma")));
    fs::remove_file(at("mma").join("world.json")).unwrap();
    describe(&config, mode.into(), &at("mma"), &device, on).unwrap();
    assert_eq!(weights(&at("mma")), kept, "describing changes no weights");
    for said in ["attention", "method", "words", "world", "version"] {
        assert_eq!(card()[said], told[said]);
    }
    // The training read the tower in f32, the finished folder holds it in f16.
    let usual = |card: &Value| card["picture"]["usual_distance"].as_f64().unwrap();
    assert!((usual(&card()) / usual(&told) - 1.0).abs() < 0.02, "{} {}", card(), told);

    let stages = ["init", "tower", "base", "mma"].map(|name| weights(&at(name)));
    assert!(stages.windows(2).all(|pair| pair[0] != pair[1]), "every stage changes weights");
    assert!(!at("mma").join("state").exists(), "a finished stage leaves no state");
    let log = fs::read_to_string(at("mma").join("log.csv")).unwrap();
    assert!(log.contains("4,validation,accuracy.listing,"), "{log}");

    let world = World::new();
    let scene = world.scene(Split::Test, 0, 1);
    let png = world.draw(&scene, 64).png().unwrap();
    let image = vision::decode(&png, Path::new("scene.png")).unwrap();
    let on_load = &mut |_| ControlFlow::Continue(());
    let engine = Engine::open(&at("mma"), ComputeDevice::cpu(), None, on_load).unwrap();
    let request = RunRequest {
        asked: Asked::Question("Is there a dog?".to_owned()),
        mode,
        max_new_tokens: 4,
        record: None,
    };
    let run = engine.run(&image, &request, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(!run.answer_ids.is_empty() && run.trace.bytes() > 0);
}

#[test]
fn a_stopped_training_goes_on_exactly() {
    let temp = TempDir::new().unwrap();
    let at = |name: &str| temp.path().join(name);
    let config = config_file(temp.path(), STAGE);
    let device = ComputeDevice::cpu_with_gradients();
    initialize(&config, &at("init")).unwrap();
    let mode = AttentionMode::Causal;
    type Stage<'a> =
        &'a dyn Fn(&Path, &mut dyn FnMut(&TrainProgress) -> ControlFlow<()>) -> Outcome;
    let tower: Stage<'_> = &|out, on| train_tower(&config, &at("init"), out, &device, on).unwrap();
    let tune: Stage<'_> = &|out, on| {
        finetune(&config, mode.into(), &at("init"), out, &device, &mut Pools::default(), on)
            .unwrap()
    };
    for (name, stage) in [("tower", tower), ("tune", tune)] {
        let (whole, parts) = (at(&format!("{name}-whole")), at(&format!("{name}-parts")));
        assert_eq!(stage(&whole, &mut to_the_end), Outcome::Done);
        assert_eq!(stage(&parts, &mut stop_after(3)), Outcome::Stopped);
        assert!(!parts.join("model.safetensors").exists(), "no checkpoint before the end");
        // As a long training leaves it.
        fs::write(parts.join("log.csv"), "step,split,name,value\n3,train,seconds,5000.0\n")
            .unwrap();
        assert_eq!(stage(&parts, &mut to_the_end), Outcome::Done);
        let log = fs::read_to_string(parts.join("log.csv")).unwrap();
        let seconds = log.lines().rev().find_map(|line| line.split_once("train,seconds,")).unwrap();
        assert!(seconds.1.parse::<f64>().unwrap() >= 5000.0, "time before the stop counts: {log}");
        assert_eq!(weights(&whole), weights(&parts), "{name}");
        let last = |folder: &Path| -> Vec<String> {
            let log = fs::read_to_string(folder.join("log.csv")).unwrap();
            let is_told = |line: &&str| line.starts_with("4,") && !line.contains("seconds");
            log.lines().filter(is_told).map(str::to_owned).collect()
        };
        assert!(last(&whole).iter().any(|line| line.starts_with("4,train,loss,")));
        assert_eq!(last(&whole), last(&parts), "{name}");
    }
}

#[test]
fn a_finished_stage_is_drawn_as_curves_of_its_log() {
    let temp = TempDir::new().unwrap();
    let at = |name: &str| temp.path().join(name);
    config_file(temp.path(), STAGE);
    let stage = |stage: TrainStage, from: Option<&str>, out: &str| {
        let (config, from) = (at("tiny.toml"), from.map(at));
        let request = Train { stage, config, from, out: at(out) };
        assert_eq!(train(&request, ComputeDevice::cpu(), &mut to_the_end).unwrap(), Outcome::Done);
    };
    stage(TrainStage::Init, None, "init");
    stage(TrainStage::Finetune(AttentionMode::Causal.into()), Some("init"), "tuned");
    let drawn = |file: &str| fs::read_to_string(at("tuned").join(file)).unwrap();
    for said in ["training", "all, unseen", "steps", "cross-entropy in nats", "finetune, causal"] {
        assert!(drawn("loss.svg").contains(said), "loss.svg lacks {said}");
    }
    for said in ["training", "all, unseen", "listing", "multiple choice", "share right"] {
        assert!(drawn("accuracy.svg").contains(said), "accuracy.svg lacks {said}");
    }
    assert!(!at("init").join("loss.svg").exists(), "first weights have no log to draw");
}

#[test]
fn every_matrix_of_the_trained_parts_moves_and_the_tower_stays_frozen() {
    let temp = TempDir::new().unwrap();
    let at = |name: &str| temp.path().join(name);
    let config = config_file(temp.path(), STAGE);
    let device = ComputeDevice::cpu_with_gradients();
    initialize(&config, &at("init")).unwrap();
    finetune(
        &config,
        AttentionMode::Causal.into(),
        &at("init"),
        &at("tuned"),
        &device,
        &mut Pools::default(),
        &mut to_the_end,
    )
    .unwrap();
    let (before, after) = (weights(&at("init")), weights(&at("tuned")));
    let before = safetensors::SafeTensors::deserialize(&before).unwrap();
    let after = safetensors::SafeTensors::deserialize(&after).unwrap();
    for (name, old) in before.tensors() {
        let old: Vec<f32> =
            old.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        let new = after.tensor(&name).unwrap();
        let new: Vec<f32> = new
            .data()
            .chunks_exact(2)
            .map(|b| half::f16::from_le_bytes(b.try_into().unwrap()).to_f32())
            .collect();
        // Rounding to f16 moves a weight by at most 2^-11 of itself.
        let moved = old.iter().zip(&new).any(|(a, b)| (a - b).abs() > a.abs() * 1e-3 + 1e-4);
        // `<image>` is replaced by latents and `<|endofchunk|>` is not written: neither is read.
        let is_read = !name.ends_with("additional_embedding.weight");
        assert_eq!(moved, is_read && !name.starts_with("vision_encoder"), "{name}");
    }
}

#[test]
fn an_occupied_folder_is_refused_and_left_alone() {
    let temp = TempDir::new().unwrap();
    let config = config_file(temp.path(), STAGE);
    let out = temp.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("thesis.txt"), "years").unwrap();
    let error = initialize(&config, &out).unwrap_err();
    assert!(matches!(error, TrainError::Occupied { .. }), "{error}");
    assert_eq!(fs::read_to_string(out.join("thesis.txt")).unwrap(), "years");
}

#[test]
fn a_stage_of_another_configuration_is_not_gone_on_with() {
    let temp = TempDir::new().unwrap();
    let at = |name: &str| temp.path().join(name);
    let config = config_file(temp.path(), STAGE);
    let device = ComputeDevice::cpu_with_gradients();
    initialize(&config, &at("init")).unwrap();
    train_tower(&config, &at("init"), &at("tower"), &device, &mut stop_after(1)).unwrap();
    let other = config_file(temp.path(), &STAGE.replace("1e-2", "2e-2"));
    let error =
        train_tower(&other, &at("init"), &at("tower"), &device, &mut to_the_end).unwrap_err();
    assert!(matches!(error, TrainError::Occupied { .. }), "{error}");
}

#[test]
fn the_configurations_that_come_with_the_program_are_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/training");
    for file in ["tabletop.toml", "methods-base.toml", "paper.toml"] {
        TrainingConfig::open(&folder.join(file)).unwrap();
    }
}

#[test]
fn a_state_that_lacks_a_parameter_is_not_gone_on_with() {
    let temp = TempDir::new().unwrap();
    let at = |name: &str| temp.path().join(name);
    let config = config_file(temp.path(), STAGE);
    let device = ComputeDevice::cpu_with_gradients();
    initialize(&config, &at("init")).unwrap();
    train_tower(&config, &at("init"), &at("tower"), &device, &mut stop_after(1)).unwrap();
    let path = at("tower").join("state/state.safetensors");
    let whole = fs::read(&path).unwrap();
    let renamed = String::from_utf8_lossy(&whole).find("weight.").unwrap();
    let mut lacking = whole.clone();
    lacking[renamed] = b'W';
    for (bytes, expected) in [(lacking, "weight."), (whole[..99].to_vec(), "safetensors")] {
        fs::write(&path, bytes).unwrap();
        let error =
            train_tower(&config, &at("init"), &at("tower"), &device, &mut to_the_end).unwrap_err();
        assert!(matches!(error, TrainError::BadState { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_configuration_says_what_is_wrong_with_it() {
    let temp = TempDir::new().unwrap();
    let path = temp.path().join("bad.toml");
    let cases = [
        ("latents = 4", "latents = 5", "square number"),
        ("steps = 4", "steps = 0", "steps"),
        ("steps = 4", "stepz = 4", "stepz"),
        ("parts = 2", "parts = 3", "multiple"),
        ("existence = 1.0", "existence = -1.0", "weights"),
        ("existence = 1.0", "sight = 1.0", "sight"),
        ("clip_norm = 1.0", "clip_norm = 0.0", "clip_norm"),
    ];
    for (from, to, expected) in cases {
        let text = TINY.replace("STAGE", STAGE).replace(from, to);
        fs::write(&path, text).unwrap();
        let error = TrainingConfig::open(&path).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("bad.toml"), "{to}: {error}");
        assert!(!error.contains('\n'), "one line: {error}");
    }
}

#[test]
fn the_learning_rate_rises_stays_and_falls() {
    let temp = TempDir::new().unwrap();
    let config = config_file(temp.path(), STAGE);
    let stage = StageConfig {
        steps: 100,
        warmup_steps: 10,
        decay_from: 0.5,
        learning_rate: 1.0,
        ..config.tower
    };
    let at = |step: usize| (stage.learning_rate_at(step) * 1000.0).round() / 1000.0;
    assert_eq!([at(0), at(4), at(9), at(50), at(75), at(100)], [0.1, 0.5, 1.0, 1.0, 0.5, 0.0]);
}

#[test]
fn every_word_of_the_world_is_one_token_and_others_fall_apart() {
    let temp = TempDir::new().unwrap();
    let template = ChatTemplate::for_model_type("phi3").unwrap();
    let words = scene::vocabulary();
    let made = world_tokenizer(template, &words);
    fs::write(temp.path().join("tokenizer.json"), made.json.to_string()).unwrap();
    let tokenizer = TextTokenizer::open(temp.path(), template, made.initial_len).unwrap();
    for word in &words {
        assert_eq!(tokenizer.encode(word).unwrap().len(), 1, "{word}");
    }
    let text = "Is there a Zebra\u{e9} \u{1f600} on the plate?";
    let ids: Vec<u32> = tokenizer.encode(text).unwrap().iter().map(|t| t.id).collect();
    assert_eq!(tokenizer.decode(&ids, true).unwrap(), text);
    let unknown = tokenizer.id_of("<unk>");
    assert!(ids.iter().all(|id| Some(*id) != unknown));
}

/// Dual-order training takes both orders by turns, each as often as another method its only one.
#[test]
fn dual_order_makes_twice_the_steps_and_answers_under_the_causal_mask() {
    let temp = TempDir::new().unwrap();
    let at = |name: &str| temp.path().join(name);
    let config = config_file(temp.path(), STAGE);
    let device = ComputeDevice::cpu_with_gradients();
    initialize(&config, &at("init")).unwrap();
    let mut pools = Pools::default();
    let dot: Method = "dot".parse().unwrap();
    assert_eq!((dot.to_string().as_str(), dot.answers_under()), ("dot", AttentionMode::Causal));
    finetune(&config, dot, &at("init"), &at("dot"), &device, &mut pools, &mut to_the_end).unwrap();
    let card = std::fs::read_to_string(at("dot").join("world.json")).unwrap();
    assert!(card.contains("\"method\": \"dot\"") && card.contains("\"attention\": \"causal\""));
    let log = fs::read_to_string(at("dot").join("log.csv")).unwrap();
    assert!(log.contains("\n8,train,loss,"), "{log}");
    for mode in [AttentionMode::Causal, AttentionMode::TextFirst] {
        let name = mode.to_string();
        finetune(
            &config,
            mode.into(),
            &at("init"),
            &at(&name),
            &device,
            &mut pools,
            &mut to_the_end,
        )
        .unwrap();
        assert_ne!(weights(&at("dot")), weights(&at(&name)), "both orders leave a trace");
    }
}

/// Trainings that follow each other share what a frozen tower makes of the scenes, and nothing else.
#[test]
fn a_shared_pool_is_made_once_and_changes_no_weight() {
    let temp = TempDir::new().unwrap();
    let at = |name: &str| temp.path().join(name);
    let config = config_file(temp.path(), STAGE);
    let device = ComputeDevice::cpu_with_gradients();
    initialize(&config, &at("init")).unwrap();
    let mut shared = Pools::default();
    let tune = |pools: &mut Pools, config: &TrainingConfig, out: &str| {
        let mut prepared = 0;
        let mode = AttentionMode::ModalityMutual.into();
        finetune(config, mode, &at("init"), &at(out), &device, pools, &mut |progress| {
            prepared += usize::from(matches!(progress, TrainProgress::Preparing { .. }));
            ControlFlow::Continue(())
        })
        .unwrap();
        prepared
    };
    assert!(tune(&mut shared, &config, "first") > 0);
    assert_eq!(tune(&mut shared, &config, "second"), 0, "what is there is not made again");
    assert!(tune(&mut Pools::default(), &config, "alone") > 0);
    assert_eq!(weights(&at("first")), weights(&at("second")));
    assert_eq!(weights(&at("first")), weights(&at("alone")));
    // Other scenes, and another tower, are other pools.
    let other_scenes = TrainingConfig { world_seed: config.world_seed + 1, ..config.clone() };
    assert!(tune(&mut shared, &other_scenes, "other-scenes") > 0);
    fs::remove_dir_all(at("init")).unwrap();
    initialize(&TrainingConfig { seed: config.seed + 1, ..config.clone() }, &at("init")).unwrap();
    assert!(tune(&mut shared, &config, "other-tower") > 0);
}

#[test]
fn five_methods_are_trained_from_one_base_and_compared_over_seeds() {
    let temp = TempDir::new().unwrap();
    let at = |name: &str| temp.path().join(name);
    let config = config_file(temp.path(), STAGE);
    initialize(&config, &at("init")).unwrap();
    let request = ScenesRequest { n: 2, seed: 1, split: Split::Test, side: 32, out: at("scenes") };
    scenes(&request, &mut |_| ControlFlow::Continue(())).unwrap();
    let request = Methods {
        config: temp.path().join("tiny.toml"),
        from: at("init"),
        data: at("scenes").join("questions.tsv"),
        out: at("methods"),
        seeds: vec![1, 2],
    };
    // Stopped in the middle, it says so; the same request goes on and ends as if it had not been.
    let mut n_trained = 0;
    let stopped = methods(&request, &ComputeDevice::cpu(), &mut |progress| match progress {
        MethodsProgress::Trains(_) if n_trained == 3 => ControlFlow::Break(()),
        MethodsProgress::Trains(_) => {
            n_trained += 1;
            ControlFlow::Continue(())
        }
        _ => ControlFlow::Continue(()),
    });
    assert!(stopped.unwrap().is_none());
    let on = &mut |_: MethodsProgress<'_>| ControlFlow::Continue(());
    let table = methods(&request, &ComputeDevice::cpu(), on).unwrap().unwrap();
    let names: Vec<&String> = table.methods.keys().collect();
    assert_eq!(names, ["causal", "cca", "dot", "mixed", "mma"]);
    for kinds in table.methods.values() {
        assert_eq!(kinds["all"].by_seed.len(), 2);
    }
    for (name, kinds) in &table.minus_causal {
        let [of, causal] = [&table.methods[name], &table.methods["causal"]];
        for (seed, difference) in kinds["all"].by_seed.iter().enumerate() {
            let expected = of["all"].by_seed[seed] - causal["all"].by_seed[seed];
            assert!((difference - expected).abs() < 1e-12, "{name}");
        }
    }
    let text = fs::read_to_string(at("methods").join("methods.md")).unwrap();
    assert!(text.starts_with("| percent right | causal | mixed | cca | dot | mma |"), "{text}");
    assert_ne!(weights(&at("methods").join("mma-1")), weights(&at("methods").join("mma-2")));
}

#[test]
fn an_interval_over_seeds_is_students() {
    // n = 3, mean 2, s = 1: 4.303 / sqrt(3).
    let over = OverSeeds::new(vec![1.0, 2.0, 3.0]);
    assert!((over.mean - 2.0).abs() < 1e-12);
    assert!((over.half_width.unwrap() - 2.484).abs() < 1e-3);
    assert_eq!(OverSeeds::new(vec![0.5]).half_width, None);
}
