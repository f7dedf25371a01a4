//! Whole indexes: built, read, damaged, and compared with what a search of every row says.

use std::ops::RangeInclusive;

use insta::assert_snapshot;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use wire::{Micros, TraceId};

use super::*;
use crate::Axis;
use crate::fuzzing::index::{Row, build, check_rows};

/// An index of format version 1, as the first release wrote it.
const VERSION_1: &[u8] = include_bytes!("../../fixtures/index-v1.idx");

fn id(number: u32) -> TraceId {
    TraceId::new(0x581c_f771, u128::from(number))
}

/// Returns a row that began at this second and took one; every tenth is a fault.
fn row(number: u32) -> Row {
    let start = Micros::from_secs(u64::from(number));
    let end = Micros(start.0 + 1_000_000);
    let is_fault = number.is_multiple_of(10);
    let entry = TraceEntry {
        id: id(number),
        segment_rows: number * 7..number * 7 + 7,
        start,
        end: Some(end),
        first_end: Some(end),
        updated: Micros(end.0 + 1),
        duration: Some(Micros(1_000_000)),
        response_time: None,
        flags: u32::from(is_fault),
    };
    let user = format!("user {number}");
    let status = if is_fault { 500 } else { 200 };
    let tokens = [Token::Service("cart"), Token::User(&user), Token::Status(status)];
    (entry, tokens.iter().map(Token::hash).collect())
}

fn rows(count: u32) -> Vec<Row> {
    (0..count).map(row).collect()
}

/// An index of six rows in two chunks, one of them late.
fn small() -> Vec<u8> {
    let mut builder = Builder::with_chunk_rows(4);
    rows(6).iter().for_each(|(entry, tokens)| builder.push(entry, tokens.iter().copied()));
    builder.push_late(id(3));
    builder.finish()
}

fn text(ranges: &[Range<u32>]) -> String {
    ranges.iter().map(|rows| format!("{rows:?}")).collect::<Vec<_>>().join(" ")
}

/// Says what an index holds.
fn describe(index: &Index<impl AsRef<[u8]>>) -> String {
    let mut text = format!("{} rows\n", index.row_count());
    for (rows, zone) in index.chunks() {
        let Zone { start, end, updated, duration_max, response_time_max, flags } = zone;
        let window =
            |window: RangeInclusive<Micros>| format!("{}..{}", window.start().0, window.end().0);
        text += &format!(
            "rows {rows:?}: start {}, end {}, updated {}, duration {}, response time {}, flags {flags}\n",
            window(start),
            end.map_or(String::from("none"), window),
            window(updated),
            duration_max.0,
            response_time_max.0,
        );
    }
    for number in 0..8 {
        for Candidate { trace_row, segment_rows } in index.find(&id(number)) {
            let late = if index.is_late(&id(number)) { ", late" } else { "" };
            text += &format!("trace {number}: row {trace_row}, segments {segment_rows:?}{late}\n");
        }
    }
    let late: Vec<String> = index.late_traces().map(|id| id.to_string()).collect();
    text + &format!("late: {}\n", late.join(" "))
}

