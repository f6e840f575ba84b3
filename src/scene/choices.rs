//! Questions whose answers are among given ones: yes or no, A to D.

use rand::{Rng, seq::SliceRandom as _};

use super::{
    ask::{Counted, Question, QuestionKind, pick_absent, pick_color},
    beside::{bigger_pair, directed_pair},
    chance::{chance, pick, pick_any},
    facts::Direction,
    kind::Kind,
    palette::PlateColor,
    phrasing::{
        ANSWER_WITH_LETTER, ARE_THERE, BIGGER, IS_BESIDE, IS_BIGGER, IS_COLOR, LETTERS, LONG_WAYS,
        NO, NUMBERS, OPTION, SHORT_WAYS, SMALLER, WHICH_OF_THESE, YES, color_with_article, say,
        way,
    },
    tabletop::Scene,
};

/// A sentence about place, size, color or number that is true in half of the cases.
pub(super) fn yes_no(scene: &Scene, rng: &mut impl Rng) -> Option<Question> {
    let is_true = chance(50, rng);
    let mut forms = [0, 0, 1, 2, 3];
    forms.shuffle(rng);
    forms.into_iter().find_map(|form| match form {
        0 => is_beside(scene, is_true, rng),
        1 => is_bigger(scene, is_true, rng),
        2 => is_color(scene, is_true, rng),
        _ => are_there(scene, is_true, rng),
    })
}

fn yes_or_no(
    scene: &Scene,
    text: String,
    is_true: bool,
    about: Vec<usize>,
    pair: Option<(Kind, PlateColor)>,
) -> Question {
    let answer = if is_true { YES } else { NO };
    Question::new(scene, QuestionKind::YesNo, text, answer, about, pair)
}

/// A false sentence names the opposite direction, so that no doubt is left.
fn is_beside(scene: &Scene, is_true: bool, rng: &mut impl Rng) -> Option<Question> {
    let ([x, y], direction) = directed_pair(scene, rng)?;
    let said = if is_true { direction } else { direction.opposite() };
    let ways = if chance(50, rng) { LONG_WAYS } else { SHORT_WAYS };
    let [x_name, y_name] = [x, y].map(|i| scene.things[i].kind.name());
    let text = say(pick(IS_BESIDE, rng), &[("x", x_name), ("y", y_name), ("to", way(said, ways))]);
    Some(yes_or_no(scene, text, is_true, vec![x, y], None))
}

fn is_bigger(scene: &Scene, is_true: bool, rng: &mut impl Rng) -> Option<Question> {
    let [bigger, smaller] = bigger_pair(scene, rng)?;
    let says_bigger = chance(50, rng);
    let [x, y] = if says_bigger == is_true { [bigger, smaller] } else { [smaller, bigger] };
    let er = if says_bigger { BIGGER } else { SMALLER };
    let [x_name, y_name] = [x, y].map(|i| scene.things[i].kind.name());
    let text = say(pick(IS_BIGGER, rng), &[("x", x_name), ("y", y_name), ("er", er)]);
    Some(yes_or_no(scene, text, is_true, vec![x, y], None))
}

fn is_color(scene: &Scene, is_true: bool, rng: &mut impl Rng) -> Option<Question> {
    let on_plate = |i: usize| Some((i, scene.things[i].kind, scene.things[i].plate?));
    let named: Vec<_> = scene.unique_things().into_iter().filter_map(on_plate).collect();
    let (i, kind, color) = pick_any(&named, rng)?;
    let is_other = |other: &PlateColor| *other != color && scene.may_say(kind, *other);
    let said = if is_true { color } else { pick_color(scene, is_other, rng)? };
    let a_color = color_with_article(said);
    let places = [("x", kind.name()), ("color", said.name()), ("a_color", a_color.as_str())];
    let text = say(pick(IS_COLOR, rng), &places);
    Some(yes_or_no(scene, text, is_true, vec![i], Some((kind, said))))
}

/// Numbers of two and more; a false one is off by one.
fn are_there(scene: &Scene, is_true: bool, rng: &mut impl Rng) -> Option<Question> {
    let mut sentences = Vec::new();
    for counted in Counted::present(scene) {
        let n = counted.about.len();
        let said = if is_true { vec![n] } else { vec![n + 1, n - 1] };
        let can_say = |said: &usize| (2..NUMBERS.len()).contains(said);
        let said = said.into_iter().filter(can_say);
        sentences.extend(said.map(|said| (said, counted.words.clone(), counted.about.clone())));
    }
    // The number said is chosen first: it should not tell whether it is true.
    let mut numbers: Vec<usize> = sentences.iter().map(|(said, ..)| *said).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let number = pick_any(&numbers, rng)?;
    sentences.retain(|(said, ..)| *said == number);
    let (said, words, about) = pick_any(&sentences, rng)?;
    let text = say(pick(ARE_THERE, rng), &[("number", NUMBERS[said]), ("xs", &words)]);
    Some(yes_or_no(scene, text, is_true, about, None))
}

