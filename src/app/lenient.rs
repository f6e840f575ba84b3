//! Reading what a person arranged field by field: one that is damaged costs only itself.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A value from JSON, and the names of the fields that could not be read and are as new.
pub(super) fn read_fields<T>(value: &Value) -> (T, Vec<String>)
where
    T: Serialize + DeserializeOwned + Default,
{
    // A list would be read as the fields in their order.
    if !value.is_object() {
        return (T::default(), vec!["everything".to_owned()]);
    }
    if let Ok(whole) = serde_json::from_value(value.clone()) {
        return (whole, Vec::new());
    }
    let fields = value.as_object().cloned().unwrap_or_default();
    let mut wrong = Vec::new();
    let mut kept = serde_json::to_value(T::default()).unwrap_or_default();
    for (name, field) in fields {
        let mut tried = kept.clone();
        if let Value::Object(tried) = &mut tried {
            tried.insert(name.clone(), field);
        }
        if serde_json::from_value::<T>(tried.clone()).is_ok() {
            kept = tried;
        } else {
            wrong.push(name);
        }
    }
    (serde_json::from_value(kept).unwrap_or_default(), wrong)
}
