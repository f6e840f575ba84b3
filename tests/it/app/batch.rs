//! Batches in the app: opened, drawn, the questions behind a bar, and one of them asked again.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use aki_lens::{
    app::{
        BatchBar, BatchChoice, BatchColumn, BatchList, Command, OpenBatch, Questions, RunId,
        jobs::{
            AnswerGroup, BatchChart, BatchFigure, Drawing, GroupBy, Headline, Reading,
            batch_figure, is_batch,
        },
    },
    domain::{AttentionMode, Bucket, Figure},
    eval::batch::summarize,
    export::figure_from_json,
};
use tempfile::TempDir;

use super::Desk;
use crate::batch::{questions, questions_in, record_of, request, run};

/// The specimen's batch over a scene under both masks: its folder, its questions, its result.
fn batch() -> (TempDir, PathBuf, PathBuf) {
    let (folder, data) = questions(1);
    let out = folder.path().join("out");
    run(&request(&data, &out)).unwrap();
    (folder, data, out)
}

/// Two scenes' batch that nobody changes, made once: its questions and its result.
fn shared() -> &'static (PathBuf, PathBuf) {
    static MADE: OnceLock<(PathBuf, PathBuf)> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("app-batch");
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        let (data, out) = (questions_in(&folder, 2), folder.join("out"));
        run(&request(&data, &out)).unwrap();
        (data, out)
    })
}

fn real() -> Desk {
    Desk::with(|slots, job, on_progress| job.run(slots, on_progress))
}

/// A desk with batches open, drawn, and their questions read.
fn opened(folders: &[&Path]) -> Desk {
    let mut desk = real();
    desk.open_batches(folders);
    desk
}

impl Desk {
    fn open_batches(&mut self, folders: &[&Path]) {
        let folders = folders.iter().map(|folder| (*folder).to_owned()).collect();
        self.send(Command::OpenBatch(folders));
        self.until(|state| state.jobs.is_empty());
        if self.state.batch.is_some() {
            self.until(|state| state.batch_chart().is_some());
        }
    }

    fn batch(&self) -> &OpenBatch {
        self.state.batch.as_ref().unwrap()
    }

    fn choose(&mut self, change: impl FnOnce(&mut BatchChoice)) {
        let mut choice = self.state.workspace.batch.clone();
        change(&mut choice);
        self.send(Command::SetBatch(Box::new(choice)));
        self.until(|state| state.batch_chart().is_some());
    }

    fn chart(&self) -> BatchChart {
        self.state.batch_chart().unwrap().as_ref().clone().unwrap()
    }

    fn list(&self) -> Arc<BatchList> {
        self.state.batch_list().unwrap()
    }

    fn read(&mut self, reading: Reading) {
        let mut view = self.state.workspace.view.clone();
        view.reading = reading;
        self.send(Command::SetView(view));
        self.until(|state| state.batch_chart().is_some());
    }

    /// The place of the first row of a mode.
    fn first_of(&self, mode: AttentionMode) -> usize {
        let mut rows = self.batch().results.rows.iter();
        rows.position(|opened| opened.row.attention == mode).unwrap()
    }
}

/// What `aki-lens figure` writes of the same folders.
fn written(folders: &[&Path], by: GroupBy, reading: Reading) -> Result<Figure, String> {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("figure.json");
    let figure = BatchFigure {
        folders: folders.iter().map(|folder| (*folder).to_owned()).collect(),
        attention: Vec::new(),
        drawing: Drawing::Bars,
        by,
        reading,
        out: out.clone(),
    };
    batch_figure(&figure).map_err(|e| format!("{e:#}"))?;
    Ok(figure_from_json(&fs::read_to_string(out).unwrap()).unwrap())
}