#[test]
fn an_index_of_version_1_is_read() {
    let index = Index::open(VERSION_1).expect("an index");
    assert_snapshot!(describe(&index), @"
    6 rows
    rows 0..4: start 0..3000000, end 1000000..4000000, updated 1000001..4000001, duration 1000000, response time 0, flags 1
    rows 4..6: start 4000000..5000000, end 5000000..6000000, updated 5000001..6000001, duration 1000000, response time 0, flags 0
    trace 0: row 0, segments 0..7
    trace 1: row 1, segments 7..14
    trace 2: row 2, segments 14..21
    trace 3: row 3, segments 21..28, late
    trace 4: row 4, segments 28..35
    trace 5: row 5, segments 35..42
    late: 1-581cf771-000000000000000000000003
    ");
    let kept = |token: Token<'_>| text(&index.prune(&token.into()));
    assert_eq!(kept(Token::User("user 5")), "4..6");
    assert_eq!(kept(Token::Status(500)), "0..4");
    assert_eq!(kept(Token::Service("cart")), "0..6");
    assert_eq!(kept(Token::Service("none")), "");
}

#[test]
fn version_1_is_still_what_is_written() {
    assert_eq!(small(), VERSION_1);
}

#[test]
fn an_index_of_nothing_finds_nothing() {
    let index = Index::open(Builder::default().finish()).expect("an index");
    assert_eq!((index.row_count(), index.find(&id(1)).count()), (0, 0));
    assert_eq!(index.prune(&Condition::All(Vec::new())), []);
    assert_eq!((index.chunks().count(), index.late_traces().count()), (0, 0));
}

#[test]
fn absent_ids_have_no_candidate() {
    let bytes = build(&rows(20_000), CHUNK_ROWS);
    let index = Index::open(&bytes).expect("an index");
    assert!((0..20_000).all(|number| index.find(&id(number)).count() == 1));
    assert_eq!((20_000..100_000).map(|number| index.find(&id(number)).count()).sum::<usize>(), 0);
    // The filter alone is right about 255 of 256.
    let layout = Layout::read(&bytes[..Layout::BYTES]).expect("an index");
    let range = layout.range(SectionKind::TraceFilter).expect("a filter");
    let filter = &bytes[range.start as usize..range.end as usize];
    layout.check(SectionKind::TraceFilter, filter).expect("unchanged");
    let in_filter = |number| may_contain(filter, &id(number)).expect("a filter");
    assert!((0..20_000).all(in_filter));
    let wrong = (20_000..100_000).filter(|number| in_filter(*number)).count();
    assert!((200..450).contains(&wrong), "{wrong} of 80000");
}

#[test]
fn only_chunks_that_can_match_are_kept() {
    let bytes = build(&rows(100), 10);
    let index = Index::open(&bytes).expect("an index");
    let kept = |condition: &Condition| text(&index.prune(condition));
    let secs = |secs| Micros::from_secs(secs);
    let user = |name: &str| Condition::from(Token::User(name));
    assert_eq!(kept(&user("user 57")), "50..60");
    let either = Condition::Any([user("user 57"), user("user 62"), user("user 7")].into());
    assert_eq!(kept(&either), "0..10 50..70");
    let both = Condition::All([user("user 57"), user("user 62")].into());
    assert_eq!(kept(&both), "");
    assert_eq!(kept(&Condition::Time(Axis::Start, secs(19)..=secs(20))), "10..30");
    assert_eq!(kept(&Condition::Time(Axis::End, secs(20)..=secs(20))), "10..20");
    assert_eq!(kept(&Condition::Time(Axis::Updated, secs(20)..=secs(21))), "10..20");
    assert_eq!(kept(&Condition::Time(Axis::Start, secs(25)..=secs(24))), "");
    assert_eq!(kept(&Condition::DurationMin(secs(1))), "0..100");
    assert_eq!(kept(&Condition::DurationMin(Micros(1_000_001))), "");
    assert_eq!(kept(&Condition::ResponseTimeMin(Micros(1))), "");
    assert_eq!(kept(&Condition::FlagsAny(1)), "0..100");
    assert_eq!(kept(&Condition::FlagsAny(2)), "");
}

#[test]
fn a_chunk_without_an_end_is_in_no_window_of_ends() {
    let mut rows = rows(4);
    rows[..2].iter_mut().for_each(|(entry, _)| entry.end = None);
    rows[2].0.end = None;
    let index = Index::open(build(&rows, 2)).expect("an index");
    let always = Micros(0)..=Micros(u64::MAX);
    assert_eq!(text(&index.prune(&Condition::Time(Axis::End, always))), "2..4");
    let ends: Vec<_> = index.chunks().map(|(_, zone)| zone.end).collect();
    assert_eq!(ends, [None, Some(Micros(4_000_000)..=Micros(4_000_000))]);
}

#[test]
fn a_chunk_is_as_long_as_a_page_and_the_last_may_be_shorter() {
    let index = Index::open(build(&rows(CHUNK_ROWS + 1), CHUNK_ROWS)).expect("an index");
    let chunks: Vec<_> = index.chunks().map(|(rows, _)| rows).collect();
    assert_eq!(chunks, [0..CHUNK_ROWS, CHUNK_ROWS..CHUNK_ROWS + 1]);
    let last = Token::User(&format!("user {CHUNK_ROWS}")).into();
    assert_eq!(text(&index.prune(&last)), "8192..8193");
}

#[test]
fn every_changed_bit_is_noticed_and_other_sections_stay_readable() {
    let bytes = small();
    let layout = Layout::read(&bytes).expect("an index");
    let section = |bytes: &[u8], kind| {
        let range = layout.range(kind).expect("a section");
        bytes[range.start as usize..range.end as usize].to_vec()
    };
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let error = Index::open(&changed).expect_err("a damaged index");
        match bit / 8 {
            at if at < file::HEADER_LEN => assert_eq!(error, Error::HeaderUnreadable),
            at if at < Layout::BYTES => assert_eq!(error, Error::TableUnreadable),
            _ => {}
        }
        for kind in SectionKind::ALL {
            let found = section(&changed, kind);
            let is_untouched = found == section(&bytes, kind);
            assert_eq!(layout.check(kind, &found).is_ok(), is_untouched, "bit {bit}");
            if !is_untouched {
                assert_eq!(error, Error::SectionUnreadable { section: kind });
                assert_eq!(Layout::read(&changed).as_ref(), Ok(&layout));
            }
        }
    }
    for len in 0..bytes.len() {
        Index::open(&bytes[..len]).expect_err("a shorter file");
    }
    let longer = Index::open([&bytes[..], b"\0"].concat()).expect_err("a longer file");
    let (len, bytes_expected) = (bytes.len() as u64 + 1, bytes.len() as u64);
    assert_eq!(longer, Error::LengthWrong { bytes: len, bytes_expected });
}

