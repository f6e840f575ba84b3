//! Connections that break, hubs that lie, disks that are full.

use std::{fs, ops::ControlFlow};

use aki_lens::app::jobs::pull;

use super::{
    COMMIT, REPO, WEIGHTS, error, home, hub, pull_now, request,
    server::{Fault, Server, blob_name},
    settings, tree, weights,
};

fn ranges(server: &Server) -> Vec<Option<usize>> {
    let asked = server.log().into_iter().filter(|asked| asked.path.ends_with(WEIGHTS));
    asked.map(|asked| asked.from).collect()
}

#[test]
fn a_cut_connection_goes_on_from_the_byte_it_broke_at() {
    let (server, home) = (hub(), home());
    server.fail(WEIGHTS, &[Fault::CutAfter(1000), Fault::CutAfter(500_000), Fault::CutAfter(7)]);
    let pulled = pull_now(settings(&server, home.path())).unwrap();
    assert_eq!(ranges(&server), [None, Some(1000), Some(501_000), Some(501_007)]);
    assert_eq!(fs::read(pulled.folder.join(WEIGHTS)).unwrap(), weights());
}

#[test]
fn a_connection_that_brings_nothing_is_given_up_and_gone_on_with_later() {
    let (server, home) = (hub(), home());
    server.fail(WEIGHTS, &[Fault::CutAfter(1000), Fault::Status(503), Fault::CutAfter(0)]);
    let settings = settings(&server, home.path());
    let found = error(pull_now(settings.clone()));
    assert!(found.starts_with("the connection broke 3 times in a row at byte 1000 of 2400000"));
    // Nothing of it is taken for a model.
    let cache = home.path().join("hub/models--Some--AKI");
    assert!(!cache.join("refs").exists() && !cache.join("snapshots").exists());

    server.log();
    let pulled = pull_now(settings).unwrap();
    assert_eq!(ranges(&server), [Some(1000)]);
    // The rest of the weights, and the two bytes that three other files share as one blob.
    assert_eq!(pulled.fetched, 2_399_000 + 2);
    assert_eq!(fs::read(pulled.folder.join(WEIGHTS)).unwrap(), weights());
}

#[test]
fn a_stopped_pull_goes_on_in_the_next_one() {
    let (server, home) = (hub(), home());
    let settings = settings(&server, home.path());
    let mut stop = |progress: aki_lens::app::jobs::PullProgress<'_>| match progress.file {
        WEIGHTS if progress.done > 300_000 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let found = error(pull(&request(None), settings.clone(), &mut stop));
    assert_eq!(found, "stopped; the same command goes on from what was fetched");
    server.log();
    pull_now(settings).unwrap();
    let from = ranges(&server)[0].unwrap();
    assert!((1..2_400_000).contains(&from), "{from}");
}

#[test]
fn a_hub_that_knows_no_ranges_is_read_from_the_start() {
    let (server, home) = (hub(), home());
    server.fail(WEIGHTS, &[Fault::CutAfter(1000), Fault::WholeFile]);
    let pulled = pull_now(settings(&server, home.path())).unwrap();
    assert_eq!(ranges(&server), [None, Some(1000)]);
    assert_eq!(fs::read(pulled.folder.join(WEIGHTS)).unwrap(), weights());
}

#[test]
fn wrong_bytes_are_thrown_away_and_never_become_a_model() {
    for (file, kind) in [(WEIGHTS, "sha256"), ("/config.json", "git hash")] {
        let (server, home) = (hub(), home());
        server.fail(file, &[Fault::WrongBytes]);
        let settings = settings(&server, home.path());
        let found = error(pull_now(settings.clone()));
        let start = format!("{} arrived with {kind} ", file.trim_start_matches('/'));
        assert!(found.starts_with(&start), "{found}");
        let files = tree(&home.path().join("hub"));
        assert!(!files.keys().any(|name| name.ends_with("incomplete")), "{:?}", files.keys());
        assert!(!files.keys().any(|name| name.contains("refs")));
        pull_now(settings).unwrap();
    }
}

#[test]
fn more_bytes_than_stated_are_thrown_away() {
    let (server, home) = (hub(), home());
    server.fail(WEIGHTS, &[Fault::MoreBytes]);
    let found = error(pull_now(settings(&server, home.path())));
    assert_eq!(
        found,
        "model.safetensors has more than the 2400000 bytes that the hub states; it was thrown away"
    );
}

#[test]
fn a_rotten_beginning_is_fetched_anew() {
    let (server, home) = (hub(), home());
    let blobs = home.path().join("hub/models--Some--AKI/blobs");
    fs::create_dir_all(&blobs).unwrap();
    let weights = weights();
    for rotten in [vec![7; 5000], vec![7; 2_400_000], vec![7; 3_000_000]] {
        fs::write(blobs.join(format!("{}.incomplete", blob_name(&weights))), rotten).unwrap();
        fs::remove_file(blobs.join(blob_name(&weights))).ok();
        let pulled = pull_now(settings(&server, home.path())).unwrap();
        assert_eq!(fs::read(pulled.folder.join(WEIGHTS)).unwrap(), weights);
    }
}

#[test]
fn what_cannot_fit_on_the_disk_is_refused_before_the_first_byte() {
    let (server, home) = (hub(), home());
    let listing = format!(
        r#"{{"sha": "{COMMIT}", "siblings": [{{"rfilename": "config.json", "size": {}, "blobId": "{COMMIT}"}}]}}"#,
        1_u64 << 60
    );
    server.change(|state| state.listing = Some(listing));
    let found = error(pull_now(settings(&server, home.path())));
    assert!(found.starts_with("1 files need 1152921504606846976 bytes more, but "), "{found}");
    assert!(found.contains("free at") && found.contains("--to"), "{found}");
    assert_eq!(server.log().len(), 1, "the listing alone was asked for");
}

