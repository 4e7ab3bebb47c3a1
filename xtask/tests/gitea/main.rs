//! What Gitea answers, asked of the stand-in and, by the same tests, of a real
//! one: so what is tested with the stand-in alone holds, too.
#![allow(clippy::unwrap_used, reason = "tests panic")]
#![allow(clippy::disallowed_methods, reason = "tests read the environment and start git")]

mod accounts;
mod answer;
mod bed;
mod git;
mod push;
mod refs;
mod repositories;
mod tokens;

/// Each test twice.
macro_rules! both {
    ($($module:ident: $($test:ident),+;)+) => {
        mod stand_in {
            $($(
                #[test]
                fn $test() {
                    crate::$module::$test(&crate::bed::Bed::stand_in());
                }
            )+)+
        }

        mod real {
            $($(
                #[test]
                #[ignore = "needs a Gitea"]
                fn $test() {
                    crate::$module::$test(&crate::bed::Bed::real());
                }
            )+)+
        }
    };
}

both! {
    accounts:
        an_account_is_made_once,
        an_account_with_a_bad_name_or_password_is_refused,
        only_an_administrator_makes_accounts,
        a_new_account_must_change_its_password,
        a_password_is_changed_by_an_administrator,
        wrong_credentials_are_refused_everywhere;
    tokens:
        a_token_is_told_once,
        a_token_needs_a_name_of_its_own_and_a_scope,
        a_token_is_given_for_basic_credentials_alone,
        a_token_is_no_other_users_business,
        a_token_is_for_its_scopes,
        a_token_is_removed_by_name_or_id;
    repositories:
        a_repository_is_made_once,
        a_repository_with_a_bad_name_is_refused,
        a_repository_is_made_for_somebody_else,
        a_private_repository_is_absent_for_others,
        a_renamed_repository_has_moved,
        an_archived_repository_says_so,
        a_branch_is_protected_once;
    refs:
        a_push_needs_credentials,
        an_absent_repository_is_told_apart,
        a_scope_counts_in_basic_credentials_alone,
        a_moved_or_archived_repository_refuses_a_push,
        a_wrong_service_or_type_is_refused;
    push:
        a_push_is_cloned_and_shown,
        a_protected_branch_is_refused_in_the_report,
        a_reader_is_refused_in_the_report;
}