#[test]
fn a_batch_is_drawn_as_the_command_line_draws_it_and_says_what_it_came_to() {
    let (_, out) = shared().clone();
    assert!(is_batch(&out) && is_batch(&record_of(&out)) && !is_batch(&out.join("tables")));
    // The record stands for its folder.
    let mut desk = opened(&[&record_of(&out)]);
    assert_eq!(desk.batch().results.folders, std::slice::from_ref(&out));
    assert_eq!(desk.state.settings.recent_batches, std::slice::from_ref(&out));
    for reading in Reading::ALL {
        desk.read(reading);
        let expected = written(&[&out], GroupBy::Attention, reading).unwrap();
        assert_eq!(desk.chart().figure, expected);
    }
    desk.choose(|choice| choice.by = GroupBy::Answer);
    let expected = written(&[&out], GroupBy::Answer, Reading::Lift).unwrap();
    assert_eq!(desk.chart().figure, expected);

    let summary = summarize(&record_of(&out)).unwrap();
    assert_eq!(desk.batch().results.headlines.len(), 2);
    for Headline { attention, coverage, accuracy, .. } in &desk.batch().results.headlines {
        let of_mode = &summary.by_attention[attention];
        assert_eq!(*coverage, of_mode.coverage);
        let (found, expected) = (accuracy.unwrap(), of_mode.accuracy.unwrap());
        assert_eq!(
            (found.n, found.accuracy, found.low),
            (expected.n, expected.accuracy, expected.low)
        );
    }
    let groupings = &desk.batch().results.groupings;
    assert_eq!(groupings[..2], [GroupBy::Attention, GroupBy::Answer]);
    assert!(groupings.contains(&GroupBy::Column("category".to_owned())), "{groupings:?}");
    // One file, and none of the paper's.
    assert!(!groupings.contains(&GroupBy::Data) && !groupings.contains(&GroupBy::Paper));
}

#[test]
fn a_bar_lists_the_questions_that_it_is_the_mean_of() {
    let (_, out) = shared().clone();
    let mut desk = opened(&[&out]);
    desk.read(Reading::Lift);
    assert!(desk.state.batch_list().is_none(), "no bar is chosen");
    let Figure::Bars(bars) = desk.chart().figure else { panic!("no bars") };
    for (group, of_group) in bars.parts().groups.iter().enumerate() {
        for (category, bar) in bars.parts().categories.iter().zip(&of_group.bars) {
            let bucket: Bucket = category.name.parse().unwrap();
            desk.choose(|choice| choice.bar = Some(BatchBar { group, bucket }));
            let list = desk.list();
            assert_eq!((list.rows.len(), list.n_behind), (bar.n, bar.n), "{of_group:?} {bucket}");
            let values: Vec<f64> = list.rows.iter().filter_map(|row| row.value).collect();
            let mode = if group == 0 { "mma" } else { "causal" };
            assert_eq!(of_group.name, mode);
            if bar.by_construction {
                assert!(bar.n == 0 || values.is_empty(), "what the mask closes has no value");
                continue;
            }
            // The largest first, and the bar is their mean.
            assert!(values.windows(2).all(|pair| pair[0] >= pair[1]));
            if let Some(mean) = bar.value {
                let found = values.iter().sum::<f64>() / values.len() as f64;
                assert!((found - mean).abs() < 1e-12, "{bucket}: {found} {mean}");
            }
        }
    }
}

#[test]
fn listed_questions_are_filtered_sorted_and_told_with_their_words() {
    let (data, out) = shared().clone();
    let mut desk = opened(&[&out]);
    let Questions::Known(known) = &desk.batch().questions[0] else { panic!("not read") };
    assert_eq!(known.path(), data);
    assert!(known.get(0).unwrap().expected.is_some());
    let bar = BatchBar { group: 0, bucket: Bucket::Function };
    desk.choose(|choice| choice.bar = Some(bar));
    let all = desk.list();
    desk.choose(|choice| (choice.column, choice.is_falling) = (BatchColumn::Row, false));
    let rows = desk.list().rows.clone();
    let numbers = |desk: &Desk| -> Vec<usize> {
        desk.list().rows.iter().map(|row| desk.batch().results.rows[row.place].row.row).collect()
    };
    assert!(numbers(&desk).is_sorted() && rows.len() == all.rows.len());
    let hit = |desk: &Desk, place: usize| {
        desk.batch().results.rows[place].row.answer.as_ref().unwrap().hit
    };
    let mut n = 0;
    for (answers, expected) in [(AnswerGroup::Right, true), (AnswerGroup::Wrong, false)] {
        desk.choose(|choice| choice.answers = answers);
        assert!(desk.list().rows.iter().all(|row| hit(&desk, row.place) == Some(expected)));
        n += desk.list().rows.len();
    }
    assert_eq!(n, all.rows.len());
    desk.choose(|choice| choice.answers = AnswerGroup::All);
    // A word of the question, in whatever letters; then one row by its index.
    let first = &desk.batch().results.rows[rows[0].place];
    let text = desk.batch().question(first).unwrap().text.clone();
    let word = text.split_whitespace().last().unwrap().to_uppercase();
    let index = first.row.index.clone();
    desk.choose(|choice| choice.words.clone_from(&word));
    let found = desk.list();
    assert!(found.rows.contains(&rows[0]) && found.rows.len() <= rows.len());
    assert_eq!(found.n_behind, all.n_behind);
    desk.choose(|choice| choice.words = format!("#{index}"));
    assert_eq!(desk.list().rows, [rows[0]]);
    desk.choose(|choice| choice.words = "no such words".to_owned());
    assert!(desk.list().rows.is_empty());
}