/// Returns the small index's sections, each with the number of its kind.
fn sections(bytes: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let layout = Layout::read(bytes).expect("an index");
    let section = |kind: SectionKind| {
        let range = layout.range(kind).expect("a section");
        (kind as u32, bytes[range.start as usize..range.end as usize].to_vec())
    };
    SectionKind::ALL.map(section).into()
}

fn encode(sections: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let sections: Vec<(u32, &[u8])> =
        sections.iter().map(|(kind, bytes)| (*kind, &bytes[..])).collect();
    file::encode(&sections)
}

#[test]
fn an_unknown_section_is_passed_over() {
    let mut sections = sections(&small());
    sections.push((9, b"of a later program".into()));
    let index = Index::open(encode(&sections)).expect("an index");
    assert_eq!(describe(&index), describe(&Index::open(small()).expect("an index")));
}

#[test]
fn a_missing_section_is_an_error() {
    for missing in SectionKind::ALL {
        let mut sections = sections(&small());
        sections.retain(|(kind, _)| *kind != missing as u32);
        let error = Index::open(encode(&sections)).expect_err("an incomplete index");
        assert_eq!(error, Error::SectionMissing { section: missing });
    }
}

#[test]
fn sections_of_different_indexes_do_not_make_one() {
    let (small, large) = (sections(&small()), sections(&build(&rows(9), 4)));
    let mixed = |from_large: SectionKind| {
        let mut sections = small.clone();
        let at = from_large as usize - 1;
        sections[at] = large[at].clone();
        Index::open(encode(&sections)).map(|_| ())
    };
    for section in [SectionKind::TraceTable, SectionKind::TokenFilters] {
        assert_eq!(mixed(section), Err(Error::SectionUnreadable { section }));
    }
    let section = SectionKind::TraceTable;
    assert_eq!(mixed(SectionKind::Zones), Err(Error::SectionUnreadable { section }));
}

#[test]
fn a_section_that_is_not_as_described_is_refused() {
    let refused = |section: SectionKind, bytes: &[u8]| {
        let mut sections = sections(&small());
        sections[section as usize - 1].1 = bytes.to_vec();
        let error = Index::open(encode(&sections)).map(|_| ());
        assert_eq!(error, Err(Error::SectionUnreadable { section }), "{bytes:?}");
    };
    let of = |kind: SectionKind| sections(&small())[kind as usize - 1].1.clone();
    for section in SectionKind::ALL {
        refused(section, &[of(section), [0].into()].concat());
        refused(section, &of(section)[1..]);
    }
    let with = |kind: SectionKind, at: usize, byte: u8| {
        let mut bytes = of(kind);
        bytes[at] = byte;
        bytes
    };
    // Keys of no or nine bytes; rows of no or five.
    for (at, width) in [(4, 0), (4, 9), (5, 0), (6, 5), (7, 5)] {
        let mut bytes = with(SectionKind::TraceTable, at, width);
        let record_len: usize = bytes[4..8].iter().map(|width| usize::from(*width)).sum();
        bytes.resize(8 + 6 * record_len, 0);
        refused(SectionKind::TraceTable, &bytes);
    }
    // Chunks of no rows, and of so many that there is one chunk less.
    refused(SectionKind::Zones, &with(SectionKind::Zones, 4, 0));
    refused(SectionKind::Zones, &with(SectionKind::Zones, 4, 6));
    // A set that ends before it begins, or behind the section.
    refused(SectionKind::TokenFilters, &with(SectionKind::TokenFilters, 4, 97));
    refused(SectionKind::TokenFilters, &with(SectionKind::TokenFilters, 11, 1));
}

