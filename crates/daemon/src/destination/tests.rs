//! What an answer means.

use super::*;

fn answer(status: u16, error_type: &str, body: &'static str) -> Answer {
    let error_type = Some(error_type.to_owned()).filter(|text| !text.is_empty());
    Answer {
        reply: Reply { status, error_type, body: Bytes::from_static(body.as_bytes()) },
        pause: None,
    }
}

#[test]
fn only_a_request_that_is_wrong_itself_is_given_up() {
    for (status, error_type) in
        [(400, "InvalidRequestException"), (400, ""), (413, ""), (415, ""), (422, "")]
    {
        let outcome = meaning(answer(status, error_type, ""));
        assert_eq!(outcome, Outcome::Refused(status, error_type.to_owned()));
    }
    for (status, error_type, failure) in [
        (400, "ExpiredTokenException", Failure::Http4xx),
        (400, "ThrottlingException", Failure::Http4xx),
        (400, "UnrecognizedClientException", Failure::Http4xx),
        (401, "", Failure::Http4xx),
        (403, "InvalidSignatureException", Failure::Http4xx),
        (404, "", Failure::Http4xx),
        (408, "", Failure::Http4xx),
        (429, "ThrottledException", Failure::Http4xx),
        (500, "", Failure::Http5xx),
        (503, "", Failure::Http5xx),
        (302, "", Failure::Other),
    ] {
        let later = Later { failure, pause: None };
        assert_eq!(meaning(answer(status, error_type, "")), Outcome::Later(later), "{status}");
    }
    assert_eq!(meaning(answer(200, "", "<html>")), Outcome::Taken(Vec::new()));
}