#[test]
fn a_row_asked_again_is_an_ordinary_run_that_agrees_with_the_record() {
    let (_, out) = shared().clone();
    let sessions = TempDir::new().unwrap();
    let mut desk = real();
    desk.state.sessions_folder = Some(sessions.path().to_owned());
    desk.open_batches(&[&out]);
    desk.choose(|choice| choice.bar = Some(BatchBar { group: 0, bucket: Bucket::Function }));
    desk.rest();
    let before = desk.state.workspace.clone();
    let place = desk.first_of(AttentionMode::Causal);
    desk.send(Command::AskBatchRow(place));
    desk.until(|state| state.runs.len() == 1 && state.jobs.is_empty());
    assert_eq!(desk.errors(), Vec::<&str>::new());
    let opened = &desk.batch().results.rows[place];
    let recorded = opened.row.answer.as_ref().unwrap();
    let (workspace, answered) = (&desk.state.workspace, desk.state.run().unwrap());
    let question = desk.batch().question(opened).unwrap();
    assert_eq!(answered.run.question, question.text);
    assert_eq!(
        (answered.run.mode, &answered.run.answer),
        (AttentionMode::Causal, &recorded.prediction)
    );
    assert_eq!(answered.run.answer_ids.len(), recorded.tokens);
    // The bar to ask from says the same.
    assert_eq!((&workspace.question, workspace.mode), (&question.text, AttentionMode::Causal));
    assert_eq!(workspace.model.as_ref(), Some(&desk.batch().results.headers[0].model));
    assert_eq!(workspace.max_new_tokens, 4);
    assert!(desk.state.picture.as_ref().unwrap().name.contains("questions.tsv row "));
    // It stands beside the record, in the session, and is made once.
    let again = *desk.batch().asked_again(place).unwrap();
    assert!(again.same_prompt && again.same_answer, "{again:?}");
    assert_eq!(
        (again.run, again.logprob, again.recorded),
        (RunId(0), recorded.logprob, recorded.logprob)
    );
    desk.until(|state| state.session.names.contains_key(&RunId(0)));
    desk.send(Command::AskBatchRow(place));
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(desk.state.runs.len(), 1);
    // Undo goes back to what was arranged before, the bar that was chosen included.
    desk.rest();
    desk.send(Command::Undo);
    assert_eq!(desk.state.workspace.question, before.question);
    assert_eq!(desk.state.workspace.batch, before.batch);
    // Another session has other runs.
    desk.send(Command::NewSession);
    assert!(desk.batch().asked_again(place).is_none());
}

/// Pictures in files and questions of a benchmark beside them.
fn benchmark(folder: &Path, name: &str, question: &str) -> PathBuf {
    let data = folder.join(name);
    let text = format!(
        "index\timage_path\tquestion\tanswer\tcategory\n\
         7\tscenes/images/000000.png\t{question}\tyes\tadversarial\n\
         9\tscenes/images/000000.png\t{question}\tno\tpopular\n"
    );
    fs::write(&data, text).unwrap();
    data
}