/// A question of another kind with four answers.
pub(super) fn multiple_choice(scene: &Scene, rng: &mut impl Rng) -> Option<Question> {
    let mut bases = [
        QuestionKind::Existence,
        QuestionKind::Counting,
        QuestionKind::Relation,
        QuestionKind::Beside,
        QuestionKind::Color,
    ];
    bases.shuffle(rng);
    bases.into_iter().find_map(|base| {
        let question = if base == QuestionKind::Existence {
            which(scene, rng)
        } else {
            scene.ask(base, rng)?
        };
        let wrong = wrong_answers(scene, base, &question, rng);
        (wrong.len() == LETTERS.len() - 1).then(|| with_choices(question, wrong, rng))
    })
}

/// Which of four things is there.
fn which(scene: &Scene, rng: &mut impl Rng) -> Question {
    let kind = pick(&scene.kinds_from_left(), rng);
    let text = pick(WHICH_OF_THESE, rng).to_owned();
    let about = scene.things_of(kind);
    Question::new(scene, QuestionKind::MultipleChoice, text, kind.name(), about, None)
}

/// Three answers that are false and could be true.
fn wrong_answers(
    scene: &Scene,
    base: QuestionKind,
    question: &Question,
    rng: &mut impl Rng,
) -> Vec<String> {
    let right = question.answer.as_str();
    let mut wrong: Vec<&'static str> = match base {
        QuestionKind::Counting => NUMBERS.to_vec(),
        QuestionKind::Relation => Direction::ALL.map(Direction::name).to_vec(),
        QuestionKind::Color if PlateColor::ALL.iter().any(|color| color.name() == right) => {
            let kind = question.about.first().map(|i| scene.things[*i].kind);
            let may_be = |color: &PlateColor| kind.is_none_or(|kind| scene.may_say(kind, *color));
            PlateColor::ALL.into_iter().filter(may_be).map(PlateColor::name).collect()
        }
        QuestionKind::Existence => {
            let mut absent = scene.absent_rivals();
            absent.shuffle(rng);
            absent.truncate(2);
            absent.push(pick_absent(scene, 0, rng));
            absent.push(pick_absent(scene, 0, rng));
            absent.dedup();
            absent.into_iter().map(Kind::name).collect()
        }
        _ => return wrong_names(scene, question, rng),
    };
    wrong.retain(|name| *name != right);
    if base != QuestionKind::Existence {
        wrong.shuffle(rng);
    }
    distinct(wrong)
}

/// Names of other things that are there, then of absent ones.
fn wrong_names(scene: &Scene, question: &Question, rng: &mut impl Rng) -> Vec<String> {
    let mut kinds = scene.kinds_from_left();
    kinds.shuffle(rng);
    kinds.truncate(3);
    let mut rivals = scene.absent_rivals();
    rivals.shuffle(rng);
    kinds.extend(rivals);
    kinds.extend((0..3).map(|_| pick_absent(scene, 0, rng)));
    // In training, the plate asked about is not paired with a thing that never stands on it.
    let color = match question.about[..] {
        [only] => scene.things[only].plate,
        _ => None,
    };
    kinds.retain(|kind| color.is_none_or(|color| scene.may_say(*kind, color)));
    let is_asked = |kind: &Kind| {
        kind.name() == question.answer
            || question.about.iter().any(|i| scene.things[*i].kind == *kind)
    };
    distinct(kinds.into_iter().filter(|kind| !is_asked(kind)).map(Kind::name).collect())
}

/// The first three that differ.
fn distinct(names: Vec<&'static str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        if out.len() < LETTERS.len() - 1 && out.iter().all(|other| other != name) {
            out.push(name.to_owned());
        }
    }
    out
}

/// Puts the right answer among the wrong ones, behind any letter.
fn with_choices(mut question: Question, wrong: Vec<String>, rng: &mut impl Rng) -> Question {
    let mut options = wrong;
    options.push(std::mem::take(&mut question.answer));
    let right = options.len() - 1;
    let mut order: Vec<usize> = (0..options.len()).collect();
    order.shuffle(rng);
    for (letter, chosen) in LETTERS.iter().zip(&order) {
        let option = &options[*chosen];
        question.text += &say(OPTION, &[("letter", letter), ("option", option)]);
        if *chosen == right {
            (*letter).clone_into(&mut question.answer);
        }
    }
    question.text += ANSWER_WITH_LETTER;
    question.choices = order.into_iter().map(|chosen| options[chosen].clone()).collect();
    question.kind = QuestionKind::MultipleChoice;
    question
}
