//! What is decided.

use super::decide::{Step, Trouble, decide};
use super::facts::{AccountFact, Facts, SecretFact};

const OURS: Option<&str> = None;
const THEIRS: Option<&str> = Some("somebody else made it");

fn facts(secret: SecretFact, foreign: Option<&str>, account: Option<AccountFact>) -> Facts {
    Facts { secret, foreign: foreign.map(str::to_owned), account, wrong_rights: false }
}

#[test]
fn without_gitea_the_secrets_alone_are_made() {
    for (secret, step) in [
        (SecretFact::Absent, Step::MakeSecret),
        (SecretFact::Incomplete, Step::MakeSecret),
        (SecretFact::Ready, Step::Wait),
        (SecretFact::Next, Step::Wait),
    ] {
        assert_eq!(decide(&facts(secret, OURS, None), false, false), step);
    }
    assert_eq!(decide(&facts(SecretFact::Ready, THEIRS, None), false, false), Step::Wait);
}

#[test]
fn what_is_missing_is_made() {
    for (secret, account, step) in [
        (SecretFact::Absent, AccountFact::Absent, Step::MakeBoth),
        (SecretFact::Ready, AccountFact::Absent, Step::MakeAccount),
        (SecretFact::Ready, AccountFact::Open, Step::Keep),
        (SecretFact::Ready, AccountFact::MustChange, Step::Release),
        (SecretFact::Next, AccountFact::Absent, Step::Resume),
        (SecretFact::Next, AccountFact::Open, Step::Resume),
        (SecretFact::Next, AccountFact::Closed, Step::Resume),
    ] {
        assert_eq!(decide(&facts(secret, OURS, Some(account)), false, false), step);
    }
}

#[test]
fn what_does_not_fit_is_told_and_mended_when_asked_to() {
    for (secret, account, trouble) in [
        (SecretFact::Absent, AccountFact::Closed, Trouble::NoSecret),
        (SecretFact::Incomplete, AccountFact::Closed, Trouble::NoPassword),
        (SecretFact::Ready, AccountFact::Closed, Trouble::Mismatch),
    ] {
        let facts = facts(secret, OURS, Some(account));
        assert_eq!(decide(&facts, false, false), Step::Report(trouble));
        assert_eq!(decide(&facts, true, false), Step::Rotate);
    }
}

#[test]
fn who_may_do_too_much_or_too_little_is_told_and_mended_when_asked_to() {
    for account in [AccountFact::Open, AccountFact::MustChange] {
        let facts = Facts { wrong_rights: true, ..facts(SecretFact::Ready, OURS, Some(account)) };
        assert_eq!(decide(&facts, false, false), Step::Report(Trouble::Rights));
        assert_eq!(decide(&facts, true, false), Step::Rotate);
    }
}

#[test]
fn a_password_that_was_given_makes_the_secret() {
    let facts = facts(SecretFact::Absent, OURS, Some(AccountFact::Closed));
    assert_eq!(decide(&facts, false, true), Step::Adopt);
    assert_eq!(decide(&facts, true, true), Step::Rotate);
}

#[test]
fn what_is_somebody_elses_is_used_and_not_changed() {
    let ready = |account| facts(SecretFact::Ready, THEIRS, Some(account));
    assert_eq!(decide(&ready(AccountFact::Open), false, false), Step::Keep);
    assert_eq!(decide(&ready(AccountFact::Absent), false, false), Step::MakeAccount);
    assert_eq!(decide(&ready(AccountFact::Closed), false, false), Step::Report(Trouble::Mismatch));
    let incomplete = facts(SecretFact::Incomplete, THEIRS, None);
    assert_eq!(decide(&incomplete, false, false), Step::Report(Trouble::NoPassword));
    for account in [AccountFact::Open, AccountFact::Absent, AccountFact::Closed] {
        assert!(matches!(decide(&ready(account), true, false), Step::Refuse(_)));
    }
}

#[test]
fn what_rotation_would_not_mend_is_told_all_the_same() {
    for rotate in [false, true] {
        let other = facts(SecretFact::Other("x".into()), OURS, Some(AccountFact::Open));
        assert_eq!(decide(&other, rotate, false), Step::Report(Trouble::OtherAccount));
        let blocked = facts(SecretFact::Ready, OURS, Some(AccountFact::Blocked));
        assert_eq!(decide(&blocked, rotate, false), Step::Report(Trouble::Blocked));
    }
}