#[test]
fn a_benchmarks_row_is_asked_again_in_the_very_words_of_its_prompt() {
    let (folder, _) = questions(1);
    for (name, question) in [
        ("POPE.tsv", "Is there a cup in the image? Please answer yes or no."),
        ("MMMU_DEV_VAL.tsv", "What does <image 1> show, a cup?"),
    ] {
        let data = benchmark(folder.path(), name, question);
        let mut request = request(&data, &folder.path().join(name.replace(".tsv", "")));
        request.modes = vec![AttentionMode::ModalityMutual];
        run(&request).unwrap();
        let mut desk = opened(&[&request.out]);
        desk.send(Command::AskBatchRow(1));
        desk.until(|state| state.runs.len() == 1 && state.jobs.is_empty());
        let again = desk.batch().asked_again(1).unwrap();
        assert!(again.same_prompt && again.same_answer, "{name}: {again:?}");
        assert!(desk.batch().results.groupings.contains(&GroupBy::Paper));
        // Under another mask it is the same prompt, which no plain question would be.
        desk.send(Command::AskBeside(AttentionMode::Causal));
        desk.until(|state| state.runs.len() == 2);
        let prompts: Vec<&str> =
            desk.state.runs.iter().map(|answered| answered.run.prompt.text.as_str()).collect();
        assert_eq!(prompts[0], prompts[1]);
        // Wherever the file is found, and whatever it is called there.
        let elsewhere = folder.path().join("elsewhere.tsv");
        fs::rename(&data, &elsewhere).unwrap();
        let mut desk = opened(&[&request.out]);
        desk.send(Command::FindQuestions(0, elsewhere));
        desk.until(|state| state.jobs.is_empty());
        desk.send(Command::AskBatchRow(0));
        desk.until(|state| state.runs.len() == 1 && state.jobs.is_empty());
        assert!(desk.batch().asked_again(0).unwrap().same_prompt, "{name}");
        assert!(!prompts[0].contains("<image>\n"), "{}", prompts[0]);
    }
}

#[test]
fn what_is_no_batch_is_told_as_the_command_line_tells_it_and_what_was_open_stays() {
    let (data, out) = shared().clone();
    let folder = TempDir::new().unwrap();
    let mut desk = opened(&[&out]);
    let number = desk.batch().number();
    let foreign = data.parent().unwrap().to_owned();
    let damaged = folder.path().join("damaged");
    fs::create_dir(&damaged).unwrap();
    let mut bytes = fs::read(record_of(&out)).unwrap();
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 200;
    bytes[second] ^= 1;
    fs::write(record_of(&damaged), bytes).unwrap();
    for (bad, told) in [(&foreign, "no record; batch writes one"), (&damaged, "is damaged")] {
        desk.open_batches(&[bad]);
        let expected = written(&[bad], GroupBy::Attention, Reading::Share).unwrap_err();
        let errors = desk.errors();
        let found = errors.last().unwrap();
        assert!(found.contains(told) && found.ends_with(&expected), "{found}");
        assert_eq!(desk.batch().number(), number);
    }
}

#[test]
fn questions_that_moved_are_said_and_taken_from_where_a_person_finds_them() {
    let (folder, data, out) = batch();
    let moved = folder.path().join("moved.tsv");
    fs::rename(&data, &moved).unwrap();
    let mut desk = opened(&[&out]);
    let why = |desk: &Desk| match &desk.batch().questions[0] {
        Questions::Unknown(why) => why.clone(),
        other => panic!("{other:?}"),
    };
    assert!(
        why(&desk).starts_with("the questions are not where the batch read them"),
        "{}",
        why(&desk)
    );
    // The numbers are there all the same.
    desk.choose(|choice| choice.bar = Some(BatchBar { group: 0, bucket: Bucket::Function }));
    assert!(!desk.list().rows.is_empty());
    desk.send(Command::AskBatchRow(0));
    assert!(desk.errors()[0].contains("choose the file where it is now"));
    let other = benchmark(folder.path(), "other.tsv", "Is there a cup?");
    desk.send(Command::FindQuestions(0, other));
    desk.until(|state| state.jobs.is_empty());
    assert!(why(&desk).contains("does not hold the questions of the record"), "{}", why(&desk));
    desk.send(Command::FindQuestions(0, moved));
    desk.until(|state| state.jobs.is_empty());
    assert!(matches!(desk.batch().questions[0], Questions::Known(_)));
    desk.send(Command::AskBatchRow(0));
    desk.until(|state| state.runs.len() == 1);
}

#[test]
fn a_picture_that_moved_is_named() {
    let (folder, _) = questions(1);
    let data = benchmark(folder.path(), "POPE.tsv", "Is there a cup?");
    let mut request = request(&data, &folder.path().join("out"));
    request.modes = vec![AttentionMode::ModalityMutual];
    run(&request).unwrap();
    let picture = folder.path().join("scenes/images/000000.png");
    // Gone after the questions were read.
    let mut desk = opened(&[&request.out]);
    fs::rename(&picture, folder.path().join("elsewhere.png")).unwrap();
    desk.send(Command::AskBatchRow(0));
    desk.until(|state| state.jobs.is_empty());
    assert!(
        desk.errors()[0].contains("no picture \"scenes/images/000000.png\""),
        "{:?}",
        desk.errors()
    );
    // Gone before.
    desk.open_batches(&[&request.out]);
    desk.send(Command::ReadQuestions(0));
    desk.until(|state| state.jobs.is_empty());
    let Questions::Unknown(why) = &desk.batch().questions[0] else { panic!("known") };
    assert!(why.contains("or not their pictures (row 1: no picture"), "{why}");
}

