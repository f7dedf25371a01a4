//! `payments`: charges cards at a bank, which is somebody else's.

use std::time::Duration;

use crate::exchange::{Answer, Trouble};
use crate::logs::Level;
use crate::role::Role;
use crate::service::Visit;
use crate::telemetry;

/// How long the bank may take.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// How often the bank is asked.
const ATTEMPTS_MAX: u32 = 2;

/// Charges a card.
pub(crate) async fn answer(visit: &Visit<'_>) -> Answer {
    visit.work("prepare", 2..6).await;
    let mut problem = String::new();
    for attempt in 1..=ATTEMPTS_MAX {
        let part = telemetry::call(&visit.segment, Role::Bank, "POST", "/charges");
        part.annotate("attempt", attempt);
        match visit.send(part, Role::Bank, "POST", "/charges", PATIENCE).await {
            Ok(answer) if answer.status < 500 => return answer,
            Ok(answer) => problem = format!("the bank answered {}", answer.status),
            Err(error) => problem = format!("the bank did not answer: {error}"),
        }
        visit.say(Level::Warn, format_args!("attempt {attempt} of {ATTEMPTS_MAX}: {problem}"));
    }
    Answer::failed(
        504,
        Trouble {
            kind: "BankUnavailable",
            message: format!("gave up after {ATTEMPTS_MAX} attempts: {problem}").into(),
            stack: &[
                ("payments/src/bank.rs", 73, "charge"),
                ("payments/src/retry.rs", 29, "with_retries"),
                ("payments/src/routes.rs", 18, "post_charges"),
            ],
        },
    )
}
