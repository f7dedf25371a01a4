//! What is remembered, and how much of it.

use wire::problem::check;

use super::*;

fn segment(xray: &str) -> String {
    crate::testing::document(&format!(r#","aws":{{"xray":{xray}}}"#))
}

fn tally(documents: &[String]) -> Tally {
    let mut tally = Tally::default();
    for document in documents {
        tally.count(&Segment::parse(document).expect("a good document"));
    }
    tally
}

#[test]
fn senders_are_told_apart_and_counted() {
    let journal = Journal::new(Micros(1));
    let java = segment(r#"{"sdk":"X-Ray for Java","sdk_version":"2.1"}"#);
    let unnamed = crate::testing::document("");
    journal.note(tally(&[java.clone(), java.clone(), unnamed]), Micros(10));
    journal.note(tally(&[java]), Micros(20));
    let senders: Vec<_> = journal
        .senders()
        .into_iter()
        .map(|(sender, sent)| (sender.sdk, sender.version, sent.document_count, sent.last.0))
        .collect();
    assert_eq!(
        senders,
        [
            ("X-Ray for Java".to_owned(), "2.1".to_owned(), 3, 20),
            (String::new(), String::new(), 1, 10),
        ]
    );
}

#[test]
fn senders_have_a_bound_and_the_silent_ones_go() {
    let journal = Journal::new(Micros(0));
    for number in 0..SENDERS_MAX + 10 {
        let one = segment(&format!(r#"{{"sdk":"{number}"}}"#));
        journal.note(tally(&[one]), Micros(number as u64));
    }
    let senders = journal.senders();
    assert_eq!(senders.len(), SENDERS_MAX);
    assert_eq!(senders[0].0.sdk, (SENDERS_MAX + 9).to_string());
    assert!(senders.iter().all(|(_, sent)| sent.last >= Micros(10)));
    let many: Vec<_> = (0..40).map(|number| segment(&format!(r#"{{"sdk":"{number}"}}"#))).collect();
    assert_eq!(tally(&many).0.len(), BATCH_SENDERS_MAX);
    let long = segment(&format!(r#"{{"sdk":"{}"}}"#, "é".repeat(200)));
    assert_eq!(tally(&[long]).0[0].0.sdk.len(), NAME_BYTES_MAX);
}

#[test]
fn refused_documents_are_remembered_the_newest_first() {
    let journal = Journal::new(Micros(0));
    let document = r#"{"trace_id": "1-581cf771-a006649127e371903a2de979","token":"x"}"#;
    let problem = check(document).remove(0);
    for second in 0..150 {
        journal.reject(Micros::from_secs(second), "udp", &problem, document.as_bytes());
    }
    let rejections = journal.rejections();
    assert_eq!(rejections.len(), REJECTIONS_MAX);
    assert_eq!(rejections[0].at, Micros::from_secs(149));
    assert_eq!(rejections[0].trace_id, TraceId::parse("1-581cf771-a006649127e371903a2de979"));
    assert!(rejections[0].document.ends_with("\"token\":***}"), "{:?}", rejections[0]);
    // Of one second only so many.
    for _ in 0..150 {
        journal.reject(Micros::from_secs(200), "udp", &problem, b"{");
    }
    let rejections = journal.rejections();
    let is_new = |one: &&Rejection| one.at == Micros::from_secs(200);
    assert_eq!(rejections.iter().filter(is_new).count(), REJECTIONS_PER_SECOND);
    assert_eq!(rejections[REJECTIONS_PER_SECOND].at, Micros::from_secs(149));
}