#[test]
fn sections_in_another_order_or_place_are_refused() {
    let mut sections = sections(&small());
    sections.swap(0, 1);
    assert_eq!(Index::open(encode(&sections)).map(|_| ()), Err(Error::TableUnreadable));
    sections[1] = sections[0].clone();
    assert_eq!(Index::open(encode(&sections)).map(|_| ()), Err(Error::TableUnreadable));
    for offset in [0, u64::MAX] {
        let mut bytes = small();
        let offset_at = file::HEADER_LEN + 8;
        bytes[offset_at..offset_at + 8].copy_from_slice(&offset.to_le_bytes());
        bytes = with_right_table_checksum(bytes);
        assert_eq!(Index::open(bytes).map(|_| ()), Err(Error::TableUnreadable));
    }
}

/// Puts right checksums over the header and the table.
fn with_right_table_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    let table = file::HEADER_LEN..file::HEADER_LEN + SectionKind::ALL.len() * file::ENTRY_LEN;
    let crc = crc32fast::hash(&bytes[table]);
    bytes[16..20].copy_from_slice(&crc.to_le_bytes());
    let crc = crc32fast::hash(&bytes[..20]);
    bytes[20..24].copy_from_slice(&crc.to_le_bytes());
    bytes
}

#[test]
fn an_index_of_a_newer_version_is_refused() {
    let mut bytes = small();
    bytes[8] = 2;
    // What is behind the header may look different in another version.
    bytes.truncate(file::HEADER_LEN);
    let bytes = [bytes, vec![0; 200]].concat();
    let bytes = with_right_table_checksum(bytes);
    let error = Index::open(&bytes).expect_err("a newer version");
    assert_eq!(error, Error::VersionUnknown { version: 2, version_max: VERSION });
    assert_snapshot!(error, @"read an index of version 2: this program knows up to 1; start the program that wrote it");
    let section = SectionKind::Zones;
    assert_snapshot!(Error::SectionUnreadable { section }, @"read an index: its section of zones is damaged");
    assert_snapshot!(Error::LengthWrong { bytes: 7, bytes_expected: 9 }, @"read an index: it has 7 bytes where its sections end at 9");
}

#[test]
fn a_file_of_another_kind_is_refused() {
    let mut bytes = small();
    bytes[1] = b'F';
    let error = Index::open(with_right_table_checksum(bytes)).expect_err("another magic");
    assert_eq!(error, Error::HeaderUnreadable);
}

#[test]
fn the_order_of_tokens_and_repeated_tokens_make_no_difference() {
    let rows = rows(50);
    let mut builder = Builder::with_chunk_rows(20);
    for (entry, tokens) in &rows {
        builder.push(entry, tokens.iter().rev().chain(tokens).copied());
    }
    assert_eq!(builder.finish(), build(&rows, 20));
}

#[test]
fn a_trace_with_rows_in_two_places_is_found_at_both() {
    let mut rows = rows(3);
    rows[2].0.id = id(0);
    let index = Index::open(build(&rows, 8)).expect("an index");
    let found: Vec<u32> = index.find(&id(0)).map(|found| found.trace_row).collect();
    assert_eq!(found, [0, 2]);
}

#[test]
fn late_traces_are_known_by_their_whole_id() {
    let mut builder = Builder::default();
    [id(9), id(2), id(9)].into_iter().for_each(|id| builder.push_late(id));
    let index = Index::open(builder.finish()).expect("an index");
    assert_eq!(index.late_traces().collect::<Vec<_>>(), [id(2), id(9)]);
    assert!(index.is_late(&id(9)) && !index.is_late(&id(3)));
}

/// A few values, so that rows and conditions meet.
fn micros() -> impl Strategy<Value = Micros> {
    prop_oneof![4 => 0..20_u64, 1 => Just(u64::MAX), 1 => any::<u64>()].prop_map(Micros)
}

