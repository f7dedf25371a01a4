//! The spool against a list in memory: pushes, deliveries, restarts, crashes with a torn end.

use std::collections::{BTreeMap, VecDeque};

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// What fits: about twenty of the batches below.
const BYTES_MAX: u64 = 1500;

#[derive(Clone, Debug)]
enum Step {
    /// Batches of so many documents of so many bytes.
    Push(Vec<(usize, usize)>),
    Next,
    /// One of those that are handed out.
    Done(usize),
    Back(usize),
    /// The newest file takes no more.
    Roll,
    Reopen,
    Crash,
    /// A push during which the process is killed, when so many thousandths of it were written.
    CrashInPush(Vec<(usize, usize)>, u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let batches = || vec((0..4usize, 0..40usize), 1..4);
    let step = prop_oneof![
        4 => batches().prop_map(Step::Push),
        4 => Just(Step::Next),
        3 => (0..4usize).prop_map(Step::Done),
        2 => (0..4usize).prop_map(Step::Back),
        1 => Just(Step::Roll),
        1 => Just(Step::Reopen),
        1 => Just(Step::Crash),
        1 => (batches(), 0..=1000u64).prop_map(|(batches, part)| Step::CrashInPush(batches, part)),
    ];
    vec(step, 1..60)
}

/// A batch as the model sees it: every text ever pushed is different.
type Texts = Vec<Bytes>;

struct Model {
    folder: TempDir,
    /// `None` for a moment, while it is opened again.
    spool: Option<Spool>,
    /// Oldest first, with the mark of a repetition.
    waiting: VecDeque<(Texts, bool)>,
    out: BTreeMap<Id, (Texts, bool)>,
    /// What was ever handed out, and what was dropped.
    handed_out: Vec<Texts>,
    dropped: Vec<Texts>,
    /// In the order in which it was pushed.
    pushed: Vec<Texts>,
}

impl Model {
    fn new() -> Self {
        let folder = folder();
        let spool = Some(open(folder.path(), BYTES_MAX));
        let (waiting, out) = (VecDeque::new(), BTreeMap::new());
        let (handed_out, dropped, pushed) = (Vec::new(), Vec::new(), Vec::new());
        Self { folder, spool, waiting, out, handed_out, dropped, pushed }
    }

    fn spool(&mut self) -> &mut Spool {
        self.spool.as_mut().expect("it is open between steps")
    }

    fn make(&self, sizes: &[(usize, usize)]) -> Vec<Texts> {
        let first = self.pushed.len();
        let text = |number, index, bytes| Bytes::from(format!("{number}.{index}.{:bytes$}", ""));
        let batch = |(index, &(count, bytes)): (usize, &(usize, usize))| {
            (0..count).map(|place| text(first + index, place, bytes)).collect()
        };
        sizes.iter().enumerate().map(batch).collect()
    }

    fn run(&mut self, step: &Step) {
        match step {
            Step::Push(sizes) => self.push(sizes),
            Step::Next => self.next(),
            Step::Done(index) => {
                if let Some(&id) = self.out.keys().nth(*index) {
                    self.spool().done(id).expect("written");
                    self.out.remove(&id);
                }
            }
            Step::Back(index) => {
                if let Some(&id) = self.out.keys().nth(*index) {
                    self.spool().back(id);
                    let batch = self.out.remove(&id).expect("it is out");
                    let place = |texts: &Texts| self.pushed.iter().position(|it| it == texts);
                    let behind = |other: &(Texts, bool)| place(&other.0) < place(&batch.0);
                    let at = self.waiting.partition_point(behind);
                    self.waiting.insert(at, batch);
                }
            }
            Step::Roll => self.spool().writer = None,
            Step::Reopen => {
                self.spool = None;
                self.open_again(&[]);
            }
            Step::Crash => {
                let left = crashed(self.folder.path());
                self.spool = None;
                self.folder = left;
                self.open_again(&[]);
            }
            Step::CrashInPush(sizes, part) => self.crash_in_push(sizes, *part),
        }
        let held = self.waiting.iter().chain(self.out.values());
        let expected = held.fold(Waiting::default(), |mut sum, (texts, _)| {
            sum.add(cost(texts));
            sum
        });
        assert_eq!(self.spool().waiting(), expected);
    }