#[test]
fn batches_are_drawn_together_and_one_that_runs_is_read_as_far_as_it_is() {
    let (folder, data, out) = batch();
    let second = folder.path().join("second");
    let mut request = request(&data, &second);
    request.max_new_tokens = 3;
    run(&request).unwrap();
    let whole = fs::read(record_of(&second)).unwrap();
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    // Two rows and a half.
    let torn = [lines[..3].concat(), lines[3][..40].to_vec()].concat();
    fs::write(record_of(&second), torn).unwrap();
    let mut desk = opened(&[&out]);
    desk.choose(|choice| choice.by = GroupBy::Answer);
    desk.send(Command::AddBatch(vec![second.clone(), out.clone()]));
    desk.until(|state| state.jobs.is_empty());
    desk.until(|state| state.batch_chart().is_some());
    assert_eq!(desk.batch().results.folders, [out.clone(), second.clone()]);
    let done = |desk: &Desk| -> Vec<(usize, bool)> {
        let lines = desk.batch().results.headlines.iter();
        lines.map(|line| (line.coverage.answered, line.coverage.complete)).collect()
    };
    let n = done(&desk)[0].0;
    assert_eq!(done(&desk), [(n, true), (n, true), (1, false), (1, false)]);
    let expected = written(&[&out, &second], GroupBy::Answer, Reading::Share).unwrap();
    assert_eq!(desk.chart().figure, expected);
    // Read again, with what was chosen.
    fs::write(record_of(&second), &whole).unwrap();
    let folders = desk.batch().results.folders.clone();
    desk.send(Command::OpenBatch(folders));
    desk.until(|state| state.jobs.is_empty());
    assert!(done(&desk).iter().all(|(_, complete)| *complete));
    assert_eq!(desk.state.workspace.batch.by, GroupBy::Answer);
    desk.send(Command::CloseBatch);
    assert!(desk.state.batch.is_none());
}

#[test]
fn more_groups_than_colors_are_a_table_whose_cells_list_questions_too() {
    let (_, out) = shared().clone();
    let mut desk = opened(&[&out]);
    desk.choose(|choice| choice.by = GroupBy::Column("category".to_owned()));
    let chart = desk.chart();
    let Figure::Matrix(matrix) = &chart.figure else { panic!("{} groups", chart.groups.len()) };
    let parts = matrix.parts();
    assert!(parts.rows.len() > 8);
    let names: Vec<&String> = chart.groups.iter().map(|group| &group.name).collect();
    assert_eq!(parts.rows.iter().collect::<Vec<_>>(), names);
    assert_eq!(
        chart.figure,
        written(&[&out], GroupBy::Column("category".to_owned()), Reading::Share).unwrap()
    );
    let column = parts.columns.iter().position(|name| name == "Function").unwrap();
    let group = (0..parts.rows.len()).find(|row| matrix.value(*row, column).is_some()).unwrap();
    desk.choose(|choice| choice.bar = Some(BatchBar { group, bucket: Bucket::Function }));
    let values: Vec<f64> = desk.list().rows.iter().filter_map(|row| row.value).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    assert!((mean - matrix.value(group, column).unwrap()).abs() < 1e-12);
    // One mode alone.
    let mode = AttentionMode::ModalityMutual;
    desk.choose(|choice| (choice.attention, choice.bar) = (Some(mode), None));
    let rows = desk.chart().groups.into_iter().flat_map(|group| group.rows);
    let results = &desk.batch().results;
    assert!(rows.into_iter().all(|place| results.rows[place].row.attention == mode));
}

#[test]
fn reading_stops_when_it_is_no_longer_wanted() {
    let (_, out) = shared().clone();
    let mut desk = Desk::with(|slots, job, on_progress| {
        // As a person who presses Cancel at once.
        job.run(slots, &mut |progress| {
            let _told = on_progress(progress);
            std::ops::ControlFlow::Break(())
        })
    });
    desk.open_batches(&[&out]);
    assert!(desk.state.batch.is_none());
    assert!(desk.state.notices.iter().any(|notice| notice.text.ends_with(": stopped")));
}
