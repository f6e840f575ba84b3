//! What an answer in words says: yes or no, or which option.

mod choice;
mod first_letter;
mod rules;
mod yes_no;

pub use self::{
    choice::infer_choice,
    first_letter::first_letter,
    rules::Extraction,
    yes_no::{YesNo, infer_yes_no},
};