    fn push(&mut self, sizes: &[(usize, usize)]) {
        let batches = self.make(sizes);
        let dropped_count = self.spool().push(&batches).expect("room");
        self.pushed.extend(batches.iter().cloned());
        self.waiting.extend(batches.into_iter().filter(|it| !it.is_empty()).map(|it| (it, false)));
        let mut expected_count = 0;
        let held = |model: &Self| -> u64 {
            let all = model.waiting.iter().chain(model.out.values());
            all.map(|(texts, _)| cost(texts).bytes).sum()
        };
        while held(self) > BYTES_MAX {
            let Some((texts, _)) = self.waiting.pop_front() else { break };
            expected_count += texts.len() as u64;
            self.dropped.push(texts);
        }
        assert_eq!(dropped_count, expected_count);
    }

    fn next(&mut self) {
        let taken = self.spool().next().expect("read");
        let expected = self.waiting.pop_front();
        assert_eq!(taken.as_ref().map(|it| (it.documents.clone(), it.is_repeated)), expected);
        if let (Some(taken), Some(batch)) = (taken, expected) {
            self.handed_out.push(batch.0.clone());
            self.out.insert(taken.id, batch);
        }
    }

    /// Cuts the newest file somewhere between its end before a push and its end behind it.
    fn crash_in_push(&mut self, sizes: &[(usize, usize)], part: u64) {
        let batches = self.make(sizes);
        let before = crashed(self.folder.path());
        self.spool().push(&batches).expect("room");
        let new = files(self.folder.path()).pop();
        self.pushed.extend(batches.iter().cloned());
        if let Some(new) = new {
            let bytes = fs::read(&new).expect("the file");
            let old = before.path().join(new.file_name().expect("a name"));
            let begin = fs::metadata(&old).map_or(0, |it| it.len());
            let end = begin + (bytes.len() as u64 - begin) * part / 1000;
            fs::write(old, &bytes[..end as usize]).expect("written");
        }
        self.spool = None;
        self.folder = before;
        self.open_again(&batches);
    }

    /// Looks at what a copy of the spool hands out, and goes on with that.
    fn open_again(&mut self, maybe: &[Texts]) {
        let copy = crashed(self.folder.path());
        let mut spool = open(copy.path(), BYTES_MAX);
        let mut found = VecDeque::new();
        while let Some(taken) = spool.next().expect("read") {
            spool.done(taken.id).expect("written");
            found.push_back((taken.documents, taken.is_repeated));
        }
        assert_eq!(spool.damage().skipped_bytes, 0);
        let mut left = found.iter().map(|(texts, _)| texts);
        let mut in_order = self.pushed.iter();
        assert!(left.all(|texts| in_order.any(|it| it == texts)), "once, and in their order");
        let has = |texts: &Texts| found.iter().any(|(it, _)| it == texts);
        for (texts, _) in self.waiting.iter().chain(self.out.values()) {
            assert!(has(texts), "nothing that was acknowledged is lost");
        }
        for (texts, is_repeated) in &found {
            let was_handed_out = self.handed_out.contains(texts);
            assert!(!was_handed_out || *is_repeated, "what may have been delivered is marked");
            let is_known = self.waiting.iter().chain(self.out.values()).any(|(it, _)| it == texts);
            let is_excused = was_handed_out || self.dropped.contains(texts);
            assert!(is_known || is_excused || maybe.contains(texts), "nothing else comes");
        }
        self.waiting = found;
        self.out.clear();
        self.spool = Some(open(self.folder.path(), BYTES_MAX));
    }
}

fn cost(texts: &Texts) -> Waiting {
    Waiting {
        documents: texts.len() as u64,
        bytes: record::record_bytes(texts).expect("short"),
        batches: 1,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn it_is_a_list_that_survives_a_crash(steps in steps()) {
        let mut model = Model::new();
        for step in &steps {
            model.run(step);
        }
    }
}