/// `/dev/full` takes no byte, as a disk does that others filled meanwhile.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_on_the_way_is_an_error_that_says_what_is_kept() {
    let (server, home) = (hub(), home());
    let blobs = home.path().join("hub/models--Some--AKI/blobs");
    fs::create_dir_all(&blobs).unwrap();
    let incomplete = blobs.join(format!("{}.incomplete", blob_name(&weights())));
    std::os::unix::fs::symlink("/dev/full", &incomplete).unwrap();
    let settings = settings(&server, home.path());
    let found = error(pull_now(settings.clone()));
    assert!(found.starts_with("cannot write ") && found.contains("No space left"), "{found}");
    assert!(found.contains("goes on from there once there is room"), "{found}");
    fs::remove_file(&incomplete).unwrap();
    pull_now(settings).unwrap();
}

#[test]
fn refusals_say_what_to_do() {
    let (server, home) = (hub(), home());
    let settings = settings(&server, home.path());
    let gate = |token| server.change(|state| state.models.get_mut(REPO).unwrap().token = token);
    gate(Some("open sesame".split(' ').next().unwrap()));
    let with = |token: Option<&str>| {
        let mut settings = settings.clone();
        settings.token = token.map(str::to_owned);
        pull_now(settings)
    };
    let found = error(with(None));
    assert!(found.contains("answered 401: it is private, its terms") && found.contains("HF_TOKEN"));
    let found = error(with(Some("wrong")));
    assert!(found.contains("answered 403: the token in HF_TOKEN gives no access"), "{found}");
    with(Some("open")).unwrap();

    gate(None);
    let mut other = request(None);
    other.revision = "v2".to_owned();
    let found = error(pull(&other, settings.clone(), &mut |_| ControlFlow::Continue(())));
    assert!(found.ends_with("answered 404: no such model or revision: Some/AKI, v2"), "{found}");
    server.fail("/revision/main?blobs=true", &[Fault::Status(418)]);
    assert!(error(pull_now(settings)).contains("answered 418, which is no answer"));
}

#[test]
fn an_endpoint_without_anybody_is_named() {
    let home = home();
    let mut settings = settings(&hub(), home.path());
    // The listener of a port that was just closed: nobody answers there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    settings.endpoint = format!("http://{port}");
    let found = error(pull_now(settings));
    assert!(found.starts_with("no answer from http://127.0.0.1:"), "{found}");
    assert!(found.ends_with("or set HF_HUB_OFFLINE=1 to use what is in the cache"), "{found}");
}

#[test]
fn a_token_stays_with_the_hub_when_it_redirects_elsewhere() {
    let (server, storage, home) = (hub(), hub(), home());
    server.change(|state| {
        state.models.get_mut(REPO).unwrap().token = Some("secret");
        state.storage = Some(storage.url.clone());
        state.states_sums = false;
    });
    // A renamed model: a redirect within the hub keeps the token.
    server
        .fail("/config.json", &[Fault::Redirect(format!("/{REPO}/resolve/{COMMIT}/config.json"))]);
    server.fail("/config.json", &[Fault::Redirect("config.json".to_owned())]);
    let mut settings = settings(&server, home.path());
    settings.token = Some("secret".to_owned());
    let pulled = pull_now(settings).unwrap();
    assert_eq!(fs::read(pulled.folder.join(WEIGHTS)).unwrap(), weights());
    assert!(server.log().iter().all(|asked| asked.token.as_deref() == Some("secret")));
    let stored = storage.log();
    assert_eq!(stored.len(), 1, "{stored:?}");
    assert_eq!((stored[0].method.as_str(), &stored[0].token), ("GET", &None));
}

#[test]
fn redirects_without_end_and_listings_that_lead_astray_are_errors() {
    let (server, home) = (hub(), home());
    let settings = settings(&server, home.path());
    let route = "/revision/main?blobs=true";
    server.fail(route, &vec![Fault::Redirect(format!("/api/models/{REPO}{route}")); 20]);
    assert!(error(pull_now(settings.clone())).contains("it redirects without end"));
    server.change(|state| state.faults.clear());
    for (listing, expected) in [
        ("no json", "something else than a hub would"),
        (r#"{"sha": "../..", "siblings": []}"#, "which is no commit"),
        (r#"{"sha": "0123456", "siblings": [{"rfilename": "../x.json"}]}"#, "no path below"),
        (r#"{"sha": "0123456", "siblings": [{"rfilename": "/etc/x.json"}]}"#, "no path below"),
    ] {
        server.change(|state| state.listing = Some(listing.to_owned()));
        let found = error(pull_now(settings.clone()));
        assert!(found.contains(expected), "{found}");
    }
    assert!(!home.path().join("hub").exists());
}

#[test]
fn two_programs_do_not_write_one_file() {
    let (server, home) = (hub(), home());
    let locks = home.path().join("hub/.locks/models--Some--AKI");
    fs::create_dir_all(&locks).unwrap();
    let lock = fs::File::create(locks.join(format!("{}.lock", blob_name(&weights())))).unwrap();
    lock.lock().unwrap();
    let found = error(pull_now(settings(&server, home.path())));
    assert!(found.starts_with("another program is fetching model.safetensors"), "{found}");
    drop(lock);
    pull_now(settings(&server, home.path())).unwrap();
}