fn token() -> impl Strategy<Value = TokenHash> {
    prop_oneof![
        "[ab]{1,2}".prop_map(|name| Token::Service(&name).hash()),
        ("[ab]", "[ab]").prop_map(|(from, to)| Token::Edge { from: &from, to: &to }.hash()),
        (0..4_i64).prop_map(|status| Token::Status(status).hash()),
        ".{0,8}".prop_map(|user| Token::User(&user).hash()),
    ]
}

prop_compose! {
    fn any_row()(
        id in prop_oneof![(0..5_u128).prop_map(u128::to_be_bytes), any::<[u8; 16]>()],
        first in 0..0xffff_ffff_u32, count in prop_oneof![0..300_u32, 0..70_000_u32],
        start in micros(), end in option::of(micros()), updated in micros(),
        duration in option::of(micros()), response_time in option::of(micros()),
        flags in 0..8_u32, tokens in vec(token(), 0..6),
    ) -> Row {
        let (id, segment_rows) = (TraceId(id), first..first.saturating_add(count));
        let entry = TraceEntry {
            id,
            segment_rows,
            start,
            end,
            first_end: end,
            updated,
            duration,
            response_time,
            flags,
        };
        (entry, tokens)
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    let window = || (micros(), micros()).prop_map(|(a, b)| a..=b);
    let leaf = prop_oneof![
        token().prop_map(Condition::Token),
        window().prop_map(|window| Condition::Time(Axis::Start, window)),
        window().prop_map(|window| Condition::Time(Axis::End, window)),
        window().prop_map(|window| Condition::Time(Axis::Updated, window)),
        micros().prop_map(Condition::DurationMin),
        micros().prop_map(Condition::ResponseTimeMin),
        (0..8_u32).prop_map(Condition::FlagsAny),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Condition::All),
            vec(inner, 0..4).prop_map(Condition::Any),
        ]
    })
}

proptest! {
    #[test]
    fn every_row_is_found_and_none_is_pruned_that_matches(
        rows in vec(any_row(), 0..40),
        chunk_rows in 1_u32..9,
        conditions in vec(condition(), 8),
    ) {
        check_rows(&rows, chunk_rows, &conditions);
    }

    #[test]
    fn no_url_is_pruned_that_satisfies_a_condition_on_it(
        url in "[aA1é]{0,3}([/.?=][aA1é]{0,3}){0,4}",
        cut in any::<(prop::sample::Index, prop::sample::Index)>(),
        other in "[aA1é/]{0,4}",
    ) {
        let entry = row(1).0;
        let tokens: Vec<TokenHash> = url_words(&url).map(|word| Token::UrlWord(word).hash()).collect();
        let index = Index::open(build(&[(entry, tokens)], 1)).expect("an index");
        let is_kept = |condition: Condition| !index.prune(&condition).is_empty();
        let ends: Vec<usize> =
            url.char_indices().map(|(at, _)| at).chain([url.len()]).collect();
        let (a, b) = (ends[cut.0.index(ends.len())], ends[cut.1.index(ends.len())]);
        for text in [&url[a.min(b)..a.max(b)], &url[..a], &url[a..], &url, &other] {
            prop_assert!(is_kept(Condition::url_equals(text)) || url != text);
            prop_assert!(is_kept(Condition::url_begins_with(text)) || !url.starts_with(text));
            prop_assert!(is_kept(Condition::url_ends_with(text)) || !url.ends_with(text));
            prop_assert!(is_kept(Condition::url_contains(text)) || !url.contains(text));
        }
    }
}

#[test]
fn a_url_is_pruned_by_its_whole_words() {
    let tokens = |words: &[&str]| {
        Condition::All(words.iter().map(|word| Token::UrlWord(word).into()).collect())
    };
    let text = "shop/cart/81";
    assert_eq!(Condition::url_equals(text), tokens(&["shop", "cart", "81"]));
    assert_eq!(Condition::url_begins_with(text), tokens(&["shop", "cart"]));
    assert_eq!(Condition::url_ends_with(text), tokens(&["cart", "81"]));
    assert_eq!(Condition::url_contains(text), tokens(&["cart"]));
    assert_eq!(Condition::url_contains("/cart/"), tokens(&["cart"]));
}
